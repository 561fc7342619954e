#include "gateway/audit/checkpoint_line.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "schemas/base/strings.h"

namespace schotvrij::audit {
namespace {

constexpr std::string_view kForm = "schotvrij-checkpoint-1";
constexpr std::string_view kNoHeads = "-";
bool IsHash(std::string_view hex) {
  return hex.size() == 2 * kAuditHashBytes && hex.find_first_not_of("0123456789abcdef") == hex.npos;
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::to_string(number) == text;
}

bool ParseHead(std::string_view text, ChainHead& head) {
  size_t last = text.rfind(':');
  if (last == text.npos || last == 0) return false;
  size_t first = text.rfind(':', last - 1);
  if (first == text.npos || first == 0) return false;
  std::string_view hex = text.substr(last + 1);
  head.chain = text.substr(0, first);
  head.hash = absl::HexStringToBytes(IsHash(hex) ? ToAbsl(hex) : "");
  return IsHash(hex) && ParseNumber(text.substr(first + 1, last - first - 1), head.sequence);
}

bool ParseHeads(std::string_view text, std::vector<ChainHead>& heads) {
  if (text == kNoHeads) return true;
  for (absl::string_view part : absl::StrSplit(ToAbsl(text), ' ')) {
    ChainHead head;
    if (!ParseHead(FromAbsl(part), head)) return false;
    if (!heads.empty() && heads.back().chain >= head.chain) return false;
    heads.push_back(std::move(head));
  }
  return true;
}

}  // namespace

std::string CheckpointText(Instant at, std::span<const ChainHead> heads, std::string_view previous_line) {
  std::vector<ChainHead> sorted(heads.begin(), heads.end());
  std::sort(sorted.begin(), sorted.end(), [](const ChainHead& a, const ChainHead& b) { return a.chain < b.chain; });
  std::string shown = absl::StrJoin(sorted, " ", [](std::string* out, const ChainHead& head) {
    if (head.chain.find_first_of(": \t\n") != head.chain.npos) std::abort();  // our own ids never hold these
    absl::StrAppend(out, head.chain, ":", head.sequence, ":", absl::BytesToHexString(head.hash));
  });
  if (shown.empty()) shown = kNoHeads;
  return absl::StrJoin({std::string(kForm), std::to_string(at.us), LineHash(previous_line), shown}, "\t");
}

std::string LineHash(std::string_view line) {
  return absl::BytesToHexString(line.empty() ? std::string(kAuditHashBytes, '\0') : Sha256(line));
}

absl::StatusOr<CheckpointLine> ParseCheckpoint(std::string_view line) {
  std::vector<std::string> fields = absl::StrSplit(ToAbsl(line), '\t');
  CheckpointLine parsed;
  if (fields.size() != 5 || fields[0] != kForm || !ParseNumber(fields[1], parsed.at.us) || !IsHash(fields[2]) ||
      !ParseHeads(fields[3], parsed.heads) || !absl::Base64Unescape(fields[4], &parsed.signature)) {
    return absl::InvalidArgumentError("not a checkpoint of a form this release reads");
  }
  parsed.previous = fields[2];
  parsed.signed_text = line.substr(0, line.rfind('\t'));
  return parsed;
}

}  // namespace schotvrij::audit
