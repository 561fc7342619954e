// The Dutch text of a Disclosure, as schemas/formats/mail/letter.csv lays it out.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "policy/disclosure/disclosure.h"

namespace schotvrij::securemail {

// UTF-8, lines end in "\n". `reply`: with how to answer by mail. kFailedPrecondition naming the path when a leaf of
// schemas/formats/mail/required.csv is absent or shared in another form than itself, or a value
// holds a control character; and for a content that cannot go by mail.
absl::StatusOr<std::string> WriteLetter(const policy::Disclosure& disclosure, bool reply);

}  // namespace schotvrij::securemail
