#include "gateway/transport/grpc/batch_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/transport/grpc/posting.h"
#include "gateway/transport/grpc/registration_service.h"
#include "gateway/transport/grpc/status.h"
#include "gateway/transport/grpc/wire.h"
#include "schemas/base/limits.h"

namespace schotvrij::rpc {
namespace {

constexpr uint64_t kPartsBetweenProgress = 1000;

policy::EncodedAnswer Say(const exchange::BatchProgress& progress) {
  v1::BatchProgress said;
  said.set_state(static_cast<v1::BatchState>(progress.state));
  said.set_parts(progress.parts);
  said.set_bytes(progress.bytes);
  said.set_judged(progress.judged);
  said.set_batch_id(progress.batch_id);
  policy::Answer answer;
  answer.state = policy::Answer::State::kReceived;
  return Encode(answer, said);
}

}  // namespace

bool BatchRegistry::Enter(grpc::CallbackServerContext* context, const std::string& peer) {
  absl::MutexLock lock(&mutex_);
  if (closed_ || open_.size() >= limits::kOpenBatchesMax) return false;
  const auto of_peer = std::count_if(open_.begin(), open_.end(), [&](const auto& each) { return each.second == peer; });
  if (of_peer >= static_cast<int64_t>(limits::kOpenBatchesPerSenderMax)) return false;
  return open_.emplace(context, peer).second;
}

void BatchRegistry::Leave(grpc::CallbackServerContext* context) {
  absl::MutexLock lock(&mutex_);
  open_.erase(context);
}

void BatchRegistry::EndAll() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  for (const auto& [context, peer] : open_) context->TryCancel();
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* BatchStream::Open(const Edge& edge,
                                                                               exchange::BatchDesk* desk,
                                                                               grpc::CallbackServerContext* context,
                                                                               BatchRegistry* registry) {
  std::shared_ptr<BatchStream> stream(new BatchStream(edge, desk, context, registry));
  stream->self_ = stream;
  stream->peer_ = edge.peers->Identify(*context->auth_context());
  stream->trace_id_ = TraceId(*context, *edge.random);
  if (stream->peer_ == nullptr) {
    stream->Finish(Unauthenticated());
  } else if (!registry->Enter(context, stream->peer_->caller.peer)) {
    stream->Finish(StatusOf(MakeIssue("BUSY", "")));
  } else {
    stream->Read();
  }
  return stream.get();
}

void BatchStream::OnDone() {
  registry_->Leave(context_);
  const std::shared_ptr<BatchStream> last = std::move(self_);
}

void BatchStream::OnReadDone(bool ok) {
  if (context_->IsCancelled()) return Finish(grpc::Status::CANCELLED);
  if (!ok) return edge_.executor->Post([self = self_] { self->OnEnd(); });
  v1::RegisterBatchRequest request;
  if (std::optional<Issue> issue = Parse(incoming_, request)) return Refuse(*issue);
  incoming_.Clear();
  edge_.executor->Post([self = self_, request = std::move(request)]() mutable { self->Take(std::move(request)); });
}

void BatchStream::Take(v1::RegisterBatchRequest request) {
  if (request.has_header() == (intake_ != nullptr) || trailer_.has_value()) {
    return Refuse(MakeIssue("BATCH-ORDER", request.has_header() ? "header" : ""));
  }
  switch (request.message_case()) {
    case v1::RegisterBatchRequest::kHeader:
      return TakeHeader(std::move(*request.mutable_header()));
    case v1::RegisterBatchRequest::kPart:
      return intake_->Part(request.part().sequence(), ToExchange(std::move(*request.mutable_part()->mutable_registration())),
                           Next(&BatchStream::OnTaken));
    case v1::RegisterBatchRequest::kBundle:
      return intake_->Bundle(request.bundle().offset(), request.bundle().data(), Next(&BatchStream::OnTaken));
    case v1::RegisterBatchRequest::kTrailer:
      trailer_ = request.trailer().exchanges();
      return Read();  // it is the last: what comes behind it is refused before it counts
    default:
      return Refuse(MakeIssue("FIELD-MISSING", ""));
  }
}

void BatchStream::TakeHeader(v1::BatchHeader header) {
  if (std::optional<Issue> issue = CheckKey(header.batch_key(), "header.batch_key")) return Refuse(*issue);
  desk_->Open({CallerOf(*peer_, *context_), kEdge, std::move(*header.mutable_batch_key()), std::move(*header.mutable_sender()), trace_id_},
              [self = self_](exchange::BatchDesk::Opened opened) {
                if (opened.intake == nullptr) return self->Refuse(std::move(opened.progress));
                self->intake_ = std::move(opened.intake);
                // A batch that was refused says why once the sender has ended.
                self->Tell(opened.progress, &BatchStream::Read);
              });
}

exchange::BatchIntake::Done BatchStream::Next(void (BatchStream::*then)(exchange::BatchProgress)) {
  return [self = self_, then](exchange::BatchProgress progress) { ((*self).*then)(std::move(progress)); };
}

void BatchStream::OnEnd() {
  if (intake_ == nullptr) return Refuse(MakeIssue("BATCH-ORDER", "header"));
  if (trailer_.has_value()) return intake_->End(trailer_, Next(&BatchStream::OnLooked));
  intake_->End(std::nullopt, Next(&BatchStream::OnLast));
}

void BatchStream::OnTaken(exchange::BatchProgress progress) {
  if (HasError(progress.issues)) return Refuse(std::move(progress));
  if (progress.parts < told_parts_ + kPartsBetweenProgress) return Read();
  told_parts_ = progress.parts;
  Tell(progress, &BatchStream::Read);
}

// After the trailer: until the batch is in effect or refused.
void BatchStream::OnLooked(exchange::BatchProgress progress) {
  if (context_->IsCancelled()) return Finish(grpc::Status::CANCELLED);
  if (HasError(progress.issues)) return Refuse(std::move(progress));
  if (progress.state == store::BatchState::kInEffect) return Tell(progress, &BatchStream::Succeed);
  if (progress.state == told_.state && progress.judged == told_.judged) return LookLater();
  Tell(progress, &BatchStream::LookLater);
}

void BatchStream::OnLast(exchange::BatchProgress progress) {
  if (HasError(progress.issues)) return Refuse(std::move(progress));
  Tell(progress, &BatchStream::Succeed);
}

void BatchStream::LookLater() {
  edge_.executor->PostAfter(limits::kBatchProgressUs,
                            [self = self_] { self->intake_->Look(self->Next(&BatchStream::OnLooked)); });
}

void BatchStream::Tell(const exchange::BatchProgress& progress, void (BatchStream::*then)()) {
  told_ = progress;
  after_write_ = then;
  outgoing_ = ToBuffer(Say(progress));
  StartWrite(&outgoing_);
}

void BatchStream::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status::CANCELLED);
  (this->*after_write_)();
}

void BatchStream::Refuse(const Issue& issue) {
  exchange::BatchProgress progress;
  progress.issues = {issue};
  Refuse(std::move(progress));
}

void BatchStream::Refuse(exchange::BatchProgress progress) {
  // The refusal of a whole batch left its own event.
  if (progress.state != store::BatchState::kRefused) edge_.road->NoteRefusal(peer_->caller, progress.issues, trace_id_);
  Finish(StatusOf(progress.issues, progress.retry_after_s));
}

}  // namespace schotvrij::rpc
