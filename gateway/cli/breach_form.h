// The form by which a controller tells the supervisor of a breach (schemas/codes/breach_form.csv), as far as the record fills it in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/breach_view.h"
#include "gateway/identity/enrolment.h"

namespace schotvrij::cli {

struct FormLine {
  std::string_view field;
  std::string_view clause;    // of the AVG; empty: the form's own
  std::string_view status;    // "recalled": not held against the form itself
  std::string_view question;  // Dutch, as the form
  std::string answer;         // empty: the controller's to fill in
};

// For one of ControllersOf(breach). `gateway_id`: the processor (verwerker).
std::vector<FormLine> BreachForm(const BreachSeen& breach, const std::string& controller, const identity::Enrolment& enrolment,
                                 const std::string& gateway_id);

}  // namespace schotvrij::cli
