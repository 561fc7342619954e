// SmtpSession: one sender's conversation with the SMTP server. Keeps its connection for the next
// message.
//
//   SmtpSession session(server, &abort);
//   exchange::DeliveryOutcome outcome = session.Submit(from, to, message);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/exchange/outbound.h"
#include "gateway/transport/mail/curl_connection.h"

namespace schotvrij::mail {

// kInvalidArgument when `url` is not smtp:// or smtps:// with a host and at most a port.
// `ehlo_name` is what the gateway calls itself; the machine's own name is not told.
absl::StatusOr<std::string> SubmissionUrl(std::string_view url, std::string_view ehlo_name);

// Not thread-safe.
class SmtpSession {
 public:
  // `abort` is asked about once a second while a conversation lasts; true ends it as transient
  // "shutting-down". It may be called until the session is gone. `server` outlives the session.
  SmtpSession(const MailServer& server, std::function<bool()> abort);
  ~SmtpSession();

  // Blocks for at most the server's timeout, and once more that long for a server that does not
  // answer QUIT. Addresses are plain (message.h); `message` has CRLF line ends. Nothing is said
  // before TLS stands and the server's certificate is verified, but for EHLO and STARTTLS.
  exchange::DeliveryOutcome Submit(const std::string& from, const std::string& to,
                                   std::string_view message);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace schotvrij::mail
