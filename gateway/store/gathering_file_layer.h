// GatheringFileLayer: a file layer for one connection of SQLite that hands what is appended to a write-ahead log to the layer below as
// one write, when the log is synced. SQLite writes each page of a commit by two calls of its own; until the sync nobody but the writer
// knows of them. The database and every other file are as the layer below has them.
//
//   ASSIGN_OR_RETURN(auto gathering, GatheringFileLayer::Over(""));
//   ASSIGN_OR_RETURN(auto connection, Connection::Open(file, gathering->name()));
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace schotvrij::store {

class GatheringFileLayer {
 public:
  // `below`: a registered layer that outlives the result; empty: the system's. kUnavailable when there is no such layer.
  static absl::StatusOr<std::unique_ptr<GatheringFileLayer>> Over(const std::string& below);
  // No connection is open through it any more.
  ~GatheringFileLayer();

  // As it is registered: unlike any other's.
  const std::string& name() const;

 private:
  struct Layer;
  explicit GatheringFileLayer(std::unique_ptr<Layer> layer);
  std::unique_ptr<Layer> layer_;
};

}  // namespace schotvrij::store
