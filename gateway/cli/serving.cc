#include "gateway/cli/serving.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gateway/audit/checkpoint_file.h"
#include "gateway/audit/checkpointer.h"
#include "gateway/cli/policy_in_force.h"
#include "gateway/cli/release.h"
#include "gateway/exchange/batch.h"
#include "gateway/exchange/batch_work.h"
#include "gateway/exchange/dispatcher.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/road.h"
#include "gateway/identity/config.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/engines.h"
#include "gateway/telemetry/ledger.h"
#include "gateway/transport/grpc/admin.h"
#include "gateway/transport/grpc/server.h"
#include "gateway/transport/http/fhir_api.h"
#include "gateway/transport/http/server.h"
#include "gateway/transport/mail/smtp_outbound.h"
#include "gateway/transport/runtime/executor.h"
#include "gateway/transport/runtime/loop_thread.h"
#include "gateway/transport/runtime/system.h"
#include "policy/engine.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

constexpr int kExecutorThreads = 2;
constexpr int kBatchNiceness = 10;  // who sends one message waits for none of a batch
constexpr std::pair<http::Event, const char*> kHttpsEvents[] = {
    {http::Event::kAccepted, "connection"},        {http::Event::kOverCapacity, "over-capacity"},
    {http::Event::kTlsRefused, "tls-refused"},     {http::Event::kNotEnrolled, "not-enrolled"},
    {http::Event::kRefused, "request-refused"},    {http::Event::kAnswered, "request-answered"},
    {http::Event::kCutOff, "cut-off"},
};
constexpr int64_t kCheckpointLookUs = 1'000'000;
constexpr int64_t kGraceUs = 10'000'000;  // for requests that were begun when the gateway stops

absl::Status WritePortFile(const std::string& file, uint16_t port) {
  if (file.empty()) return absl::OkStatus();
  std::ofstream stream(file, std::ios::trunc);
  stream << port << '\n';
  stream.close();
  return stream ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", file));
}

}  // namespace

class Serving::Parts {
 public:
  Parts(std::string config_file, std::string log_file)
      : config_file_(std::move(config_file)), log_file_(std::move(log_file)) {}
  ~Parts() { Stop(); }

  absl::Status Start() {
    ASSIGN_OR_RETURN(config_, identity::LoadConfig(config_file_));
    enrolment_ = config_.enrolment;
    ASSIGN_OR_RETURN(ledger_, telemetry::Ledger::Create({.clock = &clock_, .log_file = log_file_}));
    PolicyOutcome policy = LoadPolicy(config_, clock_.Now());
    if (policy.rules == nullptr) return absl::InvalidArgumentError(policy.report);
    policy_report_ = policy.report;
    RETURN_IF_ERROR(OpenStore());
    OpenRoad(policy.rules);
    RETURN_IF_ERROR(OpenMail());
    RETURN_IF_ERROR(OpenCheckpoints());
    RecordPolicy(v1::AUDIT_STARTED, policy);
    ledger_->Record(telemetry::Started{telemetry::PolicySet(policy.rules->name()), enrolment_->keys().size()});
    RETURN_IF_ERROR(Listen());
    dispatcher_->Start();
    batch_work_->Start();
    ScheduleCheckpoint();
    return absl::OkStatus();
  }

