#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/canonical/canonical.h"
#include "adapters/canonical/map/envelope.h"
#include "adapters/canonical/wire/json_scan.h"
#include "google/protobuf/util/json_util.h"
#include "schemas/base/limits.h"
#include "schemas/base/redact.h"

namespace schotvrij::canonical {
namespace {

// Reads a whole body into an Exchange, or says why not.
using Reader = std::optional<Issue> (*)(const std::string& body, v1::Exchange* exchange);

std::optional<Issue> ReadBinary(const std::string& body, v1::Exchange* exchange) {
  if (!exchange->ParseFromString(body)) return MakeIssue("PROTO-SYNTAX", "");
  return std::nullopt;
}

std::optional<Issue> ReadJson(const std::string& body, v1::Exchange* exchange) {
  if (std::optional<Issue> fault = ScanJson(body)) return fault;
  // The scan found sound JSON, so what is left to refuse is what the schema does not name.
  // Protobuf's own text quotes values.
  if (!google::protobuf::util::JsonStringToMessage(body, exchange).ok())
    return MakeIssue("UNKNOWN-FIELD", "");
  return std::nullopt;
}

class WholeBodyDecoder final : public Decoder {
 public:
  explicit WholeBodyDecoder(Reader reader) : reader_(reader) {}

  bool Feed(std::string_view bytes, PartSink& sink) override {
    if (bytes.size() > limits::kBodyBytesMax - body_.size()) {
      sink.OnIssue(MakeIssue("BODY-SIZE", ""));
      return false;
    }
    body_.append(bytes);
    return true;
  }

  void Finish(PartSink& sink) override {
    v1::Exchange exchange;
    if (std::optional<Issue> fault = reader_(body_, &exchange))
      return sink.OnIssue(*std::move(fault));
    if (std::string unknown = FindUnknown(exchange); !unknown.empty()) {
      return sink.OnIssue(MakeIssue("UNKNOWN-FIELD", unknown));
    }
    for (Issue& issue : ClearAssigned(&exchange)) sink.OnIssue(std::move(issue));
    sink.OnExchange(std::move(exchange));
  }

 private:
  const Reader reader_;
  std::string body_;
};

}  // namespace

std::unique_ptr<Decoder> NewDecoder() { return std::make_unique<WholeBodyDecoder>(&ReadBinary); }

std::unique_ptr<Decoder> NewJsonDecoder() { return std::make_unique<WholeBodyDecoder>(&ReadJson); }

}  // namespace schotvrij::canonical
