// TimedFileLayer: a file layer for SQLite that tells how long each sync to the disk took (xSync: the
// write-ahead log's at each commit, the database's too at a checkpoint). Everything else is the
// layer's below it.
//
//   ASSIGN_OR_RETURN(auto timed, TimedFileLayer::Over("", &clock, [](int64_t us) { ... }));
//   ASSIGN_OR_RETURN(auto connection, Connection::Open(file, timed->name()));
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "schemas/base/runtime.h"

namespace schotvrij::store {

class TimedFileLayer {
 public:
  using Observer = std::function<void(int64_t us)>;

  // `below`: a registered layer; empty: the system's. `clock` outlives the result. `observer` is
  // called on the thread that syncs. kUnavailable when there is no such layer.
  static absl::StatusOr<std::unique_ptr<TimedFileLayer>> Over(const std::string& below,
                                                              const Clock* clock,
                                                              Observer observer);
  // No connection is open through it any more.
  ~TimedFileLayer();

  // As it is registered: unlike any other's.
  const std::string& name() const;

 private:
  struct Layer;
  explicit TimedFileLayer(std::unique_ptr<Layer> layer);
  std::unique_ptr<Layer> layer_;
};

}  // namespace schotvrij::store
