#include "gateway/exchange/sheet_lines.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_format.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {
namespace {

using store::DeliveryState;
using Entry = store::Store::DayEntry;

constexpr size_t kTimeDigits = 12;

int64_t MillisecondsOf(std::string_view id) {
  int64_t ms = 0;
  std::from_chars(id.data(), id.data() + std::min(id.size(), kTimeDigits), ms, 16);
  return ms;
}

// What its recipient answered had come to it, also when it went from there by the answer: a registration that it should never have had.
DeliveryState StateOf(const Entry& entry) {
  return entry.answered && entry.state == DeliveryState::kWithheld ? DeliveryState::kDelivered : entry.state;
}

}  // namespace

std::string FirstIdAt(Instant at) { return absl::StrFormat("%012x", std::max<int64_t>(at.us / 1000, 0)); }

v1::DaySheetLine& SheetLines::LineOf(std::string_view counterpart, bool sent, std::string_view content_type) {
  v1::DaySheetLine& line = lines_[{std::string(counterpart), !sent, std::string(content_type)}];
  line.set_counterpart(std::string(counterpart));
  line.set_sent(sent);
  line.set_content_type(std::string(content_type));
  return line;
}

void SheetLines::Add(const Entry& entry, DeliveryState state, bool answered, std::string_view id, v1::DaySheetLine* line) {
  const bool delivered = state == DeliveryState::kDelivered;
  const bool under_way = state == DeliveryState::kDue || state == DeliveryState::kAvailable;
  line->set_messages(line->messages() + 1);
  line->set_delivered(line->delivered() + delivered);
  line->set_under_way(line->under_way() + under_way);
  line->set_undeliverable(line->undeliverable() + (state == DeliveryState::kDeadLetter));
  line->set_withheld(line->withheld() + (state == DeliveryState::kWithheld));
  line->set_answered(line->answered() + answered);
  const bool unanswered = delivered && !answered && entry.content_type == "registration";
  if (!under_way && !unanswered) return;
  if (++missing_ > limits::kDaySheetMissingMax) return;
  v1::DaySheetMissing& missing = *line->add_missing();
  missing.set_message_id(std::string(id));
  missing.set_age_s(static_cast<uint32_t>(std::max<int64_t>(now_.us / 1000 - MillisecondsOf(entry.delivery_id), 0) / 1000));
}

void SheetLines::CountSent(const Entry& entry, bool untold) {
  const DeliveryState state = StateOf(entry);
  // Delivered is no end that a Receipt tells.
  const bool ended = state == DeliveryState::kDeadLetter || state == DeliveryState::kWithheld;
  Add(entry, untold && ended ? DeliveryState::kDue : state, entry.answered && !untold, entry.exchange_id,
      &LineOf(entry.recipient, true, entry.content_type));
}

void SheetLines::CountReceived(const Entry& entry) {
  const DeliveryState state = StateOf(entry);
  const bool put_before = entry.placed && (state == DeliveryState::kAvailable || state == DeliveryState::kDelivered);
  if (!put_before) return;
  v1::DaySheetLine& line = LineOf(entry.sender, false, entry.content_type);
  Add(entry, state, entry.answered, entry.delivery_id, &line);
  line.set_repeats(line.repeats() + entry.repeats);
}

v1::DaySheetReply SheetLines::Take() && {
  v1::DaySheetReply sheet;
  for (auto& [key, line] : lines_) *sheet.add_lines() = std::move(line);
  sheet.set_more_missing(missing_ > limits::kDaySheetMissingMax);
  return sheet;
}

}  // namespace schotvrij::exchange
