#include "gateway/exchange/closing.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "gateway/exchange/exposure.h"
#include "schemas/base/strings.h"

namespace schotvrij::exchange {
namespace {

std::vector<Issue> Tell(const RoadParts& parts, const Standing& standing, const ClientFile& file,
                        const v1::Exchange& receipt, Instant now, const EventFrame& frame, store::Unit* unit,
                        Posting* posting) {
  policy::Decision decision = parts.engine->Decide({receipt, file.facts(), standing.today});
  if (HasError(decision.issues)) return decision.issues;
  return Poster(parts, standing, file, now).Post(receipt, decision, frame, unit, posting);
}

}  // namespace

std::string RegistrationToken(const identity::KeyRing& keys, std::string_view network, std::string_view sender,
                              std::string_view sender_role, std::string_view client_id) {
  return keys.Token(kRegistrationSpace, absl::StrCat(ToAbsl(network), "|", ToAbsl(sender), sender_role.empty() ? "" : " as ",
                                                     ToAbsl(sender_role), "|", ToAbsl(client_id)));
}

void MoveClaims(const identity::KeyRing& keys, const ClientFile& before, const v1::Facts& after, store::Unit* unit) {
  for (int i = 0; i < after.registrations_size(); ++i) {
    const v1::RegistrationFact& fact = after.registrations(i);
    const bool stood = i < before.facts().registrations_size() && casefile::IsOpen(before.facts().registrations(i).state());
    const bool stands = casefile::IsOpen(fact.state());
    if (stood == stands) continue;
    (stands ? unit->uniques : unit->releases)
        .push_back({kRegistrationSpace,
                    RegistrationToken(keys, fact.network(), fact.sender(), fact.sender_role(), before.id()), fact.exchange_id()});
  }
}

v1::Exchange ReceiptFor(const casefile::Carried& carried, v1::ReceiptState state, std::string_view reason, CivilDate today) {
  v1::Exchange exchange;
  v1::Envelope* envelope = exchange.mutable_envelope();
  envelope->set_network(carried.network);
  envelope->set_sender(carried.recipient);
  envelope->set_recipient(carried.sender);
  envelope->set_sender_role(carried.recipient_role);
  envelope->set_recipient_role(carried.sender_role);
  envelope->set_judged_on(carried.start_date);
  v1::Receipt* receipt = exchange.mutable_receipt();
  receipt->set_about(carried.exchange_id);
  receipt->set_state(state);
  receipt->set_reason(std::string(reason));
  receipt->set_answered_on(today.ToString());
  receipt->set_request_key(carried.request_key);
  return exchange;
}

std::vector<Issue> Close(const RoadParts& parts, const Standing& standing, const ClientFile& file,
                         const v1::Exchange& receipt, bool must_tell, Instant now, const EventFrame& frame, store::Unit* unit,
                         Posting* posting) {
  store::Unit told = *unit;
  std::vector<Issue> issues = Tell(parts, standing, file, receipt, now, frame, &told, posting);
  if (issues.empty()) {
    *unit = std::move(told);
  } else if (must_tell) {
    return issues;
  } else {
    unit->audit.push_back(RefuseEvent(frame, {file.id(), posting->exchange_id, ""}, issues));
  }
  v1::Facts facts = casefile::Apply(file.facts(), receipt, {posting->exchange_id, "", ""});
  MoveClaims(*parts.keys, file, facts, unit);
  file.PutFacts(facts, "", standing.today, unit);
  return {};
}

void ComeToNothing(const RoadParts& parts, const Standing& standing, const OpenedDelivery& opened, v1::ReceiptState state,
                   Instant now, const EventFrame& frame, store::Unit* unit) {
  const bool withheld = state == v1::WITHHELD;
  store::Delivery& ended = unit->delivery_updates.emplace_back(opened.delivery);
  ended.state = withheld ? store::DeliveryState::kWithheld : store::DeliveryState::kDeadLetter;
  ended.frozen.bytes.clear();
  NoteTaken(opened.delivery, std::nullopt, unit);
  const auto carried = casefile::FindByDelivery(opened.file.facts(), opened.delivery.delivery_id);
  if (!carried.has_value()) return;
  Posting posting{NewRowId(now, *parts.random), "", {}};
  const v1::Exchange receipt = ReceiptFor(*carried, state, withheld ? kNothingMayLeave : kDeliveryFailed, standing.today);
  Close(parts, standing, opened.file, receipt, /*must_tell=*/false, now, frame, unit, &posting);
}

}  // namespace schotvrij::exchange
