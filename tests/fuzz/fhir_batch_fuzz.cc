// A Bundle of registrations: any bytes are read or refused, the same whatever the pieces are, and behind any part a second decoder
// goes on as the first did.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fhir/fhir.h"

namespace {

using schotvrij::fhir::BatchDecoder;
using schotvrij::fhir::BatchPosition;
using schotvrij::fhir::NewBatchDecoder;

// What a decoder says, a word for each thing, and where its parts end.
struct Heard {
  struct End {
    size_t said;
    BatchPosition position;
  };
  std::vector<std::string> said;
  std::vector<End> ends;
};

class Ear final : public schotvrij::PartSink {
 public:
  Ear(const BatchDecoder& decoder, Heard* heard) : decoder_(decoder), heard_(heard) {}
  void OnHeader(schotvrij::v1::BatchHeader) override {}
  void OnExchange(schotvrij::v1::Exchange exchange) override { heard_->said.push_back(exchange.envelope().request_key()); }
  void OnTrailer(schotvrij::v1::BatchTrailer) override {}
  void OnIssue(schotvrij::Issue issue) override { heard_->said.push_back(issue.rule); }
  void OnPart() override {
    heard_->said.push_back("|");
    heard_->ends.push_back({heard_->said.size(), decoder_.position()});
  }

 private:
  const BatchDecoder& decoder_;
  Heard* heard_;
};

Heard Read(std::string_view bytes, size_t piece, const BatchPosition& from) {
  const std::unique_ptr<BatchDecoder> decoder = NewBatchDecoder(from);
  Heard heard;
  Ear ear(*decoder, &heard);
  bytes.remove_prefix(from.bytes);
  bool more = true;
  while (more && !bytes.empty()) {
    more = decoder->Feed(bytes.substr(0, piece), ear);
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (more) decoder->Finish(ear);
  return heard;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Heard whole = Read(bytes, size + 1, {});
  Require(Read(bytes, 7, {}).said == whole.said);
  for (size_t i = 0; i < std::min<size_t>(whole.ends.size(), 8); ++i) {
    const Heard::End& end = whole.ends[i];
    Require(end.position.bytes <= size);
    const std::vector<std::string> behind(whole.said.begin() + static_cast<std::ptrdiff_t>(end.said), whole.said.end());
    Require(Read(bytes, size + 1, end.position).said == behind);
  }
  return 0;
}
