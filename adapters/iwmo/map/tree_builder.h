// TreeBuilder: an Exchange as the Tree of an iWmo message, by the Plan of that message.
//
//   TreeBuilder builder(plan, exchange, given);
//   const Tree tree = builder.Whole();
//   builder.CheckPlaces();
//   if (!builder.issues().empty()) Refuse(builder.issues());
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "adapters/iwmo/map/plan.h"
#include "adapters/iwmo/wire/tree.h"
#include "google/protobuf/message.h"
#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::iwmo {

// Values that do not come from the exchange, by element.
using Given = absl::flat_hash_map<ElementId, std::string>;

class TreeBuilder {
 public:
  TreeBuilder(const Plan& plan, const v1::Exchange& exchange, const Given& given);

  // The message, without the parts of one that has parts.
  Tree Whole();
  // Of a message that has parts: the one that the exchange is.
  Tree Part();
  // Finds what is in the exchange and was not written: of the content anything, of the client what is left of a list.
  void CheckPlaces();

  // What the standard cannot carry. Issue::path is the leaf ("client.contacts[0].address.street"), the text names the element.
  const std::vector<Issue>& issues() const { return issues_; }

 private:
  using Message = google::protobuf::Message;

  void Write(ElementId id);
  void WriteChildren(ElementId id);
  void WriteItems(ElementId id);
  void WriteLeaf(ElementId id);
  std::string ValueOf(ElementId id);
  bool HasContent(ElementId id) const;
  // Null: it is not there.
  const Message* Reach(const Target& target, size_t steps) const;
  bool Takes(ElementId id, const Message& item, int index) const;
  bool Agrees(const Implied& implied, const Message* message, bool may_be_silent) const;
  void CheckBelow(const Message& message, const Place& place, bool strict, const std::string& path);

  std::string PathOf(const Target& target) const;
  void Report(std::string_view rule, const std::string& path, ElementId id);

  const Plan& plan_;
  const Grammar& grammar_;
  const Given& given_;
  bool in_part_ = false;
  std::vector<const Message*> open_;  // by element: the message of the item that is written
  std::vector<int> index_;            // and which of its list it is
  absl::flat_hash_set<const Message*> written_;  // items
  Tree tree_;
  std::vector<Issue> issues_;
};

// Which leaf or message an element is, without numbers: "client.contacts.address.street"; empty: none.
std::string LeafOf(const Plan& plan, ElementId id);

}  // namespace schotvrij::iwmo
