// Admin: what an operator and the monitoring see of the gateway, on loopback or a unix socket only.
//
//   GET /metrics   text of the metrics, Prometheus exposition format
//   GET /health    200 while the gateway gets on with its work, else 503: start it again
//   GET /ready     200 when requests can be taken, else 503 and why: send it none
//   POST /reload   200 when the new policy set and enrolment are in force, else 422; the body says
//   why
//   POST /trial    a form: participant=KEY, and begin=yes for a new round trip or heard=NUMBER for what its contact told of one;
//   200 when one came back, else another status; the body says how far it is
#pragma once

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "gateway/transport/http/message.h"

namespace schotvrij::http {

struct ReloadOutcome {
  bool ok = false;
  std::string report;  // one fault a line, or what is now in force
};

// What an operator asks of a participant's round trip.
struct TrialAsked {
  std::string participant;
  bool begin = false;
  std::string heard;
};
struct TrialTold {
  int status = 503;  // 200: it came back; 202: it is under way; 404: no such participant; 409: there is none; 503: we failed
  std::string text;
};

// All are called on the listener's threads and may be called at the same time.
struct AdminParts {
  std::function<std::string()> metrics;
  std::function<std::string()> health;  // what is wrong; empty: nothing
  std::function<std::string()> ready;   // likewise
  std::function<ReloadOutcome()> reload;
  std::function<void(TrialAsked, absl::AnyInvocable<void(TrialTold)>)> trial;
};

// A request whose Host is neither loopback nor "localhost" gets 403: a web page in the operator's
// browser must not reach this.
AdminHandler NewAdmin(AdminParts parts);

}  // namespace schotvrij::http
