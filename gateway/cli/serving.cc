#include "gateway/cli/serving.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gateway/cli/checkpointing.h"
#include "gateway/cli/commit_trial.h"
#include "gateway/cli/heartbeat.h"
#include "gateway/cli/held_certificates.h"
#include "gateway/cli/metrics_page.h"
#include "gateway/cli/policy_in_force.h"
#include "gateway/cli/release.h"
#include "gateway/cli/steady.h"
#include "gateway/exchange/batch.h"
#include "gateway/exchange/batch_work.h"
#include "gateway/exchange/consent_expiry.h"
#include "gateway/exchange/dispatcher.h"
#include "gateway/exchange/hand_over.h"
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
#include "gateway/transport/mail/inbox.h"
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
  Parts(std::string config_file, std::string log_file, ServingOptions options)
      : config_file_(std::move(config_file)),
        log_file_(std::move(log_file)),
        options_(options) {}
  ~Parts() { Stop(); }

  absl::Status Start() {
    ASSIGN_OR_RETURN(config_, identity::LoadConfig(config_file_));
    enrolment_ = config_.enrolment;
    ASSIGN_OR_RETURN(ledger_, telemetry::Ledger::Create({.clock = &clock_,
                                                         .log_file = log_file_,
                                                         .release = telemetry::ReleaseNumber(kRelease),
                                                         .executor = &executor_}));
    PolicyOutcome policy = LoadPolicy(config_, clock_.Now());
    if (policy.rules == nullptr) return absl::InvalidArgumentError(policy.report);
    policy_report_ = policy.report;
    RETURN_IF_ERROR(OpenStore());
    OpenRoad(policy.rules);
    RETURN_IF_ERROR(OpenMail());
    ASSIGN_OR_RETURN(checkpoints_, Checkpointing::Open({store_.get(), ledger_.get(), &clock_, &executor_}, config_));
    RecordPolicy(v1::AUDIT_STARTED, policy, config_);
    ledger_->Record(telemetry::Started{telemetry::ReleaseNumber(kRelease), telemetry::PolicySet(policy.rules->name()),
                                       enrolment_->keys().size()});
    RETURN_IF_ERROR(Listen());
    dispatcher_->Start();
    hand_over_->Start();
    batch_work_->Start();
    consent_expiry_->Start();
    RETURN_IF_ERROR(OpenInboxes());
    checkpoints_->Schedule();
    heartbeat_.Start(ledger_.get());
    started_ = true;
    if (options_.manager != nullptr) options_.manager->Ready(status_);
    return absl::OkStatus();
  }

  http::ReloadOutcome Reload() {
    absl::MutexLock one_at_a_time(&reload_mutex_);
    if (options_.manager != nullptr) options_.manager->Reloading();
    http::ReloadOutcome outcome = ReloadNow();
    if (options_.manager != nullptr) options_.manager->Ready(outcome.ok ? status_ : "a reload was refused; " + status_);
    return outcome;
  }

  http::ReloadOutcome ReloadNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(reload_mutex_) {
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
    hand_over_->Look();
    RecordPolicy(v1::AUDIT_POLICY_LOADED, policy, *loaded);
    return {true, policy.report};
  }

  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      if (std::exchange(stopping_, true)) return;
    }
    if (started_ && options_.manager != nullptr) options_.manager->Stopping("finishing what was begun");
    if (started_) ledger_->Record(telemetry::Stopping{options_.grace_us});
    if (grpc_admin_ != nullptr) grpc_admin_->SetServing(false);
    {
      runtime::LoopThread meanwhile([this] {
        if (grpc_ != nullptr) grpc_->Shutdown(options_.grace_us);
        return false;
      });
      if (https_ != nullptr) https_->Shutdown(options_.grace_us);
    }
    if (batch_work_ != nullptr) batch_work_->Stop();
    if (consent_expiry_ != nullptr) consent_expiry_->Stop();
    inboxes_.clear();
    if (hand_over_ != nullptr) hand_over_->Stop();
    if (dispatcher_ != nullptr) dispatcher_->Stop();
    mail_.reset();
    if (store_ != nullptr) store_->Stop();
    if (writer_ != nullptr) writer_->Join();
    if (folder_ != nullptr) folder_->Join();
    heartbeat_.Stop();
    batch_executor_.Stop();
    executor_.Stop();
    if (checkpoints_ != nullptr && !checkpoints_->Run().ok()) {
      ledger_->Record(telemetry::Failed{telemetry::Place("last-checkpoint"), 0, {}});
    }
    if (admin_ != nullptr) admin_->Shutdown(0);
    if (started_) ledger_->Record(telemetry::Stopped{DeliveriesWaiting()});
  }

  void Hurry() {
    ledger_->Record(telemetry::Hurried{});
    if (https_ != nullptr) https_->Hurry();
    if (grpc_ != nullptr) grpc_->Hurry();
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
                                               {store.queue_units(), store.queue_bytes()},
                                               {.clock = &clock_,
                                                .synced = [this](int64_t us) { ledger_->ObserveSync(us); }}));
    writer_ = std::make_unique<runtime::LoopThread>([this] {
      if (!store_->WaitForWork()) return false;
      const int64_t began_us = SteadyUs();
      heartbeat_.liveness().FlushBegins();
      if (store_->Flush() > 0) ledger_->ObserveCommit(SteadyUs() - began_us);
      heartbeat_.liveness().FlushEnds();
      return true;
    });
    folder_ = std::make_unique<runtime::LoopThread>([this] { return store_->FoldWhenDue(); });
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
    hand_over_ = std::make_unique<exchange::HandOver>(road_parts_);
    exchange::RoadParts batch_parts = road_parts_;
    batch_parts.executor = &batch_executor_;
    batch_desk_ = std::make_unique<exchange::BatchDesk>(batch_parts);
    batch_work_ = std::make_unique<exchange::BatchWork>(batch_parts);
    consent_expiry_ = std::make_unique<exchange::ConsentExpiry>(batch_parts);
  }

  absl::Status OpenMail() {
    if (config_.config.has_mail()) {
      ASSIGN_OR_RETURN(mail_, mail::NewSmtpOutbound(config_.config.mail(), "", &clock_));
    }
    dispatcher_ = std::make_unique<exchange::Dispatcher>(
        road_parts_, mail_.get(),
        exchange::RetryPolicy{config_.retry_first_us, config_.retry_max_us, config_.retry_attempts},
        config_.mail_apart_us);
    return absl::OkStatus();
  }

  absl::Status OpenInboxes() {
    const config::v1::Mail& mail = config_.config.mail();
    for (const config::v1::Inbox& inbox : mail.inbox()) {
      ASSIGN_OR_RETURN(inboxes_.emplace_back(),
                       mail::Inbox::Open(inbox, absl::StrCat("mail.inbox[", inboxes_.size(), "]"), config_.mail_timeout_us,
                                         {road_.get(), mail_.get(), ledger_.get(), &clock_, &random_, [this] { return Enrolment(); },
                                          config_.config.gateway_id(), ""}));
    }
    return absl::OkStatus();
  }

  absl::Status Listen() {
    if (config_.config.has_grpc()) {
      ASSIGN_OR_RETURN(grpc_, rpc::GrpcServer::Listen({.address = config_.config.grpc().address(),
                                                       .listening_socket = TakeSocket("grpc"),
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
      ASSIGN_OR_RETURN(https_, http::Server::Listen({.address = https.address(),
                                                     .clock = &clock_,
                                                     .listening_socket = TakeSocket("https")},
                                                    std::move(partner)));
      RETURN_IF_ERROR(WritePortFile(https.port_file(), https_->port()));
    }
    trial_ = std::make_unique<CommitTrial>(store_.get(), &executor_);
    RETURN_IF_ERROR(ListenForOperator());
    if (options_.manager == nullptr || options_.manager->SocketsLeft().empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "the service manager handed over a socket named ", options_.manager->SocketsLeft().front(),
        ", and the configuration has no such listener; they are named https, grpc and admin (FileDescriptorName=)"));
  }

  absl::Status ListenForOperator() {
    if (config_.config.admin_address().empty()) return absl::OkStatus();
    const MeasuredParts measured = {store_.get(), ledger_.get(), &clock_, config_.config.store().sqlite_file(),
                                    https_.get(), grpc_.get()};
    ASSIGN_OR_RETURN(admin_, http::Server::ListenLocal({.address = config_.config.admin_address(),
                                                        .threads = 1,
                                                        .bounds = {.body_bytes_max = limits::kAdminBodyBytesMax},
                                                        .clock = &clock_,
                                                        .listening_socket = TakeSocket("admin")},
                                                       http::NewAdmin({[measured] { return MetricsPage(measured); },
                                                                       [this] { return NotHealthy(); },
                                                                       [this] { return NotReady(); },
                                                                       [this] { return Reload(); }})));
    return WritePortFile(config_.config.admin_port_file(), admin_->port());
  }

  int TakeSocket(const std::string& listener) {
    return options_.manager == nullptr ? -1 : options_.manager->TakeSocket(listener);
  }

  std::string NotHealthy() { return heartbeat_.liveness().alive() ? "" : "the store's writer or the executor stands still"; }

  std::string NotReady() {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return "stopping";
      if (networks_active_ == 0) return "no network is active: `schotvrij policy check --home` says whose enrolment is missing";
    }
    const std::string unhealthy = NotHealthy();
    return unhealthy.empty() ? trial_->Trouble() : unhealthy;
  }

  uint64_t DeliveriesWaiting() {
    absl::StatusOr<store::Store::Backlog> backlog = store_->ReadBacklog(clock_.Now());
    return backlog.ok() ? backlog->due + backlog->postponed : 0;
  }

  static std::string InForce(const PolicyOutcome& policy) {
    return absl::StrCat("policy set ", policy.rules->name(), ", ", policy.networks_active, " networks active, ",
                        policy.networks_inactive, " inactive");
  }

  // What is in force now. `loaded` has the enrolment that came with it.
  void RecordPolicy(v1::AuditCode code, const PolicyOutcome& policy, const identity::LoadedConfig& loaded) {
    {
      absl::MutexLock lock(&mutex_);
      networks_active_ = policy.networks_active;
    }
    status_ = InForce(policy);
    ledger_->ShowCertificates(HeldCertificates(config_, loaded));
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
  const ServingOptions options_;
  identity::LoadedConfig config_;
  bool started_ = false;
  std::string policy_report_;
  runtime::SystemClock clock_;
  runtime::SystemRandom random_;
  runtime::ThreadExecutor executor_{kExecutorThreads};
  runtime::ThreadExecutor batch_executor_{1, kBatchNiceness};
  Heartbeat heartbeat_{&executor_, options_.manager};
  exchange::Doorbell doorbell_{&executor_};

  absl::Mutex mutex_;
  std::shared_ptr<const identity::Enrolment> enrolment_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  size_t networks_active_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Mutex reload_mutex_;
  std::string status_;  // written at the start and by reloads

  std::unique_ptr<telemetry::Ledger> ledger_;
  std::unique_ptr<identity::KeyRing> keys_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<runtime::LoopThread> writer_;
  std::unique_ptr<runtime::LoopThread> folder_;
  std::unique_ptr<policy::Engine> engine_;
  exchange::RoadParts road_parts_;
  std::unique_ptr<exchange::Road> road_;
  std::unique_ptr<exchange::BatchDesk> batch_desk_;
  std::unique_ptr<exchange::BatchWork> batch_work_;
  std::unique_ptr<exchange::ConsentExpiry> consent_expiry_;
  std::unique_ptr<mail::Mailer> mail_;
  std::vector<std::unique_ptr<mail::Inbox>> inboxes_;
  std::unique_ptr<exchange::Dispatcher> dispatcher_;
  std::unique_ptr<exchange::HandOver> hand_over_;
  std::unique_ptr<Checkpointing> checkpoints_;
  std::unique_ptr<CommitTrial> trial_;
  std::unique_ptr<http::FhirApi> api_;
  std::unique_ptr<http::Server> https_;
  std::unique_ptr<rpc::GrpcServer> grpc_;
  std::unique_ptr<rpc::GrpcAdmin> grpc_admin_;
  std::unique_ptr<http::Server> admin_;
};

Serving::Serving(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Serving::~Serving() = default;

absl::StatusOr<std::unique_ptr<Serving>> Serving::Start(const std::string& config_file, const std::string& log_file,
                                                        ServingOptions options) {
  auto parts = std::make_unique<Parts>(config_file, log_file, options);
  RETURN_IF_ERROR(parts->Start());
  return std::unique_ptr<Serving>(new Serving(std::move(parts)));
}

http::ReloadOutcome Serving::Reload() { return parts_->Reload(); }
void Serving::Stop() { parts_->Stop(); }
void Serving::Hurry() { parts_->Hurry(); }
std::string Serving::Describe() const { return parts_->Describe(); }
uint16_t Serving::https_port() const { return parts_->https_port(); }
uint16_t Serving::grpc_port() const { return parts_->grpc_port(); }
uint16_t Serving::admin_port() const { return parts_->admin_port(); }

}  // namespace schotvrij::cli
