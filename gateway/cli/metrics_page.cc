#include "gateway/cli/metrics_page.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace schotvrij::cli {
namespace {

constexpr std::pair<http::Event, const char*> kHttpsEvents[] = {
    {http::Event::kAccepted, "connection"},        {http::Event::kOverCapacity, "over-capacity"},
    {http::Event::kTlsRefused, "tls-refused"},     {http::Event::kNotEnrolled, "not-enrolled"},
    {http::Event::kRefused, "request-refused"},    {http::Event::kAnswered, "request-answered"},
    {http::Event::kCutOff, "cut-off"},
};

void ShowBacklog(const MeasuredParts& parts) {
  const Instant now = parts.clock->Now();
  absl::StatusOr<store::Store::Backlog> backlog = parts.store->ReadBacklog(now);
  if (!backlog.ok()) {
    parts.ledger->Record(telemetry::Failed{telemetry::Place("metrics"), static_cast<int64_t>(backlog.status().code()), {}});
    return;
  }
  using telemetry::Backlog;
  parts.ledger->SetBacklog(Backlog::kQueuedUnits, backlog->queued_units);
  parts.ledger->SetBacklog(Backlog::kQueuedBytes, backlog->queued_bytes);
  parts.ledger->SetBacklog(Backlog::kDueDeliveries, backlog->due);
  parts.ledger->SetBacklog(Backlog::kPostponedDeliveries, backlog->postponed);
  const bool breached = backlog->breaches > 0;
  parts.ledger->SetBreaches(backlog->breaches, breached ? std::max<int64_t>(0, now.us - backlog->oldest_breach.us) : 0);
  std::vector<telemetry::MailboxBacklog> mailboxes;
  for (const store::Store::Mailboxful& mailbox : backlog->mailboxes) {
    mailboxes.push_back({telemetry::ParticipantKey(mailbox.recipient), mailbox.waiting,
                         std::max<int64_t>(0, now.us - mailbox.oldest.us)});
  }
  parts.ledger->ShowMailboxes(mailboxes);
}

void ShowFiles(const MeasuredParts& parts) {
  const std::pair<telemetry::StoreFile, std::string> files[] = {
      {telemetry::StoreFile::kDatabase, parts.database_file}, {telemetry::StoreFile::kLog, parts.database_file + "-wal"}};
  std::error_code error;
  for (const auto& [file, name] : files) {
    if (const auto bytes = std::filesystem::file_size(name, error); !error) parts.ledger->SetStoreBytes(file, bytes);
  }
  const auto disk = std::filesystem::space(std::filesystem::path(parts.database_file).parent_path(), error);
  if (!error) parts.ledger->SetStoreBytes(telemetry::StoreFile::kFree, disk.available);
}

// Strangers are counted, not written one by one.
std::string Listeners(const MeasuredParts& parts) {
  std::string text =
      "# HELP schotvrij_https_total What happened on the HTTPS listener\n# TYPE schotvrij_https_total counter\n";
  for (const auto& [event, name] : kHttpsEvents) {
    const int64_t count = parts.https == nullptr ? 0 : parts.https->Count(event);
    absl::StrAppend(&text, "schotvrij_https_total{event=\"", name, "\"} ", count, "\n");
  }
  absl::StrAppend(&text,
                  "# HELP schotvrij_watch_streams Mailbox streams that are open\n# TYPE schotvrij_watch_streams gauge\n"
                  "schotvrij_watch_streams ",
                  parts.grpc == nullptr ? 0 : parts.grpc->watch_streams(), "\n");
  return text;
}

}  // namespace

std::string MetricsPage(const MeasuredParts& parts) {
  ShowBacklog(parts);
  ShowFiles(parts);
  return absl::StrCat(parts.ledger->Metrics(), Listeners(parts));
}

}  // namespace schotvrij::cli
