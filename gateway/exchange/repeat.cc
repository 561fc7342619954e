#include "gateway/exchange/repeat.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "gateway/exchange/opened_delivery.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

using store::Delivery;
using store::DeliveryState;

struct Period {
  CivilDate from;
  CivilDate until;  // inclusive
};

// Of a sound repeat.
Period PeriodOf(const Road::Repeat& repeat, CivilDate today) {
  return {CivilDate::Parse(repeat.from).value_or(today), CivilDate::Parse(repeat.until).value_or(today)};
}

std::vector<Issue> CheckPeriod(const Road::Repeat& repeat, CivilDate today) {
  if (!CivilDate::Parse(repeat.from)) return {MakeIssue("DATE-FORM", "from")};
  if (!repeat.until.empty() && !CivilDate::Parse(repeat.until)) return {MakeIssue("DATE-FORM", "until")};
  const Period period = PeriodOf(repeat, today);
  if (period.from > today) return {MakeIssue("DAY-TO-COME", "from")};
  if (period.until > today) return {MakeIssue("DAY-TO-COME", "until")};
  const bool fits = period.from <= period.until && period.until < period.from.PlusDays(limits::kRepeatDaysMax);
  if (!fits) return {MakeIssue("REPEAT-PERIOD", "until")};
  return {};
}

absl::StatusOr<RepeatPage> FindByIds(const RoadParts& parts, const std::vector<std::string>& ids, const std::string& recipient,
                                     std::string_view after, size_t most) {
  RepeatPage page;
  ASSIGN_OR_RETURN(const std::vector<Delivery> known, parts.store->DeliveriesById(ids));
  std::set<std::string_view> theirs;
  std::vector<Delivery> in_order;
  for (const Delivery& delivery : known) {
    if (delivery.recipient != recipient || !IsInMailbox(delivery)) continue;
    if (theirs.insert(delivery.delivery_id).second) in_order.push_back(delivery);
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!theirs.contains(ids[i])) page.issues.push_back(MakeIssue("NOT-FOUND", absl::StrCat("delivery_ids[", i, "]")));
  }
  if (!page.issues.empty()) return page;
  std::ranges::sort(in_order, {}, [](const Delivery& each) { return std::tie(each.taken, each.delivery_id); });
  const auto seen = std::ranges::find(in_order, after, &Delivery::delivery_id);
  auto next = seen == in_order.end() ? in_order.begin() : seen + 1;
  for (; next != in_order.end() && page.deliveries.size() < most; ++next) page.deliveries.push_back(std::move(*next));
  page.more = next != in_order.end();
  if (!page.deliveries.empty()) page.last = page.deliveries.back().delivery_id;
  return page;
}

absl::StatusOr<RepeatPage> FindByPeriod(const RoadParts& parts, const Period& period, const std::string& recipient,
                                        std::string_view after, size_t most) {
  store::Store::TakenQuery query{store::Store::TakenQuery::Side::kRecipient, recipient, StartInAmsterdam(period.from),
                                 StartInAmsterdam(period.until.PlusDays(1)), std::string(after), most};
  if (!after.empty()) {
    ASSIGN_OR_RETURN(const std::optional<Delivery> last, parts.store->DeliveryById(after));
    if (last.has_value()) query.from = last->taken;
  }
  RepeatPage page;
  ASSIGN_OR_RETURN(page.deliveries, parts.store->Taken(query));
  page.more = page.deliveries.size() == most;
  if (!page.deliveries.empty()) page.last = page.deliveries.back().delivery_id;
  std::erase_if(page.deliveries, [](const Delivery& each) { return each.state != DeliveryState::kDelivered; });
  return page;
}

}  // namespace

std::vector<Issue> CheckRepeat(const Road::Repeat& repeat, CivilDate today) {
  if (repeat.delivery_ids.size() > limits::kAcknowledgeMax) {
    return {MakeIssue("LIST-SIZE", "delivery_ids", absl::StrCat("at most ", limits::kAcknowledgeMax))};
  }
  const bool of_period = !repeat.from.empty() || !repeat.until.empty();
  if (of_period != repeat.delivery_ids.empty()) return {MakeIssue("REPEAT-WHAT", "delivery_ids")};
  return of_period ? CheckPeriod(repeat, today) : std::vector<Issue>();
}

absl::StatusOr<RepeatPage> FindRepeat(const RoadParts& parts, const Road::Repeat& repeat, const std::string& recipient,
                                      std::string_view after, size_t most, CivilDate today) {
  if (!repeat.delivery_ids.empty()) return FindByIds(parts, repeat.delivery_ids, recipient, after, most);
  return FindByPeriod(parts, PeriodOf(repeat, today), recipient, after, most);
}

}  // namespace schotvrij::exchange
