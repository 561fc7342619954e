// The step of a registration, for those that ask by it.
#pragma once

#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::policy {

// What the message says, or may no longer say where only the first step is shared: then REGISTER. Of any other content: unspecified.
inline schotvrij::v1::RegistrationStep StepOf(const schotvrij::v1::Exchange& exchange) {
  if (!exchange.has_registration()) return schotvrij::v1::REGISTRATION_STEP_UNSPECIFIED;
  const schotvrij::v1::RegistrationStep step = exchange.registration().step();
  return step == schotvrij::v1::REGISTRATION_STEP_UNSPECIFIED ? schotvrij::v1::REGISTER : step;
}

}  // namespace schotvrij::policy
