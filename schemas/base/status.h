// Status helpers. absl::Status says that *we* failed; what is wrong with somebody's message is an Issue (issue.h).
//
//   RETURN_IF_ERROR(store.Open(path));
//   ASSIGN_OR_RETURN(Facts facts, Load(client));
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define SCHOTVRIJ_CONCAT_INNER(a, b) a##b
#define SCHOTVRIJ_CONCAT(a, b) SCHOTVRIJ_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression)                             \
  do {                                                          \
    if (absl::Status status_ = (expression); !status_.ok()) {   \
      return status_;                                           \
    }                                                           \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  SCHOTVRIJ_ASSIGN_OR_RETURN(SCHOTVRIJ_CONCAT(status_or_, __LINE__), declaration, expression)

#define SCHOTVRIJ_ASSIGN_OR_RETURN(temporary, declaration, expression) \
  auto temporary = (expression);                                       \
  if (!temporary.ok()) return std::move(temporary).status();           \
  declaration = *std::move(temporary)
