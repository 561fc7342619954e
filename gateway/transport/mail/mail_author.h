// MailAuthor: who wrote a mail that was opened, by what proves it: the certificate it is signed with and pinned in the enrolment or,
// within the network of a relay, the address it came from. What nobody vouches for is nobody's.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gateway/identity/enrolment.h"
#include "schotvrij/mail/v1/opened_mail.pb.h"

namespace schotvrij::mail {

struct MailAuthor {
  const config::v1::Participant* participant = nullptr;  // whose mail it is or, when `rule` says so, only claims to be; null: nobody's
  std::string rule;                                      // of issue.csv, by which it is refused; empty: it is taken
  bool proved = false;                                   // it is theirs, also when it is refused
};

// `relay`: of the inbox the mail lay in; empty: none. `directory`: for the certificates' files. Rules: MAIL-SENDER, MAIL-SIGNATURE,
// MAIL-NOT-ENCRYPTED, and those by which it was not opened.
MailAuthor WhoWrote(const v1::OpenedMail& opened, std::string_view relay, const identity::Enrolment& enrolment,
                    std::string_view directory, Instant now);

}  // namespace schotvrij::mail
