// The mail opener: one mail that came in, decrypted, verified and taken apart. It is a program of its own (main.cc), one process a
// mail: what a mail's bytes may do to it, they do where there is no network, no file, no store, and one key.
//
//   mail::v1::OpenedMail opened = opener::Open(request);
//
// Encryption: S/MIME 4.0 (RFC 8551), AES-128 or -256 in GCM, or in CBC where a signature stands inside; the content key to RSA with
// OAEP or by ECDH. Signature: one signer, SHA-256 or longer, with its time. Anything weaker is MAIL-ALGORITHM. At most two layers
// stand around the text: what is encrypted holds what is signed. Who signed is told and not judged: trust is the caller's. Of what is
// in CBC any fault is MAIL-SIGNATURE: who changes bytes that it cannot read learns nothing of them from the rule.
//
// The text is that of all text/plain parts in their order; of alternatives the plain one. Pictures and HTML beside it are passed
// over; any other part is MAIL-ATTACHMENT, and what is signed or encrypted beside other parts is MAIL-SIGNATURE. What two readers may
// take for two things is MAIL-SYNTAX: two authors' lines, two content types, NUL in a header. Rules that a mail may be refused by:
// MAIL-SYNTAX, MAIL-PARTS, MAIL-NO-TEXT, MAIL-ATTACHMENT, MAIL-NOT-FOR-US, MAIL-ALGORITHM, MAIL-SIGNATURE, TEXT-SIZE, TEXT-CHARACTERS.
#pragma once

#include "schotvrij/mail/v1/opened_mail.pb.h"

namespace schotvrij::opener {

// Once, before the sandbox is entered: libraries read here what they need from files.
void Prepare();

// Never throws; reads nothing but `request`.
mail::v1::OpenedMail Open(const mail::v1::OpenRequest& request);

}  // namespace schotvrij::opener
