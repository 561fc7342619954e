// Draft: a resource that is made element by element, in any order; what FHIR R4 has as a list is written as one (structure.csv).
//
//   Draft episode("EpisodeOfCare");
//   episode.root().Child("period").Set("start", "2026-03-02");
//   episode.Write(&json);
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/fhir/wire/json_writer.h"
#include "adapters/fhir/wire/structure.h"
#include "adapters/fhir/wire/tree.h"

namespace schotvrij::fhir {

class DraftElement {
 public:
  DraftElement(std::string_view name, const ElementType* type) : name_(name), type_(type) {}

  // The last child of that name. Null: there is none.
  DraftElement* Find(std::string_view name);
  size_t Count(std::string_view name) const;
  // The last child of that name, made when there is none.
  DraftElement& Child(std::string_view name);
  // One more of that name. Ends the program when FHIR R4 has no such child here.
  DraftElement& Add(std::string_view name);
  // A primitive: the text of its value, as JSON writes it but without quotes.
  void Set(std::string_view value) { value_ = value; }
  void Set(std::string_view child, std::string_view value) { Child(child).Set(value); }

  std::string_view value() const { return value_; }
  const std::string& name() const { return name_; }
  const ElementType& type() const { return *type_; }
  std::list<DraftElement>& children() { return children_; }

 private:
  friend class Draft;
  void Write(JsonWriter* json) const;
  void WriteChildren(JsonWriter* json) const;

  std::string name_;
  const ElementType* type_;
  std::string value_;
  std::list<DraftElement> children_;
};

class Draft {
 public:
  // `full_url`: what others of its Bundle call it, if any.
  explicit Draft(std::string_view resource, std::string full_url = "")
      : root_(resource, &ResourceNamed(resource)), full_url_(std::move(full_url)) {}
  DraftElement& root() { return root_; }
  const std::string& full_url() const { return full_url_; }
  void Write(JsonWriter* json) const;

 private:
  DraftElement root_;
  std::string full_url_;
};

}  // namespace schotvrij::fhir
