#include "gateway/exchange/batch_intake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/canonical/canonical.h"
#include "gateway/casefile/life_cycle.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/telemetry/ledger.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::exchange {
namespace {

// Each bound to the one before, so that the last digest is the batch's.
std::string Chain(const identity::KeyRing& keys, std::string_view before, const ReceivedPart& part) {
  std::string said(before);
  if (part.issues.empty()) {
    said += DigestOf(keys, part.exchange);
  } else {
    for (const Issue& issue : part.issues) absl::StrAppend(&said, issue.rule, "|", issue.path, "\n");
  }
  return keys.Token("batch-part", said);
}

}  // namespace

void BatchDesk::Open(Request request, absl::AnyInvocable<void(Opened)> done) {
  std::vector<Issue> issues;
  const std::optional<std::string> sender = SpeaksAs(request.caller, *parts_.enrolment(), request.sender, &issues);
  BatchProgress refused;
  if (!sender.has_value()) {
    refused.issues = std::move(issues);
    return done({nullptr, std::move(refused)});
  }
  store::Batch batch;
  v1::BatchAccount account;
  batch.key_token = parts_.keys->Token("batch", absl::StrCat(request.edge, "|", SpeakerOf(request.caller, *sender), "|", request.key));
  absl::StatusOr<std::optional<store::Batch>> known = parts_.store->BatchByKey(batch.key_token);
  if (!known.ok()) return done({nullptr, FailedProgress(known.status())});
  if (known->has_value()) {
    batch = **std::move(known);
    absl::StatusOr<v1::BatchAccount> opened = OpenAccount(*parts_.keys, batch);
    if (!opened.ok()) return done({nullptr, FailedProgress(opened.status())});
    account = *std::move(opened);
  } else {
    absl::StatusOr<std::vector<store::Batch>> open = parts_.store->OpenBatches(limits::kOpenBatchesMax);
    if (!open.ok()) return done({nullptr, FailedProgress(open.status())});
    const auto mine = std::count_if(open->begin(), open->end(),
                                    [&](const store::Batch& each) { return each.sender == *sender; });
    if (open->size() >= limits::kOpenBatchesMax || mine >= static_cast<int64_t>(limits::kOpenBatchesPerSenderMax)) {
      return done({nullptr, FailedProgress(absl::ResourceExhaustedError("too many batches are open"))});
    }
    batch.batch_id = NewRowId(parts_.clock->Now(), *parts_.random);
    batch.sender = *sender;
    account.set_edge(request.edge);
    account.set_peer(request.caller.peer);
    account.set_trace_id(request.trace_id);
  }
  BatchProgress progress = ProgressOf(batch, account);
  auto intake = std::make_shared<Intake>(parts_, active_, turns_, std::move(request), *sender, std::move(batch), std::move(account));
  done({std::move(intake), std::move(progress)});
}

// Gathers what the decoder says of one part after the other.
class Intake::Sink final : public PartSink {
 public:
  explicit Sink(Intake& intake) : intake_(intake) {}
  void OnHeader(v1::BatchHeader) override {}
  void OnTrailer(v1::BatchTrailer) override {}
  void OnExchange(v1::Exchange exchange) override { part_.exchange = std::move(exchange); }
  void OnIssue(Issue issue) override { part_.issues.push_back(std::move(issue)); }
  void OnPart() override {
    ReceivedPart part = std::exchange(part_, {});
    part.sequence = intake_.next_;
    part.behind = intake_.decoder_->position();
    if (!HasError(part.issues)) part.issues = intake_.Admitted(&part.exchange);
    same_ = same_ && intake_.Take(std::move(part));
  }
  // What was said since the last part: of the Bundle as a whole.
  std::vector<Issue> Rest() { return std::move(part_.issues); }
  bool same() const { return same_; }

 private:
  Intake& intake_;
  ReceivedPart part_;
  bool same_ = true;
};

