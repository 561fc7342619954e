#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/iwmo/iwmo.h"
#include "adapters/iwmo/map/outcome.h"
#include "adapters/iwmo/map/plan.h"
#include "adapters/iwmo/map/tree_reader.h"
#include "adapters/iwmo/rules/rules.h"
#include "adapters/iwmo/wire/reader.h"
#include "schemas/base/limits.h"

namespace schotvrij::iwmo {
namespace {

// Turns what the Reader gives into parts. After the first error no part is given any more, and no trailer: a batch is good only with it.
class Parts final : public TreeSink {
 public:
  explicit Parts(int level) : level_(level) {}

  void Into(PartSink& sink) { sink_ = &sink; }
  bool IsFull() const { return issues_ >= limits::kIssuesMax; }

  void OnHead(const Tree& head) override {
    Begin(head.grammar());
    if (checker_.has_value()) checker_->Head(head);
    reader_->Read(head, 0, &frame_, &found_);
    Tell();
    if (!failed_) sink_->OnHeader(Header());
  }

  void OnPart(const Tree& part) override {
    if (checker_.has_value()) checker_->Part(part, &found_);
    v1::Exchange exchange;
    if (!failed_) {
      exchange = frame_;
      reader_->Read(part, parts_, &exchange, &found_);
    }
    ++parts_;
    if (exchange.has_declaration_answer()) SetClientOutcome(exchange.mutable_declaration_answer());
    Give(std::move(exchange));
    sink_->OnPart();
  }

  void OnEnd(const Tree& whole) override {
    const bool is_batch = whole.grammar().part() != kNoElement;
    if (!is_batch) Begin(whole.grammar());
    if (checker_.has_value()) checker_->End(whole, &found_);
    ended_ = true;
    if (is_batch && !frame_.has_declaration_answer()) return Tell();
    v1::Exchange& exchange = last_.emplace();
    std::vector<Issue> told;  // with the head
    reader_->Read(whole, parts_, &exchange, is_batch ? &told : &found_);
    if (exchange.has_receipt()) FinishReceipt(exchange.mutable_receipt());
    if (exchange.has_declaration_answer()) SetOutcome(whole, exchange.mutable_declaration_answer());
    Tell();
  }

  // Only then it is known that nothing stands behind the message.
  void Finish() {
    if (failed_ || !ended_) return;
    if (last_.has_value()) Give(*std::move(last_));
    if (!frame_.has_envelope()) return;
    v1::BatchTrailer trailer;
    trailer.set_exchanges(given_);
    sink_->OnTrailer(std::move(trailer));
  }

  void OnIssue(Issue issue) override {
    failed_ = failed_ || issue.severity == Severity::kError;
    if (issues_++ < limits::kIssuesMax) sink_->OnIssue(std::move(issue));
  }

 private:
  void Begin(const Grammar& grammar) {
    reader_.emplace(Plan::Of(grammar));
    if (level_ >= 2) checker_.emplace(grammar);
  }

  v1::BatchHeader Header() const {
    v1::BatchHeader header;
    header.set_batch_key(frame_.envelope().request_key());
    *header.mutable_sender() = frame_.envelope().sender_identifier();
    return header;
  }

  // The reader of a return knows the message by the number that it gave it.
  static void FinishReceipt(v1::Receipt* receipt) {
    receipt->set_about(receipt->request_key());
    SetOutcome(receipt);
  }

  void Tell() {
    for (Issue& issue : found_) OnIssue(std::move(issue));
    found_.clear();
  }

  void Give(v1::Exchange exchange) {
    Tell();
    if (failed_) return;
    ++given_;
    sink_->OnExchange(std::move(exchange));
  }

  const int level_;
  PartSink* sink_ = nullptr;
  std::optional<TreeReader> reader_;  // from the head on
  std::optional<Checker> checker_;
  v1::Exchange frame_;                // what each part of a batch has of the whole; empty: no batch
  std::optional<v1::Exchange> last_;  // what the end of the message says
  std::vector<Issue> found_;
  bool failed_ = false, ended_ = false;
  size_t issues_ = 0;
  uint64_t parts_ = 0, given_ = 0;
};

class IwmoDecoder final : public Decoder {
 public:
  explicit IwmoDecoder(const DecodeOptions& options)
      : parts_(options.level), reader_({options.any_size ? limits::kIwmoLiftedBytesMax : limits::kIwmoBytesMax}) {}

  bool Feed(std::string_view bytes, PartSink& sink) override {
    parts_.Into(sink);
    return reader_.Feed(bytes, parts_) && !parts_.IsFull();
  }
  void Finish(PartSink& sink) override {
    parts_.Into(sink);
    reader_.Finish(parts_);
    parts_.Finish();
  }
  std::string Shape() const override {
    return reader_.grammar() == nullptr ? "" : std::string(reader_.grammar()->message());
  }

 private:
  Parts parts_;
  Reader reader_;
};

}  // namespace

std::unique_ptr<Decoder> NewDecoder(DecodeOptions options) { return std::make_unique<IwmoDecoder>(options); }

}  // namespace schotvrij::iwmo
