// RuleTable: rules.csv and rule_checks.csv, made ready for one message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/rules/condition.h"
#include "adapters/iwmo/rules/rules.h"

namespace schotvrij::iwmo {

struct Rule {
  RuleInfo info;
  IssueCode code = IssueCode::kBusinessRule;
  std::string text;  // with the remedy
};

enum class Check : uint8_t { kMust, kUnique, kUniqueInMessage, kApart, kNoOverlap, kSum };

// One row of rule_checks.csv, of one class.
struct RuleCheck {
  const Rule* rule = nullptr;
  Check check = Check::kMust;
  Conditions when;
  Conditions with;                    // of must
  std::vector<ElementId> elements;    // of others, in the order of `with`
  size_t state = 0;                   // of others: the place of what the checker remembers for it
};

struct RuleTable {
  // Ends the program where the tables are wrong: a test reads them for all messages.
  static const RuleTable& Of(const Grammar& grammar);

  const Grammar* grammar = nullptr;
  std::vector<std::vector<RuleCheck>> checks;   // by the element that is the class
  std::vector<ElementId> frame;                 // dates beside the classes that conditions compare with
  std::vector<size_t> line_of;                  // by element: the sum that it is a line of, from 1; 0: of none
  size_t states = 0;
};

}  // namespace schotvrij::iwmo
