#include "gateway/exchange/reception.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/canonical/canonical.h"
#include "adapters/fhir/fhir.h"
#include "adapters/securemail/securemail.h"
#include "gateway/casefile/casefile.h"
#include "gateway/casefile/life_cycle.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/own_approval.h"
#include "gateway/exchange/stored_answer.h"
#include "gateway/exchange/trial.h"
#include "gateway/telemetry/ledger.h"
#include "policy/consent.h"
#include "policy/hat.h"
#include "policy/succession.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::exchange {
namespace {

std::unique_ptr<Decoder> DecoderFor(const Inbound& inbound) {
  if (inbound.format == Format::kCanonical) return canonical::NewDecoder();
  if (inbound.format == Format::kSecureMail) {
    return securemail::NewDecoder({.fallback_key = inbound.fallback_key, .answers = inbound.answers});
  }
  return fhir::NewDecoder({.fallback_key = inbound.fallback_key,
                           .syntax = inbound.format == Format::kFhirXml ? fhir::Syntax::kXml : fhir::Syntax::kJson});
}

}  // namespace

Reception::Reception(const RoadParts& parts, ActiveNetworks& active, const Inbound& inbound,
                     Road::AnswerDone done)
    : parts_(parts),
      active_(active),
      caller_(inbound.caller),
      edge_(inbound.edge),
      trace_id_(inbound.trace_id),
      done_(std::move(done)),
      now_(parts.clock->Now()),
      standing_{parts.engine->rules(), parts.enrolment(), TodayInAmsterdam(now_)} {}

void Reception::Start(const Inbound& inbound) {
  std::vector<Issue> issues = Decode(inbound);
  if (!HasError(issues)) issues = canonical::CheckForm(exchange_);
  if (!HasError(issues)) issues = CheckEnvironment(parts_.environment, exchange_);
  if (!HasError(issues)) issues = ResolveSender();
  if (HasError(issues)) return Refuse(std::move(issues));
  KeyOf();
  hidden_ = IsHidden(standing_, caller_, exchange_.envelope().sender(), exchange_.envelope().network());
  issues = Admit(standing_, caller_, active_, &exchange_);
  if (HasError(issues)) return RefuseUnlessKnown(std::move(issues));
  parts_.telemetry->Record(telemetry::Received{telemetry::EdgeName(edge_),
                                               telemetry::ParticipantKey(exchange_.envelope().sender()),
                                               telemetry::ContentType(ContentType(exchange_)),
                                               {},
                                               telemetry::TraceId(trace_id_)});
  Attempt();
}

std::vector<Issue> Reception::Decode(const Inbound& inbound) {
  std::unique_ptr<Decoder> decoder = DecoderFor(inbound);
  DecodedParts parts;
  if (decoder->Feed(inbound.body, parts)) decoder->Finish(parts);
  shape_ = decoder->Shape();
  if (HasError(parts.issues)) return std::move(parts.issues);
  // One message about one client; batches come by their own road.
  if (parts.exchanges.size() != 1) return {MakeIssue("CLIENT-TWO-PERSONS", "")};
  exchange_ = std::move(parts.exchanges.front());
  return {};
}

std::vector<Issue> Reception::ResolveSender() {
  std::vector<Issue> issues;
  std::optional<std::string> sender =
      SpeaksAsAbout(parts_, standing_, caller_, exchange_.envelope().sender_identifier(),
                    exchange_.receipt().about(), &issues);
  exchange_.mutable_envelope()->set_sender(sender.value_or(""));
  if (!sender.has_value() || exchange_.has_receipt()) return issues;
  if (IsIncomplete(caller_, *standing_.enrolment, *sender)) issues.push_back(IncompleteIssue());
  return issues;
}

void Reception::KeyOf() {
  const v1::Envelope& envelope = exchange_.envelope();
  key_token_ = parts_.keys->Token("key", absl::StrCat(edge_, "|", SpeakerOf(caller_, envelope.sender()), "|", envelope.request_key()));
  digest_ = DigestOf(*parts_.keys, exchange_);
}

