// PartyCall: one gRPC call to the gateway of a home as one of its parties, and how its refusal is shown.
//
//   return CallAs({home, as, json}, out, err, [&](rpc::GrpcClient& client) { return client.Answer(request); },
//                 [&](const v1::AnswerResponse& response) { ... });
#pragma once

#include <ostream>
#include <string>
#include <utility>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/party_access.h"
#include "gateway/transport/grpc/client.h"

namespace schotvrij::cli {

struct PartyCall {
  std::string home;
  std::string as;     // key of the party
  bool json = false;  // a refusal is one JSON document on `out`
};

// Shows the refusal. Exit codes: 1 the message is at fault, 2 a party that is not enrolled, 3 the gateway failed.
int Refused(const PartyCall& call, const rpc::Refusal& refusal, std::ostream& out, std::ostream& err);

// Makes `ask` with a client that speaks as the party; `print` shows what came of it. Exit code 2 also: no such home or party.
template <typename Ask, typename Print>
int CallAs(const PartyCall& call, std::ostream& out, std::ostream& err, const Ask& ask, const Print& print) {
  absl::StatusOr<PartyAccess> access = AccessAs(call.home, call.as);
  if (!access.ok()) {
    err << "schotvrij: " << access.status().message() << '\n';
    return ExitCodeOf(access.status());
  }
  rpc::GrpcClient client(std::move(access->grpc));
  const auto outcome = ask(client);
  if (!outcome.ok()) return Refused(call, outcome.refusal(), out, err);
  print(outcome.value());
  return kGood;
}

}  // namespace schotvrij::cli
