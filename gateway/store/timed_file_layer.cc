#include "gateway/store/timed_file_layer.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"

namespace schotvrij::store {
namespace {

// A file keeps the form that the layer below gave it; only its table of methods is replaced by a
// copy with another xSync.
struct TimedMethods : sqlite3_io_methods {
  const sqlite3_io_methods* below;
  const Clock* clock;
  const TimedFileLayer::Observer* observer;
};

int TimedSync(sqlite3_file* file, int flags) {
  const auto* methods = static_cast<const TimedMethods*>(file->pMethods);
  const int64_t began_us = methods->clock->Now().us;
  const int code = methods->below->xSync(file, flags);
  (*methods->observer)(std::max<int64_t>(0, methods->clock->Now().us - began_us));
  return code;
}

}  // namespace

struct TimedFileLayer::Layer : sqlite3_vfs {
  Layer(sqlite3_vfs* below, const Clock* clock, Observer observer)
      : sqlite3_vfs(*below), below(below), clock(clock), observer(std::move(observer)) {
    static std::atomic<uint64_t> made = 0;
    unique_name = absl::StrCat("timed-", ++made);
    pNext = nullptr;
    zName = unique_name.c_str();
    xOpen = Open;
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* layer = static_cast<Layer*>(vfs);
    const int code = layer->below->xOpen(layer->below, name, file, flags, out);
    if (file->pMethods != nullptr) file->pMethods = layer->Timed(file->pMethods);
    return code;
  }

  // A layer has a few tables of methods, one per kind of file.
  const TimedMethods* Timed(const sqlite3_io_methods* methods) {
    std::lock_guard lock(mutex);
    for (const TimedMethods& known : tables) {
      if (known.below == methods) return &known;
    }
    TimedMethods& table = tables.emplace_back(TimedMethods{*methods, methods, clock, &observer});
    table.xSync = TimedSync;
    return &table;
  }

  sqlite3_vfs* const below;
  const Clock* const clock;
  const Observer observer;
  std::string unique_name;
  std::mutex mutex;
  std::list<TimedMethods> tables;  // guarded by `mutex`; what files point to stays where it is
};

absl::StatusOr<std::unique_ptr<TimedFileLayer>> TimedFileLayer::Over(const std::string& below,
                                                                     const Clock* clock,
                                                                     Observer observer) {
  sqlite3_vfs* found = sqlite3_vfs_find(below.empty() ? nullptr : below.c_str());
  if (found == nullptr) return absl::UnavailableError("store: no such file layer");
  auto layer = std::make_unique<Layer>(found, clock, std::move(observer));
  if (sqlite3_vfs_register(layer.get(), 0) != SQLITE_OK) {
    return absl::UnavailableError("store: the file layer cannot be registered");
  }
  return std::unique_ptr<TimedFileLayer>(new TimedFileLayer(std::move(layer)));
}

TimedFileLayer::TimedFileLayer(std::unique_ptr<Layer> layer) : layer_(std::move(layer)) {}
TimedFileLayer::~TimedFileLayer() { sqlite3_vfs_unregister(layer_.get()); }

const std::string& TimedFileLayer::name() const { return layer_->unique_name; }

}  // namespace schotvrij::store
