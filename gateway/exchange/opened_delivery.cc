#include "gateway/exchange/opened_delivery.h"

#include <algorithm>

#include "gateway/exchange/posting.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {

absl::StatusOr<OpenedDelivery> OpenDelivery(const RoadParts& parts, store::Delivery delivery) {
  ASSIGN_OR_RETURN(std::optional<store::ClientRow> client, parts.store->ClientById(delivery.client_id));
  ASSIGN_OR_RETURN(std::optional<store::ExchangeRow> row, parts.store->ExchangeById(delivery.exchange_id));
  if (!client.has_value() || !row.has_value()) return absl::DataLossError("a delivery points to nothing");
  ASSIGN_OR_RETURN(ClientFile file, ClientFile::Open(*parts.keys, *client));
  ASSIGN_OR_RETURN(v1::Exchange exchange, file.OpenExchange(delivery.exchange_id, row->exchange.content));
  ASSIGN_OR_RETURN(v1::FrozenDelivery frozen, file.OpenFrozen(delivery.delivery_id, delivery.frozen));
  return OpenedDelivery{std::move(delivery), std::move(file), std::move(exchange), std::move(frozen),
                        row->exchange.received};
}

std::optional<std::string> SpeaksAsAbout(const RoadParts& parts, const identity::Enrolment& enrolment,
                                         const identity::Caller& caller, const v1::PartyIdentifier& named,
                                         std::string_view delivery_id, std::vector<Issue>* issues) {
  if (named.value().empty() && caller.speaks_for.size() > 1 && !delivery_id.empty()) {
    absl::StatusOr<std::optional<store::Delivery>> delivery = parts.store->DeliveryById(delivery_id);
    if (delivery.ok() && delivery->has_value() &&
        std::find(caller.speaks_for.begin(), caller.speaks_for.end(), (*delivery)->recipient) !=
            caller.speaks_for.end()) {
      return (*delivery)->recipient;
    }
  }
  return SpeaksAs(caller, enrolment, named, issues);
}

std::variant<policy::Disclosure, policy::Withheld> DiscloseNow(const RoadParts& parts, const OpenedDelivery& opened,
                                                               CivilDate today) {
  const std::vector<std::string> at_most(opened.frozen.paths().begin(), opened.frozen.paths().end());
  return parts.engine->Disclose({{opened.exchange, opened.file.facts(), JudgingDay(opened.exchange, today)},
                                 opened.delivery.delivery_id,
                                 opened.delivery.recipient,
                                 opened.frozen.message_id(),
                                 opened.frozen.sent_on(),
                                 &at_most});
}

}  // namespace schotvrij::exchange
