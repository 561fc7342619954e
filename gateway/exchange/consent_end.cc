#include "gateway/exchange/consent_end.h"

#include <algorithm>
#include <utility>

#include "gateway/casefile/casefile.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

// What lies in a mailbox and was not taken over is found withheld there, and ends by that.
bool MayHaveIt(const Delivery& delivery) { return delivery.state == DeliveryState::kDelivered || delivery.attempts > 0; }

// An ending says nothing of the client.
std::vector<std::string> DeliveriesOf(const v1::RegistrationFact& fact) {
  std::vector<std::string> ids = {fact.delivery_id()};
  for (const v1::StepFact& step : fact.steps()) {
    if (step.step() != v1::END) ids.push_back(step.delivery_id());
  }
  return ids;
}

const v1::RegistrationFact& FactOf(const v1::Facts& facts, const std::string& delivery_id) {
  return *std::find_if(facts.registrations().begin(), facts.registrations().end(),
                       [&](const v1::RegistrationFact& fact) { return fact.delivery_id() == delivery_id; });
}

// `facts` as if nobody but `sender` had passed on a word of the client.
v1::Facts ByItself(v1::Facts facts, std::string_view sender) {
  auto& consents = *facts.mutable_consents();
  consents.erase(std::remove_if(consents.begin(), consents.end(),
                                [&](const v1::ConsentFact& fact) { return fact.received_from() != sender; }),
                 consents.end());
  return facts;
}

// The rule on consent by which nothing of the registration may be shown; empty: none.
std::string ConsentRule(const RoadParts& parts, const OpenedDelivery& registration, const v1::Facts& facts, CivilDate today) {
  const auto known = DiscloseBy(facts, parts, registration, today);
  const auto* withheld = std::get_if<policy::Withheld>(&known);
  if (withheld == nullptr) return "";
  const auto found = std::find_if(withheld->issues.begin(), withheld->issues.end(),
                                  [](const Issue& issue) { return issue.rule.starts_with("CONSENT-"); });
  return found == withheld->issues.end() ? "" : found->rule;
}

// What only ran out was not taken back, whatever is said of another consent.
bool TakesBack(const RoadParts& parts, const OpenedDelivery& registration, const v1::Facts& before, const v1::Facts& after,
               CivilDate today) {
  const std::string rule = ConsentRule(parts, registration, after, today);
  if (rule.empty()) return false;
  return rule == "CONSENT-WITHDRAWN" || rule == "CONSENT-DENIED" || ConsentRule(parts, registration, before, today).empty();
}

v1::Exchange EndOf(const v1::RegistrationFact& fact, const v1::Exchange& consent, CivilDate today) {
  v1::Exchange end;
  *end.mutable_client() = consent.client();
  v1::Envelope& envelope = *end.mutable_envelope();
  envelope.set_network(fact.network());
  envelope.set_sender(fact.sender());
  envelope.set_recipient(fact.recipient());
  envelope.set_judged_on(fact.start_date());
  // What becomes of the ending is told as of the consent: its sender knows of no other message.
  envelope.set_request_key(consent.envelope().request_key());
  v1::Registration& registration = *end.mutable_registration();
  registration.set_step(v1::END);
  registration.set_end_date(std::max(today.ToString(), fact.start_date()));
  registration.set_end_reason(v1::END_CONSENT_WITHDRAWN);
  return end;
}

}  // namespace

absl::StatusOr<ConsentEnd> ConsentEnd::Open(const RoadParts& parts, const ClientFile& file, std::string_view sender) {
  ConsentEnd end;
  for (const v1::RegistrationFact& fact : file.facts().registrations()) {
    if (fact.sender() != sender || !casefile::IsOpen(fact.state())) continue;
    ASSIGN_OR_RETURN(std::vector<Delivery> deliveries, parts.store->DeliveriesById(DeliveriesOf(fact)));
    const auto first = std::find_if(deliveries.begin(), deliveries.end(),
                                    [&](const Delivery& delivery) { return delivery.delivery_id == fact.delivery_id(); });
    if (first == deliveries.end()) continue;
    ASSIGN_OR_RETURN(OpenedDelivery registration, OpenDelivery(parts, *first));
    end.resting_.push_back({std::move(registration), std::move(deliveries)});
  }
  return end;
}

v1::Facts ConsentEnd::Apply(const RoadParts& parts, const Standing& standing, const ClientFile& file, const v1::Exchange& consent,
                            v1::Facts facts, Instant now, const EventFrame& frame, store::Unit* unit) const {
  if (resting_.empty()) return facts;
  const v1::Facts before = ByItself(file.facts(), consent.envelope().sender());
  const v1::Facts after = ByItself(facts, consent.envelope().sender());
  for (const auto& [registration, deliveries] : resting_) {
    if (!TakesBack(parts, registration, before, after, standing.today)) continue;
    if (std::none_of(deliveries.begin(), deliveries.end(), &MayHaveIt)) {
      // It may be taken over, or sent, at this moment.
      for (const Delivery& each : deliveries) unit->expects_deliveries.push_back({each.delivery_id, each.state, each.attempts});
      continue;
    }
    const v1::RegistrationFact& fact = FactOf(facts, registration.delivery.delivery_id);
    v1::Exchange end = EndOf(fact, consent, standing.today);
    v1::Exchange told = end;
    told.mutable_registration()->set_about(fact.delivery_id());
    const policy::Decision decision = parts.engine->Decide({told, facts, standing.today});
    if (HasError(decision.issues)) continue;  // an agreement that tells nobody of an end
    EventFrame in_network = frame;
    in_network.role = RolesOf(standing, fact.network(), fact.sender());
    Posting posting;
    posting.exchange_id = NewRowId(now, *parts.random);
    store::Unit with_end = *unit;
    if (!Poster(parts, standing, file, now).Post(told, decision, in_network, &with_end, &posting).empty()) continue;
    *unit = std::move(with_end);
    end.mutable_registration()->set_about(fact.exchange_id());
    const std::string delivery_id = posting.delivery_ids.empty() ? "" : posting.delivery_ids.front();
    facts = casefile::Apply(std::move(facts), end, {posting.exchange_id, delivery_id, decision.agreement_version});
  }
  return facts;
}

}  // namespace schotvrij::exchange
