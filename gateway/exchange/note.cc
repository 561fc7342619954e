#include "gateway/exchange/note.h"

#include <utility>

#include "gateway/telemetry/ledger.h"

namespace schotvrij::exchange {

void Note(const RoadParts& parts, std::string event) {
  store::Unit unit;
  unit.audit.push_back(std::move(event));
  auto failed = [telemetry = parts.telemetry](const absl::Status& status) {
    telemetry->Record(telemetry::Failed{telemetry::Place("note-refusal"), static_cast<int64_t>(status.code()), {}});
  };
  absl::Status queued = parts.store->Commit(std::move(unit), parts.executor,
                                            [failed](absl::StatusOr<store::CommitResult> result) {
                                              if (!result.ok()) failed(result.status());
                                            });
  if (!queued.ok()) failed(queued);
}

}  // namespace schotvrij::exchange