  http::ReloadOutcome Reload() {
    absl::MutexLock one_at_a_time(&reload_mutex_);
    absl::StatusOr<identity::LoadedConfig> loaded = identity::LoadConfig(config_file_);
    if (!loaded.ok()) {
      ledger_->Record(telemetry::ReloadRefused{1});
      return {false, absl::StrCat(std::string(loaded.status().message()), "\nnothing was changed\n")};
    }
    PolicyOutcome policy = LoadPolicy(*loaded, clock_.Now());
    if (policy.rules == nullptr) {
      ledger_->Record(telemetry::ReloadRefused{policy.faults});
      return {false, absl::StrCat(policy.report, "nothing was changed\n")};
    }
    {
      absl::MutexLock lock(&mutex_);
      enrolment_ = loaded->enrolment;
    }
    engine_->Swap(policy.rules);
    RecordPolicy(v1::AUDIT_POLICY_LOADED, policy);
    return {true, policy.report};
  }

  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      if (std::exchange(stopping_, true)) return;
    }
    if (grpc_admin_ != nullptr) grpc_admin_->SetServing(false);
    if (https_ != nullptr) https_->Shutdown(kGraceUs);
    if (grpc_ != nullptr) grpc_->Shutdown(kGraceUs);
    if (batch_work_ != nullptr) batch_work_->Stop();
    if (dispatcher_ != nullptr) dispatcher_->Stop();
    mail_.reset();
    if (store_ != nullptr) store_->Stop();
    if (writer_ != nullptr) writer_->Join();
    batch_executor_.Stop();
    executor_.Stop();
    if (checkpointer_ != nullptr && !Checkpoint().ok()) {
      ledger_->Record(telemetry::Failed{telemetry::Place("last-checkpoint"), 0, {}});
    }
    if (admin_ != nullptr) admin_->Shutdown(0);
    if (ledger_ != nullptr) ledger_->Record(telemetry::Stopped{});
  }

  std::string Describe() const {
    std::string text = policy_report_;
    if (https_ != nullptr) absl::StrAppend(&text, "FHIR  https://localhost:", https_->port(), "/fhir\n");
    if (grpc_ != nullptr) absl::StrAppend(&text, "gRPC  localhost:", grpc_->port(), "\n");
    if (admin_ != nullptr) absl::StrAppend(&text, "admin ", AdminAddress(), "\n");
    return text;
  }

  // As configured, with the port that was taken.
  std::string AdminAddress() const {
    const std::string& address = config_.config.admin_address();
    if (address.starts_with("unix:")) return address;
    return absl::StrCat("http://", address.substr(0, address.rfind(':') + 1), admin_->port());
  }

  uint16_t https_port() const { return https_ == nullptr ? 0 : https_->port(); }
  uint16_t grpc_port() const { return grpc_ == nullptr ? 0 : grpc_->port(); }
  uint16_t admin_port() const { return admin_ == nullptr ? 0 : admin_->port(); }

 private:
  std::shared_ptr<const identity::Enrolment> Enrolment() {
    absl::MutexLock lock(&mutex_);
    return enrolment_;
  }

  absl::Status OpenStore() {
    ASSIGN_OR_RETURN(keys_, identity::KeyRing::Create(config_.key_encryption_key_hex.text(),
                                                      config_.index_key_hex.text(), &random_));
    const config::v1::Store& store = config_.config.store();
    ASSIGN_OR_RETURN(store_, store::OpenSqlite(store.sqlite_file(), NewId(random_),
                                               {store.queue_units(), store.queue_bytes()}));
    writer_ = std::make_unique<runtime::LoopThread>([this] {
      if (!store_->WaitForWork()) return false;
      const int64_t began_us = clock_.Now().us;
      if (store_->Flush() > 0) ledger_->ObserveCommit(clock_.Now().us - began_us);
      return true;
    });
    return absl::OkStatus();
  }

  void OpenRoad(std::shared_ptr<const policy::RuleSet> rules) {
    engine_ = std::make_unique<policy::Engine>(std::move(rules),
                                               [this](std::string_view recipient, std::string_view value) {
                                                 return keys_->Pseudonym(recipient, value);
                                               });
    road_parts_ = {.store = store_.get(),
                   .engine = engine_.get(),
                   .keys = keys_.get(),
                   .clock = &clock_,
                   .random = &random_,
                   .executor = &executor_,
                   .doorbell = &doorbell_,
                   .telemetry = ledger_.get(),
                   .enrolment = [this] { return Enrolment(); },
                   .gateway_id = config_.config.gateway_id(),
                   .environment = config_.config.environment()};
    road_ = exchange::NewRoad(road_parts_);
    exchange::RoadParts batch_parts = road_parts_;
    batch_parts.executor = &batch_executor_;
    batch_desk_ = std::make_unique<exchange::BatchDesk>(batch_parts);
    batch_work_ = std::make_unique<exchange::BatchWork>(batch_parts);
  }

  absl::Status OpenMail() {
    if (config_.config.has_mail()) {
      ASSIGN_OR_RETURN(mail_, mail::NewSmtpOutbound(config_.config.mail(), "", &clock_));
    }
    dispatcher_ = std::make_unique<exchange::Dispatcher>(
        road_parts_, mail_.get(),
        exchange::RetryPolicy{config_.retry_first_us, config_.retry_max_us, config_.retry_attempts});
    return absl::OkStatus();
  }

  absl::Status Listen() {
    if (config_.config.has_grpc()) {
      ASSIGN_OR_RETURN(grpc_, rpc::GrpcServer::Listen({.address = config_.config.grpc().address(),
                                                       .certificate_pem = config_.grpc.server.certificate_pem,
                                                       .key_pem = std::string(config_.grpc.server.key_pem.text()),
                                                       .client_ca_pem = config_.grpc.client_ca_pem,
                                                       .enrolment = [this] { return Enrolment(); },
                                                       .road = road_.get(),
                                                       .batches = batch_desk_.get(),
                                                       .executor = &executor_,
                                                       .random = &random_}));
      RETURN_IF_ERROR(WritePortFile(config_.config.grpc().port_file(), grpc_->port()));
    }
    if (!config_.config.grpc_admin_address().empty()) {
      ASSIGN_OR_RETURN(grpc_admin_, rpc::GrpcAdmin::Listen(config_.config.grpc_admin_address()));
      grpc_admin_->SetServing(true);
    }
    if (config_.config.has_https()) {
      const config::v1::Listener& https = config_.config.https();
      api_ = std::make_unique<http::FhirApi>(http::FhirApi::Parts{road_.get(), &random_, &executor_, kRelease, kPublishedOn});
      http::Partner partner{{https.certificate_file(), https.key_file(), https.client_ca_file()},
                            [this] { return Enrolment(); },
                            [this](http::Request request, http::Reply reply) {
                              api_->Handle(std::move(request), std::move(reply));
                            },
                            [this](http::Refusal refusal, const identity::Caller& caller) {
                              return api_->Refuse(refusal, caller);
                            }};
      ASSIGN_OR_RETURN(https_, http::Server::Listen({.address = https.address(), .clock = &clock_},
                                                    std::move(partner)));
      RETURN_IF_ERROR(WritePortFile(https.port_file(), https_->port()));
    }
    if (config_.config.admin_address().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(admin_, http::Server::ListenLocal({.address = config_.config.admin_address(),
                                                        .threads = 1,
                                                        .bounds = {.body_bytes_max = limits::kAdminBodyBytesMax},
                                                        .clock = &clock_},
                                                       http::NewAdmin({[this] { return ledger_->Metrics() + ListenerMetrics(); },
                                                                       [this] { return Ready(); },
                                                                       [this] { return Reload(); }})));
    return WritePortFile(config_.config.admin_port_file(), admin_->port());
  }

  bool Ready() {
    absl::MutexLock lock(&mutex_);
    return !stopping_;
  }

  // Strangers are counted, not written one by one.
  std::string ListenerMetrics() const {
    std::string text = "# HELP schotvrij_https_total What happened on the HTTPS listener.\n# TYPE schotvrij_https_total counter\n";
    for (const auto& [event, name] : kHttpsEvents) {
      const int64_t count = https_ == nullptr ? 0 : https_->Count(event);
      absl::StrAppend(&text, "schotvrij_https_total{event=\"", name, "\"} ", count, "\n");
    }
    return text;
  }

  absl::Status OpenCheckpoints() {
    ASSIGN_OR_RETURN(signer_, audit::Signer::FromPem(config_.audit_signing_key_pem.text()));
    const std::string& file = config_.config.audit().checkpoint_file();
    ASSIGN_OR_RETURN(checkpoint_file_, audit::CheckpointFile::Open(file));
    ASSIGN_OR_RETURN(std::vector<std::string> lines, audit::CheckpointFile::Read(file));
    ASSIGN_OR_RETURN(checkpointer_,
                     audit::Checkpointer::Start({[this] { return store_->AuditHeads(); },
                                                 [this] { return store_->Checkpoints(); },
                                                 [this](std::string_view line) { return store_->PutCheckpoint(line); }},
                                                [this](std::string_view line) { return checkpoint_file_->Append(line); },
                                                signer_.get(), lines));
    return Checkpoint();
  }

  absl::Status Checkpoint() {
    ASSIGN_OR_RETURN([[maybe_unused]] bool written, checkpointer_->Run(clock_.Now()));
    return absl::OkStatus();
  }

  // After every interval, and sooner once so many records came that the window would grow too wide.
  absl::Status CheckpointWhenDue() {
    ASSIGN_OR_RETURN(std::vector<ChainHead> heads, store_->AuditHeads());
    uint64_t records = 0;
    for (const ChainHead& head : heads) records += head.sequence;
    const Instant now = clock_.Now();
    ledger_->SetBacklog(telemetry::Backlog::kUnvouchedRecords, records - vouched_records_);
    if (now.us - checkpoint_at_.us < config_.checkpoint_interval_us &&
        records - vouched_records_ < config_.checkpoint_records) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Checkpoint());
    checkpoint_at_ = now;
    vouched_records_ = records;
    return absl::OkStatus();
  }

  void ScheduleCheckpoint() {
    executor_.PostAfter(kCheckpointLookUs, [this] {
      absl::Status looked = CheckpointWhenDue();
      if (!looked.ok()) {
        ledger_->Record(telemetry::Failed{telemetry::Place("checkpoint"), static_cast<int64_t>(looked.code()), {}});
      }
      ScheduleCheckpoint();
    });
  }

  void RecordPolicy(v1::AuditCode code, const PolicyOutcome& policy) {
    ledger_->Record(telemetry::PolicyLoaded{telemetry::PolicySet(policy.rules->name()), policy.networks_active,
                                            policy.networks_inactive, policy.warnings});
    store::Unit unit;
    unit.audit.push_back(exchange::PolicyEvent(
        code, {clock_.Now(), config_.config.gateway_id(), policy.rules->name(), "", "", "", ""}));
    absl::Status queued =
        store_->Commit(std::move(unit), &executor_, [this](absl::StatusOr<store::CommitResult> result) {
          if (!result.ok()) {
            ledger_->Record(telemetry::Failed{telemetry::Place("policy-event"),
                                              static_cast<int64_t>(result.status().code()), {}});
          }
        });
    if (!queued.ok()) {
      ledger_->Record(telemetry::Failed{telemetry::Place("policy-event"), static_cast<int64_t>(queued.code()), {}});
    }
  }

  const std::string config_file_;
  const std::string log_file_;
  identity::LoadedConfig config_;
  std::string policy_report_;
  runtime::SystemClock clock_;
  runtime::SystemRandom random_;
  runtime::ThreadExecutor executor_{kExecutorThreads};
  runtime::ThreadExecutor batch_executor_{1, kBatchNiceness};
  exchange::Doorbell doorbell_{&executor_};

  absl::Mutex mutex_;
  std::shared_ptr<const identity::Enrolment> enrolment_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex reload_mutex_;

  std::unique_ptr<telemetry::Ledger> ledger_;
  std::unique_ptr<identity::KeyRing> keys_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<runtime::LoopThread> writer_;
  std::unique_ptr<policy::Engine> engine_;
  exchange::RoadParts road_parts_;
  std::unique_ptr<exchange::Road> road_;
  std::unique_ptr<exchange::BatchDesk> batch_desk_;
  std::unique_ptr<exchange::BatchWork> batch_work_;
  std::unique_ptr<exchange::Outbound> mail_;
  std::unique_ptr<exchange::Dispatcher> dispatcher_;
  std::unique_ptr<audit::Signer> signer_;
  std::unique_ptr<audit::CheckpointFile> checkpoint_file_;
  std::unique_ptr<audit::Checkpointer> checkpointer_;
  Instant checkpoint_at_;         // of the executor's work only
  uint64_t vouched_records_ = 0;  // likewise
  std::unique_ptr<http::FhirApi> api_;
  std::unique_ptr<http::Server> https_;
  std::unique_ptr<rpc::GrpcServer> grpc_;
  std::unique_ptr<rpc::GrpcAdmin> grpc_admin_;
  std::unique_ptr<http::Server> admin_;
};

Serving::Serving(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Serving::~Serving() = default;

absl::StatusOr<std::unique_ptr<Serving>> Serving::Start(const std::string& config_file, const std::string& log_file) {
  auto parts = std::make_unique<Parts>(config_file, log_file);
  RETURN_IF_ERROR(parts->Start());
  return std::unique_ptr<Serving>(new Serving(std::move(parts)));
}

http::ReloadOutcome Serving::Reload() { return parts_->Reload(); }
void Serving::Stop() { parts_->Stop(); }
std::string Serving::Describe() const { return parts_->Describe(); }
uint16_t Serving::https_port() const { return parts_->https_port(); }
uint16_t Serving::grpc_port() const { return parts_->grpc_port(); }
uint16_t Serving::admin_port() const { return parts_->admin_port(); }

}  // namespace schotvrij::cli
