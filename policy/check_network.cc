#include <algorithm>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "policy/check_criterion.h"
#include "policy/checks.h"
#include "policy/period.h"

namespace schotvrij::policy {
namespace {

struct PlacedPeriod {
  Period period;
  int index;
};

void SortByBeginning(std::vector<PlacedPeriod>& periods) {
  std::sort(periods.begin(), periods.end(), [](const PlacedPeriod& a, const PlacedPeriod& b) {
    return a.period.from < b.period.from;
  });
}

void CheckMemberships(const CheckContext& context, const v1::Party& party, const Place& place) {
  if (party.membership().empty()) {
    context.faults.Add("POLICY-REQUIRED", place.In("membership", 0), "membership");
  }
  absl::flat_hash_map<std::string, std::vector<PlacedPeriod>> by_role;
  for (int i = 0; i < party.membership_size(); ++i) {
    const v1::Membership& membership = party.membership(i);
    const Place here = place.In("membership", i);
    if (!context.roles.contains(membership.role())) {
      context.faults.Add("POLICY-UNKNOWN-ROLE", here.In("role"), membership.role());
    }
    if (auto period = CheckPeriod(membership.from(), membership.until(), here, context.faults)) {
      by_role[membership.role()].push_back({*period, i});
    }
  }
  for (auto& [role, periods] : by_role) {
    SortByBeginning(periods);
    for (size_t i = 1; i < periods.size(); ++i) {
      if (!periods[i - 1].period.Overlaps(periods[i].period)) continue;
      context.faults.Add("POLICY-PERIODS-OVERLAP",
                         place.In("membership", periods[i].index).In("from"), role);
    }
  }
}

void CheckParties(const CheckContext& context, const v1::Network& network, const Place& place) {
  absl::flat_hash_set<std::string> keys;
  for (int i = 0; i < network.party_size(); ++i) {
    const v1::Party& party = network.party(i);
    const Place here = place.In("party", i);
    RequireKey(party.key(), here, "key", context.faults);
    Require(party.name(), here, "name", context.faults);
    if (!keys.insert(party.key()).second) {
      context.faults.Add("POLICY-DOUBLE-KEY", here.In("key"), party.key());
    }
    CheckMemberships(context, party, here);
    CheckPeople(network, party, here, context.faults);
  }
}

void CheckSteps(const CheckContext& context, const v1::Agreement& agreement, const Place& place) {
  absl::flat_hash_set<std::string> steps;
  for (int i = 0; i < agreement.step_size(); ++i) {
    const std::string& step = agreement.step(i);
    if (FindContent(context.root, step) == nullptr) {
      context.faults.Add("POLICY-UNKNOWN-STEP", place.In("step", i), step);
    }
    if (!steps.insert(step).second) {
      context.faults.Add("POLICY-DOUBLE-KEY", place.In("step", i), step);
    }
  }
  for (int i = 0; i < agreement.rule_size(); ++i) {
    const std::string& content = agreement.rule(i).content();
    if (FindContent(context.root, content) != nullptr && !steps.contains(content)) {
      context.faults.Add("POLICY-RULE-WITHOUT-STEP", place.In("rule", i).In("content"), content);
    }
  }
}

bool SomebodyHas(const v1::Network& network, const std::string& role,
                 const Period& while_in_force) {
  return std::any_of(network.party().begin(), network.party().end(), [&](const v1::Party& party) {
    return std::any_of(party.membership().begin(), party.membership().end(),
                       [&](const v1::Membership& held) {
                         std::optional<Period> period = Period::Parse(held.from(), held.until());
                         return held.role() == role && period && period->Overlaps(while_in_force);
                       });
  });
}

void CheckAddressed(const CheckContext& context, const v1::Network& network,
                    const v1::Agreement& agreement, const Period& period, const Place& place) {
  for (int i = 0; i < agreement.rule_size(); ++i) {
    const v1::Rule& rule = agreement.rule(i);
    for (int j = 0; j < rule.to_size(); ++j) {
      if (context.roles.contains(rule.to(j)) && !SomebodyHas(network, rule.to(j), period)) {
        context.faults.Add("POLICY-NOBODY-ADDRESSED", place.In("rule", i).In("to", j), rule.to(j));
      }
    }
  }
}

void CheckUnknownAllowed(const v1::Agreement& agreement, const v1::Rule& rule, const Place& place, FaultList& faults) {
  if (!agreement.unknown_values().empty()) return;
  for (int i = 0; i < rule.leaf_size(); ++i) {
    if (rule.leaf(i).as() == v1::UNKNOWN) faults.Add("POLICY-UNKNOWN", place.In("leaf", i).In("as"), rule.leaf(i).path());
  }
}

void CheckAgreement(const CheckContext& context, const v1::Agreement& agreement,
                    const Place& place) {
  RequireKey(agreement.version(), place, "version", context.faults);
  Require(agreement.source(), place, "source", context.faults);
  Require(agreement.target_group().description(), place.In("target_group"), "description",
          context.faults);
  CheckCriteria(agreement.target_group(), place.In("target_group"), context.faults);
  CheckSteps(context, agreement, place);
  CheckDeadlines(agreement, place, context.faults);
  for (int i = 0; i < agreement.rule_size(); ++i) {
    const Place rule = place.In("rule", i);
    CheckRule(context, DocumentKind::kNetwork, agreement.rule(i), rule);
    CheckNarrowing(context, agreement.rule(i), rule);
    CheckUnknownAllowed(agreement, agreement.rule(i), rule, context.faults);
    CheckCriterionConditions(agreement.target_group(), agreement.rule(i), rule, context.faults);
    if (context.national_rules.contains(agreement.rule(i).id())) {
      context.faults.Add("POLICY-DOUBLE-KEY", rule.In("id"), agreement.rule(i).id());
    }
  }
  CheckRulesTogether(agreement.rule(), place, context.faults);
}

void CheckSuccession(std::vector<PlacedPeriod> periods, const Place& place, FaultList& faults) {
  SortByBeginning(periods);
  for (size_t i = 1; i < periods.size(); ++i) {
    const Period& before = periods[i - 1].period;
    const Place here = place.In("agreement", periods[i].index).In("from");
    if (before.Overlaps(periods[i].period)) {
      faults.Add("POLICY-PERIODS-OVERLAP", here, "agreement");
    } else if (before.until->PlusDays(1) < periods[i].period.from) {
      faults.Add("POLICY-PERIODS-GAP", here);
    }
  }
}

}  // namespace

std::optional<Period> CheckPeriod(const std::string& from, const std::string& until,
                                  const Place& place, FaultList& faults) {
  Require(from, place, "from", faults);
  CheckDate(from, place, "from", faults);
  CheckDate(until, place, "until", faults);
  std::optional<Period> period = Period::Parse(from, until);
  if (!period && CivilDate::Parse(from) && CivilDate::Parse(until)) {
    faults.Add("POLICY-DATE", place.In("until"), "until before from");
  }
  return period;
}

void CheckNetwork(const CheckContext& context, const v1::Network& network, const Place& place) {
  FaultList& faults = context.faults;
  RequireKey(network.key(), place, "key", faults);
  Require(network.name(), place, "name", faults);
  CheckParties(context, network, place);
  CheckSuccessors(context, network, place);
  CheckOnBehalf(network, place, faults);
  if (network.agreement().empty()) {
    faults.Add("POLICY-REQUIRED", place.In("agreement", 0), "agreement");
  }
  absl::flat_hash_set<std::string> versions;
  std::vector<PlacedPeriod> periods;
  for (int i = 0; i < network.agreement_size(); ++i) {
    const v1::Agreement& agreement = network.agreement(i);
    const Place here = place.In("agreement", i);
    CheckAgreement(context, agreement, here);
    if (!versions.insert(agreement.version()).second) {
      faults.Add("POLICY-DOUBLE-KEY", here.In("version"), agreement.version());
    }
    if (auto period = CheckPeriod(agreement.from(), agreement.until(), here, faults)) {
      periods.push_back({*period, i});
      CheckAddressed(context, network, agreement, *period, here);
    }
  }
  CheckSuccession(std::move(periods), place, faults);
}

}  // namespace schotvrij::policy
