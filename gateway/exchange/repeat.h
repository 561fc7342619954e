// Repeat (herhaling): which deliveries a recipient is given again, and what is wrong with what it asks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

// REPEAT-WHAT, REPEAT-PERIOD, LIST-SIZE, DATE-FORM or DAY-TO-COME when `repeat` asks for what cannot be.
std::vector<Issue> CheckRepeat(const Road::Repeat& repeat, CivilDate today);

struct RepeatPage {
  std::vector<Issue> issues;  // NOT-FOUND: an id is none of what lies, or lay, in the recipient's mailbox or came to it by mail
  std::vector<store::Delivery> deliveries;
  std::string last;  // as in Road::MailboxPage
  bool more = false;
};
// At most `most` of those that a sound `repeat` asks for, in the order in which the gateway took them, behind `after`. Of a period only
// what was taken over.
absl::StatusOr<RepeatPage> FindRepeat(const RoadParts& parts, const Road::Repeat& repeat, const std::string& recipient,
                                      std::string_view after, size_t most, CivilDate today);

}  // namespace schotvrij::exchange
