#include "gateway/audit/vouching.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "gateway/audit/checkpoint_line.h"
#include "gateway/audit/signature.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::audit {
namespace {

using Kind = Finding::Kind;

class Reader {
 public:
  Reader(EVP_PKEY* key, Findings& findings) : key_(key), findings_(findings) {}

  void Read(std::string_view list, std::span<const std::string> lines) {
    std::string before;
    for (size_t i = 0; i < lines.size(); ++i) {
      std::string_view fault = Take(lines[i], before);
      if (!fault.empty()) Report(list, i + 1, fault);
      before = lines[i];
    }
  }

  void Report(std::string_view list, size_t line, std::string_view fault) {
    findings_.Add(Kind::kBadCheckpoint, "", line, absl::StrCat("checkpoints in the ", ToAbsl(list), ": ", ToAbsl(fault)));
  }

  Vouching vouching;

 private:
  // Empty: the line is good. A line out of its order is signed all the same, and what it says holds.
  std::string_view Take(const std::string& line, std::string_view before) {
    absl::StatusOr<CheckpointLine> parsed = ParseCheckpoint(line);
    if (!parsed.ok()) return "the line cannot be read";
    const bool seen = seen_.contains(LineHash(line));
    if (!seen && !SignatureHolds(key_, parsed->signed_text, parsed->signature)) return "the signature does not hold";
    seen_.insert(LineHash(line));
    for (ChainHead& head : parsed->heads) {
      auto [known, added] = vouching.heads[head.chain].try_emplace(head.sequence, head.hash);
      if (!added && known->second != head.hash) return "two lines give one record different hashes";
    }
    if (parsed->previous != LineHash(before)) return "the line does not follow from the one before it";
    if (!seen) ++vouching.lines;
    vouching.newest = std::max(vouching.newest, parsed->at);
    return "";
  }

  EVP_PKEY* const key_;
  Findings& findings_;
  std::set<std::string> seen_;
};

}  // namespace

void Findings::Add(Kind kind, std::string_view chain, uint64_t sequence, std::string_view text) {
  if (findings_.size() >= limits::kAuditFindingsMax) return;
  findings_.push_back({kind, std::string(chain), sequence, std::string(text)});
}

Vouching ReadCheckpoints(std::span<const std::string> database, std::span<const std::string> file, EVP_PKEY* key,
                         Findings& findings) {
  Reader reader(key, findings);
  reader.Read("database", database);
  reader.Read("file", file);
  size_t common = std::min(database.size(), file.size());
  size_t same = std::mismatch(database.begin(), database.begin() + common, file.begin()).first - database.begin();
  if (same < common) reader.Report("database", same + 1, "the line is not the one in the file");
  if (database.size() < file.size()) reader.Report("database", common + 1, "lines that the file has are not there");
  if (file.size() < database.size()) reader.Report("file", common + 1, "lines that the database has are not there");
  return std::move(reader.vouching);
}

}  // namespace schotvrij::audit
