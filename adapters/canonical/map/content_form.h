// What each content cannot do without, and what its numbers must agree on.
#pragma once

#include <string_view>

#include "adapters/canonical/map/findings.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::canonical {

// Whether this release exchanges the content of `exchange`
// (schemas/formats/canonical/form_required.csv has rows for it).
bool IsExchanged(const v1::Exchange& exchange);

// Rows of form_required.csv whose path is absent, blank or unspecified. What lacks a message is
// told so once, not for each leaf. `bytes`: `exchange` serialised; its content IsExchanged.
void CheckRequired(const v1::Exchange& exchange, std::string_view bytes, Findings& findings);

// KEY-FORM for a key that holds the client's BSN: keys reach places where no BSN may be, as the
// audit, receipts and other systems' logs.
void CheckKeys(const v1::Exchange& exchange, Findings& findings);

// SCORE-RANGE by schemas/codes/instrument.csv; SCORE-SUM where every item has a score.
void CheckScores(const v1::Exchange& exchange, Findings& findings);

// A recipient's answer is accepted or rejected; the other states are the gateway's own.
void CheckAnswer(const v1::Exchange& exchange, Findings& findings);

}  // namespace schotvrij::canonical
