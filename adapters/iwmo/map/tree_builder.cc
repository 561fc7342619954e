#include "adapters/iwmo/map/tree_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/iwmo/map/value_form.h"
#include "adapters/iwmo/wire/reader.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

using google::protobuf::Message;

void AppendStep(std::string* path, Field field) {
  if (!path->empty()) path->push_back('.');
  path->append(field->name());
}

}  // namespace

TreeBuilder::TreeBuilder(const Plan& plan, const v1::Exchange& exchange, const Given& given)
    : plan_(plan),
      grammar_(plan.grammar()),
      given_(given),
      open_(grammar_.elements().size()),
      index_(grammar_.elements().size()),
      tree_(grammar_) {
  open_[0] = &exchange;
}

Tree TreeBuilder::Whole() {
  tree_.Clear();
  tree_.Open(0);
  WriteChildren(0);
  tree_.Close();
  return tree_;
}

Tree TreeBuilder::Part() {
  tree_.Clear();
  tree_.Open(grammar_.part());
  WriteChildren(grammar_.part());
  tree_.Close();
  return tree_;
}

void TreeBuilder::Write(ElementId id) {
  const Element& element = grammar_.at(id);
  if (element.part) return;
  if (element.type != nullptr) return WriteLeaf(id);
  if (plan_.at(id).kind == Slot::Kind::kItem) return WriteItems(id);
  if (!element.required && !HasContent(id)) return;
  tree_.Open(id);
  WriteChildren(id);
  tree_.Close();
}

void TreeBuilder::WriteChildren(ElementId id) {
  for (const ElementId child : grammar_.at(id).children) Write(child);
}

void TreeBuilder::WriteItems(ElementId id) {
  const Target& target = plan_.at(id).target;
  const Message* holder = Reach(target, target.steps.size() - 1);
  Field list = target.steps.back().field;
  const int size = holder == nullptr ? 0 : holder->GetReflection()->FieldSize(*holder, list);
  bool any = false;
  for (int i = 0; i < size; ++i) {
    const Message& item = holder->GetReflection()->GetRepeatedMessage(*holder, list, i);
    if (!Takes(id, item, i)) continue;
    any = true;
    open_[id] = &item;
    index_[id] = i;
    written_.insert(&item);
    tree_.Open(id);
    WriteChildren(id);
    tree_.Close();
  }
  if (!any && grammar_.at(id).required) Report("IWMO-NO-VALUE", PathOf(target), id);
}

void TreeBuilder::WriteLeaf(ElementId id) {
  const Element& element = grammar_.at(id);
  const std::string value = ValueOf(id);
  if (value.empty()) {
    if (element.required) Report("IWMO-NO-VALUE", PathOf(plan_.at(id).target), id);
  } else if (const char* fault = ValueFault(element, value)) {
    Report(fault, PathOf(plan_.at(id).target), id);
  } else {
    tree_.Leaf(id, value);
  }
}

std::string TreeBuilder::ValueOf(ElementId id) {
  if (!grammar_.at(id).value.empty()) return std::string(grammar_.at(id).value);
  if (const auto given = given_.find(id); given != given_.end()) return given->second;
  const Slot& slot = plan_.at(id);
  if (slot.kind != Slot::Kind::kLeaf) return "";
  for (const Implied& implied : slot.implied) {
    const Message* message = Reach(implied.target, implied.target.steps.size());
    if (implied.target.field == slot.target.field) {
      if (message == nullptr || !HasValue(slot.target, *message)) return implied.text;
    } else if (!Agrees(implied, message, true)) {
      Report("IWMO-NO-PLACE", PathOf(implied.target), id);
    }
  }
  const Message* message = Reach(slot.target, slot.target.steps.size());
  return message == nullptr ? "" : WriteValue(slot, *message);
}

