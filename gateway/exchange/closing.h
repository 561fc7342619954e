// Closing: what became of a registration, told to its sender. One mechanism for the recipient's verdict and for a delivery
// that came to nothing.
#pragma once

#include <string>
#include <vector>

#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/posting.h"

namespace schotvrij::exchange {

// Why nothing came of a delivery (schemas/codes/answer_reason.csv).
inline constexpr const char* kDeliveryFailed = "delivery-failed";
inline constexpr const char* kNothingMayLeave = "nothing-may-leave";

// Space of the business key: one open registration per (network, sender, client).
inline constexpr const char* kRegistrationSpace = "registration";
std::string RegistrationToken(const identity::KeyRing& keys, std::string_view network, std::string_view sender,
                              std::string_view client_id);

// The Receipt to the sender of the registration `fact`, as an Exchange; `from` is who gives the verdict (the recipient's key
// also when the gateway writes it in the absence of one).
v1::Exchange ReceiptFor(const v1::RegistrationFact& fact, v1::ReceiptState state, std::string_view reason,
                        CivilDate received_on, CivilDate today);

// Adds to `unit`: the Receipt and its delivery, the facts after it, and the release of the business key when the registration
// is open no more. Issues when the sender cannot be told; with `must_tell` false the facts change all the same.
std::vector<Issue> Close(const RoadParts& parts, const Standing& standing, const ClientFile& file,
                         const v1::Exchange& receipt, const v1::RegistrationFact& fact, bool must_tell, Instant now,
                         const EventFrame& frame, store::Unit* unit, Posting* posting);

// Adds to `unit` the end of a delivery that came to nothing: its state, and what follows for the registration it carried, if it
// did. `state`: UNDELIVERABLE or WITHHELD. The event that says why is the caller's.
void ComeToNothing(const RoadParts& parts, const Standing& standing, const OpenedDelivery& opened, v1::ReceiptState state,
                   Instant now, const EventFrame& frame, store::Unit* unit);

}  // namespace schotvrij::exchange
