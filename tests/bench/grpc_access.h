// A gRPC connection of its own to the gateway of a home, as one of its parties.
#pragma once

#include <memory>
#include <string>

#include "gateway/cli/home.h"
#include "grpcpp/channel.h"

namespace schotvrij::bench {

std::shared_ptr<grpc::Channel> OpenChannel(const cli::Home& home, const std::string& party);

}  // namespace schotvrij::bench
