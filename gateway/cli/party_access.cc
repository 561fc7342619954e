#include "gateway/cli/party_access.h"

#include <array>
#include <string_view>
#include <utility>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/home.h"
#include "gateway/identity/config.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

// A listener on every address is reached on loopback.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kEverywhere = {
    {{"0.0.0.0", "127.0.0.1"}, {"[::]", "[::1]"}}};

absl::StatusOr<std::string> TargetOf(const config::v1::Listener& listener, const std::string& port_file) {
  const size_t colon = listener.address().rfind(':');
  if (colon == std::string::npos) return absl::NotFoundError("the home has no such listener");
  std::string host = listener.address().substr(0, colon);
  std::string port = listener.address().substr(colon + 1);
  for (const auto& [every, one] : kEverywhere) {
    if (host == every) host = one;
  }
  if (port == "0") {
    ASSIGN_OR_RETURN(port, ReadPort(port_file));
  }
  return host + ":" + port;
}

}  // namespace

absl::StatusOr<PartyAccess> AccessAs(const std::string& directory, const std::string& party) {
  const Home home(directory);
  absl::StatusOr<identity::LoadedConfig> loaded = identity::LoadConfig(home.ConfigFile());
  if (!loaded.ok()) return absl::NotFoundError(loaded.status().message());
  // The key names a file: only one that the enrolment has may do so.
  if (loaded->enrolment->Find(party) == nullptr) {
    return absl::NotFoundError("the home has no party " + party);
  }
  PartyAccess access;
  ASSIGN_OR_RETURN(const std::string https, TargetOf(loaded->config.https(), home.HttpsPortFile()));
  access.https.base = "https://" + https;
  access.https.ca_file = home.CaCertificateFile();
  access.https.certificate_file = home.PartyCertificateFile(party);
  access.https.key_file = home.PartyKeyFile(party);
  ASSIGN_OR_RETURN(access.grpc.target, TargetOf(loaded->config.grpc(), home.GrpcPortFile()));
  ASSIGN_OR_RETURN(access.grpc.ca_pem, ReadFile(access.https.ca_file, limits::kKeyFileBytesMax));
  ASSIGN_OR_RETURN(access.grpc.certificate_pem, ReadFile(access.https.certificate_file, limits::kKeyFileBytesMax));
  ASSIGN_OR_RETURN(access.grpc.key_pem, ReadFile(access.https.key_file, limits::kKeyFileBytesMax));
  return access;
}

int ExitCodeOf(const absl::Status& status) { return absl::IsUnavailable(status) ? kSystemFailed : kWrongUse; }

}  // namespace schotvrij::cli
