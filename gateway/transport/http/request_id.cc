#include "gateway/transport/http/request_id.h"

#include <algorithm>

namespace schotvrij::http {
namespace {

constexpr size_t kHexIdBytes = 32;

bool IsHexId(std::string_view text) {
  return text.size() == kHexIdBytes &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kShape.size()) return false;
  std::string digits(text);
  for (size_t i = 0; i < kShape.size(); ++i) {
    if ((kShape[i] == '-') != (text[i] == '-')) return false;
  }
  std::erase(digits, '-');
  return IsHexId(digits);
}

// version "-" trace-id "-" parent-id "-" flags; version 00.
std::string_view TraceIdOf(std::string_view traceparent) {
  constexpr std::string_view kShape = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  if (traceparent.size() != kShape.size() || !traceparent.starts_with("00-")) return "";
  if (traceparent[35] != '-' || traceparent[52] != '-') return "";
  std::string_view id = traceparent.substr(3, kHexIdBytes);
  return IsHexId(id) && id.find_first_not_of('0') != std::string_view::npos ? id : "";
}

}  // namespace

std::string RequestId(const Request& request, Random& random) {
  std::string_view given = request.Header("x-request-id");
  if (IsUuid(given) || IsHexId(given)) return std::string(given);
  std::string_view trace = TraceIdOf(request.Header("traceparent"));
  return trace.empty() ? NewId(random) : std::string(trace);
}

}  // namespace schotvrij::http
