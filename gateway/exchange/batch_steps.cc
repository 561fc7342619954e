#include "gateway/exchange/batch_steps.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/casefile/casefile.h"
#include "gateway/exchange/closing.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/waiting.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {

using store::BatchState;

BatchSteps::BatchSteps(const RoadParts& parts, store::Batch batch, v1::BatchAccount account)
    : parts_(parts), now_(parts.clock->Now()),
      standing_{parts.engine->rules(), parts.enrolment(), TodayInAmsterdam(now_)},
      batch_(std::move(batch)), account_(std::move(account)) {}

absl::StatusOr<BatchStep> BatchSteps::Next(const std::map<uint64_t, Issue>& conflicts) {
  switch (batch_.state) {
    case BatchState::kStaged:
      return account_.issues().empty() ? Judge(conflicts) : Refuse();
    case BatchState::kJudged:
      return PutInEffect();
    case BatchState::kInEffect:
      return FinishParts();
    default:
      return RemoveParts();
  }
}

BatchStep BatchSteps::RefuseFor(const Issue& issue) {
  Note(issue, &account_);
  return Refuse();
}

BatchStep BatchSteps::Work() const {
  BatchStep step{{}, batch_.state, 0, {}, {}};
  step.unit.participant = batch_.sender;
  step.unit.background = true;
  return step;
}

BatchStep BatchSteps::Move(BatchState state, bool open) const {
  BatchStep step = Work();
  step.state = state;
  step.unit.batch = batch_;
  step.unit.batch->state = state;
  step.unit.batch->open = open;
  step.unit.batch->account = SealAccount(*parts_.keys, batch_.batch_id, account_);
  return step;
}

std::string BatchSteps::JudgedBy() const { return absl::StrCat(standing_.rules->name(), " ", standing_.today.ToString()); }

absl::StatusOr<std::vector<store::BatchPart>> BatchSteps::Parts(uint64_t after) const {
  return parts_.store->BatchParts(batch_.batch_id, after, limits::kBatchSliceParts);
}

absl::StatusOr<ClientFile*> BatchSteps::FileOf(const std::string& client_id) {
  if (auto found = files_.find(client_id); found != files_.end()) return &found->second;
  ASSIGN_OR_RETURN(std::optional<store::ClientRow> row, parts_.store->ClientById(client_id));
  if (!row.has_value()) return absl::DataLossError("a part of a batch points to no client");
  ASSIGN_OR_RETURN(ClientFile file, ClientFile::OpenOn(*parts_.keys, *standing_.rules, standing_.today, *row));
  return &files_.emplace(client_id, std::move(file)).first->second;
}

store::Unique BatchSteps::Registration(const store::BatchPart& part) const {
  return {kRegistrationSpace,
          RegistrationToken(*parts_.keys, part.exchange.network, part.exchange.sender, part.exchange.sender_role,
                            part.exchange.client_id),
          part.exchange.exchange_id};
}

absl::StatusOr<BatchStep> BatchSteps::Judge(const std::map<uint64_t, Issue>& conflicts) {
  // Judged by one set on one day from the first part to the last.
  if (account_.judged_by() != JudgedBy()) {
    account_.set_judged_by(JudgedBy());
    account_.set_judged(0);
  }
  ASSIGN_OR_RETURN(std::vector<store::BatchPart> parts, Parts(account_.judged()));
  if (parts.empty()) {
    BatchStep step = Move(BatchState::kJudged, true);
    step.unit.audit.push_back(BatchEvent(v1::AUDIT_BATCH_JUDGED, Frame(), batch_.batch_id));
    return step;
  }
  std::vector<store::Unique> claims;
  std::map<std::string, uint64_t> of_part;
  for (const store::BatchPart& part : parts) {
    ASSIGN_OR_RETURN(ClientFile * file, FileOf(part.exchange.client_id));
    std::vector<Issue> issues = JudgePart(part, *file);
    store::Unique claim = Registration(part);
    if (auto conflict = conflicts.find(part.sequence); conflict != conflicts.end()) issues.push_back(conflict->second);
    if (issues.empty() && !of_part.emplace(claim.token, part.sequence).second) {
      issues.push_back(MakeIssue("BATCH-CLIENT-TWICE", "client"));
    }
    if (HasError(issues)) {
      NoteAtPart(part.sequence, issues, &account_);
    } else {
      claims.push_back(std::move(claim));
    }
  }
  account_.set_judged(parts.back().sequence);
  BatchStep step = Move(BatchState::kStaged, true);
  step.parts = parts.size();
  step.unit.uniques = std::move(claims);
  step.claims = std::move(of_part);
  return step;
}

