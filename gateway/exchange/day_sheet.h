// Day sheet (dagstaat): what a participant sent and was sent on one civil day (Europe/Amsterdam), by counterpart and kind of content, and
// how far it came. A message counts on the day, and by the hour, that its delivery's id was drawn, which is the same on both sides.
// Receipts are answers, and not counted as messages; what was answered was delivered.
//
// What ties: of the messages that were put before the recipient, `delivered`, `answered` and `under_way` are the same on both sides. On
// the sender's side only stand those that were not: on their way (`under_way`), `undeliverable` and `withheld`; the recipient's side is
// silent about them, whatever the reason. So the sender's `messages` are the recipient's, and these. A safety hold shows on
// neither side: what waits for one is under way, and what came of a message is told the sender once its Receipt no longer waits.
//
// A repeat is no message of the day. How many there were stands on the recipient's side only: to a sender, what is not given again would
// tell what others said of its clients.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/exchange/admission.h"
#include "gateway/exchange/road.h"
#include "gateway/exchange/sheet_lines.h"

namespace schotvrij::exchange {

// One read (Road::ReadDaySheet). Lives until it is done.
class DaySheet : public std::enable_shared_from_this<DaySheet> {
 public:
  DaySheet(const RoadParts& parts, Road::DaySheetRequest request, absl::AnyInvocable<void(Road::DaySheetRead)> done)
      : parts_(parts), request_(std::move(request)), done_(std::move(done)) {}

  void Start();

 private:
  // Counts one page, and has the next one counted in its turn.
  void ReadOn();
  absl::Status Count(const store::Store::DayEntry& entry);
  // Whether the sender has not been told yet what became of it.
  absl::StatusOr<bool> IsUntold(const store::Store::DayEntry& entry) const;
  void Finish();
  void Refuse(Issue issue);
  void Fail(const absl::Status& status);

  const RoadParts& parts_;
  const Road::DaySheetRequest request_;
  absl::AnyInvocable<void(Road::DaySheetRead)> done_;
  std::string participant_;
  Instant now_;
  std::string policy_set_;
  std::string day_;
  std::string after_;   // id up to which was counted
  std::string before_;  // first id of the next day
  std::optional<SheetLines> lines_;
};

}  // namespace schotvrij::exchange
