// BatchSlice: some parts of a batch, made into one Unit that stages them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/fhir/fhir.h"
#include "gateway/exchange/batch_account.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/posting.h"

namespace schotvrij::exchange {

// A part that came in and was admitted, or what is wrong with it.
struct ReceivedPart {
  uint64_t sequence = 0;
  v1::Exchange exchange;
  std::vector<Issue> issues;
  std::string digest;           // of all parts up to this one
  fhir::BatchPosition behind;   // where it ends in the Bundle
};

class BatchSlice {
 public:
  // `caller`: who sends the batch, and lives as long.
  BatchSlice(const RoadParts& parts, const Standing& standing, const identity::Caller& caller, Instant now, store::Batch batch,
             v1::BatchAccount account);

  // Stages the part, or notes why it cannot be. Not OK: the store failed.
  absl::Status Add(const ReceivedPart& part);
  // The Unit, which moves the batch on.
  store::Unit Take();

  const store::Batch& batch() const { return batch_; }      // as it will be, at the version it follows on
  const v1::BatchAccount& account() const { return account_; }
  uint64_t staged() const { return staged_; }

 private:
  absl::StatusOr<ClientFile*> FileOf(const v1::Exchange& exchange);
  std::vector<Issue> Stage(const ReceivedPart& part, ClientFile& file);
  EventFrame Frame(const v1::Exchange& exchange) const;

  const RoadParts& parts_;
  const Standing& standing_;
  const identity::Caller& caller_;
  const Instant now_;
  store::Batch batch_;
  v1::BatchAccount account_;
  store::Unit unit_;
  std::map<std::string, ClientFile> files_;  // by identifier: a client may be in several networks
  uint64_t staged_ = 0;
};

}  // namespace schotvrij::exchange
