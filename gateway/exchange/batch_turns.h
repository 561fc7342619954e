// BatchTurns: which stream of a batch goes on. The one that was opened last: a client that was cut off opens another, and what it
// had sent before may still be on its way.
//
//   const BatchTurns::Turn turn = turns.Take(batch.key_token);
//   if (!turn.last()) ...  // another stream goes on with this batch
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace schotvrij::exchange {

class BatchTurns {
 public:
  // Outlived by its BatchTurns.
  class Turn {
   public:
    Turn(BatchTurns& turns, std::string key, uint64_t number) : turns_(turns), key_(std::move(key)), number_(number) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      absl::MutexLock lock(&turns_.mutex_);
      const auto it = turns_.last_.find(key_);
      if (it != turns_.last_.end() && it->second == number_) turns_.last_.erase(it);
    }

    // Nobody took a turn after this one.
    bool last() const {
      absl::MutexLock lock(&turns_.mutex_);
      const auto it = turns_.last_.find(key_);
      return it != turns_.last_.end() && it->second == number_;
    }

   private:
    BatchTurns& turns_;
    const std::string key_;
    const uint64_t number_;
  };

  Turn Take(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    last_[key] = ++taken_;
    return Turn(*this, key, taken_);
  }

 private:
  absl::Mutex mutex_;
  uint64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, uint64_t> last_ ABSL_GUARDED_BY(mutex_);  // by the batch's key
};

}  // namespace schotvrij::exchange
