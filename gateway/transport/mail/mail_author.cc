#include "gateway/transport/mail/mail_author.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "gateway/transport/mail/small_file.h"
#include "schemas/base/table.h"

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

// By which rule it was not opened; the process that says so has seen the mail, and a rule that is none would end ours.
std::string RefusalOf(const v1::OpenedMail& opened) {
  const std::string& rule = opened.refused();
  const bool known = rule.empty() || Table::Embedded("schemas/codes/issue.csv").Find("rule", rule) != nullptr;
  return known ? rule : "MAIL-OPENER";
}

}  // namespace

MailAuthor WhoWrote(const v1::OpenedMail& opened, std::string_view relay, const identity::Enrolment& enrolment,
                    std::string_view directory, Instant now) {
  const config::v1::Participant* participant = FindByAddress(enrolment, opened.from());
  if (participant == nullptr) return {nullptr, "MAIL-SENDER", false};
  const config::v1::MailSender& sender = participant->mail_sender();
  const std::string refused = RefusalOf(opened);
  if (!sender.relay().empty()) {
    if (sender.relay() != relay) return {nullptr, "MAIL-SENDER", false};  // its name, but not from its network
    return {participant, refused, true};
  }
  const bool proved = IsSignerOf(sender, opened.signer(), directory, now);
  if (!refused.empty()) return {participant, refused, proved};
  if (opened.signer().empty()) return {participant, "MAIL-SIGNATURE", false};
  if (!proved) return {participant, "MAIL-SENDER", false};
  return {participant, opened.encrypted() ? "" : "MAIL-NOT-ENCRYPTED", true};
}

}  // namespace schotvrij::mail
