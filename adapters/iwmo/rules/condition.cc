#include "adapters/iwmo/rules/condition.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "schemas/base/bsn.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

enum class Takes : uint8_t { kNothing, kValues, kElement, kOther, kYearsAndOther };
struct TestWord {
  std::string_view words;
  Test test;
  Takes takes;
};
constexpr TestWord kTests[] = {{"filled", Test::kFilled, Takes::kNothing},
                               {"in", Test::kIn, Takes::kValues},
                               {"only", Test::kOnly, Takes::kValues},
                               {"equals", Test::kEquals, Takes::kElement},
                               {"from", Test::kFrom, Takes::kOther},
                               {"until", Test::kUntil, Takes::kOther},
                               {"after", Test::kAfter, Takes::kOther},
                               {"years", Test::kYears, Takes::kYearsAndOther},
                               {"month of", Test::kMonthOf, Takes::kOther},
                               {"month end of", Test::kMonthEndOf, Takes::kOther},
                               {"month start", Test::kMonthStart, Takes::kNothing},
                               {"year start", Test::kYearStart, Takes::kNothing},
                               {"bsn", Test::kBsn, Takes::kNothing},
                               {"postcode", Test::kPostcode, Takes::kNothing},
                               {"alphanumeric", Test::kAlphanumeric, Takes::kNothing}};

// The text before `separator`, taken off `text` with it.
std::string_view TakeUntil(std::string_view* text, std::string_view separator) {
  const size_t at = text->find(separator);
  const std::string_view taken = text->substr(0, at);
  text->remove_prefix(at == std::string_view::npos ? text->size() : at + separator.size());
  return taken;
}

// Whether `words` were taken off `text`, with the space behind them.
bool TakeWords(std::string_view* text, std::string_view words) {
  if (!text->starts_with(words) || (text->size() > words.size() && (*text)[words.size()] != ' ')) return false;
  text->remove_prefix(std::min(text->size(), words.size() + 1));
  return true;
}

// Whether there may be several of `element` in the class.
bool MayBeMany(const Scope& scope, ElementId element) {
  for (; element > scope.of; element = scope.grammar->at(element).parent) {
    if (scope.grammar->at(element).repeats) return true;
  }
  return false;
}

// kNoElement: none, or there may be several.
ElementId FindOne(std::string_view path, const Scope& scope) {
  const ElementId element = scope.Find(path);
  return element == kNoElement || MayBeMany(scope, element) ? kNoElement : element;
}

std::optional<Operand> ParseOperand(std::string_view text, const Scope& scope) {
  Operand operand;
  if ((operand.day = DayOf(text)) != kNoDay) return operand;
  if (!text.starts_with('/')) {
    operand.element = FindOne(text, scope);
    return operand.element == kNoElement ? std::nullopt : std::optional(operand);
  }
  const ElementId element = scope.grammar->Find(text.substr(1));
  if (element == kNoElement) return std::nullopt;
  const auto found = std::find(scope.frame->begin(), scope.frame->end(), element);
  operand.frame = static_cast<size_t>(found - scope.frame->begin());
  if (found == scope.frame->end()) scope.frame->push_back(element);
  return operand;
}

bool ParseRest(std::string_view text, Takes takes, const Scope& scope, Condition* condition) {
  switch (takes) {
    case Takes::kNothing:
      return text.empty();
    case Takes::kValues:
      while (!text.empty()) condition->values.push_back(TakeUntil(&text, " "));
      return !condition->values.empty();
    case Takes::kElement:
      condition->other.element = FindOne(text, scope);
      return condition->other.element != kNoElement;
    case Takes::kYearsAndOther:
      if (!absl::SimpleAtoi(ToAbsl(TakeUntil(&text, " ")), &condition->years)) return false;
      [[fallthrough]];
    case Takes::kOther: {
      const std::optional<Operand> other = ParseOperand(text, scope);
      if (other.has_value()) condition->other = *other;
      return other.has_value();
    }
  }
  return false;
}

std::optional<Condition> ParseCondition(std::string_view text, const Scope& scope) {
  Condition condition;
  condition.element = scope.Find(TakeUntil(&text, " "));
  if (condition.element == kNoElement) return std::nullopt;
  condition.may_be_many = MayBeMany(scope, condition.element);
  condition.negated = TakeWords(&text, "not");
  for (const TestWord& test : kTests) {
    if (!TakeWords(&text, test.words)) continue;
    condition.test = test.test;
    return ParseRest(text, test.takes, scope, &condition) ? std::optional(condition) : std::nullopt;
  }
  return std::nullopt;
}

Day DayAt(const ClassView& view, NodeIndex node) { return node == kNoNode ? kNoDay : DayOf(view.tree().Text(node)); }

