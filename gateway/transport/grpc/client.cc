#include "gateway/transport/grpc/client.h"

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

#include "gateway/transport/grpc/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "schotvrij/errors/v1/error_details.pb.h"
#include "schotvrij/v1/services.grpc.pb.h"

namespace schotvrij::rpc {
namespace {

constexpr std::string_view kTypePrefix = "type.googleapis.com/google.rpc.";

// Statuses that say something about the message; the others say that the gateway, or the way to it, failed.
constexpr grpc::StatusCode kAtFault[] = {
    grpc::StatusCode::INVALID_ARGUMENT,  grpc::StatusCode::NOT_FOUND,           grpc::StatusCode::ALREADY_EXISTS,
    grpc::StatusCode::PERMISSION_DENIED, grpc::StatusCode::FAILED_PRECONDITION, grpc::StatusCode::OUT_OF_RANGE,
    grpc::StatusCode::UNIMPLEMENTED};

void ReadViolations(const google::protobuf::Any& any, Refusal& refusal) {
  errors::v1::BadRequest bad_request;
  if (!bad_request.ParseFromString(any.value())) return;
  for (const errors::v1::BadRequest::FieldViolation& violation : bad_request.field_violations()) {
    refusal.violations.push_back({violation.reason(), violation.field(), violation.description()});
  }
}

void ReadRetry(const google::protobuf::Any& any, Refusal& refusal) {
  errors::v1::RetryInfo retry;
  if (retry.ParseFromString(any.value())) refusal.retry_after_s = retry.retry_delay().seconds();
}

struct Reader {
  std::string_view type;
  void (*read)(const google::protobuf::Any& any, Refusal& refusal);
};
constexpr Reader kReaders[] = {{"BadRequest", ReadViolations}, {"RetryInfo", ReadRetry}};

Refusal ToRefusal(const grpc::Status& status) {
  Refusal refusal;
  refusal.status = Name(status.error_code());
  for (grpc::StatusCode code : kAtFault) refusal.at_fault = refusal.at_fault || code == status.error_code();
  errors::v1::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& any : details.details()) {
      for (const Reader& reader : kReaders) {
        if (any.type_url() == std::string(kTypePrefix).append(reader.type)) reader.read(any, refusal);
      }
    }
  }
  if (refusal.violations.empty()) refusal.violations.push_back({"", "", status.error_message()});
  return refusal;
}

std::chrono::system_clock::time_point After(int64_t us) {
  return std::chrono::system_clock::now() + std::chrono::microseconds(us);
}

template <typename Response, typename Call>
Outcome<Response> Unary(int64_t timeout_us, const Call& call) {
  grpc::ClientContext context;
  context.set_deadline(After(timeout_us));
  Response response;
  const grpc::Status status = call(&context, &response);
  if (!status.ok()) return ToRefusal(status);
  return response;
}

Outcome<size_t> ReadItems(grpc::ClientContext& context, std::unique_ptr<grpc::ClientReader<v1::MailboxItem>> reader,
                          const std::function<bool(const v1::MailboxItem&)>& on_item) {
  size_t items = 0;
  bool enough = false;
  for (v1::MailboxItem item; !enough && reader->Read(&item);) {
    ++items;
    enough = !on_item(item);
  }
  if (enough) context.TryCancel();
  const grpc::Status status = reader->Finish();
  if (!status.ok() && !enough) return ToRefusal(status);
  return items;
}

}  // namespace

struct GrpcClient::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : registration(v1::RegistrationService::NewStub(channel)), mailbox(v1::MailboxService::NewStub(channel)) {}
  std::unique_ptr<v1::RegistrationService::Stub> registration;
  std::unique_ptr<v1::MailboxService::Stub> mailbox;
};

