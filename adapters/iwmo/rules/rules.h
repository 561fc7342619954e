// Level 2: the rules within one message (TR of the XSLT, CD, CS), as schemas/formats/iwmo/rules.csv has them.
//
//   Checker checker(grammar);
//   checker.Head(head); checker.Part(client, &issues); ...; checker.End(whole, &issues);   // of a 323 or 325
//   checker.End(whole, &issues);                                                           // of another message
//
// Of a message of many parts it keeps the keys and references of the lines, and no more: some ten megabytes for 100,000 lines.
#pragma once

#include <memory>
#include <vector>

#include "adapters/iwmo/wire/tree.h"
#include "schemas/base/issue.h"

namespace schotvrij::iwmo {

// WJ001: 0001 for all of level 2.
struct RuleInfo {
  std::string_view id;           // "TR018"
  std::string_view return_code;  // "0001"
};

// Of one message, whose trees keep to the schema (level 1) and come as TreeSink gets them. Not thread-safe.
class Checker {
 public:
  explicit Checker(const Grammar& grammar);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  // Head remembers the dates that the parts are compared with. The others append what breaks a rule: Issue::rule is the id of the rule,
  // Issue::path a PlaceOf; of one class one issue for each row of rule_checks.csv, and of a message at most limits::kIssuesMax.
  void Head(const Tree& head);
  void Part(const Tree& part, std::vector<Issue>* issues);
  void End(const Tree& whole, std::vector<Issue>* issues);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Null: no rule of the standard.
const RuleInfo* FindRule(std::string_view id);

}  // namespace schotvrij::iwmo
