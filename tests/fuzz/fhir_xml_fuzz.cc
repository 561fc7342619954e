// FHIR XML, whole: any bytes are read or refused, fed in one piece or two; what is read means the same after it was written again,
// and can be answered in XML that we can read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/fhir/fhir.h"
#include "adapters/fhir/wire/xml_reader.h"
#include "adapters/fhir/wire/xml_writer.h"

namespace {

using schotvrij::DecodedParts;
using schotvrij::Decoder;
using schotvrij::fhir::Syntax;
using schotvrij::fhir::Tree;

DecodedParts Decode(std::string_view bytes, size_t split, std::string* shape) {
  DecodedParts parts;
  const std::unique_ptr<Decoder> decoder = schotvrij::fhir::NewDecoder({.fallback_key = "fuzz", .syntax = Syntax::kXml});
  if (decoder->Feed(bytes.substr(0, split), parts) && decoder->Feed(bytes.substr(split), parts)) decoder->Finish(parts);
  *shape = decoder->Shape();
  return parts;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

// The message as we write it; empty when it cannot be read.
std::string Rewritten(std::string text) {
  Tree tree;
  return ReadXml(&text, &tree) ? "" : WriteXml(tree.Root());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string shape;
  const DecodedParts whole = Decode(bytes, 0, &shape);
  const DecodedParts halves = Decode(bytes, size / 2, &shape);
  Require(whole.exchanges.empty() == schotvrij::HasError(whole.issues));
  Require(whole.exchanges.size() == halves.exchanges.size());
  Require(whole.issues.size() == halves.issues.size());

  if (!whole.exchanges.empty()) {
    const std::string once = Rewritten(std::string(bytes));
    std::string shape_again;
    const DecodedParts again = Decode(once, 0, &shape_again);
    Require(again.exchanges.size() == 1);
    Require(again.exchanges[0].SerializeAsString() == whole.exchanges[0].SerializeAsString());
    Require(shape_again == shape);
    Require(Rewritten(once) == once);
  }

  schotvrij::policy::Answer answer = schotvrij::policy::Answer::Refused(whole.issues);
  answer.shape = shape;
  if (!whole.exchanges.empty()) {
    answer.state = schotvrij::policy::Answer::State::kReceived;
    answer.message_id = "0123456789abcdef0123456789abcdef";
  }
  Require(!Rewritten(schotvrij::fhir::EncodeAnswer(answer, Syntax::kXml).bytes()).empty());
  Require(schotvrij::fhir::HttpStatus(answer) < 500 || answer.issues.empty());
  return 0;
}
