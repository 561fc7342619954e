#include "gateway/cli/audit_command.h"

#include <filesystem>
#include <vector>

#include "absl/time/time.h"
#include "gateway/audit/audit.h"
#include "gateway/audit/checkpoint_file.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/report.h"
#include "gateway/identity/config.h"
#include "gateway/store/engines.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

absl::StatusOr<audit::Verification> Verify(const AuditVerifyOptions& options) {
  ASSIGN_OR_RETURN(identity::LoadedConfig config, identity::LoadConfig(Home(options.home).ConfigFile()));
  const std::string& database = config.config.store().sqlite_file();
  if (!std::filesystem::exists(database)) {
    return absl::NotFoundError("there is no database yet: " + database);
  }
  // Opening begins no chain: a chain is there once it has a record.
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenSqlite(database, "verify", {}));
  ASSIGN_OR_RETURN(std::vector<std::string> stored, store->Checkpoints());
  const std::string file =
      options.checkpoints.empty() ? config.config.audit().checkpoint_file() : options.checkpoints;
  ASSIGN_OR_RETURN(std::vector<std::string> outside, audit::CheckpointFile::Read(file));
  audit::RecordSource source{
      [&]() -> absl::StatusOr<std::vector<std::string>> {
        ASSIGN_OR_RETURN(std::vector<ChainHead> heads, store->AuditHeads());
        std::vector<std::string> chains;
        for (const ChainHead& head : heads) chains.push_back(head.chain);
        return chains;
      },
      [&](std::string_view chain, uint64_t from, size_t most) { return store->AuditRecords(chain, from, most); }};
  return audit::Verify(source, stored, outside, config.audit_verification_key_pem);
}

std::string When(Instant instant) {
  if (instant.us == 0) return "never";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(instant.us), absl::UTCTimeZone());
}

void Print(const audit::Verification& found, std::ostream& out) {
  for (const audit::Finding& finding : found.findings) {
    out << "FOUND chain " << finding.chain << " record " << finding.sequence << ": " << finding.text << '\n';
  }
  out << found.records << " records, " << found.checkpoints << " checkpoints, "
      << (found.findings.empty() ? "whole" : "NOT whole") << '\n'
      << "newest checkpoint: " << When(found.newest_checkpoint) << '\n'
      << "not vouched for: " << found.not_vouched_for
      << " records after it (their chain is checked, but a cut of its end would not show)\n";
}

void PrintJson(const audit::Verification& found, std::ostream& out) {
  out << "{\"whole\":" << (found.findings.empty() ? "true" : "false") << ",\"records\":" << found.records
      << ",\"checkpoints\":" << found.checkpoints << ",\"newest_checkpoint\":" << JsonString(When(found.newest_checkpoint))
      << ",\"not_vouched_for\":" << found.not_vouched_for << ",\"findings\":[";
  for (size_t i = 0; i < found.findings.size(); ++i) {
    const audit::Finding& finding = found.findings[i];
    out << (i > 0 ? "," : "") << "{\"chain\":" << JsonString(finding.chain) << ",\"record\":" << finding.sequence
        << ",\"text\":" << JsonString(finding.text) << "}";
  }
  out << "]}\n";
}

}  // namespace

int RunAuditVerify(const AuditVerifyOptions& options, std::ostream& out, std::ostream& err) {
  absl::StatusOr<audit::Verification> found = Verify(options);
  if (!found.ok()) {
    err << "schotvrij: " << found.status().message() << '\n';
    return kSystemFailed;
  }
  options.json ? PrintJson(*found, out) : Print(*found, out);
  return found->findings.empty() ? kGood : kMessageAtFault;
}

}  // namespace schotvrij::cli
