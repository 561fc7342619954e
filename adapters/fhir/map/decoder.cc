#include <memory>
#include <string>
#include <utility>

#include "adapters/fhir/fhir.h"
#include "adapters/fhir/map/message_reader.h"
#include "adapters/fhir/wire/message.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {
namespace {

class FhirDecoder final : public Decoder {
 public:
  explicit FhirDecoder(DecodeOptions options) : options_(std::move(options)) {}

  bool Feed(std::string_view bytes, PartSink& sink) override {
    if (closed_) return false;
    if (bytes.size() > limits::kBodyBytesMax - body_.size()) {
      closed_ = true;
      body_.clear();
      sink.OnIssue(MakeIssue("BODY-SIZE", ""));
      return false;
    }
    body_.append(bytes);
    return true;
  }

  void Finish(PartSink& sink) override {
    if (std::exchange(closed_, true)) return;
    Tree tree;
    if (std::optional<Issue> issue = ReadMessageTree(options_.syntax, &body_, &tree)) return sink.OnIssue(*std::move(issue));
    Reading reading = ReadMessage(tree.Root(), options_.fallback_key);
    shape_ = reading.shape.ToText();
    for (Issue& issue : reading.issues) sink.OnIssue(std::move(issue));
    if (reading.exchange) sink.OnExchange(*std::move(reading.exchange));
  }

  std::string Shape() const override { return shape_; }

 private:
  const DecodeOptions options_;
  std::string body_;
  std::string shape_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Decoder> NewDecoder(DecodeOptions options) {
  return std::make_unique<FhirDecoder>(std::move(options));
}

}  // namespace schotvrij::fhir
