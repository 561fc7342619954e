#include "gateway/cli/policy_in_force.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/exchange/checklist.h"
#include "gateway/transport/mail/smtp_outbound.h"

namespace schotvrij::cli {
namespace {

std::vector<policy::PartyFormat> FormatsOf(const identity::Enrolment& enrolment) {
  std::vector<policy::PartyFormat> formats;
  for (const config::v1::Participant& participant : enrolment.document().participant()) {
    if (exchange::IsByMail(participant.route())) formats.push_back({participant.key(), "mail"});
    if (participant.route().has_mailbox()) {
      formats.push_back({participant.key(), "canonical"});
      formats.push_back({participant.key(), "fhir-json", /*beside_another=*/true});
    }
  }
  return formats;
}

void Add(const std::vector<policy::Fault>& faults, PolicyOutcome* outcome) {
  for (const policy::Fault& fault : faults) {
    ++(fault.warning ? outcome->warnings : outcome->faults);
    absl::StrAppend(&outcome->report, fault.warning ? "warning: " : "", fault.ToString(), "\n");
  }
}

void DescribeNetworks(const policy::RuleSet& rules, const identity::Enrolment& enrolment, CivilDate today,
                      PolicyOutcome* outcome) {
  for (const policy::v1::Network& network : rules.networks()) {
    const std::vector<std::string> missing = rules.MissingParties(network, enrolment.keys(), today);
    ++(missing.empty() ? outcome->networks_active : outcome->networks_inactive);
    absl::StrAppend(&outcome->report, "network ", network.key(), ": ",
                    missing.empty() ? "active" : "inactive, not enrolled: ", absl::StrJoin(missing, ", "), "\n");
  }
}

}  // namespace

PolicyOutcome LoadPolicy(const identity::LoadedConfig& config, Instant now) {
  PolicyOutcome outcome;
  std::vector<policy::PolicyFile> files;
  for (const identity::NamedFile& file : config.policy_files) files.push_back({file.name, file.text});
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  Add(loaded.faults, &outcome);
  if (loaded.rules == nullptr) return outcome;

  Add(policy::CheckFormats(*loaded.rules, FormatsOf(*config.enrolment)), &outcome);
  for (const config::v1::Participant& participant : config.enrolment->document().participant()) {
    absl::Status route = mail::CheckMailRoute(participant, "", now);
    if (route.ok()) continue;
    ++outcome.faults;
    absl::StrAppend(&outcome.report, config.config.enrolment_file(), ": ", std::string(route.message()), "\n");
  }
  if (outcome.faults > 0) return outcome;
  DescribeNetworks(*loaded.rules, *config.enrolment, TodayInAmsterdam(now), &outcome);
  for (const std::string& key : exchange::IncompleteOn(*config.enrolment, *loaded.rules, TodayInAmsterdam(now), config.config.environment())) {
    absl::StrAppend(&outcome.report, "participant ", key, " is kept out until it is complete: schotvrij participant check ", key, "\n");
  }
  absl::StrAppend(&outcome.report, "policy set ", loaded.rules->name(), "\n");
  outcome.rules = std::move(loaded.rules);
  return outcome;
}

}  // namespace schotvrij::cli
