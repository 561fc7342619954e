// Own approval: a party accepts what it asked for itself, under another of its hats (petten). Nobody may, unless the network's document
// lets it; then each time is listed for the check (`schotvrij approval list`).
#pragma once

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/events.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "policy/rule_set.h"

namespace schotvrij::exchange {

// Space of the claims by which it is found: their owner is the exchange of the approval.
inline constexpr const char* kOwnApprovalSpace = "own-approval";

// Whether `answer`, a Receipt that came in, accepts what its own giver sent.
bool IsOwnApproval(const v1::Exchange& answer, const casefile::Carried& answered);

// Whether the agreement of the day of the case lets its parties.
bool MayApproveOwn(const policy::RuleSet& rules, const casefile::Carried& answered);

// Adds to `unit` the claim and the event; `objects.exchange_id` is the approval's.
void ListOwnApproval(const identity::KeyRing& keys, const EventFrame& frame, const EventObjects& objects, store::Unit* unit);

}  // namespace schotvrij::exchange
