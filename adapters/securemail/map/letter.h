// The Dutch text of a Disclosure, as schemas/formats/mail/letter.csv lays it out.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "adapters/securemail/securemail.h"
#include "policy/disclosure/disclosure.h"

namespace schotvrij::securemail {

// UTF-8, lines end in "\n". kFailedPrecondition naming the path when a leaf of
// schemas/formats/mail/required.csv is absent or shared in another form than itself, or a value
// holds a control character; and for a content that cannot go by mail.
absl::StatusOr<std::string> WriteLetter(const policy::Disclosure& disclosure, Circumstances circumstances);

}  // namespace schotvrij::securemail
