#include "tests/simulation/disk_vfs.h"

#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace schotvrij::simulation {
namespace {

constexpr int kToldSectorBytes = 4096;

// What SQLite holds of an open file; it allocates the room for it.
struct Handle {
  sqlite3_file base;
  DiskVfs* vfs;
  std::shared_ptr<Disk::File> file;
  std::shared_ptr<DiskVfs::Shared> shared;
  std::string delete_on_close;
  bool directory_unsynced;
  int level = SQLITE_LOCK_NONE;
  uint16_t index_shared = 0;  // locks held on the index, by bit
  uint16_t index_exclusive = 0;
};

Handle& Of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
DiskVfs& Of(sqlite3_vfs* vfs) { return *static_cast<DiskVfs*>(vfs->pAppData); }

int Code(Disk::Result result) {
  switch (result) {
    case Disk::Result::kOk:
      return SQLITE_OK;
    case Disk::Result::kReadError:
      return SQLITE_IOERR_READ;
    case Disk::Result::kWriteError:
      return SQLITE_IOERR_WRITE;
    case Disk::Result::kSyncError:
      return SQLITE_IOERR_FSYNC;
    case Disk::Result::kFull:
      return SQLITE_FULL;
  }
  return SQLITE_IOERR;
}

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  size_t got = 0;
  const auto result = Of(file).vfs->disk().Read(*Of(file).file, static_cast<char*>(out), size, offset, &got);
  if (result != Disk::Result::kOk) return Code(result);
  return got == static_cast<size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  const std::string_view written(static_cast<const char*>(bytes), static_cast<size_t>(size));
  return Code(Of(file).vfs->disk().Write(*Of(file).file, written, offset));
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return Code(Of(file).vfs->disk().Truncate(*Of(file).file, size));
}

// The first sync of a journal that may be new makes its name safe too, as the system's layer does: whoever made it may have died before.
int Sync(sqlite3_file* file, int) {
  const auto result = Of(file).vfs->disk().Sync(*Of(file).file);
  if (result == Disk::Result::kOk && std::exchange(Of(file).directory_unsynced, false)) {
    Of(file).vfs->disk().SyncDirectory();
  }
  return Code(result);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  *size = Of(file).vfs->disk().Size(*Of(file).file);
  return SQLITE_OK;
}

int Unlock(sqlite3_file* file, int level) {
  Handle& handle = Of(file);
  if (handle.level <= level) return SQLITE_OK;
  DiskVfs::Shared& shared = *handle.shared;
  for (const void** held : {&shared.reserved, &shared.pending, &shared.exclusive}) {
    if (*held == &handle) *held = nullptr;
  }
  if (level == SQLITE_LOCK_NONE && handle.level >= SQLITE_LOCK_SHARED) --shared.readers;
  handle.level = level;
  return SQLITE_OK;
}

int Lock(sqlite3_file* file, int level) {
  Handle& handle = Of(file);
  DiskVfs::Shared& shared = *handle.shared;
  if (handle.level >= level) return SQLITE_OK;
  const auto others = [&handle](const void* held) { return held != nullptr && held != &handle; };
  if (level == SQLITE_LOCK_SHARED) {
    if (others(shared.pending) || others(shared.exclusive)) return SQLITE_BUSY;
    ++shared.readers;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (others(shared.reserved) || others(shared.pending) || others(shared.exclusive)) return SQLITE_BUSY;
    shared.reserved = &handle;
  } else {
    if (others(shared.reserved) || others(shared.pending) || others(shared.exclusive)) return SQLITE_BUSY;
    shared.pending = &handle;
    handle.level = SQLITE_LOCK_PENDING;
    if (shared.readers > 1) return SQLITE_BUSY;
    shared.exclusive = &handle;
  }
  handle.level = level;
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* file, int* held) {
  const DiskVfs::Shared& shared = *Of(file).shared;
  *held = shared.reserved != nullptr || shared.pending != nullptr || shared.exclusive != nullptr;
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return kToldSectorBytes; }
int DeviceCharacteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& index = Of(file).shared->index;
  if (static_cast<size_t>(region) >= index.size() && extend == 0) {
    *out = nullptr;
    return SQLITE_OK;
  }
  while (index.size() <= static_cast<size_t>(region)) {
    index.push_back(std::make_unique<std::vector<char>>(static_cast<size_t>(size)));
  }
  *out = index[static_cast<size_t>(region)]->data();
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* file, int first, int count, int flags) {
  Handle& handle = Of(file);
  DiskVfs::Shared& shared = *handle.shared;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (int i = first; i < first + count && (flags & SQLITE_SHM_LOCK) != 0; ++i) {
    const bool read_by_others = shared.index_readers[i] > ((handle.index_shared >> i) & 1);
    const bool written_by_others = shared.index_writers[i] != nullptr && shared.index_writers[i] != &handle;
    if (written_by_others || (exclusive && read_by_others)) return SQLITE_BUSY;
  }
  for (int i = first; i < first + count; ++i) {
    const auto bit = static_cast<uint16_t>(1u << i);
    uint16_t& mine = exclusive ? handle.index_exclusive : handle.index_shared;
    const bool had = (mine & bit) != 0;
    const bool has = (flags & SQLITE_SHM_LOCK) != 0;
    if (had == has) continue;
    mine ^= bit;
    if (exclusive) {
      shared.index_writers[i] = has ? &handle : nullptr;
    } else {
      shared.index_readers[i] += has ? 1 : -1;
    }
  }
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file*) {}

