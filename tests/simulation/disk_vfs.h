// SQLite's way to a Disk: a file layer (sqlite3_vfs) whose files, locks, shared memory, time and chance are the simulation's.
//
//   DiskVfs vfs(&disk, Dice(seed));
//   OpenSqlite("store.db", chain, {}, {.vfs = DiskVfs::kName, .readers = 1});
//
// One at a time in a process; it is SQLite's default layer while it lives, because that is where SQLite seeds its own chance.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <vector>

#include "tests/simulation/dice.h"
#include "tests/simulation/disk.h"

namespace schotvrij::simulation {

class DiskVfs {
 public:
  static constexpr char kName[] = "simulated-disk";

  DiskVfs(Disk* disk, Dice dice);
  ~DiskVfs();
  DiskVfs(const DiskVfs&) = delete;

  // What connections to one file share: who holds which lock, and the index of the write-ahead log. Memory of one gateway.
  struct Shared {
    int readers = 0;
    const void* reserved = nullptr;
    const void* pending = nullptr;
    const void* exclusive = nullptr;
    int index_readers[SQLITE_SHM_NLOCK] = {};
    const void* index_writers[SQLITE_SHM_NLOCK] = {};
    std::vector<std::unique_ptr<std::vector<char>>> index;
  };

  Disk& disk() { return *disk_; }
  Dice& dice() { return dice_; }
  std::shared_ptr<Shared> SharedOf(const Disk::File* file);

 private:
  Disk* disk_;
  Dice dice_;
  sqlite3_vfs vfs_;
  std::map<const Disk::File*, std::weak_ptr<Shared>> shared_;  // looked up only: its order means nothing
};

}  // namespace schotvrij::simulation
