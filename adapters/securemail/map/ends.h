// Where the reading of a mail ends: schemas/formats/mail/ends.csv.
#pragma once

#include <span>

#include "adapters/securemail/wire/lines.h"

namespace schotvrij::securemail {

// The lines above the first greeting, signature or quotation.
std::span<const TextLine> UntilEnd(std::span<const TextLine> lines);

}  // namespace schotvrij::securemail
