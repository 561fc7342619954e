#include "gateway/transport/grpc/mailbox_service.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/transport/grpc/posting.h"
#include "gateway/transport/grpc/status.h"
#include "gateway/transport/grpc/wire.h"
#include "schemas/base/limits.h"

namespace schotvrij::rpc {
namespace {

constexpr PathWord kAnswerWords[] = {
    {"envelope.request_key", "request_id"},
    {"envelope.sender_identifier", "participant"},
    {"envelope.sender", "participant"},
    {"receipt.about", "delivery_id"},
    {"receipt.state", "state"},
    {"receipt.reason", "reason"},
};

struct Verdict {
  v1::ReceiptState state;
  std::string_view word;
};
// What a recipient may say; the other states are the gateway's.
constexpr Verdict kVerdicts[] = {{v1::ACCEPTED, "accepted"}, {v1::REJECTED, "rejected"}};

const Verdict* FindVerdict(v1::ReceiptState state) {
  const auto* found =
      std::find_if(std::begin(kVerdicts), std::end(kVerdicts), [&](const Verdict& v) { return v.state == state; });
  return found == std::end(kVerdicts) ? nullptr : found;
}

// A stream that ends before it began.
class Refused final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Refused(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

// Key of the participant whose mailbox is meant. Unknown and not the caller's are told alike.
std::variant<std::string, Issue> ParticipantOf(const Peer& peer, const v1::PartyIdentifier& identifier) {
  const std::vector<std::string>& mine = peer.caller.speaks_for;
  if (identifier.system().empty() && identifier.value().empty()) {
    if (mine.empty()) return MakeIssue("CALLER-UNKNOWN-PARTY", "");
    if (mine.size() > 1) return MakeIssue("CALLER-WHICH-PARTY", "participant");
    return mine.front();
  }
  const config::v1::Participant* participant = peer.enrolment->FindByIdentifier(identifier);
  if (participant == nullptr || std::find(mine.begin(), mine.end(), participant->key()) == mine.end()) {
    return MakeIssue("CALLER-NOT-FOR", "participant");
  }
  return participant->key();
}

std::optional<Issue> CheckDeliveryIds(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  if (static_cast<size_t>(ids.size()) > limits::kAcknowledgeMax) {
    return MakeIssue("LIST-SIZE", "delivery_ids", "at most " + std::to_string(limits::kAcknowledgeMax));
  }
  for (int i = 0; i < ids.size(); ++i) {
    auto issue = CheckKey(ids[i], "delivery_ids[" + std::to_string(i) + "]");
    if (issue) return issue;
  }
  return std::nullopt;
}

std::optional<Issue> CheckAnswer(const v1::AnswerRequest& request) {
  std::optional<Issue> issue = CheckKey(request.delivery_id(), "delivery_id");
  if (!issue && !request.request_id().empty()) issue = CheckKey(request.request_id(), "request_id");
  if (!issue && FindVerdict(request.state()) == nullptr) issue = MakeIssue("ANSWER-STATE", "state");
  return issue;
}

// Answers with `said`, unless there is something wrong.
void FinishRead(const std::vector<Issue>& issues, const google::protobuf::Message& said, grpc::ByteBuffer* response,
                grpc::ServerUnaryReactor* reactor) {
  if (HasError(issues)) {
    reactor->Finish(StatusOf(issues));
    return;
  }
  policy::Answer answer;
  answer.state = policy::Answer::State::kReceived;
  *response = ToBuffer(Encode(answer, said));
  reactor->Finish(grpc::Status::OK);
}

v1::Exchange ToExchange(v1::AnswerRequest&& request) {
  v1::Exchange exchange;
  v1::Envelope& envelope = *exchange.mutable_envelope();
  std::string key = std::move(*request.mutable_request_id());
  if (key.empty()) key.append("answer:").append(request.delivery_id()).append(":").append(FindVerdict(request.state())->word);
  envelope.set_request_key(std::move(key));
  if (request.has_participant()) envelope.mutable_sender_identifier()->Swap(request.mutable_participant());
  v1::Receipt& receipt = *exchange.mutable_receipt();
  receipt.set_about(std::move(*request.mutable_delivery_id()));
  receipt.set_state(request.state());
  receipt.set_reason(std::move(*request.mutable_reason()));
  return exchange;
}

std::unique_ptr<google::protobuf::Message> RespondToAnswer(const policy::Answer& answer) {
  auto response = std::make_unique<v1::AnswerResponse>();
  response->set_message_id(answer.message_id);
  return response;
}

}  // namespace

template <typename Request, typename Begin>
grpc::ServerWriteReactor<grpc::ByteBuffer>* MailboxService::Stream(grpc::CallbackServerContext* context,
                                                                   const grpc::ByteBuffer* request, const Begin& begin) {
  const std::shared_ptr<const Peer> peer = edge_.peers->Identify(*context->auth_context());
  if (peer == nullptr) return new Refused(Unauthenticated());
  Request message;
  if (std::optional<Issue> issue = Parse(*request, message)) {
    return new Refused(RefuseHere(edge_, *context, *peer, *issue));
  }
  std::variant<std::string, Issue> participant = ParticipantOf(*peer, message.participant());
  if (const Issue* issue = std::get_if<Issue>(&participant)) {
    return new Refused(RefuseHere(edge_, *context, *peer, *issue));
  }
  WatchStream::Call call{.edge = edge_,
                         .context = context,
                         .peer = peer->caller.peer,
                         .participant = std::get<std::string>(std::move(participant)),
                         .trace_id = TraceId(*context, *edge_.random)};
  call.request.participant = message.participant();
  if (std::optional<Issue> issue = begin(std::move(message), &call)) {
    return new Refused(RefuseHere(edge_, *context, *peer, *issue));
  }
  return WatchStream::Open(std::move(call), registry_);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MailboxService::Watch(grpc::CallbackServerContext* context,
                                                                  const grpc::ByteBuffer* request) {
  return Stream<v1::WatchRequest>(context, request, [](v1::WatchRequest&& message, WatchStream::Call* call) {
    call->wait = message.wait();
    return std::nullopt;
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MailboxService::Repeat(grpc::CallbackServerContext* context,
                                                                   const grpc::ByteBuffer* request) {
  return Stream<v1::RepeatRequest>(context, request, [](v1::RepeatRequest&& message, WatchStream::Call* call) {
    std::optional<Issue> issue = CheckDeliveryIds(message.delivery_ids());
    call->request.repeat = std::move(message);
    return issue;
  });
}

grpc::ServerUnaryReactor* MailboxService::Acknowledge(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const std::shared_ptr<const Peer> peer = edge_.peers->Identify(*context->auth_context());
  if (peer == nullptr) {
    reactor->Finish(Unauthenticated());
    return reactor;
  }
  v1::AcknowledgeRequest message;
  std::optional<Issue> issue = Parse(*request, message);
  if (!issue) issue = CheckDeliveryIds(message.delivery_ids());
  if (issue) {
    reactor->Finish(RefuseHere(edge_, *context, *peer, *issue));
    return reactor;
  }
  exchange::Road::AcknowledgeRequest acknowledge{
      .caller = peer->caller,
      .participant = message.participant(),
      .delivery_ids = {message.delivery_ids().begin(), message.delivery_ids().end()},
      .trace_id = TraceId(*context, *edge_.random)};
  edge_.executor->Post([road = edge_.road, acknowledge = std::move(acknowledge), response, reactor]() mutable {
    auto finish = [road, caller = acknowledge.caller, trace_id = acknowledge.trace_id, response,
                   reactor](const exchange::Road::Acknowledged& outcome) {
      if (HasError(outcome.issues)) road->NoteRefusal(caller, outcome.issues, trace_id);
      v1::AcknowledgeResponse counted;
      counted.set_acknowledged(outcome.count);
      FinishRead(outcome.issues, counted, response, reactor);
    };
    road->Acknowledge(std::move(acknowledge), std::move(finish));
  });
  return reactor;
}

grpc::ServerUnaryReactor* MailboxService::Answer(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                 grpc::ByteBuffer* response) {
  return Take<v1::AnswerRequest>(edge_, context, request, response, {CheckAnswer, ToExchange, kAnswerWords, RespondToAnswer});
}

grpc::ServerUnaryReactor* MailboxService::DaySheet(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                   grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const std::shared_ptr<const Peer> peer = edge_.peers->Identify(*context->auth_context());
  if (peer == nullptr) {
    reactor->Finish(Unauthenticated());
    return reactor;
  }
  exchange::Road::DaySheetRequest read{.caller = peer->caller, .trace_id = TraceId(*context, *edge_.random)};
  if (std::optional<Issue> issue = Parse(*request, read.asked)) {
    reactor->Finish(RefuseHere(edge_, *context, *peer, *issue));
    return reactor;
  }
  edge_.executor->Post([road = edge_.road, read = std::move(read), response, reactor]() mutable {
    auto finish = [road, caller = read.caller, trace_id = read.trace_id, response,
                   reactor](const exchange::Road::DaySheetRead& outcome) {
      if (HasError(outcome.issues)) road->NoteRefusal(caller, outcome.issues, trace_id);
      FinishRead(outcome.issues, outcome.sheet, response, reactor);
    };
    road->ReadDaySheet(std::move(read), std::move(finish));
  });
  return reactor;
}

}  // namespace schotvrij::rpc
