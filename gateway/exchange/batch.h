// Batches: many registrations of one sender that come into effect together, or not at all.
//
//   desk.Open({caller, "grpc", key, sender, trace_id}, [](BatchDesk::Opened opened) { ... });
//   opened.intake->Bundle(opened.progress.bytes, chunk, next);   // once `next` was told, the one behind it
//   opened.intake->End(100'000, done);
//
// receiving → staged → judged → in effect | refused. While parts come in, each is admitted, checked and decided as a registration
// by itself would be, and staged: stored, hidden. The trailer makes the batch staged; BatchWork (batch_work.h) then judges every
// part again on what is known by then, and one small Unit puts all of them in effect.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "gateway/exchange/admission.h"
#include "gateway/exchange/batch_turns.h"
#include "gateway/exchange/road.h"

namespace schotvrij::exchange {

// How far a batch is. What it says was received is on disk.
struct BatchProgress {
  std::vector<Issue> issues;  // with an error: the batch was refused, or what was said last cannot be taken
  int64_t retry_after_s = 0;  // of a failure of our own
  store::BatchState state = store::BatchState::kReceiving;
  uint64_t parts = 0;
  uint64_t bytes = 0;   // of the Bundle
  uint64_t judged = 0;  // parts
  std::string batch_id;
};

// One stream of a batch. One call at a time: the next after `done` of the one before, which is how a sender is held back. `done`
// is called once, on the executor or before the call returns. After an error nothing more is taken.
class BatchIntake {
 public:
  using Done = absl::AnyInvocable<void(BatchProgress)>;
  virtual ~BatchIntake() = default;

  // The next bytes of the Bundle; `offset` is where they stand in it: 0, behind what was received, or behind the bytes before.
  virtual void Bundle(uint64_t offset, std::string_view bytes, Done done) = 0;
  // Registration `sequence`, from 1.
  virtual void Part(uint64_t sequence, v1::Exchange exchange, Done done) = 0;
  // `parts`: the trailer. None: the stream ends without it, and what came stays.
  virtual void End(std::optional<uint64_t> parts, Done done) = 0;
  // How far the batch is now.
  virtual void Look(Done done) = 0;
};

class BatchDesk {
 public:
  struct Request {
    identity::Caller caller;
    std::string edge;
    std::string key;  // the sender's, of the whole batch
    v1::PartyIdentifier sender;
    std::string trace_id;
  };
  struct Opened {
    std::shared_ptr<BatchIntake> intake;  // null when refused
    BatchProgress progress;
  };

  // `parts.executor`: where parts are read and staged; it may be one whose threads give way to others.
  explicit BatchDesk(RoadParts parts) : parts_(std::move(parts)) {}

  // Of two streams of one batch the one opened last goes on. What the edge refuses by itself is Road::NoteRefusal's.
  void Open(Request request, absl::AnyInvocable<void(Opened)> done);

 private:
  const RoadParts parts_;
  ActiveNetworks active_;
  BatchTurns turns_;
};

}  // namespace schotvrij::exchange
