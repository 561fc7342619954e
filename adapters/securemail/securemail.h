// Secure mail (beveiligde mail): the MIME entity that a recipient reads, before it is signed and encrypted by the transport.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "policy/disclosure/encoded.h"

namespace schotvrij::securemail {

// Of Encoded: a whole MIME entity, header fields included.
inline constexpr std::string_view kMediaType = "application/vnd.schotvrij.mime-entity";

// A MIME entity (headers from Content-Type on, CRLF line ends): Dutch text/plain with BSN and surname, sender, message id and
// date of sending, and nothing else. kFailedPrecondition when the Disclosure lacks what the format cannot do without.
absl::StatusOr<policy::Encoded> Encode(const policy::Disclosure& disclosure);

}  // namespace schotvrij::securemail