void Reception::Attempt() {
  if (exchange_.has_receipt()) {
    absl::StatusOr<std::vector<Issue>> located = LocateAnswered();
    if (!located.ok()) return Fail(located.status());
    if (HasError(*located)) return RefuseUnlessKnown(*std::move(located));
    if (IsTrial(*answered_)) return AnswerTrial();
  }
  absl::StatusOr<ClientFile> file = OpenClient();
  if (!file.ok()) return Fail(file.status());
  if (absl::Status found = FindExposed(file->facts()); !found.ok()) return Fail(found);
  if (absl::Status found = FindResting(*file); !found.ok()) return Fail(found);
  if (absl::Status found = FindWaiting(*file); !found.ok()) return Fail(found);

  unit_ = store::Unit();
  unit_.participant = exchange_.envelope().sender();
  posting_ = Posting();
  breach_.reset();
  posting_.exchange_id = NewRowId(now_, *parts_.random);
  std::vector<Issue> issues = BuildUnit(*file);
  if (HasError(issues)) return RefuseUnlessKnown(std::move(issues));
  AddIdempotency();
  Commit();
}

void Reception::AnswerTrial() {
  posting_.exchange_id = answered_->delivery_id;
  if (answered_->answered) return AnswerReceived();
  unit_ = store::Unit();
  unit_.participant = exchange_.envelope().sender();
  PutAnswered(Frame(), *answered_, &unit_);
  Commit();
}

void Reception::RefuseUnlessKnown(std::vector<Issue> issues) {
  absl::StatusOr<std::optional<store::Store::KnownKey>> known = parts_.store->AnswerByKey(key_token_);
  if (!known.ok()) return Fail(known.status());
  if (!known->has_value()) return Refuse(std::move(issues));
  if ((*known)->digest == digest_) return AnswerStored((*known)->answer);
  Refuse({MakeIssue("KEY-REUSED", "envelope.request_key")});
}

absl::StatusOr<std::vector<Issue>> Reception::LocateAnswered() {
  const v1::Receipt& receipt = exchange_.receipt();
  const std::vector<Issue> unknown = {MakeIssue("ANSWER-UNKNOWN", "receipt.about")};
  ASSIGN_OR_RETURN(answered_, parts_.store->DeliveryById(receipt.about()));
  if (!answered_.has_value() || answered_->recipient != exchange_.envelope().sender()) return unknown;
  if (!policy::IsUnderHat(answered_->recipient_role, exchange_.envelope().sender_role())) return unknown;
  hidden_ = IsHidden(standing_, caller_, answered_->recipient, answered_->network);
  if (hidden_) return unknown;
  if (answered_->state != store::DeliveryState::kAvailable && answered_->state != store::DeliveryState::kDelivered) {
    return unknown;
  }
  if (IsTrial(*answered_)) return std::vector<Issue>();
  if (IsIncomplete(caller_, *standing_.enrolment, answered_->recipient)) return std::vector<Issue>{IncompleteIssue()};
  ASSIGN_OR_RETURN(std::optional<store::ExchangeRow> row, parts_.store->ExchangeById(answered_->exchange_id));
  if (!row.has_value()) return unknown;
  exchange_.mutable_envelope()->set_network(row->exchange.network);
  exchange_.mutable_envelope()->set_recipient(row->exchange.sender);
  policy::PutInPlace(*standing_.rules, standing_.today, &exchange_);
  return std::vector<Issue>();
}

absl::StatusOr<ClientFile> Reception::OpenClient() {
  std::optional<store::ClientRow> row;
  if (answered_.has_value()) {
    ASSIGN_OR_RETURN(row, parts_.store->ClientById(answered_->client_id));
    if (!row.has_value()) return absl::DataLossError("a delivery points to no client");
  } else {
    if (const std::string& bsn = exchange_.client().bsn(); !bsn.empty()) {
      identifier_token_ = BsnToken(*parts_.keys, bsn);
      ASSIGN_OR_RETURN(row, parts_.store->ClientByIdentifier(identifier_token_));
    }
  }
  if (!row.has_value()) return ClientFile::New(*parts_.keys, now_, *parts_.random);
  return ClientFile::OpenOn(*parts_.keys, *standing_.rules, standing_.today, *row);
}

