// Casefile: what is known of one client, and what a message may do to it. Pure functions over values.
//
//   std::vector<Issue> issues = casefile::Check(exchange, facts);
//   Facts next = casefile::Apply(facts, exchange, outcome);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/facts.pb.h"

namespace schotvrij::casefile {

// Level-3 rules: what the message says against what is known. Envelope parties and network are resolved; a Receipt that comes
// in names the delivery it answers in `receipt.about`.
std::vector<Issue> Check(const v1::Exchange& exchange, const v1::Facts& facts);

// The registration that a later step is about (life_cycle.h), or null: also for what is no later step.
const v1::RegistrationFact* FindSubject(const v1::Exchange& exchange, const v1::Facts& facts);

// What the road knows of an accepted message beyond its content.
struct Outcome {
  std::string exchange_id;
  std::string delivery_id;          // the delivery that carries it
  std::string agreement_version;    // registration: the version it was judged by
  std::string recipient_role = {};  // the role in which its recipient gets it
  std::string sender_person = {};   // registration or step: `person` of the staff that sent it
};

// The facts after `exchange`. The caller checked it; Apply itself refuses nothing. A later step still names its registration as its
// sender does.
v1::Facts Apply(v1::Facts facts, const v1::Exchange& exchange, const Outcome& outcome);
// The facts after a first registration of which Apply to no facts gave `added`: the same as Apply to `facts` gives.
v1::Facts Merge(v1::Facts facts, const v1::Facts& added);

// A message of its sender to its recipient: a registration, a later step of one, or one of another content.
struct Carried {
  std::string exchange_id;
  std::string request_key;
  std::string network;
  std::string sender;
  std::string recipient;
  std::string start_date;  // the day of the case: of a registration its first day, of others the day they came in
  std::string sender_role;
  std::string recipient_role;
  std::string sender_person;  // of that message; empty: none that the network's document names
};
// What `delivery_id` carries; nothing when it carries no such message.
std::optional<Carried> FindByDelivery(const v1::Facts& facts, std::string_view delivery_id);

// All that the recipient got of the registration that `delivery_id` belongs to, by its delivery ids, the first first. A message that is of
// no registration stands by itself.
std::vector<std::string> DeliveriesOf(const v1::Facts& facts, std::string_view delivery_id);

// Whether the answer says that its giver should never have had the message (R6).
bool Erases(const v1::Receipt& answer);

// Whether its recipient said so of the registration, or of a step of it.
bool IsErased(const v1::RegistrationFact& fact);

// Whether what `delivery_id` carries may be shown or sent no more (R6): its registration was withdrawn as an error, and it is not the
// withdrawal itself; or its recipient said that it should never have had it.
bool IsGone(const v1::Facts& facts, std::string_view delivery_id);

// The safety hold that the sender of `exchange` set under its hat, or null.
const v1::HoldFact* FindHold(const v1::Facts& facts, const v1::Exchange& exchange);

// Whether a safety hold (OP003) stands: nothing about the client is to leave by itself.
bool IsHeld(const v1::Facts& facts);

// Whether the registration still stands: a second one of the same client, network and sender is refused while it does.
bool IsOpen(v1::RegistrationState state);

}  // namespace schotvrij::casefile
