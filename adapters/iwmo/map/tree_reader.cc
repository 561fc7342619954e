#include "adapters/iwmo/map/tree_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/iwmo/map/value_form.h"
#include "adapters/iwmo/wire/reader.h"

namespace schotvrij::iwmo {
namespace {

using google::protobuf::Message;

// Of a class that repeats with its number from 1.
std::string NameOf(const Tree& tree, NodeIndex outer, NodeIndex node) {
  const Element& element = tree.ElementOf(node);
  std::string name(element.name);
  if (!element.repeats) return name;
  int number = 1;
  for (NodeIndex each = outer + 1; each != node; each = tree.at(each).end) {
    number += tree.at(each).element == tree.at(node).element;
  }
  absl::StrAppend(&name, "[", number, "]");
  return name;
}

}  // namespace

void TreeReader::Read(const Tree& tree, uint64_t parts_before, v1::Exchange* exchange, std::vector<Issue>* issues) {
  open_[0] = exchange;
  for (const Implied& implied : plan_.implied()) SetImplied(implied, Reach(implied.target));
  for (NodeIndex node = 0; node < tree.nodes().size(); ++node) {
    const ElementId element = tree.at(node).element;
    const Slot& slot = plan_.at(element);
    if (slot.kind == Slot::Kind::kNone) continue;
    Message* message = Reach(slot.target);
    if (slot.kind == Slot::Kind::kItem) open_[element] = message;
    for (const Implied& implied : slot.implied) SetImplied(implied, Reach(implied.target));
    if (slot.kind == Slot::Kind::kItem) continue;
    if (!ReadValue(slot, tree.Text(node), message)) {
      issues->push_back(MakeIssue("IWMO-NO-COUNTERPART", PlaceOf(tree, node, parts_before)));
    } else if (slot.is_finding) {
      static_cast<v1::ReceiptFinding*>(message)->set_place(ClassPlace(tree, node));
    }
  }
}

Message* TreeReader::Reach(const Target& target) {
  Message* message = open_[target.base];
  for (const auto& [field, reflection] : target.steps) {
    message = field->is_repeated() ? reflection->AddMessage(message, field) : reflection->MutableMessage(message, field);
  }
  return message;
}

std::string ClassPlace(const Tree& tree, NodeIndex node) {
  std::vector<std::string> names;
  for (NodeIndex outer = 0; outer != node;) {
    NodeIndex inner = outer + 1;
    for (; tree.at(inner).end <= node; inner = tree.at(inner).end) {
    }
    names.push_back(NameOf(tree, outer, inner));
    outer = inner;
  }
  names.resize(names.size() - 2);  // without RetourCodes and the code itself
  return names.size() == 1 && names.front() == "Header" ? "" : absl::StrJoin(names, "/");
}

}  // namespace schotvrij::iwmo
