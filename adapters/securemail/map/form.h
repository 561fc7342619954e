// The form of a registration or a later step of one, as a sender fills it in in the text of a mail.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "adapters/securemail/map/form_label.h"
#include "adapters/securemail/map/reading.h"
#include "adapters/securemail/wire/lines.h"

namespace schotvrij::securemail {

// `fallback_key`: of a form without "Kenmerk". Issues name the line, and the label where it is one of ours.
Reading ReadForm(std::span<const TextLine> lines, const std::string& fallback_key);

// Where something is in a form, to its sender: "regel 7", "Einddatum". Empty for a path that is not of this edge or has no label.
std::string PlaceInForm(std::string_view path);
// The label in such a path, or null.
const FormLabel* LabelInPath(std::string_view path);

}  // namespace schotvrij::securemail
