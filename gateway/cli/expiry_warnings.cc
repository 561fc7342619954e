#include "gateway/cli/expiry_warnings.h"

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "adapters/securemail/securemail.h"
#include "gateway/cli/participant_facts.h"
#include "gateway/identity/files.h"
#include "gateway/telemetry/ledger.h"
#include "policy/membership.h"
#include "policy/people.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::cli {
namespace {

constexpr int64_t kExpiryRoundUs = 3'600'000'000;
constexpr const char* kExpirySpace = "certificate-warning";

struct Certificate {
  std::string participant;
  std::string use;  // in Dutch, for who reads it
  std::string sha256;
  Instant not_after;
};

std::optional<Certificate> InFile(const std::string& participant, const std::string& use, const std::string& file) {
  const absl::StatusOr<std::string> pem = identity::ReadTextFile(file, limits::kKeyFileBytesMax);
  if (!pem.ok()) return std::nullopt;
  const absl::StatusOr<identity::PeerCertificate> read = identity::ReadCertificatePem(*pem);
  if (!read.ok()) return std::nullopt;
  return Certificate{participant, use, read->sha256, read->not_after};
}

// Those in the home, and of several that sign the one that ends last.
std::vector<Certificate> HeldOf(const config::v1::Participant& participant) {
  std::vector<Certificate> held;
  if (participant.route().has_mail()) {
    const auto read = InFile(participant.key(), "versleutelen van mail aan u", participant.route().mail().certificate_file());
    if (read) held.push_back(*read);
  }
  std::optional<Certificate> signs;
  for (const std::string& file : participant.mail_sender().certificate_file()) {
    const auto read = InFile(participant.key(), "ondertekenen van uw mail", file);
    if (read && (!signs || signs->not_after < read->not_after)) signs = read;
  }
  if (signs) held.push_back(*signs);
  return held;
}

// Work addresses of who is contact today.
std::set<std::string> ContactsOf(const policy::RuleSet& rules, std::string_view participant, CivilDate today) {
  std::set<std::string> addresses;
  for (const policy::v1::Network& network : rules.networks()) {
    const policy::v1::Party* party = policy::FindParty(network, participant);
    const policy::v1::Contact* contact = party == nullptr ? nullptr : policy::OnDay(party->contact(), today);
    if (contact != nullptr) addresses.insert(contact->mail());
  }
  return addresses;
}

}  // namespace

int WarningDays(Instant then, Instant now) {
  int found = 0;
  if (then < now) return found;
  for (const Table::Row& row : Table::Embedded("schemas/codes/certificate_warning.csv").rows()) {
    int days = 0;
    if (!absl::SimpleAtoi(ToAbsl(row["days"]), &days) || !IsWithinDays(then, now, days)) continue;
    if (found == 0 || days < found) found = days;
  }
  return found;
}

class ExpiryWarnings::Rounds : public std::enable_shared_from_this<ExpiryWarnings::Rounds> {
 public:
  Rounds(exchange::RoadParts parts, mail::Mailer* mailer, const identity::SeenCertificates* seen)
      : parts_(std::move(parts)), mailer_(mailer), seen_(seen) {}

  void Tick() {
    LookSoon();
    parts_.executor->PostAfter(kExpiryRoundUs, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  void LookSoon() {
    parts_.executor->Post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Look();
    });
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

 private:
  void Look() {
    const absl::StatusOr<std::vector<std::string>> told = parts_.store->OwnersIn(kExpirySpace);
    if (!told.ok()) return Failed(told.status().code());
    const std::set<std::string> known(told->begin(), told->end());
    const Instant now = parts_.clock->Now();
    const std::shared_ptr<const policy::RuleSet> rules = parts_.engine->rules();
    for (const Certificate& certificate : Certificates()) {
      const int days = WarningDays(certificate.not_after, now);
      if (days == 0) continue;
      for (const std::string& address : ContactsOf(*rules, certificate.participant, TodayInAmsterdam(now))) {
        const std::string token = TokenOf(certificate, days, address);
        if (!known.contains(token)) Warn(certificate, address, token);
      }
    }
  }

  std::vector<Certificate> Certificates() const {
    const std::shared_ptr<const identity::Enrolment> enrolment = parts_.enrolment();
    std::vector<Certificate> all;
    for (const config::v1::Participant& participant : enrolment->document().participant()) {
      for (Certificate& held : HeldOf(participant)) all.push_back(std::move(held));
    }
    for (const identity::SeenCertificates::Seen& seen : seen_->All()) {
      all.push_back({seen.participant, "verbinding met de gateway", seen.sha256, seen.not_after});
    }
    return all;
  }

  std::string TokenOf(const Certificate& certificate, int days, const std::string& address) const {
    const std::string what = absl::StrCat(certificate.participant, "|", certificate.sha256, "|", days, "|", address);
    return absl::BytesToHexString(parts_.keys->Token(kExpirySpace, what));
  }

  // One that died before it was noted is sent again, as the same mail.
  void Warn(const Certificate& certificate, const std::string& address, const std::string& token) {
    absl::MutexLock lock(&mutex_);
    if (stopped_ || !under_way_.insert(token).second) return;
    const std::string id = token.substr(0, 24);
    mailer_->Warn(securemail::EncodeExpiry({certificate.participant, certificate.use, certificate.sha256, DayOf(certificate.not_after)}),
                  address, {id, absl::StrCat(id, ".verloopt@", parts_.gateway_id), ""},
                  [weak = weak_from_this(), token](exchange::DeliveryOutcome outcome) {
                    auto self = weak.lock();
                    if (self != nullptr) self->parts_.executor->Post([self, token, outcome] { self->Ended(token, outcome); });
                  });
  }

  void Ended(const std::string& token, const exchange::DeliveryOutcome& outcome) {
    if (outcome.kind != exchange::DeliveryOutcome::Kind::kAccepted) {
      Failed(absl::StatusCode::kUnavailable);
      return Release(token);
    }
    store::Unit unit;
    unit.uniques.push_back({kExpirySpace, token, token});
    const absl::Status queued = parts_.store->Commit(std::move(unit), parts_.executor,
                                                     [self = shared_from_this(), token](absl::StatusOr<store::CommitResult> result) {
                                                       if (!result.ok()) self->Failed(result.status().code());
                                                       self->Release(token);
                                                     });
    if (queued.ok()) return;
    Failed(queued.code());
    Release(token);
  }

  void Release(const std::string& token) {
    absl::MutexLock lock(&mutex_);
    under_way_.erase(token);
  }

  void Failed(absl::StatusCode code) const {
    parts_.telemetry->Record(telemetry::Failed{telemetry::Place("certificate-warning"), static_cast<int64_t>(code), {}});
  }

  const exchange::RoadParts parts_;
  mail::Mailer* const mailer_;
  const identity::SeenCertificates* const seen_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> under_way_ ABSL_GUARDED_BY(mutex_);
};

ExpiryWarnings::ExpiryWarnings(exchange::RoadParts parts, mail::Mailer* mailer, const identity::SeenCertificates* seen)
    : rounds_(mailer == nullptr ? nullptr : std::make_shared<Rounds>(std::move(parts), mailer, seen)) {}
ExpiryWarnings::~ExpiryWarnings() { Stop(); }
void ExpiryWarnings::Start() {
  if (rounds_ != nullptr) rounds_->Tick();
}
void ExpiryWarnings::Look() {
  if (rounds_ != nullptr) rounds_->LookSoon();
}
void ExpiryWarnings::Stop() {
  if (rounds_ != nullptr) rounds_->Stop();
}

}  // namespace schotvrij::cli
