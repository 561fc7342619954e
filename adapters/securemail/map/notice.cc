#include "adapters/securemail/map/notice.h"

#include <algorithm>
#include <string_view>

#include "adapters/securemail/map/form.h"
#include "adapters/securemail/map/form_label.h"
#include "adapters/securemail/map/form_word.h"
#include "adapters/securemail/wire/lines.h"
#include "schemas/base/table.h"

namespace schotvrij::securemail {
namespace {

std::string_view StateOf(const policy::Answer& answer) {
  if (answer.state == policy::Answer::State::kReceived) return "received";
  const bool later = !answer.issues.empty() && std::all_of(answer.issues.begin(), answer.issues.end(), [](const Issue& issue) {
    return issue.code == IssueCode::kTransient;
  });
  return later || answer.retry_after_s > 0 ? "later" : "refused";
}

// "- regel 7 (Stap): ... Kies ... Mogelijk is: ... [MAIL-FORM-WORD]"
std::string InDutch(const Issue& issue) {
  std::string line = "- ";
  const std::string place = PlaceInForm(issue.path);
  if (!place.empty()) line.append(place).append(": ");
  const Table::Row* row = Table::Embedded("schemas/formats/mail/issues.csv").Find("rule", issue.rule);
  line.append(row == nullptr ? std::string_view(issue.text) : (*row)["text"]);
  if (row != nullptr && !(*row)["remedy"].empty()) line.append(" ").append((*row)["remedy"]);
  const FormLabel* label = LabelInPath(issue.path);
  if (label != nullptr && label->kind == FormLabel::Kind::kWord) {
    line.append(" Mogelijk is: ").append(FormWordsOf(label->path)).append(".");
  }
  return line.append(" [").append(issue.rule).append("]\n");
}

std::string Named(std::string_view name, const std::string& value) {
  if (value.empty() || !IsOneLine(value)) return "";
  return std::string(name).append(": ").append(value).append("\n");
}

std::string LineOf(const Table::Row& row, const policy::Answer& answer) {
  const std::string_view value = row["value"];
  if (value == "message_id") return Named(row["text"], answer.message_id);
  if (value == "network") return Named(row["text"], answer.network);
  if (value.empty()) return std::string(row["text"]).append("\n");
  std::string lines;
  for (const Issue& issue : answer.issues) lines.append(InDutch(issue));
  return lines;
}

}  // namespace

std::string WriteNotice(const policy::Answer& answer) {
  const std::string_view state = StateOf(answer);
  std::string text;
  for (const Table::Row& row : Table::Embedded("schemas/formats/mail/notice.csv").rows()) {
    if (row["state"] == state) text.append(LineOf(row, answer));
  }
  return text;
}

}  // namespace schotvrij::securemail
