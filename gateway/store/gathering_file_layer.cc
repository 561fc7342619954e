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

using Methods = sqlite3_io_methods;

constexpr size_t kGatheredBytesMax = (128 << 10) - 1;  // the system's layer writes no more at once

// The database or its log. The file of the layer below stands behind it, in what SQLite set aside for both. A database gathers nothing.
struct File : sqlite3_file {
  explicit File(File** log) : log(log) {}

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

  File** const log;      // where the layer has the log that is open, if one is
  std::string gathered;  // for the place `at`
  int64_t at = 0;
};

File* AsFile(sqlite3_file* file) { return static_cast<File*>(file); }

// The method of the layer below, once all that was gathered is there.
template <auto kMethod, typename... Arguments>
int Settled(sqlite3_file* file, Arguments... arguments) {
  const int code = AsFile(file)->WriteOut();
  sqlite3_file* const below = AsFile(file)->below();
  return code != SQLITE_OK ? code : (below->pMethods->*kMethod)(below, arguments...);
}

// What was not synced belongs to no commit.
int Close(sqlite3_file* file) {
  File* const closed = AsFile(file);
  const int code = closed->below()->pMethods->xClose(closed->below());
  if (*closed->log == closed) *closed->log = nullptr;
  closed->~File();
  return code;
}

int Gather(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  return AsFile(file)->Append({static_cast<const char*>(bytes), static_cast<size_t>(size)}, offset);
}

// Who gives the right to write up without a sync, rolls back. What was gathered is nobody's then, and its place is another's.
int ShmLock(sqlite3_file* file, int first, int count, int flags) {
  constexpr int kWriteLock = 0;  // WAL_WRITE_LOCK in SQLite's description of the format
  constexpr int kGivesUp = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
  File* const log = *AsFile(file)->log;
  if (first == kWriteLock && flags == kGivesUp && log != nullptr) log->gathered.clear();
  return Settled<&Methods::xShmLock>(file, first, count, flags);
}

void ShmBarrier(sqlite3_file* file) { AsFile(file)->below()->pMethods->xShmBarrier(AsFile(file)->below()); }

constexpr Methods kDatabaseMethods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Settled<&Methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = Settled<&Methods::xWrite, const void*, int, sqlite3_int64>,
    .xTruncate = Settled<&Methods::xTruncate, sqlite3_int64>,
    .xSync = Settled<&Methods::xSync, int>,
    .xFileSize = Settled<&Methods::xFileSize, sqlite3_int64*>,
    .xLock = Settled<&Methods::xLock, int>,
    .xUnlock = Settled<&Methods::xUnlock, int>,
    .xCheckReservedLock = Settled<&Methods::xCheckReservedLock, int*>,
    .xFileControl = Settled<&Methods::xFileControl, int, void*>,
    .xSectorSize = Settled<&Methods::xSectorSize>,
    .xDeviceCharacteristics = Settled<&Methods::xDeviceCharacteristics>,
    .xShmMap = Settled<&Methods::xShmMap, int, int, int, void volatile**>,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = Settled<&Methods::xShmUnmap, int>,
};

constexpr Methods kLogMethods = [] {
  Methods methods = kDatabaseMethods;
  methods.xWrite = Gather;
  return methods;
}();

}  // namespace

struct GatheringFileLayer::Layer : sqlite3_vfs {
  explicit Layer(sqlite3_vfs* below) : sqlite3_vfs(*below), below(below) {
    static std::atomic<uint64_t> made = 0;
    unique_name = absl::StrCat("gathering-", ++made);
    pNext = nullptr;
    zName = unique_name.c_str();
    szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
    xOpen = Open;
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* const layer = static_cast<Layer*>(vfs);
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    if (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0) return layer->below->xOpen(layer->below, name, file, flags, out);
    File* const opened = new (file) File(&layer->log);
    const int code = layer->below->xOpen(layer->below, name, opened->below(), flags, out);
    if (opened->below()->pMethods == nullptr) {
      opened->pMethods = nullptr;  // so that it is not closed
      opened->~File();
    } else {
      opened->pMethods = is_log ? &kLogMethods : &kDatabaseMethods;
      if (is_log) layer->log = opened;
    }
    return code;
  }

  sqlite3_vfs* const below;
  std::string unique_name;
  File* log = nullptr;  // while it is open
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
