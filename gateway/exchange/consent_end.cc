#include "gateway/exchange/consent_end.h"

#include <algorithm>
#include <utility>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/events.h"
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

v1::Exchange EndOf(const v1::RegistrationFact& fact, v1::EndReason reason, CivilDate today) {
  v1::Exchange end;
  v1::Envelope& envelope = *end.mutable_envelope();
  envelope.set_network(fact.network());
  envelope.set_sender(fact.sender());
  envelope.set_recipient(fact.recipient());
  envelope.set_sender_role(fact.sender_role());
  envelope.set_recipient_role(fact.recipient_role());
  envelope.set_judged_on(fact.start_date());
  envelope.set_request_key(fact.request_key());
  v1::Registration& registration = *end.mutable_registration();
  registration.set_step(v1::END);
  registration.set_end_date(std::max(today.ToString(), fact.start_date()));
  registration.set_end_reason(reason);
  return end;
}

}  // namespace

absl::StatusOr<ConsentEnd> ConsentEnd::Open(const RoadParts& parts, const ClientFile& file, std::string_view sender) {
  ConsentEnd end;
  end.sender_ = std::string(sender);
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

v1::Facts ConsentEnd::TakenBack(const Moment& moment, const v1::Exchange& said, v1::Facts facts, store::Unit* unit) const {
  if (resting_.empty()) return facts;
  const CivilDate today = moment.standing.today;
  const v1::Facts before = ByItself(moment.file.facts(), sender_);
  const v1::Facts after = ByItself(facts, sender_);
  for (const Resting& resting : resting_) {
    const v1::RegistrationFact& fact = FactOf(facts, resting.registration.delivery.delivery_id);
    const bool stands = casefile::IsOpen(fact.state());  // what was said may have been its end
    if (!stands || !TakesBack(moment.parts, resting.registration, before, after, today)) continue;
    v1::Exchange end = EndOf(fact, v1::END_CONSENT_WITHDRAWN, today);
    *end.mutable_client() = said.client();
    // What becomes of the ending is told as of what was said: its sender knows of no other message.
    end.mutable_envelope()->set_request_key(said.envelope().request_key());
    Tell(moment, resting, std::move(end), &facts, unit);
  }
  return facts;
}

v1::Facts ConsentEnd::RunOut(const Moment& moment, v1::Facts facts, store::Unit* unit) const {
  const CivilDate today = moment.standing.today;
  const v1::Facts word = ByItself(facts, sender_);
  for (const Resting& resting : resting_) {
    const std::string rule = ConsentRule(moment.parts, resting.registration, word, today);
    if (rule.empty()) continue;
    const v1::RegistrationFact& fact = FactOf(facts, resting.registration.delivery.delivery_id);
    const bool expired = rule == "CONSENT-EXPIRED";
    v1::Exchange end = EndOf(fact, expired ? v1::END_CONSENT_EXPIRED : v1::END_CONSENT_WITHDRAWN, today);
    *end.mutable_client() = resting.registration.exchange.client();
    const EventObjects about{moment.file.id(), fact.exchange_id(), fact.delivery_id()};
    const std::string ended = ConsentEndedEvent(moment.frame, about, rule);
    if (Tell(moment, resting, std::move(end), &facts, unit)) unit->audit.push_back(ended);
  }
  return facts;
}

bool ConsentEnd::Tell(const Moment& moment, const Resting& resting, v1::Exchange end, v1::Facts* facts, store::Unit* unit) {
  const auto& [parts, standing, file, now, frame] = moment;
  if (std::none_of(resting.deliveries.begin(), resting.deliveries.end(), &MayHaveIt)) {
    // It may be taken over, or sent, at this moment.
    for (const Delivery& each : resting.deliveries) unit->expects_deliveries.push_back({each.delivery_id, each.state, each.attempts});
    return false;
  }
  const v1::RegistrationFact& fact = FactOf(*facts, resting.registration.delivery.delivery_id);
  v1::Exchange told = end;
  told.mutable_registration()->set_about(fact.delivery_id());
  const policy::Decision decision = parts.engine->Decide({told, *facts, standing.today});
  if (HasError(decision.issues)) return false;  // an agreement that tells nobody of an end
  EventFrame in_network = frame;
  if (!frame.actor.empty()) in_network.role = RoleOr(fact.sender_role(), standing, fact.network(), fact.sender());
  Posting posting;
  posting.exchange_id = NewRowId(now, *parts.random);
  store::Unit with_end = *unit;
  if (!Poster(parts, standing, file, now).Post(told, decision, in_network, &with_end, &posting).empty()) return false;
  *unit = std::move(with_end);
  end.mutable_registration()->set_about(fact.exchange_id());
  const std::string delivery_id = posting.delivery_ids.empty() ? "" : posting.delivery_ids.front();
  *facts = casefile::Apply(std::move(*facts), end, {posting.exchange_id, delivery_id, decision.agreement_version});
  return true;
}

}  // namespace schotvrij::exchange
