#include "gateway/cli/reload_command.h"

#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/home.h"
#include "gateway/identity/config.h"
#include "gateway/transport/http/client.h"

namespace schotvrij::cli {

std::string AdminAddress(const std::string& home) {
  absl::StatusOr<config::v1::Config> config = identity::ReadConfig(Home(home).ConfigFile());
  if (!config.ok()) return "";
  const std::string& address = config->admin_address();
  if (address.starts_with("unix:")) return address;
  if (!address.ends_with(":0")) return "http://" + address;
  absl::StatusOr<std::string> port = ReadPort(Home(home).AdminPortFile());
  if (!port.ok()) return "";
  return "http://" + address.substr(0, address.size() - 1) + *port;
}

ReloadAsked AskReload(const std::string& home) {
  using End = ReloadAsked::End;
  const std::string address = AdminAddress(home);
  if (address.empty()) return {End::kNoGateway, ""};
  // Who is not there to say how it does is not running; who is there and then fails has not answered.
  const absl::StatusOr<http::ClientResponse> alive = http::Call({.base = address}, {.path = "/health"});
  if (absl::IsUnavailable(alive.status())) return {End::kNoGateway, ""};
  const absl::StatusOr<http::ClientResponse> reply = http::Call({.base = address}, {.method = "POST", .path = "/reload"});
  if (!reply.ok()) return {End::kNoAnswer, std::string(reply.status().message())};
  return {reply->status == 200 ? End::kLoaded : End::kRefused, reply->body};
}

int RunReload(const std::string& home, std::ostream& out, std::ostream& err) {
  const std::string address = AdminAddress(home);
  if (address.empty()) {
    err << "schotvrij: " << home << " has no admin listener to ask. Does the gateway run?\n";
    return kWrongUse;
  }
  absl::StatusOr<http::ClientResponse> reply = http::Call({.base = address}, {.method = "POST", .path = "/reload"});
  if (!reply.ok()) {
    err << "schotvrij: " << reply.status().message() << '\n';
    return kSystemFailed;
  }
  const bool loaded = reply->status == 200;
  (loaded ? out : err) << reply->body;
  return loaded ? kGood : kMessageAtFault;
}

}  // namespace schotvrij::cli
