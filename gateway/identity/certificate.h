// Looking at keys and certificates in PEM form.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"

namespace schotvrij::identity {

// When the first of the certificates in `pem` expires; kInvalidArgument when it holds none.
absl::StatusOr<Instant> EarliestExpiry(std::string_view pem);

// How many of the certificates in `pem` are marked as of a test home, and how many are not (schemas/codes/test_certificate.csv);
// kInvalidArgument when it holds none.
struct TestMarks {
  int marked = 0;
  int unmarked = 0;
};
absl::StatusOr<TestMarks> ReadTestMarks(std::string_view pem);

// Whether TLS would take the certificate in `pem` from a client at `now`: one of the CAs in `ca_pem` vouches for it, and it is for
// clients and valid. kInvalidArgument when it is none; kFailedPrecondition says why not.
absl::Status CheckClientCertificate(std::string_view pem, std::string_view ca_pem, Instant now);

// Whether they belong together; false as well when one of them is not what it should be or is encrypted.
bool KeyBelongsToCertificate(std::string_view private_key_pem, std::string_view certificate_pem);
bool KeyBelongsToPublicKey(std::string_view private_key_pem, std::string_view public_key_pem);

}  // namespace schotvrij::identity
