#include "policy/report.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/grounds.h"
#include "policy/leaf_path.h"
#include "policy/people.h"

namespace schotvrij::policy {
namespace {

std::string Until(const std::string& until) { return until.empty() ? "open" : until; }

std::string PlaceText(const RulePlace& place) {
  return absl::StrCat(place.file, ":", place.line, ":", place.column);
}

// A line for each, of those that have not ended on `today`.
void AddPeople(const v1::Party& party, std::optional<CivilDate> today, std::string& out) {
  for (const PartyEntry& entry : EntriesFrom(party, today)) {
    absl::StrAppend(&out, "  ", party.key(), ": ", Line(entry, today), "\n");
  }
}

void AddNetwork(const RuleSet& rules, const v1::Network& network,
                const std::vector<std::string>* enrolled, CivilDate today, std::string& out) {
  absl::StrAppend(&out, "network ", network.key(), " (", network.name(), ")");
  if (enrolled != nullptr) {
    const std::vector<std::string> missing = rules.MissingParties(network, *enrolled, today);
    absl::StrAppend(&out, missing.empty() ? ": active" : ": inactive, not enrolled: ",
                    absl::StrJoin(missing, ", "));
  }
  absl::StrAppend(&out, "\n");
  const v1::Agreement* in_force = rules.AgreementOn(network, today);
  for (const v1::Agreement& agreement : network.agreement()) {
    absl::StrAppend(&out, "  version ", agreement.version(), ": ", agreement.from(), " to ",
                    Until(agreement.until()), &agreement == in_force ? ", in force" : "", "\n");
  }
  for (const v1::Party& party : network.party()) AddPeople(party, today, out);
  if (in_force == nullptr) {
    absl::StrAppend(&out, "  no version is in force on ", today.ToString(), "\n");
  }
}

void AddUnverified(const RuleSet& rules, std::string& out) {
  std::vector<std::string> lines;
  auto add = [&](const v1::Rule& rule) {
    if (!rule.grounds().unverified()) return;
    lines.push_back(absl::StrCat("  ", PlaceText(rules.PlaceOf(rule)), ": ", rule.id(), ": ",
                                 InWords(rule.grounds())));
  };
  for (const v1::Rule& rule : rules.national().rule()) add(rule);
  for (const v1::Network& network : rules.networks()) {
    for (const v1::Agreement& agreement : network.agreement()) {
      for (const v1::Rule& rule : agreement.rule()) add(rule);
    }
  }
  if (lines.empty()) return;
  absl::StrAppend(&out, "grounds that nobody has verified yet:\n", absl::StrJoin(lines, "\n"),
                  "\n");
}

void AddRole(const v1::Role& role, std::string& out) {
  absl::StrAppend(&out, "  ", role.key(), " (", role.title(), ")");
  if (role.public_body()) absl::StrAppend(&out, ", public body");
  if (role.payer()) absl::StrAppend(&out, ", payer");
  absl::StrAppend(&out, ": ", role.bsn().may() == v1::BsnUse::YES ? "BSN under " : "no BSN",
                  role.bsn().statute(), "\n");
}

void AddLeaf(const v1::Leaf& leaf, std::string& out) {
  absl::StrAppend(&out, "        ", leaf.path());
  if (leaf.has_where()) {
    absl::StrAppend(&out, " where ", leaf.where().sibling(), " = ", leaf.where().equals());
  }
  if (AsOf(leaf) != v1::ITSELF) absl::StrAppend(&out, " as ", v1::As_Name(AsOf(leaf)));
  if (AsOf(leaf) == v1::GROUP) absl::StrAppend(&out, " of ", leaf.group_width());
  if (leaf.on_written_need()) absl::StrAppend(&out, ", only on a written need");
  if (!leaf.written_need().empty()) {
    absl::StrAppend(&out, ", needed because: ", leaf.written_need());
  }
  absl::StrAppend(&out, "\n");
}

void AddRule(const RuleSet& rules, const v1::Rule& rule, std::string& out) {
  absl::StrAppend(&out, "    rule ", rule.id(), " (", PlaceText(rules.PlaceOf(rule)), ")\n      ",
                  rule.explanation(), "\n");
  const std::string kind =
      rule.has_when() ? absl::StrCat(" where ", rule.when().sibling(), " = ", rule.when().equals()) : "";
  absl::StrAppend(&out, "      ", rule.content(), kind, " from ", absl::StrJoin(rule.from(), ", "),
                  " to ", absl::StrJoin(rule.to(), ", "), ", for ",
                  absl::AsciiStrToLower(schotvrij::v1::Purpose_Name(rule.purpose())), "\n");
  absl::StrAppend(&out, "      on: ", InWords(rule.grounds()), "\n      shares:\n");
  for (const v1::Leaf& leaf : rule.leaf()) AddLeaf(leaf, out);
}

void AddCriterion(const v1::Criterion& criterion, std::string& out) {
  absl::StrAppend(&out, "    criterion ", criterion.key(), " (", criterion.title(), "): ");
  if (criterion.basis() == v1::Criterion::ATTESTED) {
    absl::StrAppend(&out, "attested, versions ", absl::StrJoin(criterion.version(), ", "));
  } else {
    absl::StrAppend(&out, "scored, ", criterion.instrument(), " at least ", criterion.at_least());
  }
  if (criterion.max_age_days() > 0) {
    absl::StrAppend(&out, ", at most ", criterion.max_age_days(), " days old");
  }
  absl::StrAppend(&out, "\n");
  for (const std::string& condition : criterion.condition()) {
    absl::StrAppend(&out, "      - ", condition, "\n");
  }
}

void AddAgreement(const RuleSet& rules, const v1::Agreement& agreement, std::string& out) {
  absl::StrAppend(&out, "\n  version ", agreement.version(), ": ", agreement.from(), " to ",
                  Until(agreement.until()), "\n    source: ", agreement.source(),
                  "\n    target group: ", agreement.target_group().description(), "\n");
  for (const v1::Criterion& criterion : agreement.target_group().criterion()) {
    AddCriterion(criterion, out);
  }
  absl::StrAppend(&out, "    steps: ", absl::StrJoin(agreement.step(), ", "), "\n");
  for (const v1::Deadline& deadline : agreement.deadline()) {
    absl::StrAppend(&out, "    deadline: ", deadline.content(), " answered within ",
                    deadline.answer_within_working_days(), " working days\n");
  }
  for (const std::string& mandate : agreement.mandate()) {
    absl::StrAppend(&out, "    mandate: ", mandate, "\n");
  }
  if (!agreement.own_approval().empty()) {
    absl::StrAppend(&out, "    own requests may be approved, and are listed: ", agreement.own_approval(), "\n");
  }
  if (!agreement.unknown_values().empty()) {
    absl::StrAppend(&out, "    what is withheld may read as unknown: ", agreement.unknown_values(), "\n");
  }
  for (const v1::Rule& rule : agreement.rule()) AddRule(rules, rule, out);
}

// `words` and who, where it was another than the party itself.
std::string By(const char* words, const std::string& party) { return party.empty() ? "" : absl::StrCat(words, party); }

void AddParty(const v1::Party& party, std::string& out) {
  for (const v1::Membership& held : party.membership()) {
    absl::StrAppend(&out, "  ", party.key(), " (", party.name(), "): ", held.role(), ", ",
                    held.from(), " to ", Until(held.until()), By(", joined by ", held.joined_by()), "\n");
  }
  AddPeople(party, std::nullopt, out);
  for (const v1::Signature& signature : party.signature()) {
    absl::StrAppend(&out, "  ", party.key(), ": signed version ", signature.agreement(), " on ", signature.on(), " (",
                    signature.by(), By(", for it by ", signature.signed_by()), ")\n");
  }
  for (const v1::OnBehalf& other : party.acts_on_behalf()) {
    absl::StrAppend(&out, "  ", party.key(), ": acts on behalf of ", other.party(), ", ", other.from(), " to ", Until(other.until()),
                    " (", other.source(), ")\n");
  }
  if (!party.has_succession()) return;
  const v1::Succession& succession = party.succession();
  absl::StrAppend(&out, "  ", party.key(), ": followed up by ", succession.party(), " from ", succession.from(), " (",
                  succession.source(), ")\n");
}

}  // namespace

std::string RenderFaults(std::span<const Fault> faults) {
  std::string out;
  for (const Fault& fault : faults) {
    absl::StrAppend(&out, fault.warning ? "warning: " : "", fault.ToString(), "\n");
  }
  return out;
}

std::string RenderCheck(const LoadResult& loaded, const std::vector<std::string>* enrolled,
                        CivilDate today) {
  std::string out = RenderFaults(loaded.faults);
  if (loaded.rules == nullptr) {
    const auto errors = std::count_if(loaded.faults.begin(), loaded.faults.end(),
                                      [](const Fault& fault) { return !fault.warning; });
    absl::StrAppend(&out, "does not load: ", errors, errors == 1 ? " fault\n" : " faults\n");
    return out;
  }
  absl::StrAppend(&out, "policy set ", loaded.rules->name(), " loads\n");
  for (const v1::Network& network : loaded.rules->networks()) {
    AddNetwork(*loaded.rules, network, enrolled, today, out);
  }
  AddUnverified(*loaded.rules, out);
  return out;
}

std::string RenderShow(const RuleSet& rules) {
  std::string out = absl::StrCat("policy set ", rules.name(), "\n\nroles\n");
  for (const v1::Role& role : rules.national().role()) AddRole(role, out);
  absl::StrAppend(&out, "\nnational rules: the most that a network may share\n");
  for (const v1::Rule& rule : rules.national().rule()) AddRule(rules, rule, out);
  for (const v1::Network& network : rules.networks()) {
    absl::StrAppend(&out, "\nnetwork ", network.key(), " (", network.name(), ")\n");
    for (const v1::Party& party : network.party()) AddParty(party, out);
    for (const v1::Agreement& agreement : network.agreement()) AddAgreement(rules, agreement, out);
  }
  return out;
}

}  // namespace schotvrij::policy
