// Reading what the user names on the command line.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/rule_set.h"

namespace schotvrij::cli {

// Whole file, at most `bytes_max`; "-" is standard input. kNotFound, kPermissionDenied or kResourceExhausted with the name.
absl::StatusOr<std::string> ReadFile(const std::string& name, size_t bytes_max);

// The port in `port_file`, which a gateway writes once it listens. kUnavailable: there is none.
absl::StatusOr<std::string> ReadPort(const std::string& port_file);

// The files named, or the built-in network documents when none is.
absl::StatusOr<std::vector<policy::PolicyFile>> ReadPolicyFiles(const std::vector<std::string>& names);

}  // namespace schotvrij::cli
