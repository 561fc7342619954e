#include "gateway/exchange/batch_slice.h"

#include <utility>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/own_approval.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {

BatchSlice::BatchSlice(const RoadParts& parts, const Standing& standing, const identity::Caller& caller, Instant now, store::Batch batch,
                       v1::BatchAccount account)
    : parts_(parts), standing_(standing), caller_(caller), now_(now), batch_(std::move(batch)), account_(std::move(account)) {
  unit_.participant = batch_.sender;
  unit_.background = true;
}

EventFrame BatchSlice::Frame(const v1::Exchange& exchange) const {
  EventFrame frame = FrameOf(parts_, standing_, batch_, account_, now_);
  frame.role = RoleOr(exchange.envelope().sender_role(), standing_, exchange.envelope().network(), batch_.sender);
  return frame;
}

absl::Status BatchSlice::Add(const ReceivedPart& part) {
  std::vector<Issue> issues = part.issues;
  if (!HasError(issues)) {
    ASSIGN_OR_RETURN(ClientFile * file, FileOf(part.exchange));
    issues = Stage(part, *file);
  }
  if (HasError(issues)) {
    NoteAtPart(part.sequence, issues, &account_);
    unit_.audit.push_back(RefuseEvent(Frame(part.exchange), {"", "", "", batch_.batch_id}, issues));
  }
  batch_.parts = part.sequence;
  account_.set_digest(part.digest);
  account_.set_bytes(part.behind.bytes);
  account_.set_decoder(part.behind.state);
  return absl::OkStatus();
}

absl::StatusOr<ClientFile*> BatchSlice::FileOf(const v1::Exchange& exchange) {
  std::string token = BsnToken(*parts_.keys, exchange.client().bsn());
  if (auto found = files_.find(token); found != files_.end()) return &found->second;
  ASSIGN_OR_RETURN(std::optional<store::ClientRow> row, parts_.store->ClientByIdentifier(token));
  if (!row.has_value()) {
    return &files_.emplace(std::move(token), ClientFile::New(*parts_.keys, now_, *parts_.random)).first->second;
  }
  ASSIGN_OR_RETURN(ClientFile file, ClientFile::OpenOn(*parts_.keys, *standing_.rules, standing_.today, *row));
  return &files_.emplace(std::move(token), std::move(file)).first->second;
}

std::vector<Issue> BatchSlice::Stage(const ReceivedPart& part, ClientFile& file) {
  const v1::Exchange& exchange = part.exchange;
  std::vector<Issue> issues = casefile::Check(exchange, file.facts());
  if (HasError(issues)) return issues;
  const policy::Decision decision = parts_.engine->Decide({exchange, file.facts(), standing_.today});
  if (HasError(decision.issues)) return decision.issues;

  store::Unit posted;
  Posting posting;
  posting.exchange_id = NewRowId(now_, *parts_.random);
  posting.batch_id = batch_.batch_id;
  const EventFrame frame = Frame(exchange);
  posted.audit.push_back(ReceiveEvent(frame, {file.id(), posting.exchange_id, "", batch_.batch_id}));
  issues = Poster(parts_, standing_, file, now_, Poster::Shown::kLater).Post(exchange, decision, frame, &posted, &posting);
  if (!issues.empty()) return issues;
  // A registration goes to the one it is addressed to.
  if (posted.deliveries.size() != 1) return {MakeIssue("NOTHING-TO-SHARE", "")};

  const std::string token = BsnToken(*parts_.keys, exchange.client().bsn());
  const v1::Facts added = casefile::Apply(
      {}, exchange, {posting.exchange_id, posting.delivery_ids.front(), decision.agreement_version,
                     decision.recipients.front().role, PersonOf(*standing_.rules, caller_, exchange.envelope().network())});
  const bool first_of_client = std::none_of(unit_.clients.begin(), unit_.clients.end(),
                                            [&](const store::PutClient& put) { return put.client_id == file.id(); });
  if (file.is_new() && first_of_client) {
    unit_.expects.push_back({file.id(), 0});
    file.PutClient(token, &unit_);
  }
  unit_.parts.push_back({part.sequence, token, std::move(posted.exchanges.front()), std::move(posted.deliveries.front()),
                         file.SealAdded({batch_.batch_id, part.sequence}, added)});
  for (std::string& event : posted.audit) unit_.audit.push_back(std::move(event));
  for (store::Timer& timer : posted.timers) unit_.timers.push_back(std::move(timer));
  ++staged_;
  return {};
}

store::Unit BatchSlice::Take() {
  batch_.account = SealAccount(*parts_.keys, batch_.batch_id, account_);
  unit_.batch = batch_;
  // Each slice winds it up again.
  unit_.timers.push_back({"batch/" + batch_.batch_id, kBatchTimer, batch_.batch_id,
                          Instant{now_.us + limits::kBatchReceiveUsMax}});
  return std::move(unit_);
}

}  // namespace schotvrij::exchange
