#include "gateway/transport/mail/small_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::mail {

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

absl::Status ReadAccess(std::string_view directory, const FieldOfFile& ca, const FieldOfFile& password, MailServer* server) {
  auto read = [directory](const FieldOfFile& named, std::string* bytes) -> absl::Status {
    if (named.file.empty()) return absl::OkStatus();
    absl::StatusOr<std::string> held = ReadSmallFile(directory, named.file);
    if (!held.ok()) return Prefix(named.field, held.status());
    *bytes = *std::move(held);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(read(ca, &server->ca_pem));
  RETURN_IF_ERROR(read(password, &server->password));
  server->password.erase(server->password.find_last_not_of("\r\n") + 1);
  return absl::OkStatus();
}

absl::Status Prefix(std::string_view what, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(ToAbsl(what), ": ", status.message()));
}

}  // namespace schotvrij::mail
