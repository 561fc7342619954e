#include "gateway/exchange/repeat.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/sheet_lines.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;

// Ids begin with when they were drawn, so that days are a range of them.
struct Period {
  std::string first;
  std::string behind;

  bool Has(const std::string& delivery_id) const { return delivery_id >= first && delivery_id < behind; }
};

std::optional<Period> PeriodOf(const v1::RepeatRequest& repeat, CivilDate today, std::vector<Issue>* issues) {
  const auto fault = [&](std::string_view rule, std::string_view path) {
    issues->push_back(MakeIssue(rule, path));
    return std::nullopt;
  };
  const std::optional<CivilDate> from = CivilDate::Parse(repeat.from());
  if (!from.has_value()) return fault("DATE-FORM", "from");
  const std::optional<CivilDate> until = repeat.until().empty() ? today : CivilDate::Parse(repeat.until());
  if (!until.has_value()) return fault("DATE-FORM", "until");
  if (*from > today) return fault("DAY-TO-COME", "from");
  if (*until > today) return fault("DAY-TO-COME", "until");
  if (*from > *until || *until >= from->PlusDays(limits::kRepeatDaysMax)) return fault("REPEAT-PERIOD", "until");
  return Period{FirstIdAt(StartInAmsterdam(*from)), FirstIdAt(StartInAmsterdam(until->PlusDays(1)))};
}

absl::StatusOr<std::vector<Delivery>> FindByIds(const RoadParts& parts, const Road::MailboxRequest& request, const std::string& recipient,
                                                Road::MailboxPage* page) {
  const std::vector<std::string> ids(request.repeat->delivery_ids().begin(), request.repeat->delivery_ids().end());
  ASSIGN_OR_RETURN(std::vector<Delivery> known, parts.store->DeliveriesById(ids));
  std::map<std::string, Delivery> theirs;
  for (Delivery& delivery : known) {
    if (delivery.recipient == recipient && IsInMailbox(delivery)) theirs.try_emplace(delivery.delivery_id, std::move(delivery));
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!theirs.contains(ids[i])) page->issues.push_back(MakeIssue("NOT-FOUND", absl::StrCat("delivery_ids[", i, "]")));
  }
  std::vector<Delivery> found;
  bool behind = request.after.empty();
  for (const std::string& id : ids) {
    const auto next = theirs.find(id);
    if (next == theirs.end()) continue;  // one that is named twice comes once
    if (behind && found.size() == request.most) {
      page->more = true;
      break;
    }
    if (behind) found.push_back(std::move(next->second));
    behind = behind || id == request.after;
    theirs.erase(next);
  }
  if (!found.empty()) page->last = found.back().delivery_id;
  return found;
}

absl::StatusOr<std::vector<Delivery>> FindOf(const Period& period, const RoadParts& parts, const Road::MailboxRequest& request,
                                             const std::string& recipient, Road::MailboxPage* page) {
  store::Store::MailboxQuery query{recipient, /*unacknowledged_only=*/false, "", "", request.after, limits::kRepeatLook};
  ASSIGN_OR_RETURN(std::vector<Delivery> seen, parts.store->Mailbox(query));
  page->more = seen.size() == query.most;
  std::vector<Delivery> found;
  for (Delivery& delivery : seen) {
    if (found.size() == request.most) {
      page->more = true;
      break;
    }
    page->last = delivery.delivery_id;
    if (delivery.state == store::DeliveryState::kDelivered && period.Has(delivery.delivery_id)) found.push_back(std::move(delivery));
  }
  return found;
}

}  // namespace

absl::StatusOr<std::vector<Delivery>> FindRepeat(const RoadParts& parts, const Road::MailboxRequest& request,
                                                 const std::string& recipient, CivilDate today, Road::MailboxPage* page) {
  const v1::RepeatRequest& repeat = *request.repeat;
  const bool of_period = !repeat.from().empty() || !repeat.until().empty();
  if (of_period != repeat.delivery_ids().empty()) {
    page->issues.push_back(MakeIssue("REPEAT-WHAT", "delivery_ids"));
    return std::vector<Delivery>();
  }
  if (!of_period) return FindByIds(parts, request, recipient, page);
  const std::optional<Period> period = PeriodOf(repeat, today, &page->issues);
  return period.has_value() ? FindOf(*period, parts, request, recipient, page) : std::vector<Delivery>();
}

}  // namespace schotvrij::exchange
