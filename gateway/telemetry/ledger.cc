#include "gateway/telemetry/ledger.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/telemetry/counters.h"
#include "gateway/telemetry/log_line.h"
#include "schemas/base/status.h"

namespace schotvrij::telemetry {
namespace {

constexpr std::array<spdlog::level::level_enum, 3> kLevels = {spdlog::level::info, spdlog::level::warn,
                                                              spdlog::level::err};

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

struct Ledger::Parts {
  Parts(const LedgerOptions& options, spdlog::sink_ptr sink)
      : clock(options.clock), log("schotvrij", std::move(sink)), counters(options.release, clock->Now()) {
    log.set_pattern("%v");
    log.set_level(spdlog::level::info);
    log.flush_on(spdlog::level::info);
  }

  const Clock* const clock;
  spdlog::logger log;
  Counters counters;
};

Ledger::Ledger(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Ledger::~Ledger() = default;

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Create(LedgerOptions options) {
  ASSIGN_OR_RETURN(spdlog::sink_ptr sink, OpenSink(options));
  return std::unique_ptr<Ledger>(new Ledger(std::make_unique<Parts>(options, std::move(sink))));
}

void Ledger::Record(const Event& event) {
  parts_->counters.Count(event);
  Level level = std::visit([](const auto& one) { return one.kLevel; }, event);
  parts_->log.log(kLevels[static_cast<size_t>(level)], LogLine(parts_->clock->Now(), event));
}

void Ledger::SetBacklog(Backlog what, uint64_t count) { parts_->counters.SetBacklog(what, count); }

void Ledger::ObserveCommit(int64_t duration_us) { parts_->counters.ObserveCommit(duration_us); }

void Ledger::ObserveSync(int64_t duration_us) { parts_->counters.ObserveSync(duration_us); }

void Ledger::ShowMailboxes(std::span<const MailboxBacklog> mailboxes) { parts_->counters.ShowMailboxes(mailboxes); }

void Ledger::ShowCertificates(std::span<const CertificateExpiry> certificates) {
  parts_->counters.ShowCertificates(certificates);
}

void Ledger::SetStoreBytes(StoreFile file, uint64_t bytes) { parts_->counters.SetStoreBytes(file, bytes); }

std::string Ledger::Metrics() const { return parts_->counters.Text(); }

}  // namespace schotvrij::telemetry
