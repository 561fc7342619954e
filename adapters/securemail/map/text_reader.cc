#include "adapters/securemail/map/text_reader.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/securemail/map/answer_word.h"
#include "adapters/securemail/map/ends.h"
#include "adapters/securemail/map/form.h"
#include "adapters/securemail/map/message_ids.h"
#include "adapters/securemail/wire/lines.h"

namespace schotvrij::securemail {
namespace {

Reading Refused(std::string_view rule, std::string_view place) { return {std::nullopt, {MakeIssue(rule, place)}}; }

// The first line that says something, or null.
const TextLine* FirstLine(std::span<const TextLine> lines) {
  const auto first =
      std::find_if(lines.begin(), lines.end(), [](const TextLine& line) { return !line.quoted && !line.text.empty(); });
  return first == lines.end() ? nullptr : &*first;
}

Reading ReadAnswer(AnswerWord answer, std::set<std::string> ids, const DecodeOptions& options, std::string_view place) {
  ids.merge(answer.ids);
  if (ids.size() != 1) return Refused("MAIL-ABOUT", ids.empty() ? "" : place);
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_request_key(options.fallback_key);
  v1::Receipt& receipt = *exchange.mutable_receipt();
  receipt.set_about(*ids.begin());
  receipt.set_state(answer.state);
  receipt.set_reason(std::move(answer.reason));
  return {std::move(exchange), {}};
}

}  // namespace

Reading ReadMailText(std::string_view text, const DecodeOptions& options) {
  const TextLines all = SplitLines(text);
  if (all.broken > 0) return Refused("TEXT-CHARACTERS", PlaceOf(all.broken));
  std::set<std::string> ids = QuotedIds(all.lines);
  if (!options.answers.empty()) ids.insert(absl::AsciiStrToLower(options.answers));
  const std::span<const TextLine> lines = UntilEnd(all.lines);
  const TextLine* first = FirstLine(lines);
  const std::string place = first == nullptr ? "" : PlaceOf(first->number);
  if (first != nullptr) {
    if (std::optional<AnswerWord> answer = ReadAnswerWord(first->text)) {
      return ReadAnswer(*std::move(answer), std::move(ids), options, place);
    }
  }
  if (!ids.empty()) return Refused("MAIL-ANSWER", place);
  return ReadForm(lines, options.fallback_key);
}

}  // namespace schotvrij::securemail
