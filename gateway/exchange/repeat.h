// Repeat (herhaling): which deliveries a recipient is given again, and what is wrong with what it asks (R56).
//
// By id: those that lie, or lay, in its mailbox or came to it by mail, in the order asked. Of a period: what it acknowledged, in the order
// of its mailbox, so that what is about one client comes in the order in which it came before.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

// At most `request.most` of what `request.repeat` asks for behind `request.after`; how far that is stands on `page`, and what is wrong
// with the request: REPEAT-WHAT, REPEAT-PERIOD, DATE-FORM, DAY-TO-COME, or NOT-FOUND for an id that is none of the recipient's.
absl::StatusOr<std::vector<store::Delivery>> FindRepeat(const RoadParts& parts, const Road::MailboxRequest& request,
                                                        const std::string& recipient, CivilDate today, Road::MailboxPage* page);

}  // namespace schotvrij::exchange
