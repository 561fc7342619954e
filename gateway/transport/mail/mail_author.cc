#include "gateway/transport/mail/mail_author.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "gateway/transport/mail/small_file.h"

namespace schotvrij::mail {
namespace {

const config::v1::Participant* FindByAddress(const identity::Enrolment& enrolment, const std::string& address) {
  if (address.empty()) return nullptr;
  for (const config::v1::Participant& participant : enrolment.document().participant()) {
    if (participant.has_mail_sender() && absl::EqualsIgnoreCase(participant.mail_sender().address(), address)) return &participant;
  }
  return nullptr;
}

bool IsSignerOf(const config::v1::MailSender& sender, const std::string& der, std::string_view directory, Instant now) {
  const absl::StatusOr<identity::PeerCertificate> signer = identity::ReadCertificate(der);
  if (!signer.ok() || signer->not_after <= now) return false;
  return std::any_of(sender.certificate_file().begin(), sender.certificate_file().end(), [&](const std::string& file) {
    const absl::StatusOr<std::string> pem = ReadSmallFile(directory, file);
    if (!pem.ok()) return false;
    const absl::StatusOr<identity::PeerCertificate> pinned = identity::ReadCertificatePem(*pem);
    return pinned.ok() && pinned->sha256 == signer->sha256;
  });
}

}  // namespace

MailAuthor WhoWrote(const v1::OpenedMail& opened, std::string_view relay, const identity::Enrolment& enrolment,
                    std::string_view directory, Instant now) {
  MailAuthor author{FindByAddress(enrolment, opened.from()), ""};
  if (author.participant == nullptr) return {nullptr, "MAIL-SENDER"};
  const config::v1::MailSender& sender = author.participant->mail_sender();
  if (!sender.relay().empty()) {
    if (sender.relay() != relay) return {nullptr, "MAIL-SENDER"};  // its name, but not from its network
    author.rule = opened.refused();
    return author;
  }
  author.rule = !opened.refused().empty()                                  ? opened.refused()
                : opened.signer().empty()                                  ? "MAIL-SIGNATURE"
                : !IsSignerOf(sender, opened.signer(), directory, now)     ? "MAIL-SENDER"
                : !opened.encrypted()                                      ? "MAIL-NOT-ENCRYPTED"
                                                                           : "";
  return author;
}

}  // namespace schotvrij::mail
