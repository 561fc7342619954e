#include "gateway/transport/http/head_check.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/match.h"
#include "schemas/base/strings.h"

namespace schotvrij::http {
namespace {

constexpr bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// RFC 9110 §5.6.2.
constexpr bool IsTokenChar(char c) {
  return IsAlnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
// RFC 3986: unreserved, reserved without '#', and '%'.
constexpr bool IsTargetChar(char c) {
  return IsAlnum(c) || std::string_view("-._~:/?[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}
constexpr bool IsHostChar(char c) {
  return IsAlnum(c) || std::string_view("-._~:[]%").find(c) != std::string_view::npos;
}
// Field values: visible, blank or obs-text; a tab is the only control character.
constexpr bool IsValueChar(char c) {
  return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t';
}

template <typename Predicate>
bool AllOf(std::string_view text, Predicate predicate) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the line up to CR LF off `rest`; nullopt when there is a bare CR or LF or a control
// character in it.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  if (!std::all_of(line.begin(), line.end(), IsValueChar)) return std::nullopt;
  return line;
}

HeadFault CheckRequestLine(std::string_view line, bool* old) {
  size_t first = line.find(' ');
  size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return HeadFault::kRequestLine;
  if (!AllOf(line.substr(0, first), IsTokenChar)) return HeadFault::kRequestLine;
  std::string_view version = line.substr(last + 1);
  *old = version == "HTTP/1.0";
  if (!*old && version != "HTTP/1.1") return HeadFault::kVersion;
  std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.empty()) return HeadFault::kRequestLine;
  if (target.front() != '/' || !AllOf(target, IsTargetChar)) return HeadFault::kTarget;
  return HeadFault::kNone;
}

// The fields that decide where a request ends and whom it is for; each may stand once.
struct Framing {
  std::optional<std::string_view> host, length, coding, expect;
};

struct Single {
  std::string_view name;
  std::optional<std::string_view> Framing::*slot;
  HeadFault twice;
};
constexpr std::array<Single, 4> kSingles = {{
    {"host", &Framing::host, HeadFault::kHost},
    {"content-length", &Framing::length, HeadFault::kContentLength},
    {"transfer-encoding", &Framing::coding, HeadFault::kTransferEncoding},
    {"expect", &Framing::expect, HeadFault::kExpectation},
}};

HeadFault CheckFieldLine(std::string_view line, Framing* framing) {
  size_t colon = line.find(':');
  if (colon == std::string_view::npos) return HeadFault::kFieldLine;
  std::string_view name = line.substr(0, colon);
  if (!AllOf(name, IsTokenChar)) return HeadFault::kFieldLine;
  for (const Single& single : kSingles) {
    if (!absl::EqualsIgnoreCase(ToAbsl(name), ToAbsl(single.name))) continue;
    std::optional<std::string_view>& slot = framing->*single.slot;
    if (slot.has_value()) return single.twice;
    slot = Trim(line.substr(colon + 1));
  }
  return HeadFault::kNone;
}

HeadFault CheckFraming(const Framing& framing, bool old) {
  constexpr size_t kLengthDigitsMax = 18;
  if (framing.host ? !AllOf(*framing.host, IsHostChar) : !old) return HeadFault::kHost;
  if (framing.length && framing.coding) return HeadFault::kBothLengths;
  if (framing.length &&
      (!AllOf(*framing.length, IsDigit) || framing.length->size() > kLengthDigitsMax)) {
    return HeadFault::kContentLength;
  }
  if (framing.coding && (old || !absl::EqualsIgnoreCase(ToAbsl(*framing.coding), "chunked"))) {
    return HeadFault::kTransferEncoding;
  }
  if (framing.expect && !absl::EqualsIgnoreCase(ToAbsl(*framing.expect), "100-continue")) {
    return HeadFault::kExpectation;
  }
  return HeadFault::kNone;
}

}  // namespace

HeadFault CheckHead(std::string_view head) {
  std::optional<std::string_view> line = TakeLine(head);
  if (!line) return HeadFault::kLineEnd;
  bool old = false;
  if (HeadFault fault = CheckRequestLine(*line, &old); fault != HeadFault::kNone) return fault;
  Framing framing;
  for (line = TakeLine(head); line && !line->empty(); line = TakeLine(head)) {
    if (HeadFault fault = CheckFieldLine(*line, &framing); fault != HeadFault::kNone) return fault;
  }
  if (!line || !head.empty()) return HeadFault::kLineEnd;
  return CheckFraming(framing, old);
}

HeadEnd FindHeadEnd(std::string_view received, size_t from) {
  for (size_t at = from; at < received.size(); ++at) {
    if (received[at] != '\n') continue;
    if (at == 0 || received[at - 1] != '\r') return {.bad = true};
    if (received.substr(0, at + 1).ends_with("\r\n\r\n")) return {.size = at + 1};
  }
  return {};
}

}  // namespace schotvrij::http