Day DayOfOperand(const Operand& operand, const ClassView& view, const std::vector<Day>& frame) {
  if (operand.day != kNoDay) return operand.day;
  return operand.element != kNoElement ? DayAt(view, view.Find(operand.element)) : frame[operand.frame];
}

bool ComparesDays(Test test) { return test >= Test::kFrom && test <= Test::kMonthEndOf; }

bool DaysAgree(const Condition& condition, Day day, Day other) {
  if (day == kNoDay || other == kNoDay) return true;
  switch (condition.test) {
    case Test::kFrom:
      return day >= other;
    case Test::kUntil:
      return day <= other;
    case Test::kAfter:
      return day > other;
    case Test::kYears:
      return day >= YearsBefore(other, condition.years);
    case Test::kMonthOf:
      return MonthOf(day) == MonthOf(other);
    default:
      return other == MonthOf(other) + 1 && day == LastOfMonth(other);
  }
}

bool IsIn(const Condition& condition, const ClassView& view, NodeIndex node) {
  const std::string_view value = PlainValue(view.tree(), node);
  return std::find(condition.values.begin(), condition.values.end(), value) != condition.values.end();
}

bool HasForm(Test test, std::string_view value) {
  switch (test) {
    case Test::kMonthStart:
      return MonthDay(DayOf(value)) % 100 == 1;
    case Test::kYearStart:
      return MonthDay(DayOf(value)) == 101;
    case Test::kBsn:
      return Bsn::Parse(value).has_value();
    case Test::kPostcode:
      return IsDutchPostcode(value);
    default:
      return IsAlphanumeric(value);
  }
}

bool AreEqual(const Condition& condition, const ClassView& view, NodeIndex node) {
  const NodeIndex other = view.Find(condition.other.element);
  return node != kNoNode && other != kNoNode && PlainValue(view.tree(), node) == PlainValue(view.tree(), other);
}

bool HoldsOfOne(const Condition& condition, const ClassView& view, const std::vector<Day>& frame) {
  const NodeIndex node = view.Find(condition.element);
  if (ComparesDays(condition.test)) {
    return DaysAgree(condition, DayAt(view, node), DayOfOperand(condition.other, view, frame));
  }
  switch (condition.test) {
    case Test::kFilled:
      return node != kNoNode;
    case Test::kIn:
      return node != kNoNode && IsIn(condition, view, node);
    case Test::kOnly:
      return node == kNoNode || IsIn(condition, view, node);
    case Test::kEquals:
      return AreEqual(condition, view, node);
    default:
      return node == kNoNode || HasForm(condition.test, PlainValue(view.tree(), node));
  }
}

// Other tests have no place where there may be several: ParseConditions refuses them.
bool HoldsOfMany(const Condition& condition, const ClassView& view) {
  switch (condition.test) {
    case Test::kIn:
      return view.Any(condition.element, [&](NodeIndex node) { return IsIn(condition, view, node); });
    case Test::kOnly:
      return !view.Any(condition.element, [&](NodeIndex node) { return !IsIn(condition, view, node); });
    default:
      return view.Any(condition.element, [](NodeIndex) { return true; });
  }
}

bool MayStand(const Condition& condition) { return !condition.may_be_many || condition.test <= Test::kOnly; }

}  // namespace

ElementId Scope::Find(std::string_view path) const {
  const std::string& class_path = grammar->at(of).path;
  return grammar->Find(class_path.empty() ? std::string(path) : class_path + "/" + std::string(path));
}

std::optional<Conditions> ParseConditions(std::string_view text, const Scope& scope) {
  Conditions conditions;
  while (!text.empty()) {
    std::string_view one = TakeUntil(&text, "; ");
    Alternatives& alternatives = conditions.emplace_back();
    if (one.empty()) return std::nullopt;
    while (!one.empty()) {
      std::optional<Condition> condition = ParseCondition(TakeUntil(&one, " | "), scope);
      if (!condition.has_value() || !MayStand(*condition)) return std::nullopt;
      alternatives.push_back(*std::move(condition));
    }
  }
  return conditions;
}

bool Holds(const Condition& condition, const ClassView& view, const std::vector<Day>& frame) {
  return (condition.may_be_many ? HoldsOfMany(condition, view) : HoldsOfOne(condition, view, frame)) != condition.negated;
}

bool Holds(const Conditions& conditions, const ClassView& view, const std::vector<Day>& frame) {
  return FirstBroken(conditions, view, frame) == nullptr;
}

const Condition* FirstBroken(const Conditions& conditions, const ClassView& view, const std::vector<Day>& frame) {
  for (const Alternatives& alternatives : conditions) {
    const bool one_holds = std::any_of(alternatives.begin(), alternatives.end(),
                                       [&](const Condition& condition) { return Holds(condition, view, frame); });
    if (!one_holds) return &alternatives.front();
  }
  return nullptr;
}

}  // namespace schotvrij::iwmo
