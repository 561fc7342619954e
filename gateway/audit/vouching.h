// Vouching: what the checkpoints say the chains must hold.
#pragma once

#include <openssl/evp.h>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/audit/audit.h"

namespace schotvrij::audit {

// At most limits::kAuditFindingsMax.
class Findings {
 public:
  void Add(Finding::Kind kind, std::string_view chain, uint64_t sequence, std::string_view text);
  std::vector<Finding> Take() { return std::move(findings_); }

 private:
  std::vector<Finding> findings_;
};

struct Vouching {
  // Chain → sequence → hash, from every good line.
  std::map<std::string, std::map<uint64_t, std::string>, std::less<>> heads;
  uint64_t lines = 0;
  Instant newest;
};

// Reads both lists, checks form, order and signature of each line and that the lists agree.
Vouching ReadCheckpoints(std::span<const std::string> database, std::span<const std::string> file, EVP_PKEY* key,
                         Findings& findings);

}  // namespace schotvrij::audit
