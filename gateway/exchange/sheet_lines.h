// SheetLines: the counts of a day sheet, line by line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "gateway/store/store.h"
#include "schemas/base/civil_date.h"
#include "schotvrij/v1/day_sheet.pb.h"

namespace schotvrij::exchange {

class SheetLines {
 public:
  explicit SheetLines(Instant now) : now_(now) {}

  // The last day on which an answer is in time, where there is one.
  using AnswerDue = std::optional<CivilDate>;

  // One message to `entry.recipient`, as its sender is told of it; `untold`: not yet of what became of it.
  void CountSent(const store::Store::DayEntry& entry, AnswerDue due, bool untold);
  // One message from `entry.sender`, unless the recipient is told nothing of it.
  void CountReceived(const store::Store::DayEntry& entry, AnswerDue due);

  // Lines by counterpart, direction (sent first) and kind.
  v1::DaySheetReply Take() &&;

 private:
  v1::DaySheetLine& LineOf(std::string_view counterpart, bool sent, std::string_view content_type);
  void Add(const store::Store::DayEntry& entry, AnswerDue due, store::DeliveryState state, bool answered, std::string_view id,
           v1::DaySheetLine* line);

  const Instant now_;
  std::map<std::tuple<std::string, bool, std::string>, v1::DaySheetLine> lines_;
  size_t missing_ = 0;
};

// The first id that can be drawn at `at`, or before all ids: 12 hexadecimal digits (NewRowId).
std::string FirstIdAt(Instant at);

}  // namespace schotvrij::exchange
