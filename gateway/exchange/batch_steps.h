// The next step of a batch, made into one Unit. Pure but for what it reads from the store.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/exchange/batch_account.h"
#include "gateway/exchange/client_file.h"

namespace schotvrij::exchange {

struct BatchStep {
  store::Unit unit;
  store::BatchState state;         // of the batch after it
  uint64_t parts = 0;              // that the step is about
  std::vector<store::Delivery> shown;  // whose recipients may want to look
  std::map<std::string, uint64_t> claims;  // token of a registration → the part that claims it
};

class BatchSteps {
 public:
  BatchSteps(const RoadParts& parts, store::Batch batch, v1::BatchAccount account);

  // By the batch's state. `conflicts`: parts whose registration somebody else holds, found when this step was tried before.
  absl::StatusOr<BatchStep> Next(const std::map<uint64_t, Issue>& conflicts);
  // Refuses the batch for `issue`.
  BatchStep RefuseFor(const Issue& issue);

 private:
  absl::StatusOr<BatchStep> Judge(const std::map<uint64_t, Issue>& conflicts);
  std::vector<Issue> JudgePart(const store::BatchPart& part, const ClientFile& file) const;
  absl::StatusOr<BatchStep> PutInEffect();
  absl::StatusOr<BatchStep> FinishParts();
  absl::Status FinishPart(const store::BatchPart& part, ClientFile& file, BatchStep* step) const;
  absl::StatusOr<BatchStep> RemoveParts();
  BatchStep Refuse();

  absl::StatusOr<ClientFile*> FileOf(const std::string& client_id);
  absl::StatusOr<std::vector<store::BatchPart>> Parts(uint64_t after) const;
  store::Unique Registration(const store::BatchPart& part) const;
  // A Unit that moves the batch to `state`.
  BatchStep Move(store::BatchState state, bool open) const;
  BatchStep Work() const;
  EventFrame Frame() const { return FrameOf(parts_, standing_, batch_, account_, now_); }
  std::string JudgedBy() const;

  const RoadParts& parts_;
  const Instant now_;
  const Standing standing_;
  const store::Batch batch_;
  v1::BatchAccount account_;
  std::map<std::string, ClientFile> files_;
};

}  // namespace schotvrij::exchange
