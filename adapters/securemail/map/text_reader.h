// The text of one mail as an answer or a form.
#pragma once

#include <string_view>

#include "adapters/securemail/map/reading.h"
#include "adapters/securemail/securemail.h"

namespace schotvrij::securemail {

// One Exchange, or Issues.
Reading ReadMailText(std::string_view text, const DecodeOptions& options);

}  // namespace schotvrij::securemail
