// A file layer for SQLite that fails when a test says so, and counts what makes commits durable.
//
//   FaultyFileLayer::Install();                               // once
//   OpenSqlite(file, chain, {}, {.vfs = FaultyFileLayer::kName});
//   FaultyFileLayer::write_code = SQLITE_FULL;                // the disk is full from now on
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <cstring>

namespace schotvrij::store {

class FaultyFileLayer {
 public:
  static constexpr char kName[] = "faulty";

  inline static std::atomic<int> write_code = SQLITE_OK;  // what writes end with, unless OK
  inline static std::atomic<int> sync_code = SQLITE_OK;
  inline static std::atomic<int> syncs = 0;
  inline static std::atomic<int> writes = 0;
  inline static std::atomic<int64_t> written_bytes = 0;

  static void Install() {
    static sqlite3_vfs layer = MakeLayer();
    sqlite3_vfs_register(&layer, 0);
    write_code = sync_code = SQLITE_OK;
    syncs = writes = 0;
    written_bytes = 0;
  }

 private:
  struct File {
    sqlite3_file base;
    sqlite3_file* real;  // lies behind this struct
  };

  static sqlite3_file* Real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

  template <auto kMember, typename... Arguments>
  static int Forward(sqlite3_file* file, Arguments... arguments) {
    return (Real(file)->pMethods->*kMember)(Real(file), arguments...);
  }

  static int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    ++writes;
    if (write_code != SQLITE_OK) return write_code;
    written_bytes += size;
    return Real(file)->pMethods->xWrite(Real(file), bytes, size, offset);
  }

  static int Sync(sqlite3_file* file, int flags) {
    ++syncs;
    if (sync_code != SQLITE_OK) return sync_code;
    return Real(file)->pMethods->xSync(Real(file), flags);
  }

  static void Barrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }

  static int Open(sqlite3_vfs* layer, const char* name, sqlite3_file* file, int flags, int* out) {
    using M = sqlite3_io_methods;
    static const M methods = {2,
                              Forward<&M::xClose>,
                              Forward<&M::xRead, void*, int, sqlite3_int64>,
                              Write,
                              Forward<&M::xTruncate, sqlite3_int64>,
                              Sync,
                              Forward<&M::xFileSize, sqlite3_int64*>,
                              Forward<&M::xLock, int>,
                              Forward<&M::xUnlock, int>,
                              Forward<&M::xCheckReservedLock, int*>,
                              Forward<&M::xFileControl, int, void*>,
                              Forward<&M::xSectorSize>,
                              Forward<&M::xDeviceCharacteristics>,
                              Forward<&M::xShmMap, int, int, int, void volatile**>,
                              Forward<&M::xShmLock, int, int, int>,
                              Barrier,
                              Forward<&M::xShmUnmap, int>,
                              nullptr,
                              nullptr};
    auto* real_layer = static_cast<sqlite3_vfs*>(layer->pAppData);
    auto* faulty = reinterpret_cast<File*>(file);
    faulty->real = reinterpret_cast<sqlite3_file*>(faulty + 1);
    const int code = real_layer->xOpen(real_layer, name, faulty->real, flags, out);
    file->pMethods = faulty->real->pMethods == nullptr ? nullptr : &methods;
    return code;
  }

  static sqlite3_vfs MakeLayer() {
    sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
    sqlite3_vfs layer = *real;
    layer.pNext = nullptr;
    layer.zName = kName;
    layer.pAppData = real;
    layer.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
    layer.xOpen = Open;
    return layer;
  }
};

}  // namespace schotvrij::store