std::vector<Issue> Reception::BuildUnit(const ClientFile& file) {
  if (answered_.has_value()) return BuildAnswer(file);
  std::vector<Issue> issues = casefile::Check(exchange_, file.facts());
  if (HasError(issues)) return issues;
  const v1::RegistrationFact* const subject = casefile::FindSubject(exchange_, file.facts());
  if (subject == nullptr) return Decide(file, exchange_);
  v1::Exchange step = exchange_;
  step.mutable_registration()->set_about(subject->delivery_id());
  step.mutable_envelope()->set_judged_on(std::string(casefile::CaseDayOf(exchange_, *subject)));
  step.mutable_envelope()->set_recipient_role(subject->recipient_role());
  return Decide(file, step);
}

std::vector<Issue> Reception::Decide(const ClientFile& file, const v1::Exchange& told) {
  const policy::Decision decision = parts_.engine->Decide({told, file.facts(), standing_.today});
  if (HasError(decision.issues)) return decision.issues;
  const EventFrame frame = Frame();
  unit_.audit.push_back(ReceiveEvent(frame, {file.id(), posting_.exchange_id, ""}));
  std::vector<Issue> issues =
      Poster(parts_, standing_, file, now_).Post(told, decision, frame, &unit_, &posting_);
  if (!issues.empty()) return issues;
  const std::string delivery_id = posting_.delivery_ids.empty() ? "" : posting_.delivery_ids.front();
  const std::string recipient_role = decision.recipients.empty() ? "" : decision.recipients.front().role;
  v1::Facts facts = casefile::Apply(file.facts(), exchange_,
                                    {posting_.exchange_id, delivery_id, decision.agreement_version, recipient_role,
                                     PersonOf(*standing_.rules, caller_, exchange_.envelope().network())});
  if (consent_end_) facts = consent_end_->TakenBack({parts_, standing_, file, now_, frame}, exchange_, std::move(facts), &unit_);
  if (waiting_) waiting_->Apply(parts_, standing_, exchange_, facts, file, posting_, frame, &unit_);
  if (exposure_) RecordBreach(v1::BREACH_WRONG_PERSON, file.facts(), frame);
  file.PutFacts(facts, identifier_token_, standing_.today, &unit_);
  MoveClaims(*parts_.keys, file, facts, &unit_);
  return {};
}

std::vector<Issue> Reception::BuildAnswer(const ClientFile& file) {
  std::vector<Issue> issues = casefile::Check(exchange_, file.facts());
  if (HasError(issues)) return issues;
  const auto carried = casefile::FindByDelivery(file.facts(), exchange_.receipt().about());
  v1::Exchange receipt =
      ReceiptFor(*carried, exchange_.receipt().state(), exchange_.receipt().reason(), standing_.today);
  *receipt.mutable_receipt()->mutable_findings() = exchange_.receipt().findings();
  const EventFrame frame = Frame();
  if (IsOwnApproval(exchange_, PersonOf(*standing_.rules, caller_, carried->network), *carried)) {
    if (!MayApproveOwn(*standing_.rules, *carried)) return {MakeIssue("OWN-REQUEST", "receipt.state")};
    ListOwnApproval(*parts_.keys, frame, {file.id(), posting_.exchange_id, answered_->delivery_id}, &unit_);
  }
  unit_.audit.push_back(ReceiveEvent(frame, {file.id(), posting_.exchange_id, answered_->delivery_id}));
  store::Delivery closed = *answered_;
  closed.answered = true;
  closed.state = store::DeliveryState::kDelivered;
  closed.frozen.bytes.clear();
  unit_.delivery_updates.push_back(std::move(closed));
  NoteTaken(*answered_, now_, &unit_);
  if (exposure_) {
    Erase(file, frame);
    RecordBreach(v1::BREACH_WRONG_RECIPIENT, file.facts(), frame);
  }
  return Close(parts_, standing_, file, receipt, /*must_tell=*/true, now_, frame, &unit_, &posting_);
}

