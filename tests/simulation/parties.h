// Who takes part, and under which documents: the policies and enrolments that a run's operator changes between. Beside each
// stands what it allows, in the test's own words, for the observer; the gateway never sees that half.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/identity/enrolment.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::simulation {

inline constexpr const char* kNetwork = "ede";
inline constexpr const char* kProviders[] = {"opella", "zorgpunt"};
// By mailbox and by mail, until the operator changes that.
inline constexpr const char* kMunicipalities[] = {"gemeente-ede", "gemeente-veld"};

// Number under which a participant is known (AGB, CBS).
std::string NumberOf(std::string_view participant);

struct Policy {
  std::string name;
  std::shared_ptr<const policy::RuleSet> rules;

  // What it allows.
  bool registers = true;                          // there is a rule for registrations; to take one back there is always one
  bool shares_prefix = true;                      // in which the surname's prefix is shared
  std::optional<CivilDate> agreement_until;       // last day of the agreement
  std::map<std::string, CivilDate> member_until;  // last day of those who leave

  bool HoldsOn(CivilDate day, std::string_view provider, std::string_view municipality) const;
  bool LetsRegister(CivilDate day, std::string_view provider, std::string_view municipality) const {
    return registers && HoldsOn(day, provider, municipality);
  }
};

// The first is the one that a run begins and ends with.
std::span<const Policy> Policies();

struct Enrolled {
  std::string name;
  std::shared_ptr<const identity::Enrolment> enrolment;

  // What it says.
  std::string nobody;  // participant that is not enrolled; empty: all are
  bool Knows(std::string_view participant) const { return nobody != participant; }
};

std::span<const Enrolled> Enrolments();

}  // namespace schotvrij::simulation
