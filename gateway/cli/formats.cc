#include "gateway/cli/formats.h"

#include "adapters/canonical/canonical.h"
#include "adapters/fhir/fhir.h"
#include "adapters/iwmo/iwmo.h"
#include "adapters/securemail/securemail.h"

namespace schotvrij::cli {
namespace {

template <fhir::Syntax kSyntax>
std::unique_ptr<Decoder> NewFhirDecoder(const ReadOptions&) {
  // A file has no Idempotency-Key header; a message without a key of its own can still be looked at.
  return fhir::NewDecoder({.fallback_key = std::string(kNoKey), .syntax = kSyntax});
}

template <fhir::Syntax kSyntax>
absl::StatusOr<policy::Encoded> EncodeFhir(const policy::Disclosure& disclosure) {
  return fhir::Encode(disclosure, kSyntax);
}

// The text of a mail, as it stands after it was opened.
std::unique_ptr<Decoder> NewMailDecoder(const ReadOptions&) {
  return securemail::NewDecoder({.fallback_key = std::string(kNoKey)});
}

absl::StatusOr<policy::Encoded> EncodeMail(const policy::Disclosure& disclosure) { return securemail::Encode(disclosure); }

std::unique_ptr<Decoder> NewIwmoDecoder(const ReadOptions& options) {
  return iwmo::NewDecoder({.level = options.level, .any_size = options.any_size});
}

// The number of the message says that no gateway sent it, and with what consent.
absl::StatusOr<policy::Encoded> EncodeIwmo(const policy::Disclosure& disclosure) {
  const bool assumed = disclosure.evidence().disclosure_id != kNoKey;
  return iwmo::Encode(disclosure, {.identification = assumed ? "assumed" : std::string(kNoKey)});
}

std::unique_ptr<Decoder> NewCanonicalDecoder(const ReadOptions&) { return canonical::NewJsonDecoder(); }

constexpr FormatTool kTools[] = {
    {.name = "fhir-json",
     .decoder = NewFhirDecoder<fhir::Syntax::kJson>,
     .encode = EncodeFhir<fhir::Syntax::kJson>,
     .stack = true},
    {.name = "fhir-xml", .decoder = NewFhirDecoder<fhir::Syntax::kXml>, .encode = EncodeFhir<fhir::Syntax::kXml>},
    {.name = "hl7v2"},
    {.name = "iwmo", .decoder = NewIwmoDecoder, .encode = EncodeIwmo, .levels = true, .return_code = iwmo::ReturnCodeOf},
    {.name = "vektis"},
    {.name = "mail", .decoder = NewMailDecoder, .encode = EncodeMail},
    {.name = "canonical", .decoder = NewCanonicalDecoder, .encode = canonical::EncodeJson, .stack = true},
};

}  // namespace

std::span<const FormatTool> FormatTools() { return kTools; }

const FormatTool* FindFormat(std::string_view name) {
  for (const FormatTool& tool : kTools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

}  // namespace schotvrij::cli
