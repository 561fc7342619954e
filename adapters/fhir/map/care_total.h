// What the lines of a Declaration come to.
#pragma once

#include <cstdint>

#include "schotvrij/v1/declaration.pb.h"

namespace schotvrij::fhir {

// Cents, credit lines taken off.
inline int64_t TotalOf(const v1::Declaration& declaration) {
  int64_t total = 0;
  for (const v1::DeclarationLine& line : declaration.lines()) {
    total += line.side() == v1::CREDIT ? -line.amount_cents() : line.amount_cents();
  }
  return total;
}

}  // namespace schotvrij::fhir
