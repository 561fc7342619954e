// The MIME entity around a text of ours.
#pragma once

#include <string>
#include <string_view>

namespace schotvrij::securemail {

// Header fields, which are the same for every text, and the text in quoted-printable; CRLF line ends. `text` is UTF-8 with "\n"
// line ends.
std::string ToEntity(std::string_view text);

}  // namespace schotvrij::securemail
