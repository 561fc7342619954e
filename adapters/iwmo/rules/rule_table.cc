#include "adapters/iwmo/rules/rule_table.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kRules = "schemas/formats/iwmo/rules.csv";
constexpr std::string_view kChecks = "schemas/formats/iwmo/rule_checks.csv";

[[noreturn]] void BadRule(std::string_view table, const Table::Row& row) {
  std::fprintf(stderr, "%.*s:%d: not a rule of iWmo\n", static_cast<int>(table.size()), table.data(), row.line());
  std::abort();
}

IssueCode CodeOf(const Table::Row& row) {
  for (IssueCode code : {IssueCode::kBusinessRule, IssueCode::kRequired, IssueCode::kValue}) {
    if (Name(code) == row["code"]) return code;
  }
  BadRule(kRules, row);
}

const std::map<std::string_view, Rule>& AllRules() {
  static const auto& rules = *[] {
    auto* made = new std::map<std::string_view, Rule>;
    for (const Table::Row& row : Table::Embedded(kRules).rows()) {
      std::string text(row["text"]);
      text.append(" ").append(row["remedy"]);
      (*made)[row["rule"]] = {{row["rule"], row["return_code"]}, CodeOf(row), std::move(text)};
    }
    return made;
  }();
  return rules;
}

struct CheckWord {
  std::string_view word;
  Check check;
  size_t elements_min, elements_max;  // that `with` names; 0, 0: it is conditions
};
constexpr CheckWord kCheckWords[] = {{"must", Check::kMust, 0, 0},
                                     {"unique", Check::kUnique, 1, 9},
                                     {"unique in message", Check::kUniqueInMessage, 1, 9},
                                     {"apart", Check::kApart, 2, 2},
                                     {"no overlap", Check::kNoOverlap, 4, 4},
                                     {"sum", Check::kSum, 2, 3}};

const CheckWord& CheckOf(const Table::Row& row) {
  for (const CheckWord& word : kCheckWords) {
    if (word.word == row["check"]) return word;
  }
  BadRule(kChecks, row);
}

// The elements of the key of the class, but those of classes that repeat below it.
void AddKey(const Grammar& grammar, ElementId of, std::vector<ElementId>* elements) {
  for (ElementId at = of + 1; at < grammar.at(of).end;) {
    const Element& element = grammar.at(at);
    if (element.key && !element.repeats) elements->push_back(at);
    at = element.repeats ? element.end : at + 1;
  }
}

// Makes the checks of one message.
class RuleTableMaker {
 public:
  static std::unique_ptr<RuleTable> Make(const Grammar& grammar) {
    RuleTableMaker maker(grammar);
    for (const Table::Row& row : Table::Embedded(kChecks).rows()) {
      if (HoldsWord(row["in"], grammar.message().substr(3))) maker.Add(row);
    }
    return std::move(maker.made_);
  }

 private:
  explicit RuleTableMaker(const Grammar& grammar) : made_(std::make_unique<RuleTable>()) {
    made_->grammar = &grammar;
    made_->checks.resize(grammar.elements().size());
    made_->line_of.resize(grammar.elements().size());
  }

  void Add(const Table::Row& row) {
    const auto rule = AllRules().find(row["rule"]);
    if (rule == AllRules().end()) BadRule(kChecks, row);
    for (std::string_view rest = row["class"]; !rest.empty();) {
      const size_t space = rest.find(' ');
      const ElementId of = made_->grammar->Find(rest.substr(0, space));
      if (of == kNoElement) BadRule(kChecks, row);
      RuleCheck& check = made_->checks[of].emplace_back();
      check.rule = &rule->second;
      Fill(row, Scope{made_->grammar, of, &made_->frame}, &check);
      rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
    }
  }

  void Fill(const Table::Row& row, const Scope& scope, RuleCheck* check) {
    const CheckWord& word = CheckOf(row);
    check->check = word.check;
    check->when = ConditionsOf(row, "when", scope);
    if (word.check == Check::kMust) {
      check->with = ConditionsOf(row, "with", scope);
      return;
    }
    AddElements(row, scope, &check->elements);
    if (check->elements.size() < word.elements_min || check->elements.size() > word.elements_max) BadRule(kChecks, row);
    check->state = made_->states++;
    if (word.check == Check::kSum) made_->line_of[check->elements.front()] = check->state + 1;
  }

  static Conditions ConditionsOf(const Table::Row& row, std::string_view column, const Scope& scope) {
    std::optional<Conditions> conditions = ParseConditions(row[column], scope);
    if (!conditions.has_value()) BadRule(kChecks, row);
    return *std::move(conditions);
  }

  static void AddElements(const Table::Row& row, const Scope& scope, std::vector<ElementId>* elements) {
    if (row["with"] == "key") return AddKey(*scope.grammar, scope.of, elements);
    for (std::string_view rest = row["with"]; !rest.empty();) {
      const size_t space = rest.find(' ');
      elements->push_back(scope.Find(rest.substr(0, space)));
      if (elements->back() == kNoElement) BadRule(kChecks, row);
      rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
    }
  }

  std::unique_ptr<RuleTable> made_;
};

}  // namespace

const RuleTable& RuleTable::Of(const Grammar& grammar) {
  static const auto& tables = *[] {
    auto* made = new std::map<const Grammar*, std::unique_ptr<RuleTable>>;
    for (const Grammar* one : Grammar::All()) (*made)[one] = RuleTableMaker::Make(*one);
    return made;
  }();
  return *tables.at(&grammar);
}

const RuleInfo* FindRule(std::string_view id) {
  const auto found = AllRules().find(id);
  return found == AllRules().end() ? nullptr : &found->second.info;
}

}  // namespace schotvrij::iwmo
