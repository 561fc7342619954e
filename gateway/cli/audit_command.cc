#include "gateway/cli/audit_command.h"

#include <algorithm>
#include <filesystem>
#include <vector>

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

struct Checkpoints {
  std::vector<std::string> stored;
  std::vector<std::string> outside;
  bool newest_outside_only = false;
  size_t copy_behind = 0;  // lines that came after a copy was made
};

// A copy that was made some time ago ends before the database does; what it has must still be there.
size_t LinesSinceCopy(const Checkpoints& read) {
  const bool earlier = !read.outside.empty() && read.outside.size() < read.stored.size() &&
                       std::equal(read.outside.begin(), read.outside.end(), read.stored.begin());
  return earlier ? read.stored.size() - read.outside.size() : 0;
}

// A running gateway writes each line to the file first and then to the database. So what the database had before the file was
// read must be there, and what the file has must be in the database now, all but a newest line under way; one that a crash left
// there alone the gateway adds itself when it starts.
absl::StatusOr<Checkpoints> ReadCheckpoints(store::Store& store, const std::string& file, bool is_copy) {
  Checkpoints read;
  ASSIGN_OR_RETURN(const std::vector<std::string> before, store.Checkpoints());
  ASSIGN_OR_RETURN(read.outside, audit::CheckpointFile::Read(file));
  ASSIGN_OR_RETURN(read.stored, store.Checkpoints());
  const size_t known = std::max(before.size(), read.outside.size());
  if (read.stored.size() > known) read.stored.resize(known);
  if (read.outside.size() == read.stored.size() + 1) {
    read.stored.push_back(read.outside.back());
    read.newest_outside_only = true;
  }
  if (is_copy) read.copy_behind = LinesSinceCopy(read);
  if (read.copy_behind > 0) read.outside = read.stored;
  return read;
}

struct Verified {
  audit::Verification found;
  bool newest_outside_only = false;
  size_t copy_behind = 0;
};

absl::StatusOr<Verified> Verify(const AuditVerifyOptions& options) {
  ASSIGN_OR_RETURN(identity::LoadedConfig config, identity::LoadConfig(Home(options.home).ConfigFile()));
  const std::string& database = config.config.store().sqlite_file();
  if (!std::filesystem::exists(database)) {
    return absl::NotFoundError("there is no database yet: " + database);
  }
  // Opening begins no chain: a chain is there once it has a record.
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenSqlite(database, "verify", {}));
  const bool is_copy = !options.checkpoints.empty();
  ASSIGN_OR_RETURN(
      const Checkpoints checkpoints,
      ReadCheckpoints(*store, is_copy ? options.checkpoints : config.config.audit().checkpoint_file(), is_copy));
  audit::RecordSource source{
      [&]() -> absl::StatusOr<std::vector<std::string>> {
        ASSIGN_OR_RETURN(std::vector<ChainHead> heads, store->AuditHeads());
        std::vector<std::string> chains;
        for (const ChainHead& head : heads) chains.push_back(head.chain);
        return chains;
      },
      [&](std::string_view chain, uint64_t from, size_t most) { return store->AuditRecords(chain, from, most); }};
  Verified verified{{}, checkpoints.newest_outside_only, checkpoints.copy_behind};
  ASSIGN_OR_RETURN(verified.found, audit::Verify(source, checkpoints.stored, checkpoints.outside,
                                                 config.audit_verification_key_pem));
  return verified;
}

std::string When(Instant instant) {
  return instant.us == 0 ? "never" : UtcText(instant);
}

// Where: a record of a chain, or a line of the checkpoints.
void PrintPlace(const audit::Finding& finding, std::ostream& out) {
  if (finding.chain.empty()) {
    out << "checkpoint " << finding.sequence;
  } else {
    out << "chain " << finding.chain << " record " << finding.sequence;
  }
}

void Print(const Verified& verified, std::ostream& out) {
  const audit::Verification& found = verified.found;
  for (const audit::Finding& finding : found.findings) {
    out << "FOUND ";
    PrintPlace(finding, out);
    out << ": " << finding.text << '\n';
  }
  out << found.records << " records, " << found.checkpoints << " checkpoints, "
      << (found.findings.empty() ? "whole" : "NOT whole") << '\n';
  if (verified.copy_behind > 0) out << verified.copy_behind << " checkpoints are newer than the copy\n";
  out << "newest checkpoint: " << When(found.newest_checkpoint)
      << (verified.newest_outside_only ? ", in the file and not yet in the database\n" : "\n")
      << "not vouched for: " << found.not_vouched_for
      << " records after it (their chain is checked, but a cut of its end would not show)\n";
}

void PrintJson(const Verified& verified, std::ostream& out) {
  const audit::Verification& found = verified.found;
  out << "{\"whole\":" << (found.findings.empty() ? "true" : "false") << ",\"records\":" << found.records
      << ",\"checkpoints\":" << found.checkpoints << ",\"newest_checkpoint\":" << JsonString(When(found.newest_checkpoint))
      << ",\"newest_in_file_only\":" << (verified.newest_outside_only ? "true" : "false")
      << ",\"newer_than_copy\":" << verified.copy_behind << ",\"not_vouched_for\":" << found.not_vouched_for << ",\"findings\":[";
  for (size_t i = 0; i < found.findings.size(); ++i) {
    const audit::Finding& finding = found.findings[i];
    out << (i > 0 ? "," : "") << "{\"chain\":" << JsonString(finding.chain) << ",\"record\":" << finding.sequence
        << ",\"text\":" << JsonString(finding.text) << "}";
  }
  out << "]}\n";
}

}  // namespace

int RunAuditVerify(const AuditVerifyOptions& options, std::ostream& out, std::ostream& err) {
  absl::StatusOr<Verified> verified = Verify(options);
  if (!verified.ok()) {
    err << "schotvrij: " << verified.status().message() << '\n';
    return absl::IsInvalidArgument(verified.status()) ? kWrongUse : kSystemFailed;
  }
  options.json ? PrintJson(*verified, out) : Print(*verified, out);
  return verified->found.findings.empty() ? kGood : kMessageAtFault;
}

}  // namespace schotvrij::cli
