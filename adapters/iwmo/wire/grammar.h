// Grammar: the elements of one iWmo message and the values they may have, as schemas/formats/iwmo/ has them. Built once for each
// message and never changed.
//
//   const Grammar& start = Grammar::Of("WMO305");
//   const ElementId bsn = start.Find("Client/Bsn");
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace schotvrij::iwmo {

inline constexpr std::string_view kBaseNamespace = "http://www.istandaarden.nl/iwmo/3_2/basisschema/schema";

// Place of an element in its Grammar: its rank in document order. 0 is Bericht.
using ElementId = uint16_t;
inline constexpr ElementId kNoElement = std::numeric_limits<ElementId>::max();

enum class Base : uint8_t { kString, kInteger, kDate, kTime };
// Beyond the base (types.csv says what each takes).
enum class Form : uint8_t { kAny, kDigits, kOneLine, kAnyLine, kLetters, kLettersAndDigits, kVersion, kNoZone };

// A simple type (LDT_...). `min` and `max` count code points of a string, and are the values of an integer.
struct SimpleType {
  std::string_view name;
  Base base = Base::kString;
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();
  Form form = Form::kAny;
  std::string_view code_list;                    // empty: no list
  std::unordered_set<std::string_view> codes;    // those of the list
};

struct Element {
  std::string_view name;     // "Bsn"
  std::string path;          // below Bericht: "Client/Bsn"; empty: Bericht itself
  bool in_base_namespace = false;
  bool required = false;
  bool repeats = false;
  bool key = false;          // part of the key of its class (TR101)
  bool part = false;         // read and written one at a time
  const SimpleType* type = nullptr;   // null: a class
  std::string_view class_name;        // "CDT_Product"; empty: none
  std::string_view value;             // the one value it may have; empty: any of its type
  Form form = Form::kAny;             // which narrows its type here
  bool is_narrowed() const { return !value.empty() || form != Form::kAny; }
  ElementId parent = kNoElement;
  ElementId end = 0;                  // behind the last element below it
  std::vector<ElementId> children;    // in order
};

class Grammar {
 public:
  // Of a message of messages.csv; ends the program for another.
  static const Grammar& Of(std::string_view message);
  // Null: no message of release 3.2 has it.
  static const Grammar* OfNamespace(std::string_view uri);
  // All fourteen, as messages.csv has them.
  static std::span<const Grammar* const> All();

  std::string_view message() const { return message_; }          // "WMO305"
  std::string_view message_code() const { return code_; }        // BerichtCode: "418"
  std::string_view message_namespace() const { return namespace_; }
  std::string_view prefix() const { return prefix_; }            // "wmo305"
  // The message that this one answers; empty: none.
  std::string_view answers() const { return answers_; }

  std::span<const Element> elements() const { return elements_; }
  const Element& at(ElementId id) const { return elements_[id]; }
  // kNoElement: this message has no such path.
  ElementId Find(std::string_view path) const;
  // The class that is read and written one at a time; kNoElement: the message is one part.
  ElementId part() const { return part_; }

 private:
  friend struct GrammarBuilder;
  Grammar() = default;

  std::string_view message_, code_, answers_;
  std::string namespace_, prefix_;
  std::vector<Element> elements_;
  ElementId part_ = kNoElement;
};

}  // namespace schotvrij::iwmo
