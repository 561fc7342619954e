// TreeReader: what the elements of a Tree say, into an Exchange, by the Plan of its message.
//
//   TreeReader reader(Plan::Of(tree.grammar()));
//   reader.Read(tree, parts_before, &exchange, &issues);
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/iwmo/map/plan.h"
#include "adapters/iwmo/wire/tree.h"
#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::iwmo {

class TreeReader {
 public:
  explicit TreeReader(const Plan& plan)
      : plan_(plan), open_(plan.grammar().elements().size()), held_(plan.held()) {}

  // Adds to what `exchange` says already. An issue (IWMO-NO-COUNTERPART) for each value that an exchange has no counterpart of.
  void Read(const Tree& tree, uint64_t parts_before, v1::Exchange* exchange, std::vector<Issue>* issues);

 private:
  void Open(ElementId element, const Slot& slot, google::protobuf::Message* message);
  google::protobuf::Message* Reach(const Target& target);
  google::protobuf::Message* Follow(const Target& target);

  const Plan& plan_;
  std::vector<google::protobuf::Message*> open_;  // by element: the message of its newest item
  std::vector<google::protobuf::Message*> held_;  // by Target::held; null: not reached yet
};

// Class that `node` stands in, as a finding names it: "Client/StartProducten/StartProduct[2]"; empty: the header, which is the whole
// message.
std::string ClassPlace(const Tree& tree, NodeIndex node);

}  // namespace schotvrij::iwmo
