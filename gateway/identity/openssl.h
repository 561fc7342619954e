// What this room's calls of OpenSSL share.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

namespace schotvrij::identity {

// OpenSSL refuses only when memory or its own providers are broken: nothing may be stored, found or shown after that.
inline void Must(bool good) {
  if (!good) std::abort();
}

inline unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
inline const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace schotvrij::identity
