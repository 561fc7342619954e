#include "gateway/casefile/life_cycle.h"

#include <string_view>

#include "policy/disclosure/step.h"
#include "policy/hat.h"

namespace schotvrij::casefile {
namespace {

using v1::Exchange;
using v1::Facts;
using v1::RegistrationFact;

bool MayFollow(v1::RegistrationStep step, v1::RegistrationState state) {
  switch (step) {
    case v1::AMEND:
    case v1::END:
      return IsOpen(state);
    case v1::WITHDRAW:
      return IsOpen(state) || state == v1::REGISTRATION_ENDED;
    case v1::REOPEN:
      return state == v1::REGISTRATION_ENDED;
    default:
      return false;
  }
}

// Of the message's sender and recipient, in its network, and in a state that the step may follow.
bool Fits(const Exchange& exchange, const RegistrationFact& fact) {
  const v1::Envelope& envelope = exchange.envelope();
  return fact.network() == envelope.network() && fact.sender() == envelope.sender() &&
         fact.recipient() == envelope.recipient() && policy::IsUnderHat(fact.sender_role(), envelope.sender_role()) &&
         MayFollow(exchange.registration().step(), fact.state());
}

bool IsNamed(std::string_view about, const RegistrationFact& fact) {
  return about.empty() || about == fact.request_key() || about == fact.exchange_id();
}

// Whether the registration stands by `step`: what leaves or reopens behind it decides instead, an amendment does not.
bool Decides(const v1::StepFact& step, const RegistrationFact& registration) {
  bool decides = false;
  for (const v1::StepFact& each : registration.steps()) {
    if (each.step() != v1::AMEND) decides = each.exchange_id() == step.exchange_id();
  }
  return decides;
}

}  // namespace

bool IsLaterStep(const Exchange& exchange) {
  return exchange.has_registration() && policy::StepOf(exchange) != v1::REGISTER;
}

bool HasOpen(const Exchange& exchange, const Facts& facts) {
  const v1::Envelope& envelope = exchange.envelope();
  for (const RegistrationFact& fact : facts.registrations()) {
    if (fact.network() == envelope.network() && fact.sender() == envelope.sender() &&
        policy::IsUnderHat(fact.sender_role(), envelope.sender_role()) && IsOpen(fact.state())) {
      return true;
    }
  }
  return false;
}

const RegistrationFact* FindSubject(const Exchange& exchange, const Facts& facts) {
  const RegistrationFact* found = nullptr;  // the last: of those that ended, the one that did so last may be reopened
  for (const RegistrationFact& fact : facts.registrations()) {
    if (Fits(exchange, fact) && IsNamed(exchange.registration().about(), fact)) found = &fact;
  }
  return found;
}

std::string_view CaseDayOf(const Exchange& step, const RegistrationFact& subject) {
  const v1::Registration& registration = step.registration();
  if (registration.step() == v1::REOPEN) return step.envelope().judged_on();
  const bool moved = registration.step() == v1::AMEND && !registration.start_date().empty();
  return moved ? registration.start_date() : subject.start_date();
}

void CheckEnd(const v1::Registration& registration, std::vector<Issue>& issues) {
  if (registration.step() == v1::END) return;
  if (!registration.end_date().empty()) issues.push_back(MakeIssue("END-ONLY", "registration.end_date"));
  const bool has_reason = registration.end_reason() != v1::END_REASON_UNSPECIFIED;
  if (has_reason) issues.push_back(MakeIssue("END-ONLY", "registration.end_reason"));
}

void CheckStep(const Exchange& exchange, const Facts& facts, std::vector<Issue>& issues) {
  const v1::Registration& registration = exchange.registration();
  const RegistrationFact* subject = FindSubject(exchange, facts);
  if (subject == nullptr) {
    bool fits = false;
    for (const RegistrationFact& fact : facts.registrations()) fits |= Fits(exchange, fact);
    issues.push_back(fits ? MakeIssue("ABOUT-UNKNOWN", "registration.about") : MakeIssue("NOT-REGISTERED", "client"));
    return;
  }
  if (registration.step() == v1::REOPEN && HasOpen(exchange, facts)) {
    issues.push_back(MakeIssue("ALREADY-REGISTERED", "client"));
  }
  if (registration.step() == v1::END && registration.end_date() < subject->start_date()) {
    issues.push_back(MakeIssue("END-DATE", "registration.end_date"));
  }
}

void CheckStepAnswer(const v1::Receipt& receipt, const v1::StepFact& answered, std::vector<Issue>& issues) {
  if (answered.state() != v1::STEP_TAKEN) issues.push_back(MakeIssue("ANSWER-TWICE", "receipt.state"));
  const bool asks = answered.step() == v1::AMEND || answered.step() == v1::REOPEN;
  if (!asks && receipt.state() == v1::REJECTED) issues.push_back(MakeIssue("ANSWER-STEP", "receipt.state"));
}

void ApplyStep(Facts& facts, const Exchange& exchange, const Outcome& outcome) {
  const RegistrationFact* const subject = FindSubject(exchange, facts);
  for (RegistrationFact& fact : *facts.mutable_registrations()) {
    if (&fact != subject) continue;
    v1::StepFact& step = *fact.add_steps();
    step.set_exchange_id(outcome.exchange_id);
    step.set_request_key(exchange.envelope().request_key());
    step.set_step(exchange.registration().step());
    step.set_delivery_id(outcome.delivery_id);
    step.set_state(v1::STEP_TAKEN);
    step.set_sender_person(outcome.sender_person);
    switch (exchange.registration().step()) {
      case v1::AMEND:
        if (!exchange.registration().start_date().empty()) fact.set_start_date(exchange.registration().start_date());
        break;
      case v1::WITHDRAW:
        fact.set_state(v1::REGISTRATION_WITHDRAWN);
        break;
      case v1::END:
        fact.set_state(v1::REGISTRATION_ENDED);
        fact.set_end_date(exchange.registration().end_date());
        break;
      default:  // REOPEN
        fact.set_state(v1::REGISTERED);
        fact.clear_end_date();
    }
    return;
  }
}

v1::StepState StateAfter(v1::ReceiptState receipt) {
  return receipt == v1::ACCEPTED ? v1::STEP_ACCEPTED : receipt == v1::REJECTED ? v1::STEP_REJECTED : v1::STEP_UNDELIVERED;
}

void ApplyStepReceipt(const v1::Receipt& receipt, v1::StepFact& step, RegistrationFact& registration) {
  step.set_state(StateAfter(receipt.state()));
  if (step.step() != v1::REOPEN || !Decides(step, registration)) return;
  if (IsErased(registration)) return;  // by what its recipient said of another message meanwhile
  registration.set_state(receipt.state() == v1::ACCEPTED ? v1::REGISTRATION_ACCEPTED : v1::REGISTRATION_ENDED);
}

}  // namespace schotvrij::casefile
