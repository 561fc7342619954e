#include "gateway/transport/mail/smtp_outbound.h"

#include <map>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "adapters/securemail/securemail.h"
#include "gateway/transport/mail/message.h"
#include "gateway/transport/mail/small_file.h"
#include "gateway/transport/mail/smime.h"
#include "gateway/transport/mail/smtp_queue.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

using exchange::DeliveryOutcome;
using Kind = DeliveryOutcome::Kind;

absl::StatusOr<RecipientCertificate> ReadRecipient(const config::v1::SecureMail& route,
                                                   std::string_view directory) {
  ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(directory, route.certificate_file()));
  return RecipientCertificate::Read(pem);
}

using Written = std::variant<std::string, DeliveryOutcome>;

Written Compose(const MessageHead& head, std::string_view entity) {
  absl::StatusOr<std::string> message = WriteMessage(head, entity);
  if (!message.ok()) return DeliveryOutcome{Kind::kPermanent, "mail-frozen"};
  return *std::move(message);
}

// Signs and encrypts what goes by the gateway's own server.
class Sealer {
 public:
  Sealer(std::string directory, Signer signer, const Clock* clock)
      : directory_(std::move(directory)), signer_(std::move(signer)), clock_(clock) {}

  Written Write(const MessageHead& head, const std::string& entity, const config::v1::SecureMail& route) const {
    const Instant now = clock_->Now();
    if (!signer_.CheckValidAt(now).ok()) return DeliveryOutcome{Kind::kTransient, "signing-certificate"};
    absl::StatusOr<RecipientCertificate> recipient = ReadRecipient(route, directory_);
    if (!recipient.ok() || !recipient->CheckValidAt(now).ok()) {
      return DeliveryOutcome{Kind::kTransient, "recipient-certificate"};
    }
    absl::StatusOr<std::string> sealed = SignAndEncrypt(entity, signer_, *recipient, route.cipher(), head.sent_at, now);
    if (!sealed.ok()) return DeliveryOutcome{Kind::kTransient, "smime"};
    return Compose(head, *sealed);
  }

 private:
  const std::string directory_;
  const Signer signer_;
  const Clock* const clock_;
};

// One server, and who we are to it.
struct Way {
  Way(MailServer server, std::string from) : from(std::move(from)), queue(std::move(server)) {}
  const std::string from;
  SmtpQueue queue;
};

class SmtpOutbound final : public Mailer {
 public:
  explicit SmtpOutbound(const Clock* clock) : clock_(clock) {}

  // `sealer` and `own` are null where there are relays only.
  std::unique_ptr<const Sealer> sealer;
  std::unique_ptr<Way> own;
  std::map<std::string, std::unique_ptr<Way>, std::less<>> relays;  // by key

  void Send(const policy::Encoded& encoded, const config::v1::Participant& recipient,
            const v1::FrozenDelivery& frozen, Done done) override {
    MessageHead head;
    head.message_id = frozen.message_id();
    head.mail_message_id = frozen.mail_message_id();
    head.sent_at = Instant{frozen.sent_at_us()};
    Submit(encoded, recipient.route(), std::move(head), std::move(done));
  }

  void Answer(const policy::EncodedAnswer& answer, const config::v1::Participant& to, const AnswerHead& head, Done done) override {
    MessageHead mail;
    mail.subject = "Antwoord";
    mail.message_id = head.id;
    mail.mail_message_id = head.mail_message_id;
    mail.in_reply_to = head.in_reply_to;
    mail.sent_at = clock_->Now();
    Submit(answer, to.route(), std::move(mail), std::move(done));
  }

  void Warn(const policy::EncodedAnswer& warning, const std::string& address, const AnswerHead& head, Done done) override {
    if (own == nullptr) return std::move(done)({Kind::kTransient, "no-mail-server"});
    if (!IsPlainAddress(address)) return std::move(done)({Kind::kPermanent, "mail-address"});
    MessageHead mail;
    mail.from = own->from;
    mail.to = address;
    mail.subject = "Certificaat";
    mail.message_id = head.id;
    mail.mail_message_id = head.mail_message_id;
    mail.sent_at = clock_->Now();
    own->queue.Add({mail.from, mail.to, [mail, entity = warning.bytes()] { return Compose(mail, entity); }, std::move(done)});
  }

