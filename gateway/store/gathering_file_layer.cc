#include "gateway/store/gathering_file_layer.h"

#include <sqlite3.h>

#include <atomic>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace schotvrij::store {
namespace {

constexpr size_t kGatheredBytesMax = (128 << 10) - 1;  // the system's layer writes no more at once

// The log of one connection; the file of the layer below stands behind it, in what SQLite set aside for both.
struct Log : sqlite3_file {
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  // What could not be written stays: SQLite was told that it was, and may go on with its transaction.
  int WriteOut() {
    if (gathered.empty()) return SQLITE_OK;
    const int code = below()->pMethods->xWrite(below(), gathered.data(), static_cast<int>(gathered.size()), at);
    if (code == SQLITE_OK) gathered.clear();
    return code;
  }

  int Append(std::string_view bytes, int64_t offset) {
    const bool follows = offset == at + static_cast<int64_t>(gathered.size());
    if (!follows || gathered.size() + bytes.size() > kGatheredBytesMax) {
      if (const int code = WriteOut(); code != SQLITE_OK) return code;
    }
    if (gathered.empty()) at = offset;
    gathered += bytes;
    return SQLITE_OK;
  }

  Log** known = nullptr;  // where the layer remembers it
  std::string gathered;   // for the place `at`
  int64_t at = 0;
};

Log* AsLog(sqlite3_file* file) { return static_cast<Log*>(file); }

// The method of the layer below, once all that was gathered is there.
template <auto kMethod, typename... Arguments>
int Settled(sqlite3_file* file, Arguments... arguments) {
  Log* const log = AsLog(file);
  const int code = log->WriteOut();
  return code != SQLITE_OK ? code : (log->below()->pMethods->*kMethod)(log->below(), arguments...);
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  return AsLog(file)->Append({static_cast<const char*>(bytes), static_cast<size_t>(size)}, offset);
}

// What was not synced belongs to no commit.
int Close(sqlite3_file* file) {
  Log* const log = AsLog(file);
  const int code = log->below()->pMethods->xClose(log->below());
  *log->known = nullptr;
  log->~Log();
  return code;
}

const sqlite3_io_methods kLogMethods = {
    .iVersion = 1,
    .xClose = Close,
    .xRead = Settled<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = Write,
    .xTruncate = Settled<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    .xSync = Settled<&sqlite3_io_methods::xSync, int>,
    .xFileSize = Settled<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = Settled<&sqlite3_io_methods::xLock, int>,
    .xUnlock = Settled<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = Settled<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = Settled<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize = Settled<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = Settled<&sqlite3_io_methods::xDeviceCharacteristics>,
};

}  // namespace

struct GatheringFileLayer::Layer : sqlite3_vfs {
  // Those of the layer below for the database, but for one.
  struct DatabaseMethods : sqlite3_io_methods {
    const sqlite3_io_methods* below = nullptr;
    Layer* layer = nullptr;
  };

  explicit Layer(sqlite3_vfs* below) : sqlite3_vfs(*below), below(below) {
    static std::atomic<uint64_t> made = 0;
    unique_name = absl::StrCat("gathering-", ++made);
    pNext = nullptr;
    zName = unique_name.c_str();
    szOsFile = static_cast<int>(sizeof(Log)) + below->szOsFile;
    xOpen = Open;
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* const layer = static_cast<Layer*>(vfs);
    sqlite3_vfs* const below = layer->below;
    if ((flags & SQLITE_OPEN_WAL) != 0) return layer->OpenLog(name, file, flags, out);
    const int code = below->xOpen(below, name, file, flags, out);
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0 && file->pMethods != nullptr) {
      layer->database = DatabaseMethods{*file->pMethods, file->pMethods, layer};
      layer->database.xShmLock = ShmLock;
      file->pMethods = &layer->database;
    }
    return code;
  }

  int OpenLog(const char* name, sqlite3_file* file, int flags, int* out) {
    Log* const opened = new (file) Log();
    const int code = below->xOpen(below, name, opened->below(), flags, out);
    if (code == SQLITE_OK) {
      opened->pMethods = &kLogMethods;
      opened->known = &log;
      log = opened;
    } else {
      opened->pMethods = nullptr;  // so that it is not closed
      opened->~Log();
    }
    return code;
  }

  // Who gives the right to write up without a sync, rolls back. What was gathered is nobody's then, and its place is another's.
  static int ShmLock(sqlite3_file* file, int first, int count, int flags) {
    constexpr int kWriteLock = 0;  // WAL_WRITE_LOCK of SQLite's walformat
    constexpr int kGivesUp = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
    const auto* methods = static_cast<const DatabaseMethods*>(file->pMethods);
    Log* const log = methods->layer->log;
    if (first == kWriteLock && flags == kGivesUp && log != nullptr) log->gathered.clear();
    return methods->below->xShmLock(file, first, count, flags);
  }

  sqlite3_vfs* const below;
  DatabaseMethods database = {};
  Log* log = nullptr;  // of the database, while it is open
  std::string unique_name;
};

absl::StatusOr<std::unique_ptr<GatheringFileLayer>> GatheringFileLayer::Over(const std::string& below) {
  sqlite3_vfs* found = sqlite3_vfs_find(below.empty() ? nullptr : below.c_str());
  if (found == nullptr) return absl::UnavailableError("store: no such file layer");
  auto layer = std::make_unique<Layer>(found);
  if (sqlite3_vfs_register(layer.get(), 0) != SQLITE_OK) {
    return absl::UnavailableError("store: the file layer cannot be registered");
  }
  return std::unique_ptr<GatheringFileLayer>(new GatheringFileLayer(std::move(layer)));
}

GatheringFileLayer::GatheringFileLayer(std::unique_ptr<Layer> layer) : layer_(std::move(layer)) {}
GatheringFileLayer::~GatheringFileLayer() { sqlite3_vfs_unregister(layer_.get()); }

const std::string& GatheringFileLayer::name() const { return layer_->unique_name; }

}  // namespace schotvrij::store
