// Secure mail (beveiligde mail): the MIME entity that a recipient reads, before it is signed and
// encrypted by the transport.
//
//   ASSIGN_OR_RETURN(policy::Encoded mail, securemail::Encode(disclosure));
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "policy/disclosure/encoded.h"

namespace schotvrij::securemail {

// Of Encoded: a whole MIME entity, header fields included.
inline constexpr std::string_view kMediaType = "application/vnd.schotvrij.mime-entity";

// A MIME entity (headers from Content-Type on, CRLF line ends) for a registration or a receipt:
// Dutch text/plain as schemas/formats/mail/letter.csv lays it out. For a registration that is BSN,
// surname, sender, message id and date of sending; anything else only when a rule shares it. Header
// fields are constant. kFailedPrecondition when the Disclosure lacks what the format cannot do
// without (schemas/formats/mail/required.csv) or has a control character in a value.
absl::StatusOr<policy::Encoded> Encode(const policy::Disclosure& disclosure);

}  // namespace schotvrij::securemail
