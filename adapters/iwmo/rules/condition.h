// Condition: what a rule asks of the elements of a class, in the words of rule_checks.csv.
//
//   std::optional<Conditions> parsed = ParseConditions("Type in 02 03; Naam not filled", scope);
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapters/iwmo/rules/class_view.h"
#include "adapters/iwmo/rules/compare.h"

namespace schotvrij::iwmo {

enum class Test : uint8_t {
  kFilled, kIn, kOnly, kEquals, kFrom, kUntil, kAfter, kYears, kMonthOf, kMonthEndOf, kMonthStart, kYearStart, kBsn, kPostcode, kAlphanumeric
};

// What a value is compared with.
struct Operand {
  Day day = kNoDay;                  // this date
  ElementId element = kNoElement;    // or this element of the class
  size_t frame = 0;                  // or else this of the dates of the frame
};

struct Condition {
  ElementId element = kNoElement;
  bool may_be_many = false;          // there may be several of the element
  bool negated = false;
  Test test = Test::kFilled;
  Operand other;
  int years = 0;
  std::vector<std::string_view> values;
};
// One of the first list is enough; all of the second hold.
using Alternatives = std::vector<Condition>;
using Conditions = std::vector<Alternatives>;

// Where paths of conditions lead to: in a class of a grammar, and beside it to the dates of the frame, which are added as they are named.
struct Scope {
  const Grammar* grammar;
  ElementId of;
  std::vector<ElementId>* frame;

  // kNoElement: there is no such path below the class.
  ElementId Find(std::string_view path) const;
};

// Nullopt: not such words, or a path that leads nowhere. Empty text: no condition. The values are pieces of `text`, which must stay.
std::optional<Conditions> ParseConditions(std::string_view text, const Scope& scope);

// `frame`: the dates of the frame, as they were named.
bool Holds(const Condition& condition, const ClassView& view, const std::vector<Day>& frame);
bool Holds(const Conditions& conditions, const ClassView& view, const std::vector<Day>& frame);
// The first condition that does not hold; null: all do.
const Condition* FirstBroken(const Conditions& conditions, const ClassView& view, const std::vector<Day>& frame);

}  // namespace schotvrij::iwmo
