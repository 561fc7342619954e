#include "gateway/cli/files.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "schemas/base/embedded.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

constexpr std::string_view kDocuments = "policy/documents/";
constexpr std::string_view kNational = "policy/documents/national.txtpb";

}  // namespace

absl::StatusOr<OpenFile> Open(const std::string& name) {
  const bool standard = name == "-";
  OpenFile file(standard ? stdin : std::fopen(name.c_str(), "rb"), standard ? [](FILE*) { return 0; } : std::fclose);
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", name));
  return file;
}

absl::StatusOr<std::string> ReadFile(const std::string& name, size_t bytes_max) {
  ASSIGN_OR_RETURN(const OpenFile file, Open(name));
  std::string text;
  char block[64 << 10];
  while (size_t size = std::fread(block, 1, sizeof block, file.get())) {
    text.append(block, size);
    if (text.size() > bytes_max) {
      return absl::ResourceExhaustedError(absl::StrCat(name, " is larger than ", bytes_max, " bytes"));
    }
  }
  if (std::ferror(file.get()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", name));
  return text;
}

absl::StatusOr<std::string> ReadPort(const std::string& port_file) {
  constexpr size_t kPortBytesMax = 16;
  const absl::StatusOr<std::string> port = ReadFile(port_file, kPortBytesMax);
  if (!port.ok()) return absl::UnavailableError(absl::StrCat("no port in ", port_file, ": the gateway does not run"));
  return port->substr(0, port->find('\n'));
}

absl::StatusOr<std::vector<policy::PolicyFile>> ReadPolicyFiles(const std::vector<std::string>& names) {
  std::vector<policy::PolicyFile> files;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(std::string text, ReadFile(name, limits::kPolicyFileBytesMax));
    files.push_back({name, std::move(text)});
  }
  if (!names.empty()) return files;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.path.starts_with(kDocuments) && file.path != kNational) {
      files.push_back({std::string(file.path), std::string(file.text)});
    }
  }
  return files;
}

}  // namespace schotvrij::cli
