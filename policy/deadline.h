// Deadlines (termijnen): by when the recipient of a message is to answer it, as the agreement says.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::policy {

// Whether who receives a message with this content (name in Exchange.content) owes a Receipt (schemas/codes/content.csv).
bool IsAnswered(std::string_view content);

// The last day on which an answer to a message with `content`, taken in `network` on `day`, is in time, by the version of the
// agreement in force on `day`; nullopt: it names no deadline. kOutOfRange where the table of holidays does not reach (working_days.h).
absl::StatusOr<std::optional<CivilDate>> AnswerDue(const RuleSet& rules, std::string_view network, std::string_view content,
                                                   CivilDate day);

}  // namespace schotvrij::policy
