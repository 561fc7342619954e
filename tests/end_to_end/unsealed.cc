// The program with its seals off, for privacy_test.py: what it then finds in the database shows that it would find it.
// The linker takes these for KeyRing's own (--wrap); the program as shipped knows nothing of them.
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/identity/key_ring.h"

namespace schotvrij::identity {

#define UNSEALED(mangled) __asm__("__wrap_" mangled)

std::string Seal(const KeyRing*, const ClientKey&, std::string_view row, std::string_view plaintext)
    UNSEALED("_ZNK9schotvrij8identity7KeyRing4SealB5cxx11ERKNS0_9ClientKeyESt17basic_string_viewIcSt11char_traitsIcEES8_");
absl::StatusOr<std::string> Open(const KeyRing*, const ClientKey&, std::string_view row, std::string_view sealed)
    UNSEALED("_ZNK9schotvrij8identity7KeyRing4OpenB5cxx11ERKNS0_9ClientKeyESt17basic_string_viewIcSt11char_traitsIcEES8_");
std::string SealOwn(const KeyRing*, std::string_view row, std::string_view plaintext)
    UNSEALED("_ZNK9schotvrij8identity7KeyRing7SealOwnB5cxx11ESt17basic_string_viewIcSt11char_traitsIcEES5_");
absl::StatusOr<std::string> OpenOwn(const KeyRing*, std::string_view row, std::string_view sealed)
    UNSEALED("_ZNK9schotvrij8identity7KeyRing7OpenOwnB5cxx11ESt17basic_string_viewIcSt11char_traitsIcEES5_");

std::string Seal(const KeyRing*, const ClientKey&, std::string_view, std::string_view plaintext) {
  return std::string(plaintext);
}
absl::StatusOr<std::string> Open(const KeyRing*, const ClientKey&, std::string_view, std::string_view sealed) {
  return std::string(sealed);
}
std::string SealOwn(const KeyRing*, std::string_view, std::string_view plaintext) { return std::string(plaintext); }
absl::StatusOr<std::string> OpenOwn(const KeyRing*, std::string_view, std::string_view sealed) { return std::string(sealed); }

}  // namespace schotvrij::identity
