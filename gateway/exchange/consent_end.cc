#include "gateway/exchange/consent_end.h"

#include <algorithm>
#include <utility>

#include "gateway/casefile/casefile.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::DeliveryState;

// What lies in a mailbox and was not taken over is found withheld there, and ends by that.
bool MayHaveIt(const store::Delivery& delivery) { return delivery.state == DeliveryState::kDelivered || delivery.attempts > 0; }

bool IsForConsent(const Issue& issue) { return issue.rule.starts_with("CONSENT-"); }

const v1::RegistrationFact& FactOf(const v1::Facts& facts, const std::string& delivery_id) {
  return *std::find_if(facts.registrations().begin(), facts.registrations().end(),
                       [&](const v1::RegistrationFact& fact) { return fact.delivery_id() == delivery_id; });
}

v1::Exchange EndOf(const v1::RegistrationFact& fact, const v1::Exchange& consent, CivilDate today) {
  v1::Exchange end;
  *end.mutable_client() = consent.client();
  v1::Envelope& envelope = *end.mutable_envelope();
  envelope.set_network(fact.network());
  envelope.set_sender(fact.sender());
  envelope.set_recipient(fact.recipient());
  envelope.set_judged_on(today.ToString());
  v1::Registration& registration = *end.mutable_registration();
  registration.set_step(v1::END);
  registration.set_end_date(std::max(today.ToString(), fact.start_date()));
  registration.set_end_reason(v1::END_CONSENT_WITHDRAWN);
  return end;
}

}  // namespace

absl::StatusOr<ConsentEnd> ConsentEnd::Open(const RoadParts& parts, const ClientFile& file, std::string_view sender) {
  std::vector<std::string> ids;
  for (const v1::RegistrationFact& fact : file.facts().registrations()) {
    if (fact.sender() == sender && casefile::IsOpen(fact.state())) ids.push_back(fact.delivery_id());
  }
  ConsentEnd end;
  ASSIGN_OR_RETURN(std::vector<store::Delivery> deliveries, parts.store->DeliveriesById(ids));
  std::erase_if(deliveries, [](const store::Delivery& delivery) { return !MayHaveIt(delivery); });
  ASSIGN_OR_RETURN(std::vector<absl::StatusOr<OpenedDelivery>> opened, OpenDeliveries(parts, std::move(deliveries)));
  for (absl::StatusOr<OpenedDelivery>& each : opened) {
    RETURN_IF_ERROR(each.status());
    end.standing_.push_back(*std::move(each));
  }
  return end;
}

v1::Facts ConsentEnd::Apply(const RoadParts& parts, const Standing& standing, const ClientFile& file, const v1::Exchange& consent,
                            v1::Facts facts, Instant now, const EventFrame& frame, store::Unit* unit) const {
  for (const OpenedDelivery& each : standing_) {
    const auto now_known = DiscloseBy(facts, parts, each, standing.today);
    const auto* withheld = std::get_if<policy::Withheld>(&now_known);
    if (withheld == nullptr || std::none_of(withheld->issues.begin(), withheld->issues.end(), &IsForConsent)) continue;
    const v1::RegistrationFact& fact = FactOf(facts, each.delivery.delivery_id);
    v1::Exchange end = EndOf(fact, consent, standing.today);
    v1::Exchange told = end;
    told.mutable_registration()->set_about(fact.delivery_id());
    const policy::Decision decision = parts.engine->Decide({told, facts, standing.today});
    if (HasError(decision.issues)) continue;  // an agreement that tells nobody of an end
    Posting posting;
    posting.exchange_id = NewRowId(now, *parts.random);
    store::Unit with_end = *unit;
    if (!Poster(parts, standing, file, now).Post(told, decision, frame, &with_end, &posting).empty()) continue;
    *unit = std::move(with_end);
    end.mutable_registration()->set_about(fact.exchange_id());
    const std::string delivery_id = posting.delivery_ids.empty() ? "" : posting.delivery_ids.front();
    facts = casefile::Apply(std::move(facts), end, {posting.exchange_id, delivery_id, decision.agreement_version});
  }
  return facts;
}

}  // namespace schotvrij::exchange
