// Disk: files in memory that behave like files on a disk when the power goes. What was written is seen at once, and is safe only
// once it was synced; of what was not, a crash keeps whole sectors, torn ones or none, as the dice fall. A name is safe once its
// directory was synced.
//
//   std::shared_ptr<Disk::File> file = disk.Open("store.db", /*create=*/true);
//   disk.SyncDirectory();
//   if (disk.Write(*file, bytes, 0) == Disk::Result::kOk && disk.Sync(*file) == Disk::Result::kOk) ...   // safe
//   disk.Restart(Disk::End::kPowerLoss);
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/dice.h"

namespace schotvrij::simulation {

class Disk {
 public:
  enum class Result { kOk, kReadError, kWriteError, kSyncError, kFull };
  // What ails the disk at the moment.
  enum class Trouble { kNone, kFull, kReadErrors, kWriteErrors, kSyncErrors };
  // How a gateway's run ended: the process alone, or the machine.
  enum class End { kKilled, kPowerLoss };

  struct File;

  explicit Disk(Dice dice) : dice_(dice) {}

  // Null when there is none and `create` is false, or the gateway is dead.
  std::shared_ptr<File> Open(const std::string& name, bool create);
  std::shared_ptr<File> OpenNameless();
  bool Exists(const std::string& name) const { return names_.contains(name); }
  Result Delete(const std::string& name, bool sync_directory);

  // Fills what lies beyond the end with zeros; `*got`: bytes that were there.
  Result Read(File& file, char* out, size_t size, int64_t offset, size_t* got);
  Result Write(File& file, std::string_view bytes, int64_t offset);
  Result Truncate(File& file, int64_t size);
  Result Sync(File& file);
  void SyncDirectory() { safe_names_ = names_; }
  int64_t Size(const File& file) const;
  std::string Text(const File& file) const;

  // From now on the gateway dies at a write or sync with this chance; 0: it does not.
  void set_deaths_per_10000(uint32_t chance) { deaths_per_10000_ = chance; }
  void set_trouble(Trouble trouble) { trouble_ = trouble; }
  // For a mutant: sync says yes and does nothing.
  void set_sync_is_a_lie(bool lie) { sync_is_a_lie_ = lie; }

  // Once dead, nothing is written or read any more until Restart.
  bool dead() const { return dead_; }
  void Die() { dead_ = true; }
  // What a new gateway finds. All files that were open are gone.
  void Restart(End end);

  // Failures that were shown to the gateway so far.
  uint64_t failures() const { return failures_; }

 private:
  Result Fail(Result result) {
    ++failures_;
    return result;
  }
  bool DiesHere();
  std::string AfterPowerLoss(const File& file, uint32_t kept_per_mille);
  void KeepPiece(std::string_view piece, int64_t offset, uint32_t kept_per_mille, std::string& bytes);

  Dice dice_;
  uint32_t deaths_per_10000_ = 0;
  Trouble trouble_ = Trouble::kNone;
  bool sync_is_a_lie_ = false;
  bool dead_ = false;
  uint64_t failures_ = 0;
  std::map<std::string, std::shared_ptr<File>> names_;
  std::map<std::string, std::shared_ptr<File>> safe_names_;
};

}  // namespace schotvrij::simulation
