#include "gateway/cli/formats.h"

#include "adapters/canonical/canonical.h"
#include "adapters/fhir/fhir.h"
#include "adapters/securemail/securemail.h"

namespace schotvrij::cli {
namespace {

template <fhir::Syntax kSyntax>
std::unique_ptr<Decoder> NewFhirDecoder() {
  // A file has no Idempotency-Key header; a message without a key of its own can still be looked at.
  return fhir::NewDecoder({.fallback_key = "offline", .syntax = kSyntax});
}

template <fhir::Syntax kSyntax>
absl::StatusOr<policy::Encoded> EncodeFhir(const policy::Disclosure& disclosure) {
  return fhir::Encode(disclosure, kSyntax);
}

// The text of a mail, as it stands after it was opened.
std::unique_ptr<Decoder> NewMailDecoder() { return securemail::NewDecoder({.fallback_key = "offline"}); }

absl::StatusOr<policy::Encoded> EncodeMail(const policy::Disclosure& disclosure) { return securemail::Encode(disclosure); }

constexpr FormatTool kTools[] = {
    {"fhir-json", NewFhirDecoder<fhir::Syntax::kJson>, EncodeFhir<fhir::Syntax::kJson>},
    {"fhir-xml", NewFhirDecoder<fhir::Syntax::kXml>, EncodeFhir<fhir::Syntax::kXml>},
    {"hl7v2", nullptr, nullptr},
    {"iwmo", nullptr, nullptr},
    {"vektis", nullptr, nullptr},
    {"mail", NewMailDecoder, EncodeMail},
    {"canonical", canonical::NewJsonDecoder, canonical::EncodeJson},
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
