#include "gateway/transport/mail/message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {
namespace {

bool IsAtomCharacter(char c) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         kSpecials.find(c) != std::string_view::npos;
}

bool IsIdCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
}

// Parts of `is_part` characters with single dots between.
bool IsDotted(std::string_view text, bool (*is_part)(char)) {
  bool part_begun = false;
  for (char c : text) {
    if (c == '.' ? !part_begun : !is_part(c)) return false;
    part_begun = c != '.';
  }
  return part_begun;
}

std::string_view WithoutBrackets(std::string_view id) {
  return id.size() >= 2 && id.front() == '<' && id.back() == '>' ? id.substr(1, id.size() - 2) : id;
}

absl::Status Malformed(std::string_view field) {
  return absl::InvalidArgumentError(
      absl::StrCat("mail message: ", ToAbsl(field), " is not of its form"));
}

}  // namespace

bool IsPlainAddress(std::string_view address) {
  const size_t at = address.rfind('@');
  return at != std::string_view::npos && address.size() <= limits::kMailAddressBytesMax &&
         IsDotted(address.substr(0, at), &IsAtomCharacter) &&
         IsDotted(address.substr(at + 1), &IsIdCharacter);
}

absl::StatusOr<std::string> WriteMessage(const MessageHead& head, std::string_view entity) {
  if (!IsPlainAddress(head.from)) return Malformed("from");
  if (!IsPlainAddress(head.to)) return Malformed("to");
  if (head.message_id.empty() || head.message_id.size() > limits::kKeyBytesMax ||
      !std::all_of(head.message_id.begin(), head.message_id.end(), &IsIdCharacter)) {
    return Malformed("message_id");
  }
  // A Message-ID has the form of an address.
  const std::string_view id = WithoutBrackets(head.mail_message_id);
  if (!IsPlainAddress(id)) return Malformed("mail_message_id");
  if (head.sent_at.us <= 0) return Malformed("sent_at");
  const std::string_view answered = WithoutBrackets(head.in_reply_to);
  const std::string in_reply_to = IsPlainAddress(answered) ? absl::StrCat("\r\nIn-Reply-To: <", ToAbsl(answered), ">") : "";
  return absl::StrCat("From: ", head.from, "\r\nTo: ", head.to, "\r\nSubject: ", ToAbsl(head.subject), " ",
                      head.message_id, "\r\nDate: ",
                      absl::FormatTime(absl::RFC1123_full, absl::FromUnixMicros(head.sent_at.us),
                                       absl::UTCTimeZone()),
                      "\r\nMessage-ID: <", ToAbsl(id),
                      ">", in_reply_to, "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
                      ToAbsl(entity));
}

}  // namespace schotvrij::mail