Intake::Intake(const RoadParts& parts, ActiveNetworks& active, BatchTurns& turns, BatchDesk::Request request,
               std::string sender, store::Batch batch, v1::BatchAccount account)
    : parts_(parts), active_(active), request_(std::move(request)), sender_(std::move(sender)),
      turn_(turns.Take(batch.key_token)), batch_(std::move(batch)), account_(std::move(account)),
      standing_{parts.engine->rules(), parts.enrolment(), TodayInAmsterdam(parts.clock->Now())} {}

bool Intake::Begin(Way way, bool at_start) {
  standing_ = {parts_.engine->rules(), parts_.enrolment(), TodayInAmsterdam(parts_.clock->Now())};
  if (way_ != Way::kUnknown) return way_ == way;
  way_ = way;
  fhir::BatchPosition from;
  if (!at_start) {
    next_ = batch_.parts + 1;
    digest_ = account_.digest();
    from = {account_.bytes(), account_.decoder()};
  }
  offset_ = from.bytes;
  if (way == Way::kBundle) decoder_ = fhir::NewBatchDecoder(std::move(from));
  return true;
}

void Intake::Bundle(uint64_t offset, std::string_view bytes, Done done) {
  done_ = std::move(done);
  if (!Begin(Way::kBundle, offset == 0) || offset != offset_) return Refuse(MakeIssue("BATCH-ORDER", "bundle.offset"));
  offset_ += bytes.size();
  unread_ = bytes;
  Proceed();
}

void Intake::Proceed() {
  parts_.executor->Post([self = shared_from_this()] { self->GoOn(); });
}

void Intake::ReadPiece() {
  const std::string piece = unread_.substr(0, limits::kBatchPieceBytes);
  unread_.erase(0, piece.size());
  Sink sink(*this);
  const bool more = decoder_->Feed(piece, sink);
  if (!sink.same()) return Refuse(MakeIssue("KEY-REUSED", "header.batch_key"));
  if (!more) {
    last_ = true;
    unread_.clear();
    refused_ = sink.Rest();
    for (Issue& issue : refused_) issue.path = absl::StrCat("part[", next_, "]");
  }
  Proceed();
}

void Intake::Part(uint64_t sequence, v1::Exchange exchange, Done done) {
  done_ = std::move(done);
  if (!Begin(Way::kParts, sequence == 1) || sequence != next_ || (sequence > 1 && account_.bytes() > 0)) {
    return Refuse(MakeIssue("BATCH-ORDER", "part.sequence"));
  }
  ReceivedPart part{sequence, std::move(exchange), {}, "", {}};
  part.issues = Admitted(&part.exchange);
  if (!Take(std::move(part))) return Refuse(MakeIssue("KEY-REUSED", "header.batch_key"));
  Proceed();
}

void Intake::End(std::optional<uint64_t> parts, Done done) {
  done_ = std::move(done);
  last_ = true;
  trailer_ = parts;
  Proceed();
}

void Intake::Look(Done done) {
  absl::StatusOr<std::optional<store::Batch>> batch = parts_.store->BatchByKey(batch_.key_token);
  if (!batch.ok()) return done(FailedProgress(batch.status()));
  if (!batch->has_value()) return done(Progress());
  absl::StatusOr<v1::BatchAccount> account = OpenAccount(*parts_.keys, **batch);
  if (!account.ok()) return done(FailedProgress(account.status()));
  done(ProgressOf(**batch, *account));
}

std::vector<Issue> Intake::Admitted(v1::Exchange* exchange) {
  if (!exchange->has_registration()) return {MakeIssue("CONTENT-NOT-SUPPORTED", "")};
  if (casefile::IsLaterStep(*exchange)) return {MakeIssue("BATCH-STEP", "registration.step")};
  std::vector<Issue> issues = canonical::CheckForm(*exchange);
  if (!HasError(issues)) issues = CheckEnvironment(parts_.environment, *exchange);
  if (HasError(issues)) return issues;
  v1::Envelope& envelope = *exchange->mutable_envelope();
  if (!envelope.sender_identifier().value().empty()) {
    const std::optional<std::string> named =
        SpeaksAs(request_.caller, *standing_.enrolment, envelope.sender_identifier(), &issues);
    if (named != sender_) return {MakeIssue("CALLER-NOT-FOR", "envelope.sender")};
  }
  envelope.set_sender(sender_);
  return Admit(standing_, request_.caller, active_, exchange);
}

