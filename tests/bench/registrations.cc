#include "tests/bench/registrations.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "adapters/fhir/fhir.h"
#include "schemas/base/embedded.h"

namespace schotvrij::bench {
namespace {

// Seven digits in front; of the ten numbers that an eighth makes of them, at least nine have a ninth that passes the eleven-test.
constexpr uint64_t kFirstBlock = 9'999'000;
constexpr uint64_t kOfOneBlock = 9;

// The digit that makes eight pass the eleven-test; 10: none does.
int CheckDigit(uint64_t eight) {
  int sum = 0;
  for (int weight = 2; weight <= 9; ++weight, eight /= 10) sum += weight * static_cast<int>(eight % 10);
  return sum % 11;
}

std::string Letters(uint64_t number) {
  std::string letters;
  for (int i = 0; i < 6; ++i, number /= 26) letters.insert(letters.begin(), static_cast<char>('a' + number % 26));
  return letters;
}

std::string TemplateAsOf(CivilDate today) {
  return absl::StrReplaceAll(std::string(EmbeddedText("deploy/examples/registration.json")),
                             {{"2026-11-16", today.ToString()}, {"2027-11-15", today.PlusDays(365).ToString()}});
}

}  // namespace

Registrations::Registrations(CivilDate today) {
  const std::pair<std::string_view, Slot> slots[] = {
      {"\"ede\"", Slot::kNetwork},      {"999900006", Slot::kBsn},          {"Testmeer", Slot::kOwnName},
      {"Voorbeeld", Slot::kPartnerName},
      {"Proefje", Slot::kGivenName},    {"1941-03-07", Slot::kBirthDate},   {"ede-2026-000001", Slot::kTaskKey},
      {"consent-2026-000001", Slot::kConsentKey},
  };
  std::string rest = TemplateAsOf(today);
  while (true) {
    size_t at = std::string::npos;
    const std::pair<std::string_view, Slot>* next = nullptr;
    for (const auto& slot : slots) {
      const size_t found = rest.find(slot.first);
      if (found < at) {
        at = found;
        next = &slot;
      }
    }
    if (next == nullptr) break;
    pieces_.push_back({rest.substr(0, at), next->second});
    rest.erase(0, at + next->first.size());
  }
  pieces_.push_back({rest, Slot::kNone});

  std::unique_ptr<Decoder> decoder = fhir::NewDecoder({});
  DecodedParts parts;
  const std::string bundle = Bundle(0);
  if (decoder->Feed(bundle, parts)) decoder->Finish(parts);
  if (parts.exchanges.size() != 1) std::abort();  // the example is none
  v1::Exchange& exchange = parts.exchanges.front();
  *request_.mutable_recipient() = exchange.envelope().recipient_identifier();
  request_.mutable_client()->Swap(exchange.mutable_client());
  request_.mutable_registration()->Swap(exchange.mutable_registration());
}

std::string Registrations::Bsn(uint64_t number) {
  number %= kClients;
  const uint64_t block = (kFirstBlock + number / kOfOneBlock) * 10;
  uint64_t skip = number % kOfOneBlock;
  for (uint64_t eight = block;; ++eight) {
    const int check = CheckDigit(eight);
    if (check == 10) continue;
    if (skip-- == 0) return absl::StrCat(eight, check);
  }
}

std::string Registrations::Network(uint64_t number) {
  const uint64_t before = number / kClients;
  return before == 0 ? "ede" : absl::StrCat("ede-", before + 1);
}

std::string Registrations::Fill(Slot slot, std::string_view bsn, uint64_t number) {
  switch (slot) {
    case Slot::kNone: return "";
    case Slot::kNetwork: return absl::StrCat("\"", Network(number), "\"");
    case Slot::kBsn: return std::string(bsn);
    case Slot::kOwnName: return "Testmeer" + Letters(number);
    case Slot::kPartnerName: return "Voorbeeld" + Letters(number / 7);
    case Slot::kGivenName: return "Proefje" + Letters(number / 3);
    case Slot::kBirthDate:
      return absl::StrFormat("19%02d-%02d-%02d", 20 + number % 30, 1 + number / 30 % 12, 1 + number / 360 % 28);
    case Slot::kTaskKey: return absl::StrCat("ede-bench-", number);
    case Slot::kConsentKey: return absl::StrCat("consent-bench-", number);
  }
  return "";
}

std::string Registrations::Bundle(uint64_t number) const {
  const std::string bsn = Bsn(number);
  std::string bundle;
  bundle.reserve(7 << 10);
  for (const Piece& piece : pieces_) bundle.append(piece.text).append(Fill(piece.then, bsn, number));
  return bundle;
}

v1::RegisterRequest Registrations::Request(uint64_t number) const {
  v1::RegisterRequest request = request_;
  const std::string bsn = Bsn(number);
  request.set_request_id(absl::StrCat("grpc-bench-", number));
  request.set_network(Network(number));
  request.mutable_client()->set_bsn(bsn);
  request.mutable_client()->set_birth_date(Fill(Slot::kBirthDate, bsn, number));
  v1::PersonName& name = *request.mutable_client()->mutable_name();
  name.set_own_name(Fill(Slot::kOwnName, bsn, number));
  name.set_partner_name(Fill(Slot::kPartnerName, bsn, number));
  name.set_given_names(Fill(Slot::kGivenName, bsn, number));
  for (v1::Consent& consent : *request.mutable_registration()->mutable_consents()) {
    consent.set_consent_id(Fill(Slot::kConsentKey, bsn, number));
  }
  return request;
}

}  // namespace schotvrij::bench
