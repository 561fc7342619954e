// The RFC 5322 message around an encrypted MIME entity. Its header tells who, to whom, when and
// under which id, and nothing about what for or about whom; the same arguments give the same
// header.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"

namespace schotvrij::mail {

struct MessageHead {
  std::string from;  // address without name
  std::string to;
  std::string
      message_id;  // the gateway's id of the message, for the subject: letters, digits and hyphens
  std::string mail_message_id;  // RFC 5322 Message-ID, with or without its angle brackets
  Instant sent_at;              // Date, to the second, in UTC
  std::string_view subject = "Bericht";  // what stands before message_id there; of static lifetime
  std::string in_reply_to = "";  // Message-ID of the mail that this answers; not written when it has another form
};

// RFC 5321 Mailbox in its plain form: dot-atom@host of ASCII letters, digits, dots and hyphens, at
// most limits::kMailAddressBytesMax. Such an address needs no quoting in a header or an SMTP
// command and can break out of neither.
bool IsPlainAddress(std::string_view address);

// kInvalidArgument naming the field of `head` that is empty or not of its form: nothing that
// reaches a header line holds a line end, a space or a quote.
absl::StatusOr<std::string> WriteMessage(const MessageHead& head, std::string_view entity);

}  // namespace schotvrij::mail