bool TreeBuilder::HasContent(ElementId id) const {
  const Slot& slot = plan_.at(id);
  const Target& target = slot.target;
  if (grammar_.at(id).part) return false;
  if (slot.kind == Slot::Kind::kLeaf) {
    const Message* message = Reach(target, target.steps.size());
    return message != nullptr && !WriteValue(slot, *message).empty();
  }
  if (slot.kind == Slot::Kind::kItem) {
    const Message* holder = Reach(target, target.steps.size() - 1);
    Field list = target.steps.back().field;
    const int size = holder == nullptr ? 0 : holder->GetReflection()->FieldSize(*holder, list);
    for (int i = 0; i < size; ++i) {
      if (Takes(id, holder->GetReflection()->GetRepeatedMessage(*holder, list, i), i)) return true;
    }
    return false;
  }
  const std::vector<ElementId>& children = grammar_.at(id).children;
  return std::any_of(children.begin(), children.end(), [&](ElementId child) { return HasContent(child); });
}

const Message* TreeBuilder::Reach(const Target& target, size_t steps) const {
  const Message* message = open_[target.base];
  for (size_t i = 0; i < steps; ++i) {
    const auto& [field, reflection] = target.steps[i];
    if (!reflection->HasField(*message, field)) return nullptr;
    message = &reflection->GetMessage(*message, field);
  }
  return message;
}

bool TreeBuilder::Takes(ElementId id, const Message& item, int index) const {
  const Slot& slot = plan_.at(id);
  if (slot.rank >= 0 && slot.rank != index) return false;
  return std::all_of(slot.implied.begin(), slot.implied.end(),
                     [&](const Implied& implied) { return Agrees(implied, &item, slot.alone); });
}

bool TreeBuilder::Agrees(const Implied& implied, const Message* message, bool may_be_silent) const {
  if (message == nullptr || !HasValue(implied.target, *message)) return may_be_silent;
  return HasImplied(implied, *message);
}

void TreeBuilder::CheckPlaces() {
  const auto& exchange = static_cast<const v1::Exchange&>(*open_[0]);
  Field client = v1::Exchange::descriptor()->FindFieldByNumber(v1::Exchange::kClientFieldNumber);
  for (Field field : {client, plan_.content()}) {
    const auto place = plan_.places().below.find(field);
    if (place == plan_.places().below.end()) continue;
    CheckBelow(exchange.GetReflection()->GetMessage(exchange, field), place->second, field != client, field->name());
  }
}

void TreeBuilder::CheckBelow(const Message& message, const Place& place, bool strict, const std::string& path) {
  const auto& reflection = *message.GetReflection();
  std::vector<Field> fields;
  reflection.ListFields(message, &fields);
  for (Field field : fields) {
    const std::string here = absl::StrCat(path, ".", field->name());
    const auto below = place.below.find(field);
    if (below == place.below.end()) {
      if (strict) Report("IWMO-NO-PLACE", here, 0);
    } else if (field->message_type() != nullptr && !field->is_repeated()) {
      CheckBelow(reflection.GetMessage(message, field), below->second, strict, here);
    } else if (field->message_type() != nullptr) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        const Message& item = reflection.GetRepeatedMessage(message, field, i);
        const std::string at = absl::StrCat(here, "[", i, "]");
        written_.contains(&item) ? CheckBelow(item, below->second, strict, at) : Report("IWMO-NO-PLACE", at, 0);
      }
    }
  }
}

std::string TreeBuilder::PathOf(const Target& target) const {
  std::string path;
  if (target.base != 0) {
    path = absl::StrCat(PathOf(plan_.at(target.base).target), "[", index_[target.base], "]");
  }
  for (const Step& step : target.steps) AppendStep(&path, step.field);
  if (target.field != nullptr) AppendStep(&path, target.field);
  return path;
}

void TreeBuilder::Report(std::string_view rule, const std::string& path, ElementId id) {
  issues_.push_back(MakeIssue(rule, path, absl::StrCat(ToAbsl(grammar_.message()), " ", grammar_.at(id).path)));
}

std::string LeafOf(const Plan& plan, ElementId id) {
  const Target& target = plan.at(id).target;
  std::string path = target.base == 0 ? "" : LeafOf(plan, target.base);
  for (const Step& step : target.steps) AppendStep(&path, step.field);
  if (target.field != nullptr) AppendStep(&path, target.field);
  return path;
}

}  // namespace schotvrij::iwmo
