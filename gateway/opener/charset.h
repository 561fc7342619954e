// Text of a MIME part into UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace schotvrij::opener {

// The converters read files when they are first asked for: once, before there are no files any more.
void LoadCharsets();

// UTF-8, US-ASCII, ISO 8859-1, ISO 8859-15 or Windows-1252 by any of their usual names; empty is US-ASCII. Nothing for another
// character set, for bytes that are none of its characters, and for NUL.
std::optional<std::string> ToUtf8(std::string_view bytes, std::string_view charset);

}  // namespace schotvrij::opener
