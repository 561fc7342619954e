// PartyCall: one call to a running gateway as one of a home's parties, and what the commands say when it is refused.
#pragma once

#include <ostream>
#include <string>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/party_access.h"

namespace CLI {
class App;
}

namespace schotvrij::cli {

// Adds the option by which the party states its role.
void AddRole(CLI::App* command, std::string* role);

// What the gateway found wrong: for people on `err`, with `json` as one document on `out`.
void PrintRefusal(const rpc::Refusal& refusal, bool json, std::ostream& out, std::ostream& err);
int ExitCodeOfRefusal(const rpc::Refusal& refusal);

// Makes `call` with a client that speaks as the party; `print` shows what came of it. `options` has home, as, role and json. Returns the
// exit code.
template <typename Options, typename Call, typename Print>
int CallAsParty(const Options& options, std::ostream& out, std::ostream& err, const Call& call, const Print& print) {
  absl::StatusOr<PartyAccess> access = AccessAs(options.home, options.as);
  if (!access.ok()) {
    err << "schotvrij: " << access.status().message() << '\n';
    return ExitCodeOf(access.status());
  }
  access->grpc.role = options.role;
  rpc::GrpcClient client(std::move(access->grpc));
  const auto outcome = call(client);
  if (!outcome.ok()) {
    PrintRefusal(outcome.refusal(), options.json, out, err);
    return ExitCodeOfRefusal(outcome.refusal());
  }
  print(outcome.value());
  return kGood;
}

}  // namespace schotvrij::cli
