// MinimiserPlan: the leaves of one rule, compiled once against the schema. Copy builds a message
// that holds those leaves and nothing else; Cut keeps of a message what one of several plans needs.
// Neither reads a text of the policy.
//
//   MinimiserPlan plan = MinimiserPlan::Compile(*v1::Exchange::descriptor(), rule.leaf());
//   std::vector<bool> copied = plan.Copy(exchange, plan.AtMost(frozen_paths), Pseudonyms,
//   disclosed);
//
// What the message itself hides (option `hidden_by`) is in neither, whatever a rule says.
// An element of a repeated message of which nothing is shared leaves no trace: not even its number.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "policy/leaf_path.h"
#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::policy {

// What a leaf shared `as: PRESENT` reads.
inline constexpr std::string_view kPresent = "present";

class MinimiserPlan {
 public:
  struct SharedLeaf {
    std::string path;  // "registration.start_date"
    // Path with the condition and form under which it goes, "registration.start_date as MONTH"; the
    // path itself when there is neither. What a decision hands out and a later disclosure may not
    // exceed.
    std::string key;
    Grain grain;
    std::string where;        // "criterion = target-group"; empty: no condition
    bool is_content = false;  // tells anything of the message but about the exchange itself
  };
  // Makes the pseudonym of a value; empty: leaves shared as PSEUDONYM are withheld.
  using Pseudonyms = std::function<std::string(std::string_view value)>;

  // Every leaf must have passed the loader's checks against `root`.
  static MinimiserPlan Compile(const google::protobuf::Descriptor& root,
                               const google::protobuf::RepeatedPtrField<v1::Leaf>& leaves);

  const std::vector<SharedLeaf>& leaves() const { return leaves_; }

  std::vector<bool> All() const { return std::vector<bool>(leaves_.size(), true); }
  // Leaves that tell no more than one of `keys` allows.
  std::vector<bool> AtMost(std::span<const std::string> keys) const;

  // Adds to `to` what the leaves marked in `allowed` share of `from`; both are messages of `root`.
  // Says which leaves had a value. `envelope`, unless null, is read in the place of that of `from`.
  std::vector<bool> Copy(const google::protobuf::Message& from, const std::vector<bool>& allowed,
                         const Pseudonyms& pseudonyms, google::protobuf::Message& to,
                         const google::protobuf::Message* envelope = nullptr) const;

  // Whether Copy with all leaves allowed would copy one that is content.
  bool SharesContent(const google::protobuf::Message& from, const Pseudonyms& pseudonyms) const;

  // The leaf by which the value at `path`, a field of `parent`, is shared; null: it is not.
  const SharedLeaf* SharedBy(std::string_view path, const google::protobuf::Message& parent) const;

  // Sets `to` to what some plan shares of `from`, of the same type; they may be one message. What
  // is kept stays as it is, whatever form it may go in. Where a text is no UTF-8, nothing is kept.
  static void Cut(std::span<const MinimiserPlan* const> plans,
                  const google::protobuf::Message& from, google::protobuf::Message& to);

 private:
  struct Condition {
    const google::protobuf::FieldDescriptor* sibling = nullptr;  // null: none
    uint32_t tag = 0;                                            // of the sibling, as serialised
    int number = 0;                                              // enum
    std::string text;                                            // text
    bool Holds(const google::protobuf::Message& parent) const;
    bool HoldsIn(std::string_view parent) const;  // serialised
  };
  struct Node {
    const google::protobuf::FieldDescriptor* field = nullptr;  // null: the root
    uint32_t tag = 0;                                          // as it is serialised
    const google::protobuf::FieldDescriptor* hidden_by = nullptr;  // a bool beside it; null: none
    std::vector<Node> children;
    std::vector<size_t> leaves;  // places in leaves_, of a node that is a leaf
  };
  struct CopyRun;

  void Insert(const LeafPath& path, size_t leaf);
  bool CopyBelow(const Node& node, const google::protobuf::Message& from,
                 google::protobuf::Message& to, CopyRun& run) const;
  bool CopyMessages(const Node& node, const google::protobuf::Message& from,
                    google::protobuf::Message& to, CopyRun& run) const;
  bool CopyLeaf(const Node& node, const google::protobuf::Message& from,
                google::protobuf::Message& to, CopyRun& run) const;
  bool Shares(const Node& leaf, std::string_view parent) const;
  static bool IsHiddenIn(const Node& node, std::string_view parent);  // serialised

  struct Cutter;

  std::vector<SharedLeaf> leaves_;
  std::vector<Condition> conditions_;  // in step with leaves_
  Node root_;
};

}  // namespace schotvrij::policy
