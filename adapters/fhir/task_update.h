// What a PUT on Task/{id} says of itself, before it is decoded: an acknowledgement (status
// `received`) is no message.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/fhir/syntax.h"

namespace schotvrij::fhir {

struct TaskUpdate {
  std::string resource_type;
  std::string id;
  std::string status;
};

// nullopt when `body` cannot be read; the decoder says why. What is missing is empty.
std::optional<TaskUpdate> ReadTaskUpdate(std::string_view body, Syntax syntax);

}  // namespace schotvrij::fhir
