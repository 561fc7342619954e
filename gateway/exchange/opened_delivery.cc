#include "gateway/exchange/opened_delivery.h"

#include <algorithm>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/posting.h"
#include "policy/succession.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

absl::StatusOr<OpenedDelivery> Open(const RoadParts& parts, store::Delivery delivery,
                                    const std::optional<store::Origin>& origin) {
  if (!origin.has_value()) return absl::DataLossError("a delivery points to nothing");
  const store::PutExchange& kept = origin->exchange.exchange;
  const std::shared_ptr<const policy::RuleSet> rules = parts.engine->rules();
  const CivilDate today = TodayInAmsterdam(parts.clock->Now());
  ASSIGN_OR_RETURN(ClientFile file, ClientFile::OpenOn(*parts.keys, *rules, today, origin->client));
  ASSIGN_OR_RETURN(v1::Exchange exchange, file.OpenExchange(delivery.exchange_id, kept.content));
  policy::PutInPlace(*rules, today, &exchange);
  ASSIGN_OR_RETURN(v1::FrozenDelivery frozen, file.OpenFrozen(delivery.delivery_id, delivery.frozen));
  return OpenedDelivery{std::move(delivery), std::move(file), std::move(exchange), std::move(frozen)};
}

}  // namespace

bool IsInMailbox(const store::Delivery& delivery) {
  using enum store::DeliveryState;
  return delivery.state == kAvailable || delivery.state == kDelivered || delivery.state == kWithheld;
}

absl::StatusOr<std::vector<absl::StatusOr<OpenedDelivery>>> OpenDeliveries(const RoadParts& parts,
                                                                           std::vector<store::Delivery> deliveries) {
  ASSIGN_OR_RETURN(const std::vector<std::optional<store::Origin>> origins, parts.store->OriginsOf(deliveries));
  std::vector<absl::StatusOr<OpenedDelivery>> opened;
  opened.reserve(deliveries.size());
  for (size_t i = 0; i < deliveries.size(); ++i) opened.push_back(Open(parts, std::move(deliveries[i]), origins[i]));
  return opened;
}

absl::StatusOr<OpenedDelivery> OpenDelivery(const RoadParts& parts, store::Delivery delivery) {
  ASSIGN_OR_RETURN(const std::vector<std::optional<store::Origin>> origins, parts.store->OriginsOf({&delivery, 1}));
  return Open(parts, std::move(delivery), origins.front());
}

std::optional<std::string> SpeaksAsAbout(const RoadParts& parts, const identity::Enrolment& enrolment,
                                         const identity::Caller& caller, const v1::PartyIdentifier& named,
                                         std::string_view delivery_id, std::vector<Issue>* issues) {
  if (named.value().empty() && caller.speaks_for.size() > 1 && !delivery_id.empty()) {
    absl::StatusOr<std::optional<store::Delivery>> delivery = parts.store->DeliveryById(delivery_id);
    if (delivery.ok() && delivery->has_value() &&
        std::find(caller.speaks_for.begin(), caller.speaks_for.end(), (*delivery)->recipient) !=
            caller.speaks_for.end()) {
      return UnlessSuspended(caller, enrolment, (*delivery)->recipient, issues);
    }
  }
  return SpeaksAs(caller, enrolment, named, issues);
}

std::variant<policy::Disclosure, policy::Withheld> DiscloseNow(const RoadParts& parts, const OpenedDelivery& opened,
                                                               CivilDate today) {
  return DiscloseBy(opened.file.facts(), parts, opened, today);
}

std::variant<policy::Disclosure, policy::Withheld> DiscloseBy(const v1::Facts& facts, const RoadParts& parts,
                                                              const OpenedDelivery& opened, CivilDate today) {
  if (casefile::IsGone(facts, opened.delivery.delivery_id)) return policy::Withheld{{MakeIssue("GONE", "")}};
  const std::vector<std::string> at_most(opened.frozen.paths().begin(), opened.frozen.paths().end());
  return parts.engine->Disclose({{opened.exchange, facts, today},
                                 opened.delivery.delivery_id,
                                 opened.delivery.recipient,
                                 opened.frozen.message_id(),
                                 opened.frozen.sent_on(),
                                 &at_most});
}

}  // namespace schotvrij::exchange
