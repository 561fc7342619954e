// Mutants: ways in which a gateway could be wrong. Each is put beside or around parts of the real one, never into them, and the
// simulation must find it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/store.h"

namespace schotvrij::simulation {

enum class Mutant {
  kNone,
  kMissingFsync,        // what the disk says it synced is not safe
  kEarlyAnswer,         // `done` is called before the flush
  kLostDelivery,        // now and then a delivery is not written
  kLostEvent,           // now and then an audit event is not written
  kForgottenKey,        // no key is remembered: a repeat is a new message
  kIgnoredConflict,     // what a unit relied on is not looked at
  kOldFacts,            // a client's facts stay as they were first read
  kSecondDispatcher,    // two of them push the same deliveries
  kDeafToReload,        // a reload changes nothing
  kNewestFirst,         // a mailbox is shown in the wrong order
  kDeafToConsent,       // who took over what rested on a consent is not seen when it ends
  kOvertaking,          // what is due to a client goes also while something before it waits for its next attempt
  kGivesUp,             // what was tried for long is written down as delivered
  kForgottenTimers,     // nothing is remembered that falls due by itself
  kNoBreach,            // no breach record is kept
  kErrorsInTurn,        // what takes an error back goes first of its client only
};

// By name ("missing-fsync"); none: there is no such mutant.
std::optional<Mutant> FindMutant(std::string_view name);
std::vector<std::string> MutantNames();

// `store`, or what the mutant makes of it.
std::unique_ptr<store::Store> Mutate(Mutant mutant, std::unique_ptr<store::Store> store);

}  // namespace schotvrij::simulation
