// JsonWriter: JSON text, in the order it is told, with every string escaped (RFC 8259). Strings must be UTF-8.
//
//   JsonWriter json;
//   json.Object().Member("resourceType", "Task").Member("status", "requested").End();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace schotvrij::fhir {

class JsonWriter {
 public:
  JsonWriter& Object() { return Open('{'); }
  JsonWriter& Array() { return Open('['); }
  // Closes the innermost object or array.
  JsonWriter& End();

  JsonWriter& Key(std::string_view name);
  JsonWriter& String(std::string_view text);
  JsonWriter& Boolean(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Integer(int64_t value) { return Raw(std::to_string(value)); }
  // A number or boolean by its JSON text.
  JsonWriter& Raw(std::string_view text);

  JsonWriter& Member(std::string_view name, std::string_view text) { return Key(name).String(text); }
  JsonWriter& ObjectIn(std::string_view name) { return Key(name).Object(); }
  JsonWriter& ArrayIn(std::string_view name) { return Key(name).Array(); }

  std::string Take() { return std::move(out_); }

 private:
  JsonWriter& Open(char bracket);
  void Separate();

  std::string out_;
  std::string closers_;       // of what is open, innermost last
  bool needs_comma_ = false;
};

}  // namespace schotvrij::fhir
