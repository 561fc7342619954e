// Reading what the user names on the command line.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/rule_set.h"

namespace schotvrij::cli {

// "-" is standard input, which is not closed. kNotFound or kPermissionDenied with the name.
using OpenFile = std::unique_ptr<FILE, int (*)(FILE*)>;
absl::StatusOr<OpenFile> Open(const std::string& name);

// Whole file, at most `bytes_max`, or what Open says; kResourceExhausted with the name.
absl::StatusOr<std::string> ReadFile(const std::string& name, size_t bytes_max);

// The port in `port_file`, which a gateway writes once it listens. kUnavailable: there is none.
absl::StatusOr<std::string> ReadPort(const std::string& port_file);

// The files named, or the built-in network documents when none is.
absl::StatusOr<std::vector<policy::PolicyFile>> ReadPolicyFiles(const std::vector<std::string>& names);

}  // namespace schotvrij::cli
