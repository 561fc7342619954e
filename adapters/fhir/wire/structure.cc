#include "adapters/fhir/wire/structure.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

using Types = std::map<std::string, ElementType, std::less<>>;

constexpr std::string_view kChoice = "[x]";

Kind KindNamed(std::string_view json) {
  return json == "number" ? Kind::kNumber : json == "boolean" ? Kind::kBoolean : Kind::kString;
}

// "value" and "dateTime" into "valueDateTime".
std::string ChoiceName(std::string_view element, std::string_view type) {
  std::string name(element.substr(0, element.size() - kChoice.size()));
  name += static_cast<char>(std::toupper(static_cast<unsigned char>(type.front())));
  return name.append(type.substr(1));
}

void AddSlot(std::string name, const ElementType* of, int32_t place, bool list, ElementType* type) {
  const auto [at, fresh] = type->slots.try_emplace(std::move(name));
  at->second = {at->first, of, place, list};
}

void AddElement(const Table::Row& row, Types* types, ElementType* type) {
  const std::string_view element = row["element"];
  const auto place = static_cast<int32_t>(type->slots.size());
  const auto of = [&](std::string_view name) { return &(*types)[std::string(name)]; };
  if (element.empty()) {
    const ElementType& base = *of(row["of"]);
    for (const auto& [name, slot] : base.slots) AddSlot(name, slot.type, slot.place, slot.list, type);
    type->attributes = base.attributes;
    type->is_resource = base.is_resource || base.name == "Resource";
  } else if (element.starts_with('@')) {
    type->attributes.emplace_back(element.substr(1));
  } else if (element.ends_with(kChoice)) {
    std::string_view choices = row["of"];
    while (!choices.empty()) {
      const std::string_view choice = choices.substr(0, choices.find(' '));
      AddSlot(ChoiceName(element, choice), of(choice), place, false, type);
      choices.remove_prefix(std::min(choice.size() + 1, choices.size()));
    }
  } else {
    AddSlot(std::string(element), of(row["of"]), place, row["list"] == "list", type);
  }
}

const Types& AllTypes() {
  static const auto* types = [] {
    auto* made = new Types;
    for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/structure.csv").rows()) {
      ElementType& type = (*made)[std::string(row["type"])];
      type.name = row["type"];
      AddElement(row, made, &type);
    }
    for (const Table::Row& row : Table::Embedded("schemas/formats/fhir/primitives.csv").rows()) {
      ElementType& type = (*made)[std::string(row["type"])];
      type = {std::string(row["type"]), KindNamed(row["json"])};
      type.is_xhtml = row["type"] == "xhtml";
      type.slots = (*made)["Element"].slots;
      type.attributes = (*made)["Element"].attributes;
    }
    (*made)["Resource"].holds_resource = true;
    return made;
  }();
  return *types;
}

}  // namespace

const Slot* ElementType::Find(std::string_view element) const {
  const auto found = slots.find(element);
  return found == slots.end() ? nullptr : &found->second;
}

const std::string* ElementType::FindAttribute(std::string_view name) const {
  const auto found = std::find(attributes.begin(), attributes.end(), name);
  return found == attributes.end() ? nullptr : &*found;
}

const ElementType& ResourceNamed(std::string_view name) {
  static const ElementType& unknown = AllTypes().at("DomainResource");
  const auto found = AllTypes().find(name);
  return found != AllTypes().end() && found->second.is_resource ? found->second : unknown;
}

const ElementType& UnknownType() {
  static const ElementType& unknown = AllTypes().at("BackboneElement");
  return unknown;
}

}  // namespace schotvrij::fhir
