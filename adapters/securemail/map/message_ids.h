// Ids of our own messages in the text of a mail.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "adapters/securemail/wire/lines.h"

namespace schotvrij::securemail {

// Whether `text` has the form of one: 32 hexadecimal digits. `text` is folded.
bool IsMessageId(std::string_view text);

// Those that stand where a letter of ours has its own ("Bericht: ..."), in what is quoted too; in small letters.
std::set<std::string> QuotedIds(std::span<const TextLine> lines);

}  // namespace schotvrij::securemail
