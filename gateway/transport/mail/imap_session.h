// ImapSession: one mailbox folder on a mail server, as far as an inbox needs it (RFC 9051). Keeps its connection.
//
//   ImapSession session(server, "INBOX", &abort);
//   ASSIGN_OR_RETURN(std::vector<MailUid> waiting, session.List());
//   ASSIGN_OR_RETURN(std::string bytes, session.Fetch(waiting.front()));
//   RETURN_IF_ERROR(session.Delete(waiting.front()));
//
// kUnavailable with a reason code as its text ("imap-login", "tls-verify", "connect", "timeout", "imap-no") when the server does not do
// what it is asked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/transport/mail/curl_connection.h"

namespace schotvrij::mail {

// A mail in a folder, for as long as the folder is the same one.
struct MailUid {
  uint32_t folder_validity = 0;
  uint32_t uid = 0;
  friend auto operator<=>(const MailUid&, const MailUid&) = default;
};

// Whether it can stand in an IMAP command as it is, in quotes: printable ASCII, no quote or backslash.
bool IsPlainFolder(std::string_view folder);

// Not thread-safe.
class ImapSession {
 public:
  // `server.url` is as ServerUrl gives it. `server` outlives the session; `abort` is as in NewCurl.
  ImapSession(const MailServer& server, std::string folder, std::function<bool()> abort);
  ~ImapSession();

  // The first limits::kMailsPerLook, oldest first. What is marked as deleted is not listed, and is gone after this.
  absl::StatusOr<std::vector<MailUid>> List();
  // As the server has it. kResourceExhausted when it is larger than limits::kMailBytesMax: of such a one nothing is fetched.
  absl::StatusOr<std::string> Fetch(const MailUid& mail);
  absl::Status Delete(const MailUid& mail);
  // Into `folder`, which is made when it is not there.
  absl::Status Move(const MailUid& mail, const std::string& folder);

 private:
  struct Handle;
  // What the server says to `command`, in the folder of that validity (0: whichever it is).
  absl::StatusOr<std::string> Ask(const std::string& command, uint32_t validity);
  // Oldest first.
  absl::StatusOr<std::vector<MailUid>> Search(const std::string& what, uint32_t validity);
  absl::StatusOr<std::string> Perform(const std::string& url, size_t most);
  std::unique_ptr<Handle> handle_;
};

}  // namespace schotvrij::mail