GrpcClient::GrpcClient(GrpcClientOptions options) : options_(std::move(options)) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options_.ca_pem;
  tls.pem_private_key = options_.key_pem;
  tls.pem_cert_chain = options_.certificate_pem;
  grpc::ChannelArguments arguments;
  // Straight to the gateway: a proxy in the environment is not meant for this.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A window that shrinks under way is taken for a violation by 1.51 (server.cc).
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(limits::kClientBodyBytesMax));
  if (!options_.server_name.empty()) arguments.SetSslTargetNameOverride(options_.server_name);
  stubs_ = std::make_unique<Stubs>(grpc::CreateCustomChannel(options_.target, grpc::SslCredentials(tls), arguments));
}

GrpcClient::~GrpcClient() = default;

Outcome<v1::RegisterResponse> GrpcClient::Register(const v1::RegisterRequest& request) {
  return Unary<v1::RegisterResponse>(options_.timeout_us, [&](auto* context, auto* response) {
    return stubs_->registration->Register(context, request, response);
  });
}

Outcome<v1::AcknowledgeResponse> GrpcClient::Acknowledge(const v1::AcknowledgeRequest& request) {
  return Unary<v1::AcknowledgeResponse>(options_.timeout_us, [&](auto* context, auto* response) {
    return stubs_->mailbox->Acknowledge(context, request, response);
  });
}

Outcome<v1::AnswerResponse> GrpcClient::Answer(const v1::AnswerRequest& request) {
  return Unary<v1::AnswerResponse>(options_.timeout_us, [&](auto* context, auto* response) {
    return stubs_->mailbox->Answer(context, request, response);
  });
}

Outcome<v1::DaySheetReply> GrpcClient::DaySheet(const v1::DaySheetRequest& request) {
  return Unary<v1::DaySheetReply>(options_.timeout_us, [&](auto* context, auto* response) {
    return stubs_->mailbox->DaySheet(context, request, response);
  });
}

Outcome<v1::BatchProgress> GrpcClient::RegisterBatch(
    const v1::BatchHeader& header, const std::function<absl::StatusOr<std::string>(uint64_t offset)>& read,
    const std::function<void(const v1::BatchProgress&)>& on_progress) {
  grpc::ClientContext context;
  auto stream = stubs_->registration->RegisterBatch(&context);
  v1::RegisterBatchRequest request;
  *request.mutable_header() = header;
  v1::BatchProgress progress;
  if (!stream->Write(request) || !stream->Read(&progress)) return ToRefusal(stream->Finish());
  on_progress(progress);
  uint64_t offset = progress.bytes();
  const bool receiving = progress.state() == v1::BATCH_RECEIVING;
  // What it says while we send must not pile up.
  std::thread reader([&] {
    while (stream->Read(&progress)) on_progress(progress);
  });
  absl::Status sent;
  for (bool open = receiving; open;) {
    absl::StatusOr<std::string> bytes = read(offset);
    sent = bytes.status();
    if (!bytes.ok() || bytes->empty()) break;
    request.mutable_bundle()->set_offset(offset);
    offset += bytes->size();
    request.mutable_bundle()->set_data(*std::move(bytes));
    open = stream->Write(request);
  }
  if (sent.ok()) {
    request.mutable_trailer()->set_exchanges(0);
    stream->Write(request);
    stream->WritesDone();
  } else {
    context.TryCancel();
  }
  reader.join();
  const grpc::Status status = stream->Finish();
  if (!sent.ok()) return Refusal{.at_fault = false, .status = "CANCELLED", .violations = {{"", "", std::string(sent.message())}}};
  if (!status.ok()) return ToRefusal(status);
  return progress;
}

Outcome<size_t> GrpcClient::Watch(const v1::WatchRequest& request,
                                  const std::function<bool(const v1::MailboxItem&)>& on_item) {
  grpc::ClientContext context;
  if (!request.wait()) context.set_deadline(After(options_.timeout_us));
  return ReadItems(context, stubs_->mailbox->Watch(&context, request), on_item);
}

Outcome<size_t> GrpcClient::Repeat(const v1::RepeatRequest& request,
                                   const std::function<bool(const v1::MailboxItem&)>& on_item) {
  grpc::ClientContext context;
  context.set_deadline(After(options_.timeout_us));
  return ReadItems(context, stubs_->mailbox->Repeat(&context, request), on_item);
}

}  // namespace schotvrij::rpc
