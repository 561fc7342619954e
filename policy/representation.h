// Representation (vertegenwoordiging): whether whoever gave a consent in the client's stead could, by schemas/codes/representation.csv.
//
// The day on which the consent was given decides. That the representation ended later takes nothing back: the consent holds until it
// is withdrawn or runs out. This is a choice of ours; no statute that says so was read.
#pragma once

#include <string_view>

#include "schotvrij/v1/consent.pb.h"

namespace schotvrij::policy {

// Empty: it was the client's own word, or that of somebody who could speak for it. Else the rule that `permit`, of which it is known by
// whom and when it was given, breaks: CONSENT-REPRESENTATIVE (in what capacity is not said, or said of the client's own word),
// -REPRESENTED (not on the day it was given) or -CAPACITY (`avg`, it is itself to be the ground under AVG 6, and this capacity may not
// give that).
std::string_view RepresentationFault(const schotvrij::v1::Consent& permit, bool avg);

}  // namespace schotvrij::policy
