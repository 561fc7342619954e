// The two layers of S/MIME, taken off. Bytes in, bytes out; open_mail.h says what is accepted.
#pragma once

#include <string>
#include <string_view>

#include "gateway/opener/rule.h"

namespace schotvrij::opener {

// `der`: what an application/pkcs7-mime part holds.
enum class CmsKind { kNone, kEncrypted, kSigned, kOther };
CmsKind KindOf(std::string_view der);

struct Decrypted {
  Rule refused;
  std::string entity;
  bool authenticated = false;  // by its cipher; else only a signature inside shows that nobody changed it
};
Decrypted Decrypt(std::string_view der, std::string_view certificate_pem, std::string_view key_pem);

struct Verified {
  Rule refused;
  std::string entity;  // exactly what was signed
  std::string signer;  // DER
  std::string key;     // of the signed act: 64 hexadecimal digits
};
// Opaque: `der` has the content in it.
Verified VerifyOpaque(std::string_view der);
// `entity`: a whole multipart/signed, its header fields included.
Verified VerifyMultipart(std::string_view entity);

// 64 hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace schotvrij::opener
