#include "gateway/cli/participant_facts.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gateway/cli/files.h"
#include "gateway/cli/home.h"
#include "gateway/exchange/outbound.h"
#include "gateway/identity/availability.h"
#include "gateway/identity/certificate.h"
#include "gateway/identity/files.h"
#include "policy/report.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::cli {
namespace {

using config::v1::Participant;

constexpr int64_t kDayUs = 86'400'000'000;

CertificateHeld HeldIn(const std::string& use, const std::string& file) {
  CertificateHeld held{use, file, std::nullopt};
  const absl::StatusOr<std::string> pem = identity::ReadTextFile(file, limits::kKeyFileBytesMax);
  if (!pem.ok()) return held;
  if (const absl::StatusOr<Instant> expiry = identity::EarliestExpiry(*pem); expiry.ok()) held.expires = *expiry;
  return held;
}

}  // namespace

absl::StatusOr<HomeFacts> ReadHomeFacts(const std::string& home, Instant now) {
  ASSIGN_OR_RETURN(identity::LoadedConfig config, identity::LoadConfig(Home(home).ConfigFile()));
  const std::string& name = config.config.enrolment_file();
  ASSIGN_OR_RETURN(std::string bytes, ReadFile(name, limits::kConfigFileBytesMax));
  ASSIGN_OR_RETURN(identity::EnrolmentText text, identity::EnrolmentText::Parse(name, std::move(bytes)));
  return FactsOf(home, std::move(config), std::move(text), now);
}

absl::StatusOr<HomeFacts> FactsOf(const std::string& home, identity::LoadedConfig config, identity::EnrolmentText text, Instant now) {
  std::vector<policy::PolicyFile> files;
  for (const identity::NamedFile& file : config.policy_files) files.push_back({file.name, file.text});
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  if (loaded.rules == nullptr) return absl::InvalidArgumentError(policy::RenderFaults(loaded.faults));
  return HomeFacts{home, std::move(config), std::move(text), std::move(loaded.rules), now, TodayInAmsterdam(now)};
}

std::vector<CertificateHeld> CertificatesHeld(const std::string& home, const Participant& participant) {
  std::vector<CertificateHeld> held;
  if (participant.route().has_mail()) held.push_back(HeldIn("mail", participant.route().mail().certificate_file()));
  for (const std::string& file : participant.mail_sender().certificate_file()) held.push_back(HeldIn("signs mail", file));
  // A home for development has the party's own as well.
  const std::string own = Home(home).PartyCertificateFile(participant.key());
  std::error_code ignored;
  if (std::filesystem::exists(own, ignored)) held.push_back(HeldIn("client", own));
  return held;
}

const CertificateHeld* FirstToExpire(const std::vector<CertificateHeld>& held) {
  const CertificateHeld* first = nullptr;
  for (const CertificateHeld& each : held) {
    if (each.expires && (first == nullptr || *each.expires < *first->expires)) first = &each;
  }
  return first;
}

int64_t DaysUntil(Instant then, Instant now) {
  const int64_t us = then.us - now.us;
  return us >= 0 ? us / kDayUs : -((-us + kDayUs - 1) / kDayUs);
}

bool IsWithinDays(Instant then, Instant now, int days) { return then.us - now.us <= days * kDayUs; }

std::string DayOf(Instant instant) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixMicros(instant.us), absl::UTCTimeZone());
}

std::string RouteText(const Participant& participant) {
  const config::v1::Route& route = participant.route();
  if (route.has_mailbox()) return "mailbox";
  if (route.has_mail()) return "mail to " + route.mail().address();
  if (route.has_relayed_mail()) {
    return absl::StrCat("mail to ", route.relayed_mail().address(), " by relay ", route.relayed_mail().relay());
  }
  return "none";
}

std::string StateText(const Participant& participant, Instant now) {
  if (participant.suspended()) return "suspended";
  const std::optional<Instant> until = identity::ClosedUntil(participant, now);
  if (!until) return "open";
  return "closed until " + absl::FormatTime("%Y-%m-%dT%H:%MZ", absl::FromUnixMicros(until->us), absl::UTCTimeZone());
}

}  // namespace schotvrij::cli
