// TrialDesk: the running gateway's side of `schotvrij participant check --round-trip`.
#pragma once

#include "absl/functional/any_invocable.h"
#include "gateway/exchange/road.h"
#include "gateway/transport/http/admin.h"

namespace schotvrij::cli {

class TrialDesk {
 public:
  explicit TrialDesk(exchange::RoadParts parts) : parts_(std::move(parts)) {}

  // Begins a trial where one is asked for and none is under way or complete, takes what the participant's contact said of one, and
  // tells how far it is. `done` is called once, on the executor or before the call returns.
  void Ask(const http::TrialAsked& asked, absl::AnyInvocable<void(http::TrialTold)> done);

 private:
  void Heard(const config::v1::Participant& participant, const std::string& number, absl::AnyInvocable<void(http::TrialTold)> done);

  const exchange::RoadParts parts_;
};

}  // namespace schotvrij::cli
