#include "gateway/exchange/consent_expiry.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/casefile/casefile.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/consent_due.h"
#include "gateway/exchange/consent_end.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

std::set<std::string> WhoRegistered(const v1::Facts& facts) {
  std::set<std::string> senders;
  for (const v1::RegistrationFact& fact : facts.registrations()) {
    if (casefile::IsOpen(fact.state())) senders.insert(fact.sender());
  }
  return senders;
}

// What `timer` asks for.
absl::StatusOr<store::Unit> LookAgain(const RoadParts& parts, const store::Timer& timer) {
  store::Unit unit;
  unit.background = true;
  unit.done_timers.push_back(timer.timer_id);
  ASSIGN_OR_RETURN(std::optional<store::ClientRow> row, parts.store->ClientById(timer.subject));
  if (!row.has_value()) return unit;
  const Instant now = parts.clock->Now();
  const Standing standing{parts.engine->rules(), parts.enrolment(), TodayInAmsterdam(now)};
  ASSIGN_OR_RETURN(const ClientFile file, ClientFile::OpenOn(*parts.keys, *standing.rules, standing.today, *row));
  const EventFrame frame{now, parts.gateway_id, standing.rules->name(), "", "", "", ""};
  v1::Facts facts = file.facts();
  for (const std::string& sender : WhoRegistered(facts)) {
    ASSIGN_OR_RETURN(const ConsentEnd end, ConsentEnd::Open(parts, file, sender));
    facts = end.RunOut({parts, standing, file, now, frame}, std::move(facts), &unit);
  }
  if (unit.exchanges.empty()) {
    file.Expect(&unit);  // a registration may come at this moment
    return unit;
  }
  MoveClaims(*parts.keys, file, facts, &unit);
  file.PutFacts(facts, "", standing.today, &unit);
  return unit;
}

bool IsTransient(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsResourceExhausted(status); }

}  // namespace

// One client after the other.
class ConsentExpiry::Rounds : public std::enable_shared_from_this<ConsentExpiry::Rounds> {
 public:
  explicit Rounds(RoadParts parts) : parts_(std::move(parts)) {}

  void Start() {
    parts_.executor->Post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

 private:
  void Tick() {
    if (IsStopped()) return;
    Begin();
    parts_.executor->PostAfter(limits::kConsentRoundUs, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Tick();
    });
  }

  bool IsStopped() {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  // Unless a client is being looked at; then that goes on by itself.
  void Begin() {
    {
      absl::MutexLock lock(&mutex_);
      if (busy_) return;
      busy_ = true;
    }
    Step();
  }

  void Rest() {
    absl::MutexLock lock(&mutex_);
    busy_ = false;
  }

  void GoOn() {
    parts_.executor->Post([self = shared_from_this()] { self->Step(); });
  }

  void Step() {
    if (IsStopped()) return;
    absl::StatusOr<std::vector<store::Timer>> due = parts_.store->DueTimers(kConsentTimer, parts_.clock->Now(), 1);
    if (!due.ok()) return Failed(due.status());
    if (due->empty()) return Rest();
    const store::Timer& timer = due->front();
    absl::StatusOr<store::Unit> unit = LookAgain(parts_, timer);
    if (!unit.ok()) return IsTransient(unit.status()) ? Failed(unit.status()) : Postpone(timer, unit.status());
    const std::vector<store::Delivery> told = unit->deliveries;
    Commit(*std::move(unit), [self = shared_from_this(), timer, told](absl::StatusOr<store::CommitResult> result) {
      if (!result.ok()) {
        return IsTransient(result.status()) ? self->Failed(result.status()) : self->Postpone(timer, result.status());
      }
      if (std::holds_alternative<store::Committed>(*result)) Announce(self->parts_, told);
      self->GoOn();  // also on Stale: look again
    });
  }

  // What stands behind one client does not open, which must not hold up the others: the operator is told, and its turn comes later.
  void Postpone(store::Timer timer, const absl::Status& status) {
    Record(status);
    store::Unit unit;
    unit.background = true;
    timer.due.us = parts_.clock->Now().us + limits::kConsentRetryUs;
    unit.timers.push_back(std::move(timer));
    Commit(std::move(unit), [self = shared_from_this()](absl::StatusOr<store::CommitResult> result) {
      result.ok() ? self->GoOn() : self->Failed(result.status());
    });
  }

  void Commit(store::Unit unit, store::Store::Done done) {
    absl::Status queued = parts_.store->Commit(std::move(unit), parts_.executor, std::move(done));
    if (!queued.ok()) Failed(queued);
  }

  // The next tick looks again.
  void Failed(const absl::Status& status) {
    if (!absl::IsResourceExhausted(status)) Record(status);
    Rest();
  }

  void Record(const absl::Status& status) const {
    parts_.telemetry->Record(
        telemetry::Failed{telemetry::Place("consent-expiry"), static_cast<int64_t>(status.code()), {}});
  }

  const RoadParts parts_;
  absl::Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

ConsentExpiry::ConsentExpiry(RoadParts parts) : rounds_(std::make_shared<Rounds>(std::move(parts))) {}
ConsentExpiry::~ConsentExpiry() { Stop(); }
void ConsentExpiry::Start() { rounds_->Start(); }
void ConsentExpiry::Stop() { rounds_->Stop(); }

}  // namespace schotvrij::exchange
