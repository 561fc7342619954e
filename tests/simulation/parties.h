// Who takes part, and under which documents: the policies and enrolments that a run's operator changes between. Beside each
// stands what it allows, in the test's own words, for the observer; the gateway never sees that half.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/identity/enrolment.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"
#include "tests/simulation/workload.pb.h"

namespace schotvrij::simulation {

inline constexpr const char* kNetwork = "ede";
inline constexpr const char* kProviders[] = {"opella", "zorgpunt", "thuisbest", "wijkhulp"};
// By mailbox, the others by mail, until the operator changes that.
inline constexpr const char* kMunicipalities[] = {"gemeente-ede", "gemeente-veld", "gemeente-water"};

// The first day of another agreement, in the documents of a year.
inline const CivilDate kTurn = *CivilDate::Parse("2027-01-01");
// Version of the criteria that a provider judges a client by on `day`.
inline const char* CriteriaOn(CivilDate day) { return day < kTurn ? "ede-2024" : "ede-2027"; }

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
  bool turns = false;                             // another agreement begins at the turn of the year

  bool HoldsOn(CivilDate day, std::string_view provider, std::string_view municipality) const;
  const char* VersionOn(CivilDate day) const { return turns && day >= kTurn ? "2027" : "2024"; }
  bool LetsRegister(CivilDate day, std::string_view provider, std::string_view municipality) const {
    return registers && HoldsOn(day, provider, municipality);
  }
};

// Among which the operator chooses. The first is the one that a run ends with.
std::span<const Policy> Policies(Documents of);
// With which every run begins.
const Policy& PolicyAtFirst();

struct Enrolled {
  std::string name;
  std::shared_ptr<const identity::Enrolment> enrolment;

  // What it says.
  std::string nobody;   // participant that is not enrolled; empty: all are
  bool orderly = true;  // everybody is, by the route of the first
  std::string suspended;  // participant that is; empty: nobody
  struct Holiday {
    std::string party;
    CivilDate first, last;  // whole days of its closure
  };
  std::vector<Holiday> holidays;
  // Whether a letter may be sent to it on that day.
  bool IsOpen(std::string_view recipient, CivilDate day) const;
  bool Knows(std::string_view participant) const { return nobody != participant; }
};

// Likewise; the first is also the one that a run begins with.
std::span<const Enrolled> Enrolments(Documents of);

}  // namespace schotvrij::simulation
