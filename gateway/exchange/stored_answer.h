// The answer kept beside an idempotency key, and the answer to a failure of our own.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "policy/disclosure/answer.h"
#include "schotvrij/v1/sealed.pb.h"

namespace schotvrij::exchange {

store::Sealed SealAnswer(const identity::KeyRing& keys, std::string_view key_token, const v1::StoredAnswer& answer);
absl::StatusOr<v1::StoredAnswer> OpenAnswer(const identity::KeyRing& keys, std::string_view key_token,
                                            const store::Sealed& sealed);

// Transient: nothing was written, and the same message may be sent again. kResourceExhausted is BUSY, kUnavailable
// STORE-UNAVAILABLE, all else INTERNAL; the status text goes to nobody outside.
policy::Answer FailureAnswer(const absl::Status& status);

}  // namespace schotvrij::exchange
