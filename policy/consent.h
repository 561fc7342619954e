// Consent (toestemming): whether the client's word lets a disclosure happen on a day, and if not,
// why not.
//
//   ConsentFinding finding = FindConsent({exchange, facts, v1::REGISTRATION, "gemeente-ede",
//   today});
//
// Looked at: consents of scope PRIVACY for this network or none, from the facts and, in a
// registration, from the message itself.
// - A permit counts only where it came from the sender itself: consent to one provider lifts nobody
// else's secrecy. A denial or
//   withdrawal counts whoever passed it on; the reason then given is CONSENT-MISSING, because the
//   answer to one party tells nothing of another.
// - One that somebody gave in the client's stead counts as representation.h says.
// - A later record with the same id from the same party replaces the earlier; but what was
// withdrawn stays withdrawn unless the
//   new one was given on a later day.
// - One that names the recipient beats one that names nobody, unless that is a withdrawal, which is
//   meant for each; then the later day of giving; on one day denied or withdrawn beats permitted.
//   Without any, the answer is no.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/civil_date.h"
#include "schemas/base/issue.h"
#include "schotvrij/policy/v1/policy.pb.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/facts.pb.h"

namespace schotvrij::policy {

// Whether a rule on these grounds stands or falls with the client's consent.
bool RestsOnConsent(const v1::Grounds& grounds);

// Whether `later` takes the place of `earlier`, which came before it under the same id from the same
// party. Facts are kept by it as well.
bool Replaces(const schotvrij::v1::Consent& later, const schotvrij::v1::Consent& earlier);

// Whether `said`, passed on by `sender`, may take back anything that the consents in `facts` allow: it denies or withdraws, or stands in
// the place of another.
bool MayTakeBack(const schotvrij::v1::Consent& said, std::string_view sender, const schotvrij::v1::Facts& facts);

struct ConsentQuery {
  const schotvrij::v1::Exchange& exchange;
  const schotvrij::v1::Facts& facts;
  schotvrij::v1::Purpose purpose;
  std::string_view recipient;  // participant key
  CivilDate today;
  bool avg = false;  // it is to be the ground under AVG 6, not only what lifts professional secrecy
};

struct ConsentFinding {
  bool granted = false;
  std::string consent_id;  // granted: the consent it rests on
  std::string rule;        // not granted: CONSENT-MISSING, -WITHDRAWN, -EXPIRED, -PURPOSE, -DENIED,
                           // -DIRECTIVE, -FORM or one of representation.h
  std::string path;        // where in the message, canonical
};

ConsentFinding FindConsent(const ConsentQuery& query);

// A consent sent by itself (content `consent`; purpose and recipient are not looked at): whether it
// can be kept as a fact. A denial or withdrawal is never refused for what it leaves out; a permit
// may not undo an earlier withdrawal of the same consent.
void CheckConsent(const ConsentQuery& query, std::vector<Issue>& issues);

}  // namespace schotvrij::policy
