// Trial (proefbericht): the round trip by which a participant shows that what is sent to it arrives and that what it answers comes
// back (R54). It goes as what is real goes, with no person in it: into its mailbox, from where it is acknowledged or answered, or by
// mail, where it is answered.
//
//   BeginTrial(parts, *participant, [](absl::Status begun) { ... });
//   ASSIGN_OR_RETURN(const TrialState state, ReadTrial(*parts.store, *participant));
//
// It is a delivery that came of no exchange, so that every room that moves deliveries moves it. It counts for the route that it went
// by: by another one there is no trial yet.
#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/exchange/events.h"
#include "gateway/exchange/road.h"
#include "schotvrij/v1/sealed.pb.h"

namespace schotvrij::exchange {

inline constexpr const char* kTrialContent = "trial";  // Exchange.trial

bool IsTrial(const store::Delivery& delivery);

struct TrialState {
  enum class Stage {
    kNone,
    kUnderWay,  // it waits to be sent, or for its answer
    kFailed,    // the last one could not be delivered
    kComplete,
  };
  Stage stage = Stage::kNone;
  std::string delivery_id;  // of the last one, or of the one that is complete
};
// By the participant's present route.
absl::StatusOr<TrialState> ReadTrial(store::Store& store, const config::v1::Participant& participant);

// Puts a new one before `participant`. `done` is called once it is durable; kFailedPrecondition when nothing reaches it.
void BeginTrial(const RoadParts& parts, const config::v1::Participant& participant, absl::AnyInvocable<void(absl::Status)> done);

// What leaves of it, and what every attempt reuses.
policy::Disclosure DiscloseTrial(const RoadParts& parts, const store::Delivery& trial);
v1::FrozenDelivery FrozenTrial(const RoadParts& parts, const store::Delivery& trial);

// Adds to `unit` that the participant answered.
void PutAnswered(const EventFrame& frame, store::Delivery trial, store::Unit* unit);

// To be called once what ends a trial is in effect.
void TrialEnded(const RoadParts& parts, const store::Delivery& trial);

}  // namespace schotvrij::exchange