bool Intake::Take(ReceivedPart part) {
  ++next_;
  digest_ = Chain(*parts_.keys, digest_, part);
  if (part.sequence < batch_.parts) return true;
  if (part.sequence == batch_.parts) return digest_ == account_.digest();
  if (batch_.state != store::BatchState::kReceiving) return GaveUp();
  part.digest = digest_;
  waiting_.push_back(std::move(part));
  return true;
}

void Intake::GoOn() {
  if (!turn_.last()) return Refuse(MakeIssue("BATCH-ELSEWHERE", "header.batch_key"));
  if (GaveUp() && batch_.state == store::BatchState::kReceiving) return Stage(account_);
  if (waiting_.size() >= limits::kBatchSliceParts || (last_ && !waiting_.empty())) return CommitSlice();
  if (!unread_.empty()) return ReadPiece();
  if (!refused_.empty()) {
    BatchProgress progress = Progress();
    progress.issues = std::move(refused_);
    return Give(std::move(progress));
  }
  if (trailer_.has_value()) return Close();
  Give(Progress());
}

void Intake::CommitSlice() {
  if (waiting_.front().sequence > limits::kBatchPartsMax) {
    waiting_.clear();
    return Refuse(MakeIssue("BATCH-SIZE", "", absl::StrCat("at most ", limits::kBatchPartsMax)));
  }
  BatchSlice slice(parts_, standing_, request_.caller, parts_.clock->Now(), batch_, account_);
  const size_t parts = std::min(waiting_.size(), limits::kBatchSliceParts);
  for (size_t i = 0; i < parts; ++i) {
    if (absl::Status added = slice.Add(waiting_[i]); !added.ok()) return Give(FailedProgress(added));
  }
  store::Unit unit = slice.Take();
  Commit(std::move(unit), slice.account(), parts);
}

void Intake::Commit(store::Unit unit, v1::BatchAccount account, size_t parts) {
  const store::Batch batch = *unit.batch;
  absl::Status queued = parts_.store->Commit(
      std::move(unit), parts_.executor,
      [self = shared_from_this(), batch, account, parts](absl::StatusOr<store::CommitResult> result) {
        self->OnCommitted(std::move(result), batch, account, parts);
      });
  if (queued.ok()) return;
  if (!absl::IsResourceExhausted(queued)) return Give(FailedProgress(queued));
  // The sender waits as long as the queue is full.
  parts_.executor->PostAfter(limits::kBatchRetryUs, [self = shared_from_this()] { self->GoOn(); });
}

void Intake::OnCommitted(absl::StatusOr<store::CommitResult> result, const store::Batch& batch,
                         v1::BatchAccount account, size_t parts) {
  if (!result.ok()) {
    parts_.telemetry->Record(telemetry::Failed{telemetry::Place("batch-intake"),
                                               static_cast<int64_t>(result.status().code()),
                                               telemetry::TraceId(request_.trace_id)});
    return Give(FailedProgress(result.status()));
  }
  if (auto* stale = std::get_if<store::Stale>(&*result); stale != nullptr && stale->subject == batch_.batch_id) {
    return TakeOver();
  }
  if (!std::holds_alternative<store::Committed>(*result)) {
    // Something became known of a client meanwhile: decide again.
    if (++tries_ >= limits::kStaleRetriesMax) {
      return Give(FailedProgress(absl::ResourceExhaustedError("too many concurrent changes")));
    }
    return GoOn();
  }
  tries_ = 0;
  batch_ = batch;
  ++batch_.version;
  account_ = std::move(account);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(parts));
  if (parts > 0) parts_.telemetry->CountParts(telemetry::PartStep::kReceived, parts);
  if (batch_.state != store::BatchState::kReceiving) {
    parts_.telemetry->Record(telemetry::BatchMoved{telemetry::BatchStage::kStaged, telemetry::BatchId(batch_.batch_id),
                                                   telemetry::ParticipantKey(sender_), batch_.parts,
                                                   telemetry::TraceId(request_.trace_id)});
    trailer_.reset();
    parts_.doorbell->RingForBatches();
    if (GaveUp()) {
      waiting_.clear();
      unread_.clear();
      refused_ = IssuesOf(account_);
    }
  }
  GoOn();
}

