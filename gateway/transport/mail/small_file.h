// The small files that a mail server's configuration names: certificates, keys, passwords.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/transport/mail/curl_connection.h"

namespace schotvrij::mail {

// At most limits::kPemBytesMax bytes; an absolute `name` stands by itself. kInvalidArgument otherwise.
absl::StatusOr<std::string> ReadSmallFile(std::string_view directory, std::string_view name);

struct FieldOfFile {
  std::string field;  // of the configuration
  std::string file;   // empty: not named
};

// Whom `server` is verified by and how we log in there. A password ends before the line end that editors leave behind.
// kInvalidArgument naming the field.
absl::Status ReadAccess(std::string_view directory, const FieldOfFile& ca, const FieldOfFile& password, MailServer* server);

// The same status, its text behind "WHAT: ".
absl::Status Prefix(std::string_view what, const absl::Status& status);

}  // namespace schotvrij::mail
