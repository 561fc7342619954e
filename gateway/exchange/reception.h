// Reception: one message on its way from bytes to its durable answer. Lives until the answer is given.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/exchange/admission.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/consent_end.h"
#include "gateway/exchange/exposure.h"
#include "gateway/exchange/posting.h"
#include "gateway/exchange/road.h"
#include "gateway/exchange/waiting.h"

namespace schotvrij::exchange {

class Reception : public std::enable_shared_from_this<Reception> {
 public:
  Reception(const RoadParts& parts, ActiveNetworks& active, const Inbound& inbound, Road::AnswerDone done);

  // Uses `inbound.body` before it returns, never after.
  void Start(const Inbound& inbound);

 private:
  // Each returns what is wrong, or nothing.
  std::vector<Issue> Decode(const Inbound& inbound);
  std::vector<Issue> ResolveSender();
  void KeyOf();

  // One try on the facts as they are now; on a concurrent change it is made again.
  void Attempt();
  // The same message again gets the answer it got, whatever has changed since; one that is not known is refused. The commit
  // knows a repeat of what would still be accepted. Read after the facts: what they hold of a repeat, its key shows too.
  void RefuseUnlessKnown(std::vector<Issue> issues);
  void AnswerTrial();
  absl::StatusOr<ClientFile> OpenClient();
  absl::StatusOr<std::vector<Issue>> LocateAnswered();
  std::vector<Issue> BuildUnit(const ClientFile& file);
  // `told`: the message as recipients read it.
  std::vector<Issue> Decide(const ClientFile& file, const v1::Exchange& told);
  std::vector<Issue> BuildAnswer(const ClientFile& file);
  absl::Status FindExposed(const v1::Facts& facts);
  absl::Status FindResting(const ClientFile& file);
  absl::Status FindWaiting(const ClientFile& file);
  void Erase(const ClientFile& file, const EventFrame& frame);
  // What was found out now, and by this message (R6); not what was known before.
  void RecordBreach(v1::BreachCause cause, const v1::Facts& before, const EventFrame& frame);
  void AddIdempotency();
  void Commit();
  void OnCommitted(absl::StatusOr<store::CommitResult> result);

  void Refuse(std::vector<Issue> issues);
  void Fail(const absl::Status& status);
  void RecordRefused(std::span<const Issue> issues) const;
  int64_t SinceStartUs() const;
  void AnswerStored(const store::Sealed& sealed);
  void AnswerReceived();
  void Give(policy::Answer answer);
  EventFrame Frame() const;

  const RoadParts& parts_;
  ActiveNetworks& active_;
  identity::Caller caller_;
  std::string edge_;
  std::string trace_id_;
  Road::AnswerDone done_;
  Instant now_;
  Standing standing_;

  v1::Exchange exchange_;
  bool hidden_ = false;  // it is about what is not there for this caller
  std::string shape_;
  std::string key_token_;
  std::string digest_;
  std::string identifier_token_;  // by which the client is found again; empty: it names none, and has a file that nothing points to
  std::optional<store::Delivery> answered_;  // by a Receipt that came in
  std::optional<ConsentEnd> consent_end_;  // of a Consent by itself
  std::optional<Waiting> waiting_;         // of a SafetyHold
  std::optional<Exposure> exposure_;       // of a registration that is withdrawn, or that its recipient should never have had
  std::optional<telemetry::BreachOpened> breach_;

  store::Unit unit_;
  std::vector<store::Delivery> posted_;  // of the unit that was handed to the store
  Posting posting_;
  int tries_ = 0;
};

}  // namespace schotvrij::exchange