// What may have changed since it was staged: what is known of the client, agreement, membership, rule and consent.
std::vector<Issue> BatchSteps::JudgePart(const store::BatchPart& part, const ClientFile& file) const {
  absl::StatusOr<v1::Exchange> exchange = file.OpenExchange(part.exchange.exchange_id, part.exchange.content);
  absl::StatusOr<v1::FrozenDelivery> frozen = file.OpenFrozen(part.delivery.delivery_id, part.delivery.frozen);
  if (!exchange.ok() || !frozen.ok()) return {MakeIssue("INTERNAL", "")};
  std::vector<Issue> issues = casefile::Check(*exchange, file.facts());
  if (HasError(issues)) return issues;
  const std::vector<std::string> at_most(frozen->paths().begin(), frozen->paths().end());
  auto content = parts_.engine->Disclose({{*exchange, file.facts(), standing_.today}, part.delivery.delivery_id,
                                          part.delivery.recipient, frozen->message_id(), frozen->sent_on(), &at_most});
  if (auto* withheld = std::get_if<policy::Withheld>(&content)) return withheld->issues;
  return {};
}

absl::StatusOr<BatchStep> BatchSteps::PutInEffect() {
  // Another set, or another day, since the first part was judged: from the start.
  if (account_.judged_by() != JudgedBy()) return Move(BatchState::kStaged, true);
  BatchStep step = Move(BatchState::kInEffect, true);
  step.unit.background = false;
  step.unit.audit.push_back(BatchEvent(v1::AUDIT_BATCH_IN_EFFECT, Frame(), batch_.batch_id));
  return step;
}

BatchStep BatchSteps::Refuse() {
  BatchStep step = Move(BatchState::kRefused, true);
  step.unit.done_timers.push_back("batch/" + batch_.batch_id);
  step.unit.audit.push_back(BatchEvent(v1::AUDIT_BATCH_REFUSED, Frame(), batch_.batch_id, IssuesOf(account_)));
  return step;
}

absl::StatusOr<BatchStep> BatchSteps::FinishParts() {
  ASSIGN_OR_RETURN(std::vector<store::BatchPart> parts, Parts(0));
  if (parts.empty()) return Move(BatchState::kInEffect, false);
  BatchStep step = Work();
  step.parts = parts.size();
  for (const store::BatchPart& part : parts) {
    ASSIGN_OR_RETURN(ClientFile * file, FileOf(part.exchange.client_id));
    RETURN_IF_ERROR(FinishPart(part, *file, &step));
  }
  for (const auto& [id, file] : files_) {
    if (file.has_pending()) file.PutMerged(standing_.today, &step.unit);
  }
  return step;
}

absl::Status BatchSteps::FinishPart(const store::BatchPart& part, ClientFile& file, BatchStep* step) const {
  step->unit.finished.push_back({batch_.batch_id, part.sequence});
  if (part.delivery.state == store::DeliveryState::kDue) {  // an event when it is sent
    step->shown.push_back(part.delivery);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(v1::Exchange exchange, file.OpenExchange(part.exchange.exchange_id, part.exchange.content));
  ASSIGN_OR_RETURN(v1::FrozenDelivery frozen, file.OpenFrozen(part.delivery.delivery_id, part.delivery.frozen));
  const EventObjects objects{file.id(), part.exchange.exchange_id, part.delivery.delivery_id, batch_.batch_id};
  if (MustWait(file.facts(), part.delivery)) {
    file.Expect(&step->unit);  // the hold may be lifted at this moment
    step->unit.delivery_updates.push_back(AsWaiting(part.delivery));
    step->unit.delivery_updates.back().frozen.bytes.clear();
    step->unit.audit.push_back(WaitEvent(Frame(), objects));
    return absl::OkStatus();
  }
  step->shown.push_back(part.delivery);
  const std::vector<std::string> at_most(frozen.paths().begin(), frozen.paths().end());
  auto content = parts_.engine->Disclose({{exchange, file.facts(), standing_.today}, part.delivery.delivery_id,
                                          part.delivery.recipient, frozen.message_id(), frozen.sent_on(), &at_most});
  EventFrame frame = Frame();
  frame.role = RoleOr(part.exchange.sender_role, standing_, part.exchange.network, batch_.sender);
  if (auto* withheld = std::get_if<policy::Withheld>(&content)) {
    step->unit.audit.push_back(WithholdEvent(frame, objects, withheld->issues));
  } else {
    step->unit.audit.push_back(DiscloseEvent(frame, objects, std::get<policy::Disclosure>(content).evidence()));
  }
  return absl::OkStatus();
}

absl::StatusOr<BatchStep> BatchSteps::RemoveParts() {
  ASSIGN_OR_RETURN(std::vector<store::BatchPart> parts, Parts(0));
  if (parts.empty()) return Move(BatchState::kRefused, false);
  BatchStep step = Work();
  step.parts = parts.size();
  for (const store::BatchPart& part : parts) {
    step.unit.releases.push_back(Registration(part));
    step.unit.finished.push_back({batch_.batch_id, part.sequence});
  }
  return step;
}

}  // namespace schotvrij::exchange
