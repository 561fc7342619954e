#include "adapters/securemail/wire/entity.h"

#include "adapters/securemail/wire/quoted_printable.h"

namespace schotvrij::securemail {
namespace {

// No value of the message stands here.
constexpr std::string_view kHeader =
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n";

}  // namespace

std::string ToEntity(std::string_view text) { return std::string(kHeader) + ToQuotedPrintable(text); }

}  // namespace schotvrij::securemail
