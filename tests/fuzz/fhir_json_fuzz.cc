// FHIR JSON, whole: any bytes are read or refused, fed in one piece or two, and what is read can be answered.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/fhir/fhir.h"

namespace {

using schotvrij::DecodedParts;
using schotvrij::Decoder;

struct Result {
  DecodedParts parts;
  std::string shape;
};

Result Decode(std::string_view bytes, size_t split) {
  Result result;
  const std::unique_ptr<Decoder> decoder = schotvrij::fhir::NewDecoder({.fallback_key = "fuzz"});
  if (decoder->Feed(bytes.substr(0, split), result.parts) && decoder->Feed(bytes.substr(split), result.parts)) {
    decoder->Finish(result.parts);
  }
  result.shape = decoder->Shape();
  return result;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result whole = Decode(bytes, 0);
  const Result halves = Decode(bytes, size / 2);
  Require(whole.parts.exchanges.empty() == schotvrij::HasError(whole.parts.issues));
  Require(whole.parts.exchanges.size() == halves.parts.exchanges.size());
  Require(whole.parts.issues.size() == halves.parts.issues.size());

  schotvrij::policy::Answer answer = schotvrij::policy::Answer::Refused(whole.parts.issues);
  answer.shape = whole.shape;
  if (!whole.parts.exchanges.empty()) {
    answer.state = schotvrij::policy::Answer::State::kReceived;
    answer.message_id = "0123456789abcdef0123456789abcdef";
  }
  const std::string encoded = schotvrij::fhir::EncodeAnswer(answer).bytes();
  // What we write, we can read.
  const Result back = Decode(encoded, 0);
  for (const schotvrij::Issue& issue : back.parts.issues) Require(!issue.rule.starts_with("JSON-"));
  Require(schotvrij::fhir::HttpStatus(answer) < 500 || answer.issues.empty());
  return 0;
}
