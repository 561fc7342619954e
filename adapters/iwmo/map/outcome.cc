#include "adapters/iwmo/map/outcome.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

using Codes = google::protobuf::RepeatedPtrField<std::string>;

constexpr std::string_view kNoRemark = "0200";
constexpr std::string_view kNotAssessed = "0233";
constexpr std::string_view kWhollyGranted = "8001";

bool Refuse(const Codes& codes) { return std::any_of(codes.begin(), codes.end(), IsRefusal); }

bool Has(const Codes& codes, std::string_view code) { return std::find(codes.begin(), codes.end(), code) != codes.end(); }

// Signed and in canonical digits: "-" before a credit, no zeros in front.
std::string Total(const Tree& whole, std::string_view path) {
  const Grammar& grammar = whole.grammar();
  const std::string base(path);
  std::string_view digits = whole.Value(0, grammar.Find(base + "/TotaalBedrag"));
  digits.remove_prefix(std::min(digits.find_first_of("123456789"), digits.size()));
  const bool credit = whole.Value(0, grammar.Find(base + "/DebetCredit")) == "C";
  return absl::StrCat(credit && !digits.empty() ? "-" : "", ToAbsl(digits));
}

}  // namespace

bool IsRefusal(std::string_view code) { return code != kNoRemark && code != kNotAssessed && code != kWhollyGranted; }

void SetOutcome(v1::Receipt* receipt) {
  if (receipt->findings().empty()) return receipt->set_state(v1::ACCEPTED);
  receipt->set_state(v1::REJECTED);
  receipt->set_reason("other");
}

void SetClientOutcome(v1::DeclarationAnswer* answer) {
  answer->set_outcome(Refuse(answer->client_codes()) ? v1::DECLARATION_REFUSED : v1::DECLARATION_PARTLY_GRANTED);
}

void SetOutcome(const Tree& whole, v1::DeclarationAnswer* answer) {
  const std::string submitted = Total(whole, "DeclaratieAntwoord/TotaalIngediendBedrag");
  const std::string granted = Total(whole, "DeclaratieAntwoord/TotaalToegekendBedrag");
  if (Refuse(answer->message_codes()) || Refuse(answer->declaration_codes())) {
    answer->set_outcome(v1::DECLARATION_REFUSED);
  } else if (Has(answer->declaration_codes(), kWhollyGranted) || granted == submitted) {
    answer->set_outcome(v1::DECLARATION_GRANTED);
  } else {
    answer->set_outcome(granted.empty() ? v1::DECLARATION_REFUSED : v1::DECLARATION_PARTLY_GRANTED);
  }
}

}  // namespace schotvrij::iwmo
