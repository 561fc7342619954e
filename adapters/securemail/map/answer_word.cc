#include "adapters/securemail/map/answer_word.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "adapters/securemail/map/fold.h"
#include "adapters/securemail/map/message_ids.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::securemail {
namespace {

struct Answer {
  std::string text;  // folded
  v1::ReceiptState state = v1::RECEIPT_STATE_UNSPECIFIED;
  std::string_view reason;
};

const std::vector<Answer>& Answers() {
  static const auto* answers = [] {
    auto* read = new std::vector<Answer>();
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/answers.csv").rows()) {
      Answer answer{Fold(row["text"]), v1::RECEIPT_STATE_UNSPECIFIED, row["reason"]};
      v1::ReceiptState_Parse(std::string(row["state"]), &answer.state);
      read->push_back(std::move(answer));
    }
    return read;
  }();
  return *answers;
}

}  // namespace

std::optional<AnswerWord> ReadAnswerWord(std::string_view line) {
  AnswerWord read;
  const std::string folded = Fold(line);
  std::string words;
  for (const absl::string_view each : absl::StrSplit(folded, ' ')) {
    const std::string_view word = WithoutPunctuation(FromAbsl(each));
    if (IsMessageId(word)) {
      read.ids.emplace(word);
    } else if (!read.ids.empty()) {
      return std::nullopt;  // the id stands at the end
    } else {
      words.append(words.empty() ? "" : " ").append(FromAbsl(each));
    }
  }
  const auto found = std::find_if(Answers().begin(), Answers().end(),
                                  [&](const Answer& answer) { return answer.text == WithoutPunctuation(words); });
  if (found == Answers().end()) return std::nullopt;
  read.state = found->state;
  read.reason = found->reason;
  return read;
}

}  // namespace schotvrij::securemail
