#include "gateway/transport/mail/smtp_outbound.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "adapters/securemail/securemail.h"
#include "gateway/transport/mail/message.h"
#include "gateway/transport/mail/smime.h"
#include "gateway/transport/mail/smtp_session.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

using exchange::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;
using SteadyClock = std::chrono::steady_clock;

// At most limits::kPemBytesMax bytes; an absolute `name` stands by itself.
absl::StatusOr<std::string> ReadSmallFile(std::string_view directory, std::string_view name) {
  std::ifstream file(std::filesystem::path(directory) / name, std::ios::binary);
  std::string bytes(limits::kPemBytesMax + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (bytes.empty() || bytes.size() > limits::kPemBytesMax) {
    return absl::InvalidArgumentError("the file is missing, unreadable, empty or too large");
  }
  return bytes;
}

absl::StatusOr<RecipientCertificate> ReadRecipient(const config::v1::SecureMail& route,
                                                   std::string_view directory) {
  ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(directory, route.certificate_file()));
  return RecipientCertificate::Read(pem);
}

absl::Status Prefix(std::string_view what, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(ToAbsl(what), ": ", status.message()));
}

// What one message needs, apart from the caller's objects.
struct Job {
  std::string entity;
  MessageHead head;
  config::v1::SecureMail route;
  exchange::Outbound::Done done;
};

class SmtpOutbound final : public exchange::Outbound {
 public:
  SmtpOutbound(SmtpServer server, std::string from, std::string directory, Signer signer,
               const Clock* clock)
      : server_(std::move(server)),
        from_(std::move(from)),
        directory_(std::move(directory)),
        signer_(std::move(signer)),
        clock_(clock) {
    for (size_t i = 0; i < limits::kMailSenders; ++i)
      senders_.emplace_back([this] { RunSender(); });
  }

  ~SmtpOutbound() override {
    std::deque<Job> left;
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      stop_at_ns_ = (SteadyClock::now() + std::chrono::microseconds(limits::kMailGraceUs))
                        .time_since_epoch()
                        .count();
      left.swap(queue_);
    }
    for (Job& job : left) std::move(job.done)({Kind::kTransient, "shutting-down"});
    for (std::thread& sender : senders_) sender.join();
  }

  void Send(const policy::Encoded& encoded, const config::v1::Participant& recipient,
            const v1::FrozenDelivery& frozen, Done done) override {
    DeliveryOutcome refusal = Refuse(encoded, recipient);
    if (!refusal.reason.empty()) return std::move(done)(std::move(refusal));
    Job job{encoded.bytes(),
            {from_, recipient.route().mail().address(), frozen.message_id(),
             frozen.mail_message_id(), Instant{frozen.sent_at_us()}},
            recipient.route().mail(),
            std::move(done)};
    std::string_view full;
    {
      absl::MutexLock lock(&mutex_);
      full = stopping_                                ? "shutting-down"
             : queue_.size() >= limits::kMailQueueMax ? "mail-queue-full"
                                                      : "";
      if (full.empty()) queue_.push_back(std::move(job));
    }
    if (!full.empty()) std::move(job.done)({Kind::kTransient, std::string(full)});
  }

 private:
  static DeliveryOutcome Refuse(const policy::Encoded& encoded,
                                const config::v1::Participant& recipient) {
    if (!recipient.route().has_mail()) return {Kind::kPermanent, "no-route"};
    if (encoded.media_type() != securemail::kMediaType)
      return {Kind::kPermanent, "mail-media-type"};
    if (!IsPlainAddress(recipient.route().mail().address()))
      return {Kind::kPermanent, "mail-address"};
    return {};
  }

  void RunSender() {
    SmtpSession session(server_, [this] {
      const int64_t stop_at_ns = stop_at_ns_;
      return stop_at_ns != 0 && SteadyClock::now().time_since_epoch().count() > stop_at_ns;
    });
    while (true) {
      Job job;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &SmtpOutbound::HasWorkOrStops));
        if (stopping_) return;
        job = std::move(queue_.front());
        queue_.pop_front();
      }
      std::move(job.done)(Deliver(job, session));
    }
  }

  bool HasWorkOrStops() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  }

  DeliveryOutcome Deliver(const Job& job, SmtpSession& session) const {
    const Instant now = clock_->Now();
    if (!signer_.CheckValidAt(now).ok()) return {Kind::kTransient, "signing-certificate"};
    absl::StatusOr<RecipientCertificate> recipient = ReadRecipient(job.route, directory_);
    if (!recipient.ok() || !recipient->CheckValidAt(now).ok())
      return {Kind::kTransient, "recipient-certificate"};
    absl::StatusOr<std::string> sealed =
        SignAndEncrypt(job.entity, signer_, *recipient, job.route.cipher(), job.head.sent_at, now);
    if (!sealed.ok()) return {Kind::kTransient, "smime"};
    absl::StatusOr<std::string> message = WriteMessage(job.head, *sealed);
    if (!message.ok()) return {Kind::kPermanent, "mail-frozen"};
    return session.Submit(job.head.from, job.head.to, *message);
  }

  const SmtpServer server_;
  const std::string from_;
  const std::string directory_;
  const Signer signer_;
  const Clock* const clock_;
  std::atomic<int64_t> stop_at_ns_ = 0;  // monotonic; 0: not stopping
  absl::Mutex mutex_;
  std::deque<Job> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> senders_;
};

