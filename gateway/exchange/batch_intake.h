// Intake: one stream of a batch, from its header to its trailer. Lives as long as somebody waits for it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/fhir/fhir.h"
#include "gateway/exchange/batch.h"
#include "gateway/exchange/batch_slice.h"
#include "schemas/base/limits.h"

namespace schotvrij::exchange {

class Intake final : public BatchIntake, public std::enable_shared_from_this<Intake> {
 public:
  Intake(const RoadParts& parts, ActiveNetworks& active, BatchTurns& turns, BatchDesk::Request request, std::string sender,
         store::Batch batch, v1::BatchAccount account);

  void Bundle(uint64_t offset, std::string_view bytes, Done done) override;
  void Part(uint64_t sequence, v1::Exchange exchange, Done done) override;
  void End(std::optional<uint64_t> parts, Done done) override;
  void Look(Done done) override;

 private:
  class Sink;

  // Where this stream begins: at the start, which is a repetition of what was received, or behind that.
  enum class Way { kUnknown, kBundle, kParts };
  bool Begin(Way way, bool at_start);
  // One part, in order; false: it is not what came before under this key.
  bool Take(ReceivedPart part);
  std::vector<Issue> Admitted(v1::Exchange* exchange);

  // GoOn when it is our turn.
  void Proceed();
  // Reads what the call brought, and commits slices until no whole one waits (when the call is the stream's last: none at all);
  // then does what is left of the call.
  void GoOn();
  void ReadPiece();
  void CommitSlice();
  void Commit(store::Unit unit, v1::BatchAccount account, size_t parts);
  void OnCommitted(absl::StatusOr<store::CommitResult> result, const store::Batch& batch, v1::BatchAccount account,
                   size_t parts);
  // Another stream of this batch, which is over, stored more of it meanwhile: goes on behind that.
  void TakeOver();
  // The trailer, once all before it is on disk.
  void Close();
  void Stage(v1::BatchAccount account);
  // So much is wrong with the batch that it is refused without what is left of it.
  bool GaveUp() const { return account_.refused() >= limits::kIssuesMax; }
  // The call cannot be taken; the batch stays as it is.
  void Refuse(Issue issue);
  void Give(BatchProgress progress);
  BatchProgress Progress() const { return ProgressOf(batch_, account_); }

  const RoadParts& parts_;
  ActiveNetworks& active_;
  const BatchDesk::Request request_;
  const std::string sender_;
  const BatchTurns::Turn turn_;

  store::Batch batch_;        // as it is on disk
  v1::BatchAccount account_;  // likewise
  Way way_ = Way::kUnknown;
  std::unique_ptr<fhir::BatchDecoder> decoder_;
  uint64_t offset_ = 0;       // of the next bytes of the Bundle
  uint64_t next_ = 1;         // sequence of the next part
  std::string digest_;        // of the parts up to it
  std::string unread_;        // of the call's bytes
  std::deque<ReceivedPart> waiting_;
  Standing standing_;

  Done done_;                         // of the call under way
  bool last_ = false;                 // it is the stream's last
  std::optional<uint64_t> trailer_;
  std::vector<Issue> refused_;        // what it is answered once the parts before are on disk
  int tries_ = 0;
};

}  // namespace schotvrij::exchange
