// Every certificate that a gateway shows, trusts or encrypts for, and when it expires.
#pragma once

#include <vector>

#include "gateway/identity/config.h"
#include "gateway/telemetry/ledger.h"

namespace schotvrij::cli {

// `start` has what a reload leaves as it is (listeners and signing); `now` the enrolment in force.
std::vector<telemetry::CertificateExpiry> HeldCertificates(const identity::LoadedConfig& start,
                                                           const identity::LoadedConfig& now);

}  // namespace schotvrij::cli
