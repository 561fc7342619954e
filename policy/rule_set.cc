#include "policy/rule_set.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/rule_set_data.h"
#include "policy/succession.h"
#include "schemas/base/strings.h"

namespace schotvrij::policy {
namespace {

template <typename Map>
auto FindOrNull(const Map& map, std::string_view key) -> typename Map::mapped_type {
  auto found = map.find(ToAbsl(key));
  return found == map.end() ? nullptr : found->second;
}

bool Addresses(const v1::Agreement& agreement, std::string_view role) {
  return std::any_of(agreement.rule().begin(), agreement.rule().end(), [&](const v1::Rule& rule) {
    return std::find(rule.to().begin(), rule.to().end(), role) != rule.to().end();
  });
}

}  // namespace

std::string Fault::ToString() const {
  std::string place = file;
  if (line > 0) absl::StrAppend(&place, ":", line, ":", column);
  if (!path.empty()) absl::StrAppend(&place, ": ", path);
  return absl::StrCat(place, place.empty() ? "" : ": ", text, " [", rule, "]");
}

RuleSet::RuleSet(std::unique_ptr<Data> data) : data_(std::move(data)) {}
RuleSet::~RuleSet() = default;

const std::string& RuleSet::name() const { return data_->name; }
const v1::Document& RuleSet::national() const { return data_->national; }
std::span<const v1::Network> RuleSet::networks() const { return data_->networks; }

const v1::Network* RuleSet::FindNetwork(std::string_view key) const {
  return FindOrNull(data_->networks_by_key, key);
}
const v1::Role* RuleSet::FindRole(std::string_view key) const {
  return FindOrNull(data_->roles, key);
}
const v1::Rule* RuleSet::FindNationalRule(std::string_view id) const {
  return FindOrNull(data_->national_rules, id);
}

const v1::Agreement* RuleSet::AgreementOn(const v1::Network& network, CivilDate day) const {
  for (const Data::DatedAgreement& dated : data_->compiled.at(&network).agreements) {
    if (dated.period.Holds(day)) return dated.agreement;
  }
  return nullptr;
}

std::vector<std::string> RuleSet::RolesOn(const v1::Network& network, std::string_view party,
                                          CivilDate day) const {
  std::vector<std::string> roles;
  const Data::CompiledNetwork& compiled = data_->compiled.at(&network);
  auto found = compiled.roles.find(ToAbsl(party));
  if (found == compiled.roles.end()) return roles;
  for (const Data::DatedRole& dated : found->second) {
    if (dated.period.Holds(day)) roles.push_back(dated.role);
  }
  return roles;
}

const RuleSet::Successor* RuleSet::SuccessorOf(const v1::Network& network, std::string_view party) const {
  const Data::CompiledNetwork& compiled = data_->compiled.at(&network);
  const auto found = compiled.successors.find(ToAbsl(party));
  return found == compiled.successors.end() ? nullptr : &found->second;
}
bool RuleSet::HasSuccessors(const v1::Network& network) const { return !data_->compiled.at(&network).successors.empty(); }

std::vector<std::string> RuleSet::RolesInCase(const v1::Network& network, std::string_view party, CivilDate day,
                                              CivilDate today) const {
  if (HolderOn(*this, network, party, today) != party) return {};
  std::vector<std::string> roles = RolesOn(network, party, day);
  for (const auto& [followed_up, successor] : data_->compiled.at(&network).successors) {
    if (HolderOn(*this, network, followed_up, today) != party) continue;
    for (std::string& role : RolesOn(network, followed_up, day)) {
      if (std::find(roles.begin(), roles.end(), role) == roles.end()) roles.push_back(std::move(role));
    }
  }
  return roles;
}

std::vector<std::string> RuleSet::RolesUpTo(const v1::Network& network, std::string_view party, CivilDate today) const {
  const Data::CompiledNetwork& compiled = data_->compiled.at(&network);
  std::vector<std::string> roles;
  const auto add = [&](std::string_view member) {
    const auto found = compiled.roles.find(ToAbsl(member));
    if (found == compiled.roles.end() || HolderOn(*this, network, member, today) != party) return;
    for (const Data::DatedRole& held : found->second) {
      const bool known = std::find(roles.begin(), roles.end(), held.role) != roles.end();
      if (held.period.from <= today && !known) roles.push_back(held.role);
    }
  };
  add(party);
  for (const auto& [followed_up, successor] : compiled.successors) add(followed_up);
  return roles;
}

bool RuleSet::TookPart(const v1::Network& network, std::string_view party, CivilDate today) const {
  return !RolesUpTo(network, party, today).empty();
}

bool RuleSet::MayHandle(const v1::Network& network, std::string_view party, std::string_view staff,
                        CivilDate day) const {
  const Data::CompiledNetwork& compiled = data_->compiled.at(&network);
  auto found = compiled.staff.find(ToAbsl(party));
  if (found == compiled.staff.end()) return true;
  const std::vector<Data::DatedStaff>& named = found->second;
  return std::any_of(named.begin(), named.end(),
                     [&](const Data::DatedStaff& each) {
                       return each.key == staff && each.period.Holds(day);
                     }) ||
         std::none_of(named.begin(), named.end(),
                      [&](const Data::DatedStaff& each) { return each.period.from <= day; });
}

std::vector<std::string> RuleSet::HatsIn(const v1::Network& network, std::string_view party, std::string_view staff,
                                         CivilDate today) const {
  if (!MayHandle(network, party, staff, today)) return {};
  std::vector<std::string> hats = RolesUpTo(network, party, today);
  const Data::CompiledNetwork& compiled = data_->compiled.at(&network);
  const auto named = compiled.staff.find(ToAbsl(party));
  if (named == compiled.staff.end()) return hats;
  for (const Data::DatedStaff& each : named->second) {
    if (each.key != staff || !each.period.Holds(today) || each.roles.empty()) continue;
    std::erase_if(hats, [&](const std::string& role) { return std::find(each.roles.begin(), each.roles.end(), role) == each.roles.end(); });
  }
  return hats;
}

const MinimiserPlan& RuleSet::PlanOf(const v1::Rule& rule) const {
  return data_->rules.at(&rule).plan;
}
const RulePlace& RuleSet::PlaceOf(const v1::Rule& rule) const {
  return data_->rules.at(&rule).place;
}

const MinimiserPlan& RuleSet::NeedOf(const v1::Agreement& agreement,
                                     std::string_view content) const {
  auto found = data_->needs.find(std::pair(&agreement, std::string(content)));
  return found == data_->needs.end() ? data_->no_need : found->second;
}

std::vector<std::string> RuleSet::MissingParties(const v1::Network& network,
                                                 std::span<const std::string> enrolled,
                                                 CivilDate day) const {
  const Data::CompiledNetwork& compiled = data_->compiled.at(&network);
  const Period ahead{day, std::nullopt};
  std::set<std::string> missing;
  for (const auto& [party, roles] : compiled.roles) {
    if (std::find(enrolled.begin(), enrolled.end(), party) != enrolled.end()) continue;
    const bool addressed =
        std::any_of(roles.begin(), roles.end(), [&](const Data::DatedRole& held) {
          return std::any_of(compiled.agreements.begin(), compiled.agreements.end(),
                             [&](const Data::DatedAgreement& dated) {
                               return dated.period.Overlaps(ahead) && held.period.Overlaps(ahead) &&
                                      held.period.Overlaps(dated.period) &&
                                      Addresses(*dated.agreement, held.role);
                             });
        });
    if (addressed) missing.insert(party);
  }
  return {missing.begin(), missing.end()};
}

}  // namespace schotvrij::policy
