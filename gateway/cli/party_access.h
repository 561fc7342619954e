// PartyAccess: how a command reaches the gateway of a home as one of the home's parties.
//
//   ASSIGN_OR_RETURN(PartyAccess access, AccessAs("demo", "opella"));
//   http::Call({.base = access.https_base, .ca_file = access.ca_file, ...}, request);
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "gateway/transport/grpc/client.h"
#include "gateway/transport/http/client.h"

namespace schotvrij::cli {

struct PartyAccess {
  http::ClientOptions https;
  rpc::GrpcClientOptions grpc;
};

// Listeners by the home's configuration, ports by what a running gateway wrote. kNotFound: no such home, or no certificate of
// `party` in it; kUnavailable: a port is not known because no gateway runs.
absl::StatusOr<PartyAccess> AccessAs(const std::string& home, const std::string& party);

// Exit code for a status of AccessAs.
int ExitCodeOf(const absl::Status& status);

}  // namespace schotvrij::cli
