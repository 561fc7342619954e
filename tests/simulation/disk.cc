#include "tests/simulation/disk.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace schotvrij::simulation {
namespace {

constexpr int64_t kSectorBytes = 512;
constexpr uint32_t kTroublePerMille = 400;  // operations that fail while the disk is in trouble
// How much of what was not synced a power loss keeps: all extremes come up.
constexpr uint32_t kKeptPerMille[] = {0, 0, 200, 500, 800, 970};

void PutAt(std::string_view bytes, int64_t offset, std::string& file) {
  const size_t end = static_cast<size_t>(offset) + bytes.size();
  if (file.size() < end) file.resize(end, '\0');
  std::memcpy(file.data() + offset, bytes.data(), bytes.size());
}

}  // namespace

struct Disk::File {
  struct Change {
    int64_t offset;     // of a write; the new size of a truncation
    std::string bytes;  // empty: a truncation
  };

  std::string now;              // what is read
  std::string safe;             // what a power loss leaves for certain
  std::vector<Change> unsafe;   // in the order in which they came
};

std::shared_ptr<Disk::File> Disk::Open(const std::string& name, bool create) {
  if (dead_) return nullptr;
  const auto found = names_.find(name);
  if (found != names_.end()) return found->second;
  if (!create) return nullptr;
  return names_[name] = std::make_shared<File>();
}

std::shared_ptr<Disk::File> Disk::OpenNameless() { return std::make_shared<File>(); }

Disk::Result Disk::Delete(const std::string& name, bool sync_directory) {
  if (DiesHere()) return Result::kWriteError;
  names_.erase(name);
  if (sync_directory) SyncDirectory();
  return Result::kOk;
}

Disk::Result Disk::Read(File& file, char* out, size_t size, int64_t offset, size_t* got) {
  *got = 0;
  if (dead_) return Result::kReadError;
  if (trouble_ == Trouble::kReadErrors && dice_.PerMille(kTroublePerMille)) return Fail(Result::kReadError);
  const size_t begin = std::min(static_cast<size_t>(offset), file.now.size());
  *got = std::min(size, file.now.size() - begin);
  std::memcpy(out, file.now.data() + begin, *got);
  std::memset(out + *got, 0, size - *got);
  return Result::kOk;
}

bool Disk::DiesHere() {
  if (!dead_ && deaths_per_10000_ > 0 && dice_.Below(10'000) < deaths_per_10000_) dead_ = true;
  return dead_;
}

Disk::Result Disk::Write(File& file, std::string_view bytes, int64_t offset) {
  if (dead_) return Result::kWriteError;
  if (trouble_ == Trouble::kWriteErrors && dice_.PerMille(kTroublePerMille)) return Fail(Result::kWriteError);
  const bool grows = static_cast<size_t>(offset) + bytes.size() > file.now.size();
  if (trouble_ == Trouble::kFull && grows) return Fail(Result::kFull);
  // Dies before or after the bytes reached the operating system.
  if (dice_.PerMille(500) && DiesHere()) return Result::kWriteError;
  PutAt(bytes, offset, file.now);
  file.unsafe.push_back({offset, std::string(bytes)});
  return DiesHere() ? Result::kWriteError : Result::kOk;
}

Disk::Result Disk::Truncate(File& file, int64_t size) {
  if (DiesHere()) return Result::kWriteError;
  file.now.resize(static_cast<size_t>(size), '\0');
  file.unsafe.push_back({size, ""});
  return Result::kOk;
}

Disk::Result Disk::Sync(File& file) {
  if (DiesHere()) return Result::kSyncError;
  if (sync_is_a_lie_) return Result::kOk;
  if (trouble_ == Trouble::kSyncErrors && dice_.PerMille(kTroublePerMille)) {
    // Either it may be tried again, or the system forgets that these pages were ever dirty.
    if (dice_.PerMille(500)) file.unsafe.clear();
    return Fail(Result::kSyncError);
  }
  for (const File::Change& change : file.unsafe) {
    if (change.bytes.empty()) {
      file.safe.resize(static_cast<size_t>(change.offset), '\0');
    } else {
      PutAt(change.bytes, change.offset, file.safe);
    }
  }
  file.unsafe.clear();
  return DiesHere() ? Result::kSyncError : Result::kOk;
}

int64_t Disk::Size(const File& file) const { return static_cast<int64_t>(file.now.size()); }
std::string Disk::Text(const File& file) const { return file.now; }

void Disk::KeepPiece(std::string_view piece, int64_t offset, uint32_t kept_per_mille, std::string& bytes) {
  if (!dice_.PerMille(kept_per_mille)) return;
  if (dice_.PerMille(100)) piece = piece.substr(0, dice_.Below(piece.size() + 1));  // torn within the sector
  PutAt(piece, offset, bytes);
}

std::string Disk::AfterPowerLoss(const File& file, uint32_t kept_per_mille) {
  std::string bytes = file.safe;
  for (const File::Change& change : file.unsafe) {
    if (change.bytes.empty()) {
      if (dice_.PerMille(kept_per_mille)) bytes.resize(static_cast<size_t>(change.offset), '\0');
      continue;
    }
    for (int64_t at = 0; at < static_cast<int64_t>(change.bytes.size());) {
      const int64_t to_border = kSectorBytes - (change.offset + at) % kSectorBytes;
      const std::string_view piece = std::string_view(change.bytes).substr(at, to_border);
      KeepPiece(piece, change.offset + at, kept_per_mille, bytes);
      at += static_cast<int64_t>(piece.size());
    }
  }
  return bytes;
}

void Disk::Restart(End end) {
  dead_ = false;
  if (end == End::kKilled) return;  // the system has all that was written
  const uint32_t kept_per_mille = kKeptPerMille[dice_.Below(std::size(kKeptPerMille))];
  std::set<std::string> all;
  for (const auto& [name, file] : names_) all.insert(name);
  for (const auto& [name, file] : safe_names_) all.insert(name);
  std::map<std::string, std::shared_ptr<File>> left;
  for (const std::string& name : all) {
    const auto now = names_.find(name);
    const auto safe = safe_names_.find(name);
    const bool as_now = dice_.PerMille(500);
    const auto chosen = as_now ? now : safe;
    if (chosen == (as_now ? names_.end() : safe_names_.end())) continue;
    auto file = std::make_shared<File>();
    file->now = file->safe = AfterPowerLoss(*chosen->second, kept_per_mille);
    left[name] = std::move(file);
  }
  names_ = safe_names_ = std::move(left);
}

}  // namespace schotvrij::simulation
