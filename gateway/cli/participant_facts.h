// What a home knows of its participants: for the commands that show, check and change them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/identity/config.h"
#include "gateway/identity/enrolment_text.h"
#include "policy/rule_set.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

struct HomeFacts {
  std::string home;
  identity::LoadedConfig config;
  identity::EnrolmentText text;
  std::shared_ptr<const policy::RuleSet> rules;
  Instant now;
  CivilDate today;
};

// kInvalidArgument when configuration, enrolment or policy does not load: a line per fault.
absl::StatusOr<HomeFacts> ReadHomeFacts(const std::string& home, Instant now);
// Of what was loaded with the enrolment `text`; kInvalidArgument when its policy does not load.
absl::StatusOr<HomeFacts> FactsOf(const std::string& home, identity::LoadedConfig config, identity::EnrolmentText text, Instant now);

// A certificate of a participant that lies in the home.
struct CertificateHeld {
  std::string use;   // "mail", "signs mail", "client"
  std::string file;
  std::optional<Instant> expires;  // nothing: it cannot be read
};
std::vector<CertificateHeld> CertificatesHeld(const std::string& home, const config::v1::Participant& participant);
// The one that expires first, of those that can be read; null when there is none.
const CertificateHeld* FirstToExpire(const std::vector<CertificateHeld>& held);

// Whole days until then; negative once it has passed.
int64_t DaysUntil(Instant then, Instant now);
bool IsWithinDays(Instant then, Instant now, int days);
std::string DayOf(Instant instant);  // "2026-12-31", UTC

// "mailbox", "mail to ADDRESS", "mail to ADDRESS by relay KEY", "none".
std::string RouteText(const config::v1::Participant& participant);
// "open", "suspended", "closed until MOMENT".
std::string StateText(const config::v1::Participant& participant, Instant now);
}  // namespace schotvrij::cli
