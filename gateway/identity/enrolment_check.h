// What can be wrong with an enrolment document, beyond its form.
#pragma once

#include <string>
#include <vector>

#include "schotvrij/config/v1/config.pb.h"

namespace schotvrij::identity {

struct DocumentFault {
  std::string path;  // "participant[1].peer[0].oin"
  std::string text;  // what, of whom, and how to mend it
};

// Keys of the wrong form or given twice; identifiers of an unknown system, of the wrong form or held twice; peers that name
// nothing, are of the wrong form, or prove another participant too; acts_for that names nobody; routes without their address.
std::vector<DocumentFault> CheckEnrolment(const config::v1::Enrolment& document);

// Whether both hold for the same certificate whenever the narrower holds: all that one names, the other names alike.
bool Covers(const config::v1::Peer& wide, const config::v1::Peer& narrow);

}  // namespace schotvrij::identity
