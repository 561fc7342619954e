// Succession (rechtsopvolging): who has the place of a party of a network on a day.
#pragma once

#include <string_view>

#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/facts.pb.h"

namespace schotvrij::policy {

// The party that has the place of `party` on `day`: itself, or the last of those that followed it up by then.
std::string_view HolderOn(const RuleSet& rules, const v1::Network& network, std::string_view party, CivilDate day);

// These put, for each party that was followed up by `day`, the one that has its place: in the facts of a client as sender and recipient
// of registrations and other messages, as who passed on a consent or is named in one, and as who set a hold;
void PutInPlace(const RuleSet& rules, CivilDate day, schotvrij::v1::Facts* facts);
// in a message as its sender and recipient, and as who is named in its consents. One without a network stays as it is.
void PutInPlace(const RuleSet& rules, CivilDate day, schotvrij::v1::Exchange* exchange);

}  // namespace schotvrij::policy
