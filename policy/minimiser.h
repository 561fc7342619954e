// MinimiserPlan: the leaves of one rule, compiled once against the schema. Copy builds a message
// that holds those leaves and nothing else; Cut removes from a message everything that none of
// several plans needs. Neither reads a text of the policy.
//
//   MinimiserPlan plan = MinimiserPlan::Compile(*v1::Exchange::descriptor(), rule.leaf());
//   std::vector<bool> copied = plan.Copy(exchange, plan.AtMost(frozen_paths), Pseudonyms,
//   disclosed);
//
// An element of a repeated message of which nothing is shared leaves no trace: not even its number.
#pragma once

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
    std::string where;  // "criterion = target-group"; empty: no condition
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
  // Says which leaves had a value.
  std::vector<bool> Copy(const google::protobuf::Message& from, const std::vector<bool>& allowed,
                         const Pseudonyms& pseudonyms, google::protobuf::Message& to) const;

  // The leaf by which the value at `path`, a field of `parent`, is shared; null: it is not.
  const SharedLeaf* SharedBy(std::string_view path, const google::protobuf::Message& parent) const;

  // Clears every value of `message` that no plan shares. What is kept stays as it is, whatever form
  // it may go in.
  static void Cut(std::span<const MinimiserPlan* const> plans, google::protobuf::Message& message);

 private:
  struct Condition {
    const google::protobuf::FieldDescriptor* sibling = nullptr;  // null: none
    int number = 0;                                              // enum
    std::string text;                                            // text
    bool Holds(const google::protobuf::Message& parent) const;
  };
  struct Node {
    const google::protobuf::FieldDescriptor* field = nullptr;  // null: the root
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
  bool Shares(const Node& leaf, const google::protobuf::Message& parent) const;

  struct Cutter;

  std::vector<SharedLeaf> leaves_;
  std::vector<Condition> conditions_;  // in step with leaves_
  Node root_;
};

}  // namespace schotvrij::policy
