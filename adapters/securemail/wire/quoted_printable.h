// Quoted-printable (RFC 2045 section 6.7).
#pragma once

#include <string>
#include <string_view>

namespace schotvrij::securemail {

// `text` has "\n" line ends; the result has CRLF line ends, seven-bit characters only, lines of at
// most 76, and no white space at the end of a line.
std::string ToQuotedPrintable(std::string_view text);

}  // namespace schotvrij::securemail
