#include "gateway/exchange/posting.h"

#include "adapters/canonical/canonical.h"
#include "adapters/securemail/securemail.h"
#include "gateway/exchange/answer_due.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/participation.h"
#include "gateway/exchange/waiting.h"
#include "gateway/telemetry/ledger.h"
#include "google/protobuf/descriptor.h"

namespace schotvrij::exchange {

void RecordStage(telemetry::Ledger& ledger, telemetry::DeliveryStage stage, const store::Delivery& delivery,
                 std::string_view reason) {
  ledger.Record(telemetry::DeliveryMoved{
      stage, telemetry::DeliveryId(delivery.delivery_id), telemetry::ParticipantKey(delivery.recipient),
      telemetry::NetworkKey(delivery.network), delivery.attempts, telemetry::ReasonCode(reason)});
}

void Announce(const RoadParts& parts, std::span<const store::Delivery> deliveries) {
  parts.doorbell->Ring(deliveries);
  for (const store::Delivery& delivery : deliveries) {
    if (delivery.state == store::DeliveryState::kAvailable) {
      RecordStage(*parts.telemetry, telemetry::DeliveryStage::kAvailable, delivery);
    }
  }
}

Reach ReachOf(const config::v1::Participant* participant) {
  if (participant == nullptr) return Reach::kNowhere;
  if (participant->route().has_mailbox()) return Reach::kMailbox;
  return IsByMail(participant->route()) ? Reach::kMail : Reach::kNowhere;
}

absl::StatusOr<policy::Encoded> EncodeFor(const config::v1::Participant* recipient, const policy::Disclosure& disclosure,
                                          bool takes_part) {
  if (ReachOf(recipient) != Reach::kMail) return canonical::EncodeMailboxItem(disclosure);
  return securemail::Encode(disclosure, {recipient->has_mail_sender(), takes_part});
}

std::string ContentType(const v1::Exchange& exchange) {
  const auto* content = v1::Exchange::descriptor()->FindOneofByName("content");
  const auto* field = exchange.GetReflection()->GetOneofFieldDescriptor(exchange, content);
  return field == nullptr ? "" : field->name();
}

std::vector<Issue> Poster::Post(const v1::Exchange& exchange, const policy::Decision& decision,
                                const EventFrame& frame, store::Unit* unit, Posting* posting) {
  posting->client_id = file_.id();
  v1::Exchange kept = parts_.engine->CutToNeed({exchange, file_.facts(), standing_.today}, decision);
  kept.mutable_envelope()->set_message_id(posting->exchange_id);
  if (!decision.recipients.empty()) kept.mutable_envelope()->set_recipient_role(decision.recipients.front().role);
  for (const policy::Recipient& recipient : decision.recipients) {
    std::vector<Issue> issues = PostTo(kept, recipient, frame, unit, posting);
    if (!issues.empty()) return issues;
  }
  unit->exchanges.push_back({posting->exchange_id, file_.id(), exchange.envelope().network(),
                             exchange.envelope().sender(), ContentType(exchange), now_,
                             file_.SealExchange(posting->exchange_id, kept), exchange.envelope().sender_role()});
  return {};
}

std::vector<Issue> Poster::PostTo(const v1::Exchange& exchange, const policy::Recipient& recipient,
                                  const EventFrame& frame, store::Unit* unit, Posting* posting) {
  const config::v1::Participant* const enrolled = standing_.enrolment->Find(recipient.participant);
  const Reach reach = ReachOf(enrolled);
  if (reach == Reach::kNowhere) return {MakeIssue("RECIPIENT-NO-ROUTE", "envelope.recipient")};

  v1::FrozenDelivery frozen;
  const std::string id = NewRowId(now_, *parts_.random);
  frozen.set_message_id(id);
  frozen.set_sent_on(standing_.today.ToString());
  frozen.set_rule(recipient.rule);
  for (const std::string& path : recipient.paths) frozen.add_paths(path);
  frozen.set_mail_message_id(id + "@" + parts_.gateway_id);
  frozen.set_sent_at_us(now_.us);

  auto rehearsed = parts_.engine->Disclose(
      {{exchange, file_.facts(), standing_.today}, id, recipient.participant, id, frozen.sent_on(), &recipient.paths});
  if (auto* withheld = std::get_if<policy::Withheld>(&rehearsed)) return withheld->issues;
  const policy::Disclosure& disclosure = std::get<policy::Disclosure>(rehearsed);
  frozen.set_tells_whom(TellsWhom(disclosure));
  if (!EncodeFor(enrolled, disclosure, /*takes_part=*/false).ok()) return {MakeIssue("NOTHING-TO-SHARE", "")};

  const EventObjects objects{file_.id(), posting->exchange_id, id, posting->batch_id};
  unit->audit.push_back(DecideEvent(frame, objects, disclosure.evidence()));
  store::Delivery delivery;
  delivery.delivery_id = id;
  delivery.exchange_id = posting->exchange_id;
  delivery.client_id = file_.id();
  delivery.recipient = recipient.participant;
  delivery.recipient_role = recipient.role;
  delivery.network = exchange.envelope().network();
  delivery.content_type = ContentType(exchange);
  delivery.due = now_;
  delivery.frozen = file_.SealFrozen(id, frozen);
  // What was an error is taken back before anything else is sent; the right registration may be of another client (R6).
  const bool takes_back = exchange.has_registration() && exchange.registration().step() == v1::WITHDRAW;
  if (takes_back) delivery.precedes = exchange.envelope().sender();
  if (reach == Reach::kMailbox) delivery.state = store::DeliveryState::kAvailable;
  if (shown_ == Shown::kNow && MustWait(file_.facts(), delivery)) {
    delivery = AsWaiting(std::move(delivery));
    unit->audit.push_back(WaitEvent(frame, objects));
  } else if (shown_ == Shown::kNow && reach == Reach::kMailbox) {
    unit->audit.push_back(DiscloseEvent(frame, objects, disclosure.evidence()));
  }
  PutAnswerTimer(parts_, *standing_.rules, delivery, standing_.today, unit);
  unit->deliveries.push_back(std::move(delivery));
  posting->delivery_ids.push_back(id);
  return {};
}

}  // namespace schotvrij::exchange