int ShmUnmap(sqlite3_file* file, int) {
  ShmLock(file, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
  ShmLock(file, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
  return SQLITE_OK;
}

int Close(sqlite3_file* file) {
  Unlock(file, SQLITE_LOCK_NONE);
  ShmUnmap(file, 0);
  Handle& handle = Of(file);
  if (!handle.delete_on_close.empty()) handle.vfs->disk().Delete(handle.delete_on_close, false);
  handle.~Handle();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    2,      Close,  Read,   Write,      Truncate,   Sync,    FileSize,   Lock,
    Unlock, CheckReservedLock, FileControl, SectorSize, DeviceCharacteristics, ShmMap, ShmLock, ShmBarrier,
    ShmUnmap, nullptr, nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  Disk& disk = Of(vfs).disk();
  std::shared_ptr<Disk::File> opened =
      name == nullptr ? disk.OpenNameless() : disk.Open(name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (opened == nullptr) return SQLITE_CANTOPEN;
  Handle& handle = *new (file) Handle{};
  handle.base.pMethods = &kMethods;
  handle.vfs = &Of(vfs);
  handle.shared = Of(vfs).SharedOf(opened.get());
  handle.file = std::move(opened);
  if (name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0) handle.delete_on_close = name;
  constexpr int kJournals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  handle.directory_unsynced = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & kJournals) != 0;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  if (!Of(vfs).disk().Exists(name)) return SQLITE_IOERR_DELETE_NOENT;
  return Of(vfs).disk().Delete(name, sync_directory != 0) == Disk::Result::kOk ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

int Access(sqlite3_vfs* vfs, const char* name, int, int* there) {
  *there = Of(vfs).disk().Exists(name);
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(Of(vfs).dice().Next());
  return size;
}

// Nobody else runs meanwhile: to wait would be to wait for ever.
int Sleep(sqlite3_vfs*, int us) { return us; }

int CurrentTimeInt64(sqlite3_vfs*, sqlite3_int64* milliseconds) {
  *milliseconds = 0;
  return SQLITE_OK;
}
int CurrentTime(sqlite3_vfs*, double* days) {
  *days = 0;
  return SQLITE_OK;
}
int LastError(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

DiskVfs::DiskVfs(Disk* disk, Dice dice) : disk_(disk), dice_(dice) {
  vfs_ = {2,        sizeof(Handle), 512,   nullptr, kName,   this,       Open,  Delete,      Access,    FullPathname,
          nullptr,  nullptr,        nullptr, nullptr, Randomness, Sleep, CurrentTime, LastError, CurrentTimeInt64};
  sqlite3_vfs_register(&vfs_, 1);
  sqlite3_randomness(0, nullptr);  // SQLite forgets its chance, and asks this layer for a new seed
}

DiskVfs::~DiskVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_randomness(0, nullptr);
}

std::shared_ptr<DiskVfs::Shared> DiskVfs::SharedOf(const Disk::File* file) {
  std::shared_ptr<Shared> shared = shared_[file].lock();
  if (shared == nullptr) shared_[file] = shared = std::make_shared<Shared>();
  return shared;
}

}  // namespace schotvrij::simulation
