#include "gateway/casefile/casefile.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "gateway/casefile/life_cycle.h"
#include "policy/agreement.h"
#include "policy/consent.h"
#include "policy/hat.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"

namespace schotvrij::casefile {
namespace {

using v1::Exchange;
using v1::Facts;
using v1::RegistrationFact;

void CheckRegistration(const Exchange& exchange, const Facts& facts, std::vector<Issue>& issues) {
  if (!exchange.registration().about().empty()) issues.push_back(MakeIssue("ABOUT-UNKNOWN", "registration.about"));
  if (HasOpen(exchange, facts)) issues.push_back(MakeIssue("ALREADY-REGISTERED", "client"));
}

// Registrations with their steps, other messages, and consents, that `sender` brought in.
ptrdiff_t ItemsFrom(std::string_view sender, const Facts& facts) {
  ptrdiff_t items = 0;
  for (const RegistrationFact& fact : facts.registrations()) {
    if (fact.sender() == sender) items += 1 + fact.steps_size();
  }
  const auto sent = [&](const v1::MessageFact& fact) { return fact.sender() == sender; };
  items += std::count_if(facts.messages().begin(), facts.messages().end(), sent);
  const auto received = [&](const v1::ConsentFact& fact) { return fact.received_from() == sender; };
  return items + std::count_if(facts.consents().begin(), facts.consents().end(), received);
}

const Table::Row* ReasonRow(std::string_view reason) {
  return Table::Embedded("schemas/codes/answer_reason.csv").Find("code", reason);
}

bool ReasonErases(std::string_view reason) {
  const Table::Row* row = ReasonRow(reason);
  return row != nullptr && (*row)["erases"] == "yes";
}

bool RecipientMayGive(std::string_view reason) {
  const Table::Row* row = ReasonRow(reason);
  return row != nullptr && (*row)["by"] == "recipient";
}

// Of facts that were written before `answered` was kept, the state says it.
bool WasAnswered(const RegistrationFact& fact) {
  return fact.answered() || fact.state() == v1::REGISTRATION_ACCEPTED || fact.state() == v1::REGISTRATION_REJECTED;
}

// A message of one registration, itself or a later step; or one that is of none.
struct Found {
  const RegistrationFact* registration = nullptr;
  const v1::StepFact* step = nullptr;
  const v1::MessageFact* message = nullptr;
};
Found Find(const Facts& facts, std::string_view delivery_id) {
  for (const RegistrationFact& fact : facts.registrations()) {
    if (fact.delivery_id() == delivery_id) return {&fact, nullptr, nullptr};
    for (const v1::StepFact& step : fact.steps()) {
      if (step.delivery_id() == delivery_id) return {&fact, &step, nullptr};
    }
  }
  for (const v1::MessageFact& message : facts.messages()) {
    if (message.delivery_id() == delivery_id) return {nullptr, nullptr, &message};
  }
  return {};
}

// Who is to answer it; empty: nobody, for there is no such message or it did not get there.
std::string_view AnswererOf(const Found& found) {
  if (found.message != nullptr) return found.message->state() == v1::STEP_UNDELIVERED ? "" : std::string_view(found.message->recipient());
  if (found.registration == nullptr) return "";
  const bool undelivered = found.step == nullptr ? found.registration->state() == v1::REGISTRATION_UNDELIVERED
                                                 : found.step->state() == v1::STEP_UNDELIVERED;
  return undelivered ? "" : std::string_view(found.registration->recipient());
}

void CheckAnswer(const Exchange& exchange, const Facts& facts, std::vector<Issue>& issues) {
  const v1::Receipt& receipt = exchange.receipt();
  if (receipt.state() != v1::ACCEPTED && receipt.state() != v1::REJECTED) {
    issues.push_back(MakeIssue("ANSWER-STATE", "receipt.state"));
    return;
  }
  const Found answered = Find(facts, receipt.about());
  const std::string_view answerer = AnswererOf(answered);
  if (answerer.empty() || answerer != exchange.envelope().sender()) {
    issues.push_back(MakeIssue("ANSWER-UNKNOWN", "receipt.about"));
    return;
  }
  if (answered.step != nullptr) {
    CheckStepAnswer(receipt, *answered.step, issues);
  } else if (answered.message != nullptr ? answered.message->state() != v1::STEP_TAKEN : WasAnswered(*answered.registration)) {
    issues.push_back(MakeIssue("ANSWER-TWICE", "receipt.state"));
  }
  const bool reason_fits =
      receipt.state() == v1::REJECTED ? RecipientMayGive(receipt.reason()) : receipt.reason().empty();
  if (!reason_fits) issues.push_back(MakeIssue("ANSWER-REASON", "receipt.reason"));
}

void CheckHold(const Exchange& exchange, const Facts& facts, std::vector<Issue>& issues) {
  const bool stands = FindHold(facts, exchange) != nullptr;
  const bool sets = exchange.safety_hold().state() == v1::HOLD_SET;
  if (sets && stands) issues.push_back(MakeIssue("HOLD-STANDS", "safety_hold.state"));
  if (!sets && !stands) issues.push_back(MakeIssue("HOLD-UNKNOWN", "safety_hold.state"));
}

void ApplyHold(Facts& facts, const Exchange& exchange, const Outcome& outcome) {
  if (exchange.safety_hold().state() == v1::HOLD_LIFTED) {
    auto& holds = *facts.mutable_holds();
    const v1::HoldFact* const lifted = FindHold(facts, exchange);
    holds.erase(std::find_if(holds.begin(), holds.end(), [&](const v1::HoldFact& hold) { return &hold == lifted; }));
    return;
  }
  v1::HoldFact& hold = *facts.add_holds();
  hold.set_setter(exchange.envelope().sender());
  hold.set_setter_role(exchange.envelope().sender_role());
  hold.set_exchange_id(outcome.exchange_id);
}

v1::RegistrationState After(v1::ReceiptState state) {
  switch (state) {
    case v1::ACCEPTED:
      return v1::REGISTRATION_ACCEPTED;
    case v1::REJECTED:
      return v1::REGISTRATION_REJECTED;
    default:
      return v1::REGISTRATION_UNDELIVERED;
  }
}

// A consent replaces the one with the same id from the same party; what was withdrawn stays so unless the new one is of a later
// day.
void KeepConsent(Facts& facts, v1::ConsentFact fact) {
  if (!fact.consent().consent_id().empty()) {
    for (v1::ConsentFact& known : *facts.mutable_consents()) {
      if (known.consent().consent_id() == fact.consent().consent_id() && known.received_from() == fact.received_from()) {
        if (policy::Replaces(fact.consent(), known.consent())) known = std::move(fact);
        return;
      }
    }
  }
  *facts.add_consents() = std::move(fact);
}

v1::ConsentFact FactOf(const v1::Consent& consent, const Exchange& exchange, const Outcome& outcome) {
  v1::ConsentFact fact;
  *fact.mutable_consent() = consent;
  fact.set_received_from(exchange.envelope().sender());
  fact.set_exchange_id(outcome.exchange_id);
  return fact;
}

void ApplyRegistration(Facts& facts, const Exchange& exchange, const Outcome& outcome) {
  const v1::Registration& registration = exchange.registration();
  for (const v1::Consent& consent : registration.consents()) KeepConsent(facts, FactOf(consent, exchange, outcome));
  if (IsLaterStep(exchange)) return ApplyStep(facts, exchange, outcome);
  RegistrationFact& fact = *facts.add_registrations();
  fact.set_exchange_id(outcome.exchange_id);
  fact.set_request_key(exchange.envelope().request_key());
  fact.set_network(exchange.envelope().network());
  fact.set_sender(exchange.envelope().sender());
  fact.set_recipient(exchange.envelope().recipient());
  fact.set_sender_role(exchange.envelope().sender_role());
  fact.set_recipient_role(outcome.recipient_role);
  fact.set_sender_person(outcome.sender_person);
  fact.set_state(v1::REGISTERED);
  fact.set_start_date(registration.start_date().empty() ? exchange.envelope().judged_on()
                                                        : registration.start_date());
  fact.set_agreement_version(outcome.agreement_version);
  fact.set_delivery_id(outcome.delivery_id);
  if (registration.attestations_size() > 0) {
    fact.set_criteria_version(registration.attestations(0).criteria_version());
  }
}

void ApplyMessage(Facts& facts, const Exchange& exchange, const Outcome& outcome) {
  const v1::Envelope& envelope = exchange.envelope();
  v1::MessageFact& fact = *facts.add_messages();
  fact.set_exchange_id(outcome.exchange_id);
  fact.set_request_key(envelope.request_key());
  fact.set_network(envelope.network());
  fact.set_sender(envelope.sender());
  fact.set_recipient(envelope.recipient());
  fact.set_sender_role(envelope.sender_role());
  fact.set_recipient_role(outcome.recipient_role);
  fact.set_judged_on(envelope.judged_on());
  fact.set_delivery_id(outcome.delivery_id);
  fact.set_state(v1::STEP_TAKEN);
}

// Whether the receipt is about the registration or a step of it, and what it makes of both.
bool ApplyReceiptTo(RegistrationFact& fact, const v1::Receipt& receipt) {
  for (v1::StepFact& step : *fact.mutable_steps()) {
    if (step.exchange_id() != receipt.about()) continue;
    ApplyStepReceipt(receipt, step, fact);
    return true;
  }
  if (fact.exchange_id() != receipt.about()) return false;
  fact.set_answered(receipt.state() == v1::ACCEPTED || receipt.state() == v1::REJECTED);
  // What was reopened since stands by the answer to that.
  const bool reopened = std::ranges::any_of(fact.steps(), [](const v1::StepFact& step) { return step.step() == v1::REOPEN; });
  if (fact.state() == v1::REGISTERED && !reopened) fact.set_state(After(receipt.state()));
  fact.set_answer_reason(receipt.reason());
  return true;
}

void ApplyReceipt(Facts& facts, const v1::Receipt& receipt) {
  for (v1::MessageFact& fact : *facts.mutable_messages()) {
    if (fact.exchange_id() != receipt.about()) continue;
    fact.set_state(StateAfter(receipt.state()));
    fact.set_answer_reason(receipt.reason());
    return;
  }
  for (RegistrationFact& fact : *facts.mutable_registrations()) {
    if (!ApplyReceiptTo(fact, receipt)) continue;
    // Whichever message it was said of: it never stood, and cannot be reopened.
    if (Erases(receipt) && fact.state() != v1::REGISTRATION_WITHDRAWN) {
      fact.set_state(v1::REGISTRATION_REJECTED);
      fact.set_answer_reason(receipt.reason());
    }
    return;
  }
}

}  // namespace

// By its setter alone: what others set shows in no answer.
const v1::HoldFact* FindHold(const Facts& facts, const Exchange& exchange) {
  const v1::Envelope& envelope = exchange.envelope();
  for (const v1::HoldFact& hold : facts.holds()) {
    if (hold.setter() == envelope.sender() && policy::IsUnderHat(hold.setter_role(), envelope.sender_role())) return &hold;
  }
  return nullptr;
}

bool IsHeld(const Facts& facts) { return !facts.holds().empty(); }

bool IsOpen(v1::RegistrationState state) {
  return state == v1::REGISTERED || state == v1::REGISTRATION_ACCEPTED;
}

std::optional<Carried> FindByDelivery(const Facts& facts, std::string_view delivery_id) {
  const auto [fact, step, message] = Find(facts, delivery_id);
  if (message != nullptr) {
    return Carried{message->exchange_id(), message->request_key(), message->network(),     message->sender(),
                   message->recipient(),   message->judged_on(),   message->sender_role(), message->recipient_role()};
  }
  if (fact == nullptr) return std::nullopt;
  Carried carried{fact->exchange_id(), fact->request_key(), fact->network(), fact->sender(), fact->recipient(),
                  fact->start_date(), fact->sender_role(), fact->recipient_role(), fact->sender_person()};
  if (step != nullptr) {
    carried.exchange_id = step->exchange_id();
    carried.request_key = step->request_key();
    carried.sender_person = step->sender_person();
  }
  return carried;
}

std::vector<std::string> DeliveriesOf(const Facts& facts, std::string_view delivery_id) {
  const auto [fact, step, message] = Find(facts, delivery_id);
  if (message != nullptr) return {message->delivery_id()};
  if (fact == nullptr) return {};
  std::vector<std::string> ids;
  ids.push_back(fact->delivery_id());
  for (const v1::StepFact& step : fact->steps()) ids.push_back(step.delivery_id());
  return ids;
}

bool Erases(const v1::Receipt& answer) { return answer.state() == v1::REJECTED && ReasonErases(answer.reason()); }

bool IsErased(const RegistrationFact& fact) {
  return fact.state() == v1::REGISTRATION_REJECTED && ReasonErases(fact.answer_reason());
}

bool IsGone(const Facts& facts, std::string_view delivery_id) {
  const auto [fact, step, message] = Find(facts, delivery_id);
  if (message != nullptr) return message->state() == v1::STEP_REJECTED && ReasonErases(message->answer_reason());
  if (fact == nullptr) return false;
  if (fact->state() == v1::REGISTRATION_WITHDRAWN) return step == nullptr || step->step() != v1::WITHDRAW;
  return IsErased(*fact);
}

std::vector<Issue> Check(const Exchange& exchange, const Facts& facts) {
  std::vector<Issue> issues;
  // Facts are read and sealed whole; a sender that keeps adding must not slow the client's other messages down. Each has a bound
  // of its own, and the enrolment says how many there are: one bound for all together would let a sender see that others know
  // the client.
  const bool adds = policy::IsAddressed(policy::ContentOf(exchange)) || exchange.has_consent();
  if (adds && ItemsFrom(exchange.envelope().sender(), facts) >= limits::kFactsItemsMax) {
    issues.push_back(MakeIssue("LIST-SIZE", "client"));
    return issues;
  }
  if (exchange.has_registration()) {
    CheckEnd(exchange.registration(), issues);
    IsLaterStep(exchange) ? CheckStep(exchange, facts, issues) : CheckRegistration(exchange, facts, issues);
  }
  if (exchange.has_receipt()) CheckAnswer(exchange, facts, issues);
  if (exchange.has_safety_hold()) CheckHold(exchange, facts, issues);
  return issues;
}

Facts Apply(Facts facts, const Exchange& exchange, const Outcome& outcome) {
  if (exchange.has_registration()) {
    ApplyRegistration(facts, exchange, outcome);
  } else if (policy::IsAddressed(policy::ContentOf(exchange))) {
    ApplyMessage(facts, exchange, outcome);
  }
  if (exchange.has_consent()) KeepConsent(facts, FactOf(exchange.consent(), exchange, outcome));
  if (exchange.has_receipt()) ApplyReceipt(facts, exchange.receipt());
  if (exchange.has_safety_hold()) ApplyHold(facts, exchange, outcome);
  return facts;
}

Facts Merge(Facts facts, const Facts& added) {
  facts.mutable_registrations()->MergeFrom(added.registrations());
  for (const v1::ConsentFact& fact : added.consents()) KeepConsent(facts, fact);
  return facts;
}

}  // namespace schotvrij::casefile
