#include "policy/deadline.h"

#include "schemas/base/status.h"
#include "schemas/base/table.h"
#include "schemas/base/working_days.h"

namespace schotvrij::policy {

bool IsAnswered(std::string_view content) {
  const Table::Row* const row = Table::Embedded("schemas/codes/content.csv").Find("content", content);
  return row != nullptr && (*row)["awaited"] == "yes";
}

absl::StatusOr<std::optional<CivilDate>> AnswerDue(const RuleSet& rules, std::string_view network, std::string_view content,
                                                   CivilDate day) {
  const v1::Network* const found = rules.FindNetwork(network);
  const v1::Agreement* const agreement = found == nullptr ? nullptr : rules.AgreementOn(*found, day);
  if (agreement == nullptr) return std::nullopt;
  for (const v1::Deadline& deadline : agreement->deadline()) {
    if (deadline.content() != content) continue;
    ASSIGN_OR_RETURN(const CivilDate last, AddWorkingDays(day, static_cast<int>(deadline.answer_within_working_days())));
    return last;
  }
  return std::nullopt;
}

}  // namespace schotvrij::policy
