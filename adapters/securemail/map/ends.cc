#include "adapters/securemail/map/ends.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/securemail/map/fold.h"
#include "schemas/base/table.h"

namespace schotvrij::securemail {
namespace {

struct End {
  std::string_view kind;
  std::string text;  // folded
  std::string also;  // likewise
};

const std::vector<End>& Ends() {
  static const auto* ends = [] {
    auto* read = new std::vector<End>();
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/ends.csv").rows()) {
      read->push_back({row["kind"], Fold(row["text"]), Fold(row["also"])});
    }
    return read;
  }();
  return *ends;
}

// Whether `line` begins with the word `first`, and behind it have a digit and the word `later`.
bool HasWords(std::string_view line, std::string_view first, std::string_view later) {
  if (!line.starts_with(std::string(first) + ' ')) return false;
  const std::string rest = std::string(line.substr(first.size())) + ' ';
  const size_t word = rest.find(' ' + std::string(later) + ' ');
  return word != rest.npos && rest.find_first_of("0123456789") != rest.npos;
}

bool IsEnd(const TextLine& line) {
  if (line.quoted || line.text.empty()) return false;
  const std::string folded = Fold(line.text);
  const std::string_view words = WithoutPunctuation(folded);
  return std::any_of(Ends().begin(), Ends().end(), [&](const End& end) {
    if (end.kind == "line") return words == end.text;
    if (end.kind == "begins") return folded.starts_with(end.text);
    return HasWords(words, end.text, end.also);
  });
}

}  // namespace

std::span<const TextLine> UntilEnd(std::span<const TextLine> lines) {
  const auto end = std::find_if(lines.begin(), lines.end(), IsEnd);
  return lines.first(static_cast<size_t>(end - lines.begin()));
}

}  // namespace schotvrij::securemail
