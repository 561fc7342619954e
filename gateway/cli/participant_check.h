// `schotvrij participant check`: whether all is there that a participant needs before anything real flows.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/exchange/checklist.h"
#include "gateway/identity/config.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

using exchange::CheckItem;

// Whether the certificate in `pem` would be taken for `participant`: TLS takes it, the enrolment tells this participant by it, and
// the URA and OIN in it are those that are enrolled.
std::vector<CheckItem> CheckCertificateFor(const identity::LoadedConfig& config, const config::v1::Participant& participant,
                                           std::string_view pem, Instant now);

// A line for each: what was found and how to mend it.
void PrintChecklist(const std::vector<CheckItem>& items, std::ostream& out);

struct ParticipantCheckOptions {
  std::string home;
  std::string key;
  std::string certificate;  // file; empty: none is looked at
  bool json = false;
};

// kMessageAtFault when something is missing.
int RunParticipantCheck(const ParticipantCheckOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
