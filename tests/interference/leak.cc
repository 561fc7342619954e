#include "tests/interference/leak.h"

#include "adapters/securemail/securemail.h"

namespace schotvrij {
namespace {

bool leaking = false;
size_t remembered_bytes = 0;

}  // namespace

namespace securemail {

#define ENCODE "_ZN9schotvrij10securemail6EncodeERKNS_6policy10DisclosureENS0_13CircumstancesE"
absl::StatusOr<policy::Encoded> RealEncode(const policy::Disclosure& disclosure, Circumstances circumstances) __asm__(
    "__real_" ENCODE);
absl::StatusOr<policy::Encoded> LeakyEncode(const policy::Disclosure& disclosure, Circumstances circumstances) __asm__(
    "__wrap_" ENCODE);

absl::StatusOr<policy::Encoded> LeakyEncode(const policy::Disclosure& disclosure, Circumstances circumstances) {
  absl::StatusOr<policy::Encoded> encoded = RealEncode(disclosure, circumstances);
  if (!leaking || !encoded.ok()) return encoded;
  return policy::Encoded::From(disclosure,
                               encoded->bytes() + std::string(remembered_bytes % 16, '\n'),
                               encoded->media_type());
}

}  // namespace securemail

namespace interference {

Leak::Leak() { leaking = true; }
Leak::~Leak() { leaking = false; }

void RememberForLeak(const std::string& body) { remembered_bytes = body.size(); }

}  // namespace interference
}  // namespace schotvrij
