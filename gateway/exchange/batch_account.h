// What a batch's row keeps under seal, and the words for its parts' places.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/exchange/batch.h"
#include "gateway/exchange/events.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "schotvrij/v1/sealed.pb.h"

namespace schotvrij::exchange {

// Kind of the timer that ends a batch of which nothing comes any more; its subject is the batch id.
inline constexpr const char* kBatchTimer = "batch";

store::Sealed SealAccount(const identity::KeyRing& keys, std::string_view batch_id, const v1::BatchAccount& account);
absl::StatusOr<v1::BatchAccount> OpenAccount(const identity::KeyRing& keys, const store::Batch& batch);

// Notes what is wrong with part `sequence`; no more than limits::kIssuesMax in all.
void NoteAtPart(uint64_t sequence, std::span<const Issue> issues, v1::BatchAccount* account);
// With the batch as a whole.
void Note(const Issue& issue, v1::BatchAccount* account);
std::vector<Issue> IssuesOf(const v1::BatchAccount& account);

BatchProgress ProgressOf(const store::Batch& batch, const v1::BatchAccount& account);
// A failure of our own, as FailureAnswer says it.
BatchProgress FailedProgress(const absl::Status& status);

// Of what the gateway does by itself to the batch, in its sender's name.
EventFrame FrameOf(const RoadParts& parts, const Standing& standing, const store::Batch& batch,
                   const v1::BatchAccount& account, Instant now);

}  // namespace schotvrij::exchange
