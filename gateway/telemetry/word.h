// Word: the only kind of text that telemetry takes. Each kind has a form so narrow that a person's number or a sentence does not
// fit; a text that does not fit is shown as "?". No text turns into a Word unasked.
//
//   telemetry::ParticipantKey sender("opella");
//   telemetry::RuleId rule("BSN-ELEVEN-TEST");
#pragma once

#include <string>
#include <string_view>

namespace schotvrij::telemetry {

// 1 to 80 letters, digits, '.', '_', '-'; begins with a letter; no nine digits in a row, so that no BSN fits.
struct NameForm {
  static bool Fits(std::string_view text);
};
// An id of our own making: exactly 32 lower-case hexadecimal digits (NewId).
struct IdForm {
  static bool Fits(std::string_view text);
};
// Our id, a UUID or a W3C traceparent: 32 to 55 lower-case hexadecimal digits and hyphens. Peers send what they like in
// X-Request-Id; anything else is not shown.
struct TraceForm {
  static bool Fits(std::string_view text);
};
// 16 hexadecimal digits: the name of a policy set.
struct HashForm {
  static bool Fits(std::string_view text);
};

// Three small numbers: "0.1.0".
struct ReleaseForm {
  static bool Fits(std::string_view text);
};

template <typename Form, typename Kind>
class Word {
 public:
  Word() = default;  // nothing: left out of the log
  explicit Word(std::string_view text) : text_(text.empty() || Form::Fits(text) ? text : "?") {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using ParticipantKey = Word<NameForm, struct ParticipantKind>;
using NetworkKey = Word<NameForm, struct NetworkKind>;
using ContentType = Word<NameForm, struct ContentKind>;  // name in Exchange.content
using RuleId = Word<NameForm, struct RuleKind>;          // issue.csv, policy documents
using ReasonCode = Word<NameForm, struct ReasonKind>;    // "smtp-550"
using EdgeName = Word<NameForm, struct EdgeKind>;        // "fhir-https", "grpc"
using ExchangeId = Word<IdForm, struct ExchangeKind>;
using DeliveryId = Word<IdForm, struct DeliveryKind>;
using BatchId = Word<IdForm, struct BatchKind>;
using BreachId = Word<IdForm, struct BreachKind>;
using TraceId = Word<TraceForm, struct TraceKind>;
using ReleaseNumber = Word<ReleaseForm, struct ReleaseKind>;
using PolicySet = Word<HashForm, struct PolicyKind>;

// Where in our own code: a literal, nothing made at run time.
class Place {
 public:
  constexpr Place() = default;
  template <size_t N>
  consteval explicit Place(const char (&literal)[N]) : text_(literal, N - 1) {}
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

}  // namespace schotvrij::telemetry
