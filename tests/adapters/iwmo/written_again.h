// A document of what a decoder gave of one, through Disclosures.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/iwmo/iwmo.h"
#include "schemas/base/status.h"
#include "tests/support/disclosures.h"

namespace schotvrij::iwmo {

inline int64_t SubmittedBy(const std::vector<v1::Exchange>& clients) {
  int64_t cents = 0;
  for (const v1::Exchange& client : clients) {
    for (const v1::DeclarationLine& line : client.declaration().lines()) {
      cents += line.side() == v1::CREDIT ? -line.amount_cents() : line.amount_cents();
    }
  }
  return cents;
}

// `exchanges`: one, or the clients of one declaration.
inline absl::StatusOr<std::string> WrittenAgain(const std::vector<v1::Exchange>& exchanges) {
  if (!exchanges.front().has_declaration()) {
    ASSIGN_OR_RETURN(const policy::Encoded encoded, Encode(test::DiscloseAll(exchanges.front()), {}));
    return encoded.bytes();
  }
  const std::unique_ptr<FileEncoder> file = NewFileEncoder({}, SubmittedBy(exchanges));
  std::string bytes;
  for (const v1::Exchange& client : exchanges) {
    ASSIGN_OR_RETURN(const policy::Encoded next, file->Next(test::DiscloseAll(client)));
    bytes += next.bytes();
  }
  ASSIGN_OR_RETURN(const policy::Encoded rest, file->Finish());
  return bytes + rest.bytes();
}

}  // namespace schotvrij::iwmo
