#include <string>
#include <utility>

#include "adapters/securemail/map/expiry.h"
#include "adapters/securemail/map/letter.h"
#include "adapters/securemail/map/notice.h"
#include "adapters/securemail/securemail.h"
#include "adapters/securemail/wire/entity.h"
#include "schemas/base/status.h"

namespace schotvrij::securemail {

absl::StatusOr<policy::Encoded> Encode(const policy::Disclosure& disclosure, Circumstances circumstances) {
  ASSIGN_OR_RETURN(const std::string letter, WriteLetter(disclosure, circumstances));
  return policy::Encoded::From(disclosure, ToEntity(letter), std::string(kMediaType));
}

policy::EncodedAnswer EncodeAnswer(const policy::Answer& answer) {
  return policy::EncodedAnswer::From(answer, ToEntity(WriteNotice(answer)), std::string(kMediaType));
}

policy::EncodedAnswer EncodeExpiry(const ExpiringCertificate& certificate) {
  return policy::EncodedAnswer::From({}, ToEntity(WriteExpiry(certificate)), std::string(kMediaType));
}

}  // namespace schotvrij::securemail
