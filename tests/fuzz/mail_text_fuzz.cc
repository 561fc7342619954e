// The text of a mail: any bytes are read or refused, the same whatever the pieces are, and the sender can be told of it. The first byte
// says how it is fed and whether a header names what it answers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/canonical/canonical.h"
#include "adapters/securemail/map/notice.h"
#include "adapters/securemail/securemail.h"

namespace {

using schotvrij::DecodedParts;
using schotvrij::Decoder;
using schotvrij::securemail::DecodeOptions;

DecodedParts Decode(std::string_view bytes, size_t piece, const DecodeOptions& options) {
  DecodedParts parts;
  const std::unique_ptr<Decoder> decoder = schotvrij::securemail::NewDecoder(options);
  bool more = true;
  while (more && !bytes.empty()) {
    more = decoder->Feed(bytes.substr(0, piece), parts);
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (more) decoder->Finish(parts);
  return parts;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsSame(const DecodedParts& one, const DecodedParts& other) {
  if (one.exchanges.size() != other.exchanges.size() || one.issues.size() != other.issues.size()) return false;
  for (size_t i = 0; i < one.issues.size(); ++i) {
    if (one.issues[i].rule != other.issues[i].rule || one.issues[i].path != other.issues[i].path) return false;
  }
  return one.exchanges.empty() || one.exchanges[0].SerializeAsString() == other.exchanges[0].SerializeAsString();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const DecodeOptions options{.fallback_key = "fuzz", .answers = data[0] % 2 == 1 ? "0123456789abcdef0123456789abcdef" : ""};
  const DecodedParts whole = Decode(bytes, size, options);
  Require(IsSame(whole, Decode(bytes, 1 + data[0] / 2u, options)));
  Require(whole.exchanges.size() == (schotvrij::HasError(whole.issues) ? 0u : 1u));
  Require(whole.exchanges.empty() == !whole.issues.empty());

  for (const schotvrij::v1::Exchange& exchange : whole.exchanges) {
    Require(exchange.has_receipt() != exchange.has_registration());
    Require(exchange.envelope().request_key() == "fuzz" || exchange.has_registration());
    schotvrij::canonical::CheckForm(exchange);
  }
  const std::string notice = schotvrij::securemail::WriteNotice(schotvrij::policy::Answer::Refused(whole.issues));
  Require(static_cast<size_t>(std::count(notice.begin(), notice.end(), '\n')) == 4 + whole.issues.size());
  // Places of this edge hold a line's number and one of our labels, and the notice repeats them whole.
  for (const schotvrij::Issue& issue : whole.issues) Require(issue.path.empty() || notice.find("- " + issue.path + ": ") != notice.npos);
  return 0;
}
