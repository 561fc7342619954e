#include "gateway/exchange/batch_account.h"

#include "absl/strings/str_cat.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/stored_answer.h"
#include "schemas/base/limits.h"
#include "schemas/base/stable_bytes.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::exchange {
namespace {

std::string AccountRow(std::string_view batch_id) { return absl::StrCat("batch/", ToAbsl(batch_id)); }

}  // namespace

store::Sealed SealAccount(const identity::KeyRing& keys, std::string_view batch_id, const v1::BatchAccount& account) {
  return {kSchemaRevision, keys.SealOwn(AccountRow(batch_id), ToBytes(account))};
}

absl::StatusOr<v1::BatchAccount> OpenAccount(const identity::KeyRing& keys, const store::Batch& batch) {
  if (batch.account.revision > kSchemaRevision) {
    return absl::FailedPreconditionError("a batch was written by a newer release");
  }
  ASSIGN_OR_RETURN(std::string bytes, keys.OpenOwn(AccountRow(batch.batch_id), batch.account.bytes));
  v1::BatchAccount account;
  if (!account.ParseFromString(bytes)) return absl::DataLossError("the account of a batch does not parse");
  return account;
}

void Note(const Issue& issue, v1::BatchAccount* account) {
  if (static_cast<size_t>(account->issues_size()) >= limits::kIssuesMax) return;
  v1::BatchIssue& noted = *account->add_issues();
  noted.set_rule(issue.rule);
  noted.set_path(issue.path);
  noted.set_text(issue.text);
}

void NoteAtPart(uint64_t sequence, std::span<const Issue> issues, v1::BatchAccount* account) {
  account->set_refused(account->refused() + 1);
  for (Issue issue : issues) {
    if (issue.severity != Severity::kError) continue;
    issue.path = absl::StrCat("part[", sequence, "]", issue.path.empty() ? "" : ".", issue.path);
    Note(issue, account);
  }
}

std::vector<Issue> IssuesOf(const v1::BatchAccount& account) {
  std::vector<Issue> issues;
  for (const v1::BatchIssue& noted : account.issues()) {
    issues.push_back(MakeIssue(noted.rule(), noted.path()));
    issues.back().text = noted.text();
  }
  return issues;
}

BatchProgress ProgressOf(const store::Batch& batch, const v1::BatchAccount& account) {
  BatchProgress progress;
  progress.state = batch.state;
  progress.parts = batch.parts;
  progress.bytes = account.bytes();
  progress.judged = account.judged();
  progress.batch_id = batch.batch_id;
  if (batch.state == store::BatchState::kRefused) progress.issues = IssuesOf(account);
  return progress;
}

BatchProgress FailedProgress(const absl::Status& status) {
  policy::Answer answer = FailureAnswer(status);
  BatchProgress progress;
  progress.issues = std::move(answer.issues);
  progress.retry_after_s = answer.retry_after_s;
  return progress;
}

EventFrame FrameOf(const RoadParts& parts, const Standing& standing, const store::Batch& batch,
                   const v1::BatchAccount& account, Instant now) {
  return {now, parts.gateway_id, standing.rules->name(), account.peer(), batch.sender, "", account.trace_id()};
}

}  // namespace schotvrij::exchange
