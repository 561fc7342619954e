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

struct ParticipantCheckOptions {
  std::string home;
  std::string key;
  std::string certificate;  // file; empty: none is looked at
  bool round_trip = false;  // begin one, where none is under way or complete
  std::string heard;        // number of the test message, as its contact told it
  bool json = false;
};

// kMessageAtFault when something is missing.
int RunParticipantCheck(const ParticipantCheckOptions& options, std::ostream& out, std::ostream& err);

// A line for each item.
void PrintChecklist(const std::vector<CheckItem>& items, std::ostream& out);

// The checklist of `key`, for who just changed it. Nothing when the home cannot be read.
void PrintChecklistOf(const std::string& home, const std::string& key, std::ostream& out);

}  // namespace schotvrij::cli
