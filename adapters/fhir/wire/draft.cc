#include "adapters/fhir/wire/draft.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace schotvrij::fhir {
namespace {

const ElementType* TypeOfChild(const ElementType& type, std::string_view name) {
  const Slot* slot = type.Find(name);
  if (slot != nullptr) return slot->type;
  static const ElementType text = {.name = "string", .kind = Kind::kString};
  if (type.FindAttribute(name) != nullptr) return &text;
  std::fprintf(stderr, "schotvrij: FHIR R4 has no %s in %s\n", std::string(name).c_str(), type.name.c_str());
  std::abort();
}

}  // namespace

DraftElement* DraftElement::Find(std::string_view name) {
  const auto found = std::find_if(children_.rbegin(), children_.rend(),
                                  [&](const DraftElement& child) { return child.name_ == name; });
  return found == children_.rend() ? nullptr : &*found;
}

size_t DraftElement::Count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(children_.begin(), children_.end(),
                                           [&](const DraftElement& child) { return child.name_ == name; }));
}

DraftElement& DraftElement::Child(std::string_view name) {
  DraftElement* found = Find(name);
  return found == nullptr ? Add(name) : *found;
}

DraftElement& DraftElement::Add(std::string_view name) { return children_.emplace_back(name, TypeOfChild(*type_, name)); }

// As deep as a path of elements.csv.
void DraftElement::Write(JsonWriter* json) const {
  switch (type_->kind) {
    case Kind::kString:
      json->String(value_);
      break;
    case Kind::kObject:
      json->Object();
      WriteChildren(json);
      json->End();
      break;
    default:
      json->Raw(value_);
  }
}

// Each name where its first element stands.
void DraftElement::WriteChildren(JsonWriter* json) const {
  for (auto child = children_.begin(); child != children_.end(); ++child) {
    const auto same = [&](const DraftElement& other) { return other.name_ == child->name_; };
    if (std::any_of(children_.begin(), child, same)) continue;
    const Slot* slot = type_->Find(child->name_);
    if (slot == nullptr || !slot->list) {
      json->Key(child->name_);
      child->Write(json);
      continue;
    }
    json->ArrayIn(child->name_);
    for (auto item = child; item != children_.end(); ++item) {
      if (same(*item)) item->Write(json);
    }
    json->End();
  }
}

void Draft::Write(JsonWriter* json) const {
  json->Object().Member("resourceType", root_.name_);
  root_.WriteChildren(json);
  json->End();
}

}  // namespace schotvrij::fhir
