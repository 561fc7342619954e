#include <memory>
#include <string>
#include <utility>

#include "adapters/fhir/fhir.h"
#include "adapters/fhir/wire/bundle_splitter.h"

namespace schotvrij::fhir {
namespace {

class BundleDecoder final : public BatchDecoder {
 public:
  explicit BundleDecoder(BatchPosition from) : splitter_(from.state), position_(std::move(from)), read_(position_.bytes) {}

  bool Feed(std::string_view bytes, PartSink& sink) override {
    while (!closed_ && !bytes.empty()) {
      BundleSplitter::Step step = splitter_.Next(bytes);
      bytes.remove_prefix(step.used);
      read_ += step.used;
      if (step.issue) {
        closed_ = true;
        sink.OnIssue(*std::move(step.issue));
      } else if (step.resource) {
        Decode(*step.resource, sink);
        position_ = {read_, splitter_.state()};
        sink.OnPart();
      }
    }
    return !closed_;
  }

  void Finish(PartSink& sink) override {
    if (std::exchange(closed_, true)) return;
    if (std::optional<Issue> issue = splitter_.Finish()) sink.OnIssue(*std::move(issue));
  }

  const BatchPosition& position() const override { return position_; }

 private:
  static void Decode(std::string_view resource, PartSink& sink) {
    if (resource.empty()) return sink.OnIssue(MakeIssue("TASK-MISSING", ""));
    const std::unique_ptr<Decoder> one = NewDecoder({});
    if (one->Feed(resource, sink)) one->Finish(sink);
  }

  BundleSplitter splitter_;
  BatchPosition position_;
  uint64_t read_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<BatchDecoder> NewBatchDecoder(BatchPosition from) {
  return std::make_unique<BundleDecoder>(std::move(from));
}

}  // namespace schotvrij::fhir
