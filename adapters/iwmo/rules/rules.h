// Level 2: the rules within one message (TR of the XSLT, CD, CS), as schemas/formats/iwmo/rules.csv has them.
//
//   Checker checker(grammar);
//   checker.Head(head, issues); checker.Part(client, issues); ...; checker.End(whole, issues);   // of a 323 or 325
//   checker.End(whole, issues);                                                                   // of another message
#pragma once

#include <memory>
#include <vector>

#include "adapters/iwmo/wire/tree.h"
#include "schemas/base/issue.h"

namespace schotvrij::iwmo {

// Level, class and return code of a rule. WJ001: 0001 for all of level 2.
struct RuleInfo {
  std::string_view id;           // "TR018"
  std::string_view return_code;  // "0001"
};

class Checker {
 public:
  explicit Checker(const Grammar& grammar);
  ~Checker();

  // Each appends what breaks a rule: Issue::rule is the id of the rule, Issue::path a PlaceOf.
  void Head(const Tree& head, std::vector<Issue>* issues);
  void Part(const Tree& part, std::vector<Issue>* issues);
  void End(const Tree& whole, std::vector<Issue>* issues);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Null: no rule of the standard.
const RuleInfo* FindRule(std::string_view id);

}  // namespace schotvrij::iwmo
