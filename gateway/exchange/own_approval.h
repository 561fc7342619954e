// Own approval: a party accepts what it asked for itself, under another of its hats (petten), or one person accepts at one party what it
// sent at another. Nobody may, unless the network's document lets it; then each time is listed for the check (`schotvrij approval list`).
#pragma once

#include <string>
#include <string_view>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/events.h"
#include "gateway/identity/enrolment.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "policy/rule_set.h"

namespace schotvrij::exchange {

// Space of the claims by which it is found: their owner is the exchange of the approval.
inline constexpr const char* kOwnApprovalSpace = "own-approval";

// Key of the person who calls, where the document of `network` says that it works for another of its parties as well; empty: it does not.
std::string PersonOf(const policy::RuleSet& rules, const identity::Caller& caller, std::string_view network);

// Whether `answer`, a Receipt that came in from `person` (empty: nobody that PersonOf tells), accepts what its own giver sent.
bool IsOwnApproval(const v1::Exchange& answer, std::string_view person, const casefile::Carried& answered);

// Whether the agreement of the day of the case lets its parties.
bool MayApproveOwn(const policy::RuleSet& rules, const casefile::Carried& answered);

// Adds to `unit` the claim and the event; `objects.exchange_id` is the approval's.
void ListOwnApproval(const identity::KeyRing& keys, const EventFrame& frame, const EventObjects& objects, store::Unit* unit);

}  // namespace schotvrij::exchange
