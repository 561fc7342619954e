// The Dutch text by which the gateway answers the sender of a mail: schemas/formats/mail/notice.csv and issues.csv.
#pragma once

#include <string>

#include "policy/disclosure/answer.h"

namespace schotvrij::securemail {

// UTF-8, lines end in "\n". Holds no value of the message: texts of our tables, line numbers and labels, and what the gateway itself
// gave.
std::string WriteNotice(const policy::Answer& answer);

}  // namespace schotvrij::securemail
