// Checklist: what a participant needs before anything real flows, as far as enrolment and policy show it on a day. Pure.
//
//   for (const CheckItem& item : Checklist(*participant, *rules, today, config::v1::PRODUCTION)) Print(item);
//
// In a production home who lacks something, or the round trip of trial.h, is kept out as one that is suspended until it is there, but for
// its trial.
#pragma once

#include <string>
#include <vector>

#include "gateway/identity/enrolment.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::exchange {

struct CheckItem {
  enum class State { kOk, kWarning, kMissing };
  State state;
  std::string name;    // "identifier"
  std::string text;    // what was found
  std::string remedy;  // empty when it is ok
};

CheckItem Good(const std::string& name, const std::string& text);
CheckItem Warning(const std::string& name, const std::string& text, const std::string& remedy);
CheckItem Missing(const std::string& name, const std::string& text, const std::string& remedy);

// Membership, a register number that fits each role, proof of who it is, which names it by no other's number, a route; and per network of which it is a member: contact,
// deputy, mailbox, mandate and signature, which for test traffic are a warning only.
std::vector<CheckItem> Checklist(const config::v1::Participant& participant, const policy::RuleSet& rules, CivilDate today,
                                 config::v1::Environment environment);

// The URA and OIN by which `proof` ("the certificate") names its holder, each against those that are enrolled; empty: it names none.
std::vector<CheckItem> CheckNumbers(const config::v1::Participant& participant, const std::string& proof, const std::string& ura,
                                    const std::string& oin);

bool IsMissing(const CheckItem& item);

// Keys of those that have a role today and lack something of this that real traffic asks; in a test home none.
std::vector<std::string> IncompleteOn(const identity::Enrolment& enrolment, const policy::RuleSet& rules, CivilDate today,
                                      config::v1::Environment environment);

// A vendor or bureau: nobody in a network, it acts for who is.
bool ActsForOthersOnly(const config::v1::Participant& participant);

}  // namespace schotvrij::exchange