void Intake::TakeOver() {
  absl::StatusOr<std::optional<store::Batch>> batch = parts_.store->BatchByKey(batch_.key_token);
  if (!batch.ok()) return Give(FailedProgress(batch.status()));
  if (!turn_.last() || !batch->has_value()) return Refuse(MakeIssue("BATCH-ELSEWHERE", "header.batch_key"));
  absl::StatusOr<v1::BatchAccount> account = OpenAccount(*parts_.keys, **batch);
  if (!account.ok()) return Give(FailedProgress(account.status()));
  batch_ = **std::move(batch);
  account_ = *std::move(account);
  bool same = true;
  for (; !waiting_.empty() && waiting_.front().sequence <= batch_.parts; waiting_.pop_front()) {
    same = same && (waiting_.front().sequence < batch_.parts || waiting_.front().digest == account_.digest());
  }
  if (batch_.state != store::BatchState::kReceiving) same = same && (waiting_.empty() || GaveUp());
  if (!same) return Refuse(MakeIssue("KEY-REUSED", "header.batch_key"));
  GoOn();
}

void Intake::Close() {
  if (!GaveUp() && way_ != Way::kUnknown && next_ != batch_.parts + 1) return Refuse(MakeIssue("KEY-REUSED", "header.batch_key"));
  if (batch_.parts == 0) return Refuse(MakeIssue("BATCH-COUNT", "trailer.exchanges"));
  // A Bundle's own end says that it is whole.
  const bool counted = *trailer_ == batch_.parts || (*trailer_ == 0 && account_.bytes() > 0);
  if (batch_.state != store::BatchState::kReceiving) {
    return counted || GaveUp() ? Give(Progress()) : Refuse(MakeIssue("KEY-REUSED", "header.batch_key"));
  }
  v1::BatchAccount account = account_;
  if (!counted) Note(MakeIssue("BATCH-COUNT", "trailer.exchanges"), &account);
  if (account.bytes() > 0) {
    Begin(Way::kBundle, /*at_start=*/false);
    DecodedParts rest;
    decoder_->Finish(rest);
    for (const Issue& issue : rest.issues) Note(issue, &account);
  }
  Stage(std::move(account));
}

void Intake::Stage(v1::BatchAccount account) {
  const Instant now = parts_.clock->Now();
  store::Unit unit;
  unit.participant = sender_;
  unit.batch = batch_;
  unit.batch->state = store::BatchState::kStaged;
  unit.batch->account = SealAccount(*parts_.keys, batch_.batch_id, account);
  unit.done_timers.push_back("batch/" + batch_.batch_id);
  unit.audit.push_back(BatchEvent(v1::AUDIT_BATCH_RECEIVED, FrameOf(parts_, standing_, batch_, account, now),
                                  batch_.batch_id));
  Commit(std::move(unit), std::move(account), 0);
}

void Intake::Refuse(Issue issue) {
  BatchProgress progress = Progress();
  progress.issues = {std::move(issue)};
  Give(std::move(progress));
}

void Intake::Give(BatchProgress progress) { std::exchange(done_, nullptr)(std::move(progress)); }

}  // namespace schotvrij::exchange
