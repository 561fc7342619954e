#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "policy/agreement.h"
#include "policy/minimiser.h"
#include "policy/rule_set.h"
#include "policy/source.h"
#include "schemas/base/embedded.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

// The leaves a format requires, or null: "fhir-json" and "fhir-xml" are one folder, fhir.
const Table* RequiredOf(std::string_view format) {
  const std::string path =
      absl::StrCat("schemas/formats/", ToAbsl(format.substr(0, format.find('-'))), "/required.csv");
  auto files = EmbeddedFiles();
  const bool known = std::any_of(files.begin(), files.end(),
                                 [&](const EmbeddedFile& file) { return file.path == path; });
  return known ? &Table::Embedded(path) : nullptr;
}

// As it is, or as the standards' own value for unknown, which every format that requires the leaf has.
bool Fills(const MinimiserPlan& plan, std::string_view path) {
  return std::any_of(
      plan.leaves().begin(), plan.leaves().end(), [&](const MinimiserPlan::SharedLeaf& leaf) {
        const bool is_whole = leaf.grain.as == v1::ITSELF || leaf.grain.as == v1::UNKNOWN;
        return leaf.path == path && leaf.where.empty() && is_whole;
      });
}

void Add(std::string_view rule, const RulePlace& place, std::string_view detail,
         std::vector<Fault>& faults) {
  Fault fault = MakeFault(rule, detail);
  fault.file = place.file;
  fault.line = place.line;
  fault.column = place.column;
  fault.path = place.path;
  faults.push_back(std::move(fault));
}

// Whether `kinds`, empty for all, names one that the rule is for: steps of a registration, of another content values of what `when` compares.
bool IsForAny(const v1::Rule& rule, std::string_view kinds) {
  if (rule.content() != "registration") return kinds.empty() || !rule.has_when() || HoldsWord(kinds, rule.when().equals());
  const auto* all = schotvrij::v1::RegistrationStep_descriptor();
  for (int i = 1; i < all->value_count(); ++i) {
    const auto step = static_cast<schotvrij::v1::RegistrationStep>(all->value(i)->number());
    if (IsForStep(rule, step) && HoldsWord(kinds, all->value(i)->name())) return true;
  }
  return false;
}

void CheckRuleFor(const RuleSet& rules, const v1::Rule& rule, const PartyFormat& party,
                  const Table& required, std::vector<Fault>& faults) {
  const MinimiserPlan& plan = rules.PlanOf(rule);
  bool carried = false;
  for (const Table::Row& row : required.rows()) {
    if (row["content_type"] != rule.content() || !IsForAny(rule, row["step"])) continue;
    carried = true;
    if (Fills(plan, row["path"])) continue;
    Add("POLICY-FORMAT-LEAF", rules.PlaceOf(rule),
        absl::StrCat(party.party, " by ", party.format, ", ", ToAbsl(row["path"])), faults);
  }
  if (!carried && !party.beside_another) {
    Add("POLICY-FORMAT-CONTENT", rules.PlaceOf(rule),
        absl::StrCat(party.party, " by ", party.format), faults);
  }
}

bool Addresses(const v1::Rule& rule, const v1::Party& party) {
  return std::any_of(
      party.membership().begin(), party.membership().end(), [&](const v1::Membership& held) {
        return std::find(rule.to().begin(), rule.to().end(), held.role()) != rule.to().end();
      });
}

}  // namespace

std::vector<Fault> CheckFormats(const RuleSet& rules, std::span<const PartyFormat> parties) {
  std::vector<Fault> faults;
  for (const PartyFormat& party : parties) {
    const Table* required = RequiredOf(party.format);
    if (required == nullptr) {
      faults.push_back(
          MakeFault("POLICY-FORMAT-UNKNOWN", absl::StrCat(party.party, ", ", party.format)));
      continue;
    }
    for (const v1::Network& network : rules.networks()) {
      for (const v1::Party& member : network.party()) {
        if (member.key() != party.party) continue;
        for (const v1::Agreement& agreement : network.agreement()) {
          for (const v1::Rule& rule : agreement.rule()) {
            if (Addresses(rule, member)) CheckRuleFor(rules, rule, party, *required, faults);
          }
        }
      }
    }
  }
  return faults;
}

}  // namespace schotvrij::policy
