// The first line of a mail that answers one of ours: schemas/formats/mail/answers.csv.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "schotvrij/v1/receipt.pb.h"

namespace schotvrij::securemail {

struct AnswerWord {
  v1::ReceiptState state = v1::RECEIPT_STATE_UNSPECIFIED;
  std::string reason;         // of a rejection
  std::set<std::string> ids;  // of messages, as the line names them
};

// Nothing: the line is none of the answers. `line` is valid UTF-8.
std::optional<AnswerWord> ReadAnswerWord(std::string_view line);

}  // namespace schotvrij::securemail
