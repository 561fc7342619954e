// The Dutch text of a warning that a certificate ends: schemas/formats/mail/expiry.csv.
#pragma once

#include <string>

#include "adapters/securemail/securemail.h"

namespace schotvrij::securemail {

// UTF-8, lines end in "\n".
std::string WriteExpiry(const ExpiringCertificate& certificate);

}  // namespace schotvrij::securemail
