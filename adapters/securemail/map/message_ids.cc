#include "adapters/securemail/map/message_ids.h"

#include <algorithm>

#include "adapters/securemail/map/fold.h"
#include "schemas/base/table.h"

namespace schotvrij::securemail {
namespace {

constexpr size_t kIdDigits = 32;

// Our own letters' label of it, folded.
const std::string& IdLabel() {
  static const auto* label = new std::string(
      Fold((*Table::Embedded("schemas/formats/mail/letter.csv").Find("path", "envelope.message_id"))["text"]));
  return *label;
}

}  // namespace

bool IsMessageId(std::string_view text) {
  return text.size() == kIdDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::set<std::string> QuotedIds(std::span<const TextLine> lines) {
  std::set<std::string> ids;
  for (const TextLine& line : lines) {
    const size_t colon = line.text.find(':');
    if (colon == line.text.npos || Fold(line.text.substr(0, colon)) != IdLabel()) continue;
    std::string id = Fold(line.text.substr(colon + 1));
    if (IsMessageId(id)) ids.insert(std::move(id));
  }
  return ids;
}

}  // namespace schotvrij::securemail
