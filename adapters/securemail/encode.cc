#include <string>
#include <utility>

#include "adapters/securemail/map/letter.h"
#include "adapters/securemail/securemail.h"
#include "adapters/securemail/wire/quoted_printable.h"
#include "schemas/base/status.h"

namespace schotvrij::securemail {
namespace {

// No value of the message stands here.
constexpr std::string_view kHeader =
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n";

}  // namespace

absl::StatusOr<policy::Encoded> Encode(const policy::Disclosure& disclosure) {
  ASSIGN_OR_RETURN(const std::string letter, WriteLetter(disclosure));
  std::string entity = std::string(kHeader) + ToQuotedPrintable(letter);
  return policy::Encoded::From(disclosure, std::move(entity), std::string(kMediaType));
}

}  // namespace schotvrij::securemail
