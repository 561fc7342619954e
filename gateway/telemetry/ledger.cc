#include "gateway/telemetry/ledger.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gateway/telemetry/counters.h"
#include "gateway/telemetry/log_line.h"
#include "schemas/base/status.h"

namespace schotvrij::telemetry {
namespace {

constexpr int64_t kLineWaitsUs = 100'000;
constexpr size_t kUnwrittenBytesMax = 32 << 10;

absl::StatusOr<spdlog::sink_ptr> OpenSink(const LedgerOptions& options) {
  if (options.stream != nullptr) return std::make_shared<spdlog::sinks::ostream_sink_mt>(*options.stream);
  if (options.log_file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  try {
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.log_file);
  } catch (const spdlog::spdlog_ex&) {
    return absl::InvalidArgumentError(absl::StrCat(options.log_file, ": cannot be opened for the log"));
  }
}

}  // namespace

// The file log: lines wait for each other, for a system call each would cost more than all else about them.
struct Ledger::Parts : std::enable_shared_from_this<Ledger::Parts> {
  Parts(const LedgerOptions& options, spdlog::sink_ptr sink)
      : clock(options.clock),
        executor(options.executor),
        counters(options.release, clock->Now()),
        log("schotvrij", std::move(sink)) {
    log.set_pattern("%v");
    log.flush_on(spdlog::level::info);
  }
  ~Parts() { WriteOut(); }

  void Write(Level level, const std::string& line) {
    absl::MutexLock lock(&mutex);
    if (!unwritten.empty()) unwritten += '\n';
    unwritten += line;
    if (executor == nullptr || level != Level::kInfo || unwritten.size() >= kUnwrittenBytesMax) return WriteOutLocked();
    if (std::exchange(waits, true)) return;
    executor->PostAfter(kLineWaitsUs, [weak = weak_from_this()] {
      if (const std::shared_ptr<Parts> parts = weak.lock()) parts->WriteOut();
    });
  }

  void WriteOut() {
    absl::MutexLock lock(&mutex);
    waits = false;
    WriteOutLocked();
  }

  void WriteOutLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (unwritten.empty()) return;
    log.info(std::string_view(unwritten));
    unwritten.clear();
  }

  const Clock* const clock;
  Executor* const executor;
  Counters counters;

  absl::Mutex mutex;
  spdlog::logger log ABSL_GUARDED_BY(mutex);
  std::string unwritten ABSL_GUARDED_BY(mutex);  // lines without the end of the last
  bool waits ABSL_GUARDED_BY(mutex) = false;     // somebody is going to write them out
};

Ledger::Ledger(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
Ledger::~Ledger() = default;

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Create(LedgerOptions options) {
  ASSIGN_OR_RETURN(spdlog::sink_ptr sink, OpenSink(options));
  return std::unique_ptr<Ledger>(new Ledger(std::make_shared<Parts>(options, std::move(sink))));
}

void Ledger::Record(const Event& event) {
  parts_->counters.Count(event);
  const Level level = std::visit([](const auto& one) { return one.kLevel; }, event);
  parts_->Write(level, LogLine(parts_->clock->Now(), event));
}

void Ledger::SetBacklog(Backlog what, uint64_t count) { parts_->counters.SetBacklog(what, count); }

void Ledger::ObserveCommit(int64_t duration_us) { parts_->counters.ObserveCommit(duration_us); }

void Ledger::CountParts(PartStep step, uint64_t parts) { parts_->counters.CountParts(step, parts); }

void Ledger::SetBatches(BatchStage stage, uint64_t count) { parts_->counters.SetBatches(stage, count); }

void Ledger::ObserveSync(int64_t duration_us) { parts_->counters.ObserveSync(duration_us); }

void Ledger::ShowMailboxes(std::span<const MailboxBacklog> mailboxes) { parts_->counters.ShowMailboxes(mailboxes); }

void Ledger::ShowCertificates(std::span<const CertificateExpiry> certificates) {
  parts_->counters.ShowCertificates(certificates);
}

void Ledger::SetStoreBytes(StoreFile file, uint64_t bytes) { parts_->counters.SetStoreBytes(file, bytes); }
void Ledger::SetBreaches(uint64_t open, int64_t oldest_us) { parts_->counters.SetBreaches(open, oldest_us); }

std::string Ledger::Metrics() const { return parts_->counters.Text(); }

}  // namespace schotvrij::telemetry
