// Model: what the engines keep, in plain containers. Knows nothing of queues, locks or callers; what a batch shows, it shows at
// once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/store/chain_tail.h"
#include "gateway/store/claims.h"
#include "gateway/store/commit_queue.h"
#include "gateway/store/store.h"

namespace schotvrij::store {

template <typename Map>
auto Get(const Map& map, std::string_view key) -> std::optional<typename Map::mapped_type> {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

using ClaimKey = std::pair<std::string, std::string>;  // space, token

class Model {
 public:
  explicit Model(std::string chain) { head_.chain = std::move(chain); }

  // kInvalidArgument: the unit contradicts itself or names what is not there; nothing is changed.
  Outcome Commit(const Unit& unit);

  // The client with what batches in effect have still to add.
  std::optional<ClientRow> Client(std::string_view client_id) const;
  // Deliveries of parts in effect that are not finished: not due yet.
  std::set<std::string> Unfinished() const;

  struct Answer {
    std::string digest;
    Sealed answer;
    std::string client_id;
  };

  std::map<std::string, ClientRow, std::less<>> clients;
  std::map<std::string, PutExchange, std::less<>> exchanges;
  std::map<std::string, Answer, std::less<>> answers;
  std::map<ClaimKey, std::string> claims;
  std::vector<Delivery> deliveries;  // in the order in which they came
  std::map<std::string, size_t, std::less<>> delivery_numbers;
  std::map<std::string, uint32_t, std::less<>> repeats;  // by delivery
  std::map<std::string, Timer, std::less<>> timers;
  std::map<std::string, Breach, std::less<>> breaches;
  std::vector<Batch> batches;        // in the order in which they came
  std::map<std::string, std::map<uint64_t, BatchPart>, std::less<>> parts;  // by batch, not finished
  std::set<std::string, std::less<>> hidden;                                // exchange ids of parts not in effect
  std::vector<AuditRecord> audit;
  std::vector<std::string> checkpoints;

 private:
  CommitResult Judge(const Unit& unit) const;
  bool HasFault(const Unit& unit) const;
  void Apply(const Unit& unit);
  void Update(const Delivery& update);
  void ApplyBreaches(const Unit& unit);

  // memory_batch.cc
  CommitResult JudgeBatch(const Unit& unit) const;
  bool HasBatchFault(const Unit& unit) const;
  void ApplyBatch(const Unit& unit);
  void Finish(const PartRef& ref);
  const Batch* FindBatch(std::string Batch::*field, std::string_view value) const;
  bool InEffect(std::string_view batch_id) const;
  const BatchPart* FindPart(const PartRef& ref) const;
  uint64_t VersionOf(const ClientRow& client) const;
  std::vector<PendingFacts> PendingOf(std::string_view client_id) const;

  ChainHead head_;
};

}  // namespace schotvrij::store
