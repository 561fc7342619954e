// SmtpOutbound: exchange::Outbound for recipients that are reached by mail. By profile `smime` a message is signed and encrypted
// for its recipient and submitted to the gateway's own server; by profile `relay` it is submitted to the server of a closed mail
// network, which keeps it from others. Either over TLS that is always required and always verified; there is no fall-back to
// anything less, and from one profile to the other none.
//
//   ASSIGN_OR_RETURN(auto outbound, mail::NewSmtpOutbound(config.mail(), home, &clock));
//   outbound->Send(encoded, recipient, frozen, [](exchange::DeliveryOutcome outcome) { ... });
//
// Send and Answer return at once; each server has a bounded queue and threads of its own (smtp_queue.h). Destruction hands back what is
// queued as transient, and lets what is being sent finish for limits::kMailGraceUs.
//
// Reasons of an outcome:
//   accepted: none.
//   transient, the server: smtp-4xx (its code), smtp-5xx before it was offered the message, smtp-login, tls-verify,
//     tls-not-offered, tls-failed, connect, timeout, connection-lost.
//   transient, ourselves: mail-queue-full, shutting-down, recipient-certificate, signing-certificate, smime, no-mail-server (the
//     route names a server that the configuration did not have at start).
//   permanent: smtp-5xx about the message, no-route, mail-media-type, mail-address, mail-frozen.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/exchange/outbound.h"
#include "policy/disclosure/answer.h"
#include "schemas/base/runtime.h"
#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::mail {

// What identifies an answer among mails.
struct AnswerHead {
  std::string id;               // for the subject, as MessageHead has it
  std::string mail_message_id;  // the same each time the same mail is answered
  std::string in_reply_to;      // Message-ID of that mail; left out when it is of a form that we would not write
};

// Mail that leaves: what the road sends, what is said to who wrote by mail, which goes the way that the former goes to the same
// participant, and what a contact is warned of.
class Mailer : public exchange::Outbound {
 public:
  virtual void Answer(const policy::EncodedAnswer& answer, const config::v1::Participant& to, const AnswerHead& head, Done done) = 0;
  // To who has no certificate of its own here: as it is, by the gateway's own server, so that it may not be about any client. Transient
  // `no-mail-server` where there are relays only.
  virtual void Warn(const policy::EncodedAnswer& warning, const std::string& address, const AnswerHead& head, Done done) = 0;
};

// File names, here and in participants' routes, are relative to `directory`. `clock` outlives the
// result. kInvalidArgument naming the field of `mail` that is missing, unreadable or of the wrong
// form. Takes bytes of securemail only.
absl::StatusOr<std::unique_ptr<Mailer>> NewSmtpOutbound(const config::v1::Mail& mail,
                                                                    std::string_view directory,
                                                                    const Clock* clock);

// For start-up and `reload`: whether `participant`, if it has a mail route, can be sent to:
// address, cipher, and a certificate that is readable, fit and valid at `now`. kInvalidArgument or
// kFailedPrecondition naming the participant's key.
absl::Status CheckMailRoute(const config::v1::Participant& participant, std::string_view directory,
                            Instant now);

}  // namespace schotvrij::mail
