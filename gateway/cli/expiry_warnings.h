// ExpiryWarnings: mail to the contact of a participant, as its networks' documents name it, when a certificate of the participant ends
// within the days of schemas/codes/certificate_warning.csv (R54). Once for each certificate, number of days and address: that it was sent
// is kept in the store. Of certificates that overlap the one that ends last counts. It says nothing of any client.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/exchange/road.h"
#include "gateway/identity/seen_certificates.h"
#include "gateway/transport/mail/smtp_outbound.h"

namespace schotvrij::cli {

// How many days before its end a certificate that ends at `then` is told of at `now`, the most urgent; 0: not yet, or not any more.
int WarningDays(Instant then, Instant now);

class ExpiryWarnings {
 public:
  // `mailer` may be null: then nobody is warned by mail.
  ExpiryWarnings(exchange::RoadParts parts, mail::Mailer* mailer, const identity::SeenCertificates* seen);
  ~ExpiryWarnings();

  // From now on looks are run on the parts' executor: at once, and each hour.
  void Start();
  void Look();
  // Nothing is handed to the mailer any more once it returns. The executor must be drained before this object goes.
  void Stop();

 private:
  class Rounds;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace schotvrij::cli
