#include "schemas/base/audit_chain.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace schotvrij {

std::string Sha256(std::string_view bytes) {
  // Fetched once: EVP_sha256() would be looked up among the providers at each digest.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(32, '\0');
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, sha256, nullptr) != 1) {
    std::abort();  // OpenSSL without SHA-256: nothing here can be trusted
  }
  return digest;
}

std::string ChainHash(std::string_view previous, std::string_view chain, uint64_t sequence, std::string_view event) {
  std::string bytes;
  bytes.reserve(previous.size() + chain.size() + event.size() + 9);
  bytes.append(previous).append(chain).push_back('\0');
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(sequence >> shift));
  bytes.append(event);
  return Sha256(bytes);
}

}  // namespace schotvrij
