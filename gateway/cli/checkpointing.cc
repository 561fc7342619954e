#include "gateway/cli/checkpointing.h"

#include <string>
#include <vector>

#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

constexpr int64_t kLookUs = 1'000'000;

}  // namespace

absl::StatusOr<std::unique_ptr<Checkpointing>> Checkpointing::Open(Parts parts, const identity::LoadedConfig& config) {
  std::unique_ptr<Checkpointing> made(new Checkpointing(parts));
  made->interval_us_ = config.checkpoint_interval_us;
  made->records_max_ = config.checkpoint_records;
  ASSIGN_OR_RETURN(made->signer_, audit::Signer::FromPem(config.audit_signing_key_pem.text()));
  const std::string& file = config.config.audit().checkpoint_file();
  ASSIGN_OR_RETURN(made->file_, audit::CheckpointFile::Open(file));
  ASSIGN_OR_RETURN(std::vector<std::string> lines, audit::CheckpointFile::Read(file));
  store::Store* const store = parts.store;
  ASSIGN_OR_RETURN(
      made->checkpointer_,
      audit::Checkpointer::Start({[store] { return store->AuditHeads(); }, [store] { return store->Checkpoints(); },
                                  [store](std::string_view line) { return store->PutCheckpoint(line); }},
                                 [file = made->file_.get()](std::string_view line) { return file->Append(line); },
                                 made->signer_.get(), lines));
  RETURN_IF_ERROR(made->Run());
  parts.ledger->SetBacklog(telemetry::Backlog::kUnvouchedRecords, 0);
  return made;
}

void Checkpointing::Schedule() {
  parts_.executor->PostAfter(kLookUs, [this] {
    absl::Status looked = RunWhenDue();
    if (!looked.ok()) {
      parts_.ledger->Record(telemetry::Failed{telemetry::Place("checkpoint"), static_cast<int64_t>(looked.code()), {}});
    }
    Schedule();
  });
}

absl::Status Checkpointing::Run() {
  ASSIGN_OR_RETURN([[maybe_unused]] bool written, checkpointer_->Run(parts_.clock->Now()));
  return absl::OkStatus();
}

absl::Status Checkpointing::RunWhenDue() {
  ASSIGN_OR_RETURN(std::vector<ChainHead> heads, parts_.store->AuditHeads());
  uint64_t records = 0;
  for (const ChainHead& head : heads) records += head.sequence;
  const Instant now = parts_.clock->Now();
  parts_.ledger->SetBacklog(telemetry::Backlog::kUnvouchedRecords, records - vouched_records_);
  if (now.us - newest_at_.us < interval_us_ && records - vouched_records_ < records_max_) return absl::OkStatus();
  RETURN_IF_ERROR(Run());
  newest_at_ = now;
  vouched_records_ = records;
  return absl::OkStatus();
}

}  // namespace schotvrij::cli