absl::StatusOr<SmtpServer> ReadServer(const config::v1::Mail& mail, std::string_view directory) {
  SmtpServer server;
  const std::string_view from = mail.from();
  absl::StatusOr<std::string> url =
      SubmissionUrl(mail.smtp_url(), from.substr(from.rfind('@') + 1));
  if (!url.ok()) return Prefix("mail.smtp_url", url.status());
  server.url = *std::move(url);
  server.user = mail.smtp_user();
  struct {
    std::string_view field;
    const std::string& file;
    std::string& bytes;
  } const files[] = {{"mail.smtp_ca_file", mail.smtp_ca_file(), server.ca_pem},
                     {"mail.smtp_password_file", mail.smtp_password_file(), server.password}};
  for (const auto& [field, file, bytes] : files) {
    if (file.empty()) continue;
    absl::StatusOr<std::string> read = ReadSmallFile(directory, file);
    if (!read.ok()) return Prefix(field, read.status());
    bytes = *std::move(read);
  }
  server.password.erase(server.password.find_last_not_of("\r\n") + 1);
  server.timeout_us = mail.timeout().seconds() * 1'000'000 + mail.timeout().nanos() / 1000;
  if (server.timeout_us < 0) return absl::InvalidArgumentError("mail.timeout: must be positive");
  if (server.timeout_us == 0) server.timeout_us = limits::kMailTimeoutUs;
  return server;
}

absl::StatusOr<Signer> ReadSigner(const config::v1::Mail& mail, std::string_view directory) {
  absl::StatusOr<std::string> certificate =
      ReadSmallFile(directory, mail.signing_certificate_file());
  if (!certificate.ok()) return Prefix("mail.signing_certificate_file", certificate.status());
  absl::StatusOr<std::string> key = ReadSmallFile(directory, mail.signing_key_file());
  if (!key.ok()) return Prefix("mail.signing_key_file", key.status());
  return Signer::Read(*certificate, *key);
}

}  // namespace

absl::StatusOr<std::unique_ptr<exchange::Outbound>> NewSmtpOutbound(const config::v1::Mail& mail,
                                                                    std::string_view directory,
                                                                    const Clock* clock) {
  static const CURLcode curl_started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (curl_started != CURLE_OK) return absl::InternalError("libcurl does not start");
  if (!IsPlainAddress(mail.from()))
    return absl::InvalidArgumentError("mail.from: must be a plain mail address");
  ASSIGN_OR_RETURN(SmtpServer server, ReadServer(mail, directory));
  ASSIGN_OR_RETURN(Signer signer, ReadSigner(mail, directory));
  RETURN_IF_ERROR(signer.CheckValidAt(clock->Now()));
  return std::make_unique<SmtpOutbound>(std::move(server), mail.from(), std::string(directory),
                                        std::move(signer), clock);
}

absl::Status CheckMailRoute(const config::v1::Participant& participant, std::string_view directory,
                            Instant now) {
  if (!participant.route().has_mail()) return absl::OkStatus();
  const config::v1::SecureMail& route = participant.route().mail();
  if (!IsPlainAddress(route.address())) {
    return absl::InvalidArgumentError(
        absl::StrCat(participant.key(), ": route.mail.address is not a plain address"));
  }
  if (route.cipher() == config::v1::SecureMail::CIPHER_UNSPECIFIED ||
      !config::v1::SecureMail::Cipher_IsValid(route.cipher())) {
    return absl::InvalidArgumentError(
        absl::StrCat(participant.key(), ": route.mail.cipher is not named"));
  }
  absl::StatusOr<RecipientCertificate> certificate = ReadRecipient(route, directory);
  if (!certificate.ok()) return Prefix(participant.key(), certificate.status());
  absl::Status valid = certificate->CheckValidAt(now);
  return valid.ok() ? valid : Prefix(participant.key(), valid);
}

}  // namespace schotvrij::mail
