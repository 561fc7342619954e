// Reading the files a configuration names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/identity/secret.h"

namespace schotvrij::identity {

// Whole text of a regular file of at most `most` bytes. kInvalidArgument otherwise; the text says what and how to mend it, not
// which file.
absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t most);

// The same for a secret; refused as well when anybody but its owner may read or write it.
absl::StatusOr<Secret> ReadSecretFile(const std::string& path, size_t most);

}  // namespace schotvrij::identity