absl::Status Reception::FindExposed(const v1::Facts& facts) {
  exposure_.reset();
  std::string delivery_id;
  if (answered_.has_value() && casefile::Erases(exchange_.receipt())) delivery_id = answered_->delivery_id;
  const bool withdraws = exchange_.has_registration() && exchange_.registration().step() == v1::WITHDRAW;
  const v1::RegistrationFact* const subject = withdraws ? casefile::FindSubject(exchange_, facts) : nullptr;
  if (subject != nullptr) delivery_id = subject->delivery_id();
  if (delivery_id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(exposure_, Exposure::Open(parts_, facts, delivery_id));
  return absl::OkStatus();
}

absl::Status Reception::FindResting(const ClientFile& file) {
  consent_end_.reset();
  const std::string& sender = exchange_.envelope().sender();
  const auto takes_back = [&](const v1::Consent& said) { return policy::MayTakeBack(said, sender, file.facts()); };
  const auto& consents = exchange_.registration().consents();
  if (!takes_back(exchange_.consent()) && std::none_of(consents.begin(), consents.end(), takes_back)) return absl::OkStatus();
  ASSIGN_OR_RETURN(consent_end_, ConsentEnd::Open(parts_, file, sender));
  return absl::OkStatus();
}

absl::Status Reception::FindWaiting(const ClientFile& file) {
  if (!exchange_.has_safety_hold()) return absl::OkStatus();
  ASSIGN_OR_RETURN(waiting_, Waiting::Open(parts_, file));
  return absl::OkStatus();
}

// What lies in the recipient's mailbox is there no more; what is still on its way is its dispatcher's.
void Reception::Erase(const ClientFile& file, const EventFrame& frame) {
  for (store::Delivery delivery : exposure_->deliveries()) {
    const bool answered = delivery.delivery_id == answered_->delivery_id;
    const bool lies_there = delivery.state == store::DeliveryState::kAvailable || delivery.state == store::DeliveryState::kDelivered;
    if (!answered && !lies_there) continue;
    const std::vector<Issue> why = {MakeIssue("GONE", "")};
    unit_.audit.push_back(WithholdEvent(frame, {file.id(), delivery.exchange_id, delivery.delivery_id}, why));
    if (answered) {
      unit_.delivery_updates.front().state = store::DeliveryState::kWithheld;
      continue;
    }
    unit_.expects_deliveries.push_back({delivery.delivery_id, delivery.state});
    delivery.state = store::DeliveryState::kWithheld;
    delivery.frozen.bytes.clear();
    unit_.delivery_updates.push_back(std::move(delivery));
  }
}

void Reception::RecordBreach(v1::BreachCause cause, const v1::Facts& before, const EventFrame& frame) {
  if (exposure_->deliveries().empty() || casefile::IsGone(before, exposure_->deliveries().front().delivery_id)) return;
  breach_ = exposure_->Record(cause, posting_.exchange_id, frame, *parts_.random, &unit_);
}

void Reception::AddIdempotency() {
  v1::StoredAnswer answer;
  answer.set_exchange_id(posting_.exchange_id);
  answer.set_network(exchange_.envelope().network());
  unit_.idempotency = store::Idempotency{key_token_, digest_, SealAnswer(*parts_.keys, key_token_, answer)};
}

void Reception::Commit() {
  posted_ = unit_.deliveries;
  if (waiting_) posted_ = unit_.delivery_updates;  // what goes on is put before its recipients as what is new
  absl::Status queued =
      parts_.store->Commit(std::move(unit_), parts_.executor,
                           [self = shared_from_this()](absl::StatusOr<store::CommitResult> result) {
                             self->OnCommitted(std::move(result));
                           });
  if (!queued.ok()) Fail(queued);
}

void Reception::OnCommitted(absl::StatusOr<store::CommitResult> result) {
  if (!result.ok()) return Fail(result.status());
  if (std::holds_alternative<store::Committed>(*result)) {
    Announce(parts_, posted_);
    if (breach_) parts_.telemetry->Record(*breach_);
    if (answered_ && answered_->state == store::DeliveryState::kAvailable) {
      RecordStage(*parts_.telemetry, telemetry::DeliveryStage::kDelivered, *answered_);
    }
    if (answered_) TrialEnded(parts_, *answered_);
    return AnswerReceived();
  }
  if (auto* duplicate = std::get_if<store::Duplicate>(&*result)) return AnswerStored(duplicate->answer);
  if (std::holds_alternative<store::OtherContent>(*result)) {
    return Refuse({MakeIssue("KEY-REUSED", "envelope.request_key")});
  }
  if (auto* taken = std::get_if<store::NotUnique>(&*result); taken != nullptr && taken->space == kRegistrationSpace) {
    absl::StatusOr<std::optional<std::string>> batch = parts_.store->HiddenBatch(taken->owner);
    if (!batch.ok()) return Fail(batch.status());
    // Held by a batch of this sender's that is being judged: a moment later it is in effect, or it is not.
    if (batch->has_value()) return Fail(absl::ResourceExhaustedError("a batch holds the registration"));
    return Refuse({MakeIssue("ALREADY-REGISTERED", "client")});
  }
  // Stale, or the client came into being meanwhile: decide again on what is known now.
  if (++tries_ >= limits::kStaleRetriesMax) return Fail(absl::ResourceExhaustedError("too many concurrent changes"));
  Attempt();
}

void Reception::Refuse(std::vector<Issue> issues) {
  store::Unit refusal;
  refusal.participant = caller_.peer;
  refusal.audit.push_back(RefuseEvent(Frame(), {}, issues));
  if (hidden_) refusal.audit.push_back(HiddenEvent(Frame(), {}));
  RecordRefused(issues);
  policy::Answer answer = policy::Answer::Refused(std::move(issues));
  absl::Status queued = parts_.store->Commit(
      std::move(refusal), parts_.executor,
      [self = shared_from_this(), answer = std::move(answer)](absl::StatusOr<store::CommitResult> result) mutable {
        if (!result.ok()) return self->Fail(result.status());
        self->Give(std::move(answer));
      });
  if (!queued.ok()) Fail(queued);
}

void Reception::RecordRefused(std::span<const Issue> issues) const {
  telemetry::Refused refused{telemetry::EdgeName(edge_), telemetry::ParticipantKey(caller_.peer),
                             telemetry::ContentType(ContentType(exchange_)), {}, SinceStartUs(),
                             telemetry::TraceId(trace_id_)};
  for (const Issue& issue : issues) refused.rules.emplace_back(issue.rule);
  parts_.telemetry->Record(refused);
}

int64_t Reception::SinceStartUs() const { return parts_.clock->Now().us - now_.us; }

void Reception::Fail(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) {
    parts_.telemetry->Record(telemetry::Busy{telemetry::EdgeName(edge_)});
  } else {
    parts_.telemetry->Record(telemetry::Failed{telemetry::Place("reception"), static_cast<int64_t>(status.code()),
                                               telemetry::TraceId(trace_id_)});
  }
  Give(FailureAnswer(status));
}

