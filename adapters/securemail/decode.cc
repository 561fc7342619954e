#include <memory>
#include <string>
#include <utility>

#include "adapters/securemail/map/text_reader.h"
#include "adapters/securemail/securemail.h"
#include "schemas/base/limits.h"

namespace schotvrij::securemail {
namespace {

class TextDecoder final : public Decoder {
 public:
  explicit TextDecoder(DecodeOptions options) : options_(std::move(options)) {}

  bool Feed(std::string_view bytes, PartSink& sink) override {
    if (closed_) return false;
    if (bytes.size() > limits::kMailTextBytesMax - text_.size()) {
      closed_ = true;
      text_.clear();
      sink.OnIssue(MakeIssue("BODY-SIZE", ""));
      return false;
    }
    text_.append(bytes);
    return true;
  }

  void Finish(PartSink& sink) override {
    if (std::exchange(closed_, true)) return;
    Reading reading = ReadMailText(text_, options_);
    for (Issue& issue : reading.issues) sink.OnIssue(std::move(issue));
    if (!reading.exchange) return;
    if (reading.exchange->has_receipt()) shape_ = kAnswerShape;
    sink.OnExchange(*std::move(reading.exchange));
  }

  std::string Shape() const override { return shape_; }

 private:
  const DecodeOptions options_;
  std::string text_;
  std::string shape_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Decoder> NewDecoder(DecodeOptions options) { return std::make_unique<TextDecoder>(std::move(options)); }

}  // namespace schotvrij::securemail
