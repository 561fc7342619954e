// Secure mail (beveiligde mail): the MIME entity that a recipient reads, before it is signed and
// encrypted by the transport; and the text of a mail that comes in, after it was decrypted and
// verified.
//
//   ASSIGN_OR_RETURN(policy::Encoded mail, securemail::Encode(disclosure, {.may_reply = true}));
//   std::unique_ptr<Decoder> decoder = securemail::NewDecoder({.fallback_key = key});
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "policy/disclosure/answer.h"
#include "policy/disclosure/encoded.h"
#include "schemas/base/decoder.h"

namespace schotvrij::securemail {

// Of Encoded: a whole MIME entity, header fields included.
inline constexpr std::string_view kMediaType = "application/vnd.schotvrij.mime-entity";

// A MIME entity (headers from Content-Type on, CRLF line ends) for a registration or a receipt:
// Dutch text/plain as schemas/formats/mail/letter.csv lays it out. For a registration that is BSN,
// surname, sender, message id and date of sending; anything else only when a rule shares it. Header
// fields are constant. kFailedPrecondition when the Disclosure lacks what the format cannot do
// without (schemas/formats/mail/required.csv) or has a control character in a value.
struct Circumstances {
  bool may_reply = false;   // by mail; then it is told how
  bool takes_part = false;  // the client, still, by a registration that this recipient was given (R9)
};
absl::StatusOr<policy::Encoded> Encode(const policy::Disclosure& disclosure, Circumstances circumstances = {});

struct DecodeOptions {
  std::string fallback_key;  // of a mail that names no key of its own
  std::string answers;       // id of the message that a trusted header says this mail answers; empty: the text tells
};

// Of the text of one mail, UTF-8, its lines ended by "\n". It is read down to a greeting, a signature or what is quoted
// (schemas/formats/mail/ends.csv); of what stands below only the id of the message that is answered is used.
//
// A mail whose first line is one of the answers of schemas/formats/mail/answers.csv is a Receipt. Any other is a registration or a
// later step of one: lines "Label: value" by schemas/formats/mail/form.csv, where lines without a label are prose and are not read.
//
// Shape() is kAnswerShape for a Receipt, and empty for what else it is.
inline constexpr std::string_view kAnswerShape = "answer";
std::unique_ptr<Decoder> NewDecoder(DecodeOptions options);

// What the gateway says to the sender of a mail: a MIME entity, Dutch text/plain, by schemas/formats/mail/issues.csv. It holds no value
// of the message.
policy::EncodedAnswer EncodeAnswer(const policy::Answer& answer);

// What a participant's contact is told of a certificate that ends: a MIME entity, Dutch text/plain, by schemas/formats/mail/expiry.csv.
struct ExpiringCertificate {
  std::string participant;  // key
  std::string use;          // in Dutch
  std::string sha256;
  std::string last_day;  // civil date
};
policy::EncodedAnswer EncodeExpiry(const ExpiringCertificate& certificate);

}  // namespace schotvrij::securemail