void Reception::AnswerStored(const store::Sealed& sealed) {
  absl::StatusOr<v1::StoredAnswer> stored = OpenAnswer(*parts_.keys, key_token_, sealed);
  if (!stored.ok()) return Fail(stored.status());
  parts_.telemetry->Record(telemetry::Repeated{telemetry::EdgeName(edge_),
                                               telemetry::ParticipantKey(exchange_.envelope().sender()),
                                               telemetry::TraceId(trace_id_)});
  policy::Answer answer;
  answer.state = policy::Answer::State::kReceived;
  answer.message_id = stored->exchange_id();
  answer.network = stored->network();
  Give(std::move(answer));
}

void Reception::AnswerReceived() {
  parts_.telemetry->Record(telemetry::Accepted{
      telemetry::EdgeName(edge_), telemetry::ParticipantKey(exchange_.envelope().sender()),
      telemetry::NetworkKey(exchange_.envelope().network()), telemetry::ExchangeId(posting_.exchange_id),
      telemetry::PolicySet(standing_.rules->name()), posting_.delivery_ids.size(), static_cast<uint64_t>(tries_),
      SinceStartUs(), telemetry::TraceId(trace_id_)});
  policy::Answer answer;
  answer.state = policy::Answer::State::kReceived;
  answer.message_id = posting_.exchange_id;
  answer.network = exchange_.envelope().network();
  Give(std::move(answer));
}

void Reception::Give(policy::Answer answer) {
  answer.shape = shape_;
  done_(std::move(answer));
}

EventFrame Reception::Frame() const {
  const v1::Envelope& envelope = exchange_.envelope();
  return {now_, parts_.gateway_id, standing_.rules->name(), caller_.peer, envelope.sender(),
          RoleOr(envelope.sender_role(), standing_, envelope.network(), envelope.sender()), trace_id_};
}

}  // namespace schotvrij::exchange