 private:
  // `Message` is policy::Encoded or policy::EncodedAnswer: nothing else leaves.
  template <typename Message>
  void Submit(const Message& message, const config::v1::Route& route, MessageHead head, Done done) {
    DeliveryOutcome refusal = Refuse(message.media_type(), route);
    if (!refusal.reason.empty()) return std::move(done)(std::move(refusal));
    Way& way = *WayOf(route);
    head.from = way.from;
    head.to = exchange::MailAddressOf(route);
    SmtpQueue::Job job{head.from, head.to, nullptr, std::move(done)};
    if (route.has_mail()) {
      job.write = [this, head, entity = message.bytes(), mail = route.mail()] { return sealer->Write(head, entity, mail); };
    } else {
      job.write = [head, entity = message.bytes()] { return Compose(head, entity); };
    }
    way.queue.Add(std::move(job));
  }

  Way* WayOf(const config::v1::Route& route) const {
    if (route.has_mail()) return own.get();
    const auto relay = relays.find(route.relayed_mail().relay());
    return relay == relays.end() ? nullptr : relay->second.get();
  }

  DeliveryOutcome Refuse(std::string_view media_type, const config::v1::Route& route) const {
    if (!exchange::IsByMail(route)) return {Kind::kPermanent, "no-route"};
    if (media_type != securemail::kMediaType) return {Kind::kPermanent, "mail-media-type"};
    if (!IsPlainAddress(exchange::MailAddressOf(route))) return {Kind::kPermanent, "mail-address"};
    if (WayOf(route) == nullptr) return {Kind::kTransient, "no-mail-server"};
    return {};
  }

  const Clock* const clock_;
};

// `Server` is config::v1::Mail or Relay, which name their server alike.
template <typename Server>
absl::StatusOr<std::unique_ptr<Way>> Open(const Server& named, const std::string& path, std::string_view directory,
                                          int64_t timeout_us) {
  if (!IsPlainAddress(named.from())) return absl::InvalidArgumentError(path + ".from: must be a plain mail address");
  MailServer server;
  const std::string_view from = named.from();
  absl::StatusOr<std::string> url = SubmissionUrl(named.smtp_url(), from.substr(from.rfind('@') + 1));
  if (!url.ok()) return Prefix(path + ".smtp_url", url.status());
  server.url = *std::move(url);
  server.user = named.smtp_user();
  RETURN_IF_ERROR(ReadAccess(directory, {path + ".smtp_ca_file", named.smtp_ca_file()},
                             {path + ".smtp_password_file", named.smtp_password_file()}, &server));
  server.timeout_us = timeout_us;
  return std::make_unique<Way>(std::move(server), named.from());
}

absl::StatusOr<int64_t> TimeoutUs(const config::v1::Mail& mail) {
  const int64_t us = mail.timeout().seconds() * 1'000'000 + mail.timeout().nanos() / 1000;
  if (us < 0) return absl::InvalidArgumentError("mail.timeout: must be positive");
  return us == 0 ? limits::kMailTimeoutUs : us;
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

absl::StatusOr<std::unique_ptr<Mailer>> NewSmtpOutbound(const config::v1::Mail& mail,
                                                                    std::string_view directory,
                                                                    const Clock* clock) {
  RETURN_IF_ERROR(StartCurl());
  auto outbound = std::make_unique<SmtpOutbound>(clock);
  ASSIGN_OR_RETURN(const int64_t timeout_us, TimeoutUs(mail));
  for (const config::v1::Relay& relay : mail.relay()) {
    const std::string path = absl::StrCat("mail.relay[", outbound->relays.size(), "]");
    ASSIGN_OR_RETURN(outbound->relays[relay.key()], Open(relay, path, directory, timeout_us));
  }
  if (mail.smtp_url().empty() && mail.relay_size() > 0) return outbound;
  ASSIGN_OR_RETURN(Signer signer, ReadSigner(mail, directory));
  RETURN_IF_ERROR(signer.CheckValidAt(clock->Now()));
  outbound->sealer = std::make_unique<const Sealer>(std::string(directory), std::move(signer), clock);
  ASSIGN_OR_RETURN(outbound->own, Open(mail, "mail", directory, timeout_us));
  return outbound;
}

absl::Status CheckMailRoute(const config::v1::Participant& participant, std::string_view directory,
                            Instant now) {
  if (!exchange::IsByMail(participant.route())) return absl::OkStatus();
  if (!IsPlainAddress(exchange::MailAddressOf(participant.route()))) {
    return absl::InvalidArgumentError(absl::StrCat(participant.key(), ": the route's address is not a plain address"));
  }
  if (!participant.route().has_mail()) return absl::OkStatus();
  const config::v1::SecureMail& route = participant.route().mail();
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
