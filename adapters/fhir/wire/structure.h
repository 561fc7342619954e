// The rows of schemas/formats/fhir/structure.csv and primitives.csv, compiled: which elements a type of FHIR R4 has, in which
// order, which of them repeat, and what JSON writes a value as.
//
//   const ElementType& patient = ResourceNamed("Patient");
//   const Slot* name = patient.Find("name");  // name->list, name->type->name == "HumanName"
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fhir/wire/tree.h"

namespace schotvrij::fhir {

struct ElementType;

// One element of a type. The names of one choice (value[x]) have the same place.
struct Slot {
  std::string_view name;
  const ElementType* type = nullptr;
  int32_t place = 0;  // in the order of XML
  bool list = false;
};

struct ElementType {
  std::string name;
  Kind kind = Kind::kObject;    // of a primitive: as JSON writes its values
  bool is_resource = false;     // a type of resource
  bool holds_resource = false;  // in XML the one child of such an element is named after the resource's type
  bool is_xhtml = false;
  std::map<std::string, Slot, std::less<>> slots;
  std::vector<std::string> attributes;  // those that JSON has as properties: id, and of an extension url

  // Null: there is none of that name.
  const Slot* Find(std::string_view element) const;
  const std::string* FindAttribute(std::string_view name) const;
};

// A type of resource. One that no table names has the elements that nearly all have.
const ElementType& ResourceNamed(std::string_view name);
// Of an element that no table names: it has what all have.
const ElementType& UnknownType();

}  // namespace schotvrij::fhir
