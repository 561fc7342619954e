// Whether keys and certificates belong together. PEM; false as well when one of them is not what it should be or is encrypted.
#pragma once

#include <string_view>

namespace schotvrij::identity {

bool KeyBelongsToCertificate(std::string_view private_key_pem, std::string_view certificate_pem);
bool KeyBelongsToPublicKey(std::string_view private_key_pem, std::string_view public_key_pem);

}  // namespace schotvrij::identity
