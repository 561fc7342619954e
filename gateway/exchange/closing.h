// Closing: what became of a registration or of a later step of it, told to its sender. One mechanism for the recipient's verdict and for a delivery
// that came to nothing.
#pragma once

#include <string>
#include <vector>

#include "gateway/casefile/casefile.h"
#include "gateway/exchange/opened_delivery.h"
#include "gateway/exchange/posting.h"

namespace schotvrij::exchange {

// Why nothing came of a delivery (schemas/codes/answer_reason.csv).
inline constexpr const char* kDeliveryFailed = "delivery-failed";
inline constexpr const char* kNothingMayLeave = "nothing-may-leave";

// Space of the business key: one open registration per (network, sender and its hat, client). `sender_role` empty: from before roles were
// kept.
inline constexpr const char* kRegistrationSpace = "registration";
std::string RegistrationToken(const identity::KeyRing& keys, std::string_view network, std::string_view sender,
                              std::string_view sender_role, std::string_view client_id);

// Adds to `unit` what becomes of the business keys: that of a registration that stands no more is released, that of one that stands
// now is claimed.
void MoveClaims(const identity::KeyRing& keys, const ClientFile& before, const v1::Facts& after, store::Unit* unit);

// The Receipt to the sender of `carried`, as an Exchange. It comes from the recipient, also when the gateway writes it in the absence
// of a verdict.
v1::Exchange ReceiptFor(const casefile::Carried& carried, v1::ReceiptState state, std::string_view reason, CivilDate today);

// Adds to `unit`: the Receipt and its delivery, the facts after it, and what becomes of the business keys. Issues when the sender cannot be told; with `must_tell` false the facts change all the same.
std::vector<Issue> Close(const RoadParts& parts, const Standing& standing, const ClientFile& file,
                         const v1::Exchange& receipt, bool must_tell, Instant now, const EventFrame& frame, store::Unit* unit,
                         Posting* posting);

// Adds to `unit` the end of a delivery that came to nothing: its state, and what follows for the registration, or the later step of one,
// that it carried, if it did. `state`: UNDELIVERABLE or WITHHELD. The event that says why is the caller's.
void ComeToNothing(const RoadParts& parts, const Standing& standing, const OpenedDelivery& opened, v1::ReceiptState state,
                   Instant now, const EventFrame& frame, store::Unit* unit);

}  // namespace schotvrij::exchange
