// An audit log in plain vectors, with its checkpoints: what the tests write to and tamper with.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "gateway/audit/audit.h"

namespace schotvrij::audit {

// Synthetic Ed25519 pair, made for these tests.
inline constexpr char kPrivateKey[] =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEi6Q5N9ZL1IMJuZELCMZk+DvuNzTf3lRmhtcpEsR4ao\n-----END PRIVATE KEY-----\n";
inline constexpr char kPublicKey[] =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAaoCb6a/v/mxSuU32H70kAct8sN524WKvSNQpman0Ph4=\n-----END PUBLIC KEY-----\n";

struct Log {
  std::vector<AuditRecord> records;  // stored order
  std::vector<ChainHead> heads;
  std::vector<std::string> database_lines;
  std::vector<std::string> file_lines;

  void Write(const std::string& chain, const std::string& event) {
    auto head = std::find_if(heads.begin(), heads.end(), [&](const ChainHead& one) { return one.chain == chain; });
    if (head == heads.end()) head = heads.insert(head, ChainHead{.chain = chain});
    AuditRecord record{chain, head->sequence + 1, head->hash, event, ""};
    record.hash = ChainHash(record.previous, chain, record.sequence, event);
    head->sequence = record.sequence;
    head->hash = record.hash;
    records.push_back(std::move(record));
  }

  void Checkpoint(const Signer& signer, Instant at) {
    std::string line = signer.Checkpoint(at, heads, file_lines.empty() ? "" : file_lines.back());
    file_lines.push_back(line);
    database_lines.push_back(line);
  }

  RecordSource Source() const {
    return {.chains = [this]() -> absl::StatusOr<std::vector<std::string>> {
              std::vector<std::string> chains;
              for (const AuditRecord& record : records) {
                if (std::find(chains.begin(), chains.end(), record.chain) == chains.end()) chains.push_back(record.chain);
              }
              return chains;
            },
            .records = [this](std::string_view chain, uint64_t from,
                              size_t most) -> absl::StatusOr<std::vector<AuditRecord>> {
              std::vector<AuditRecord> page;
              for (const AuditRecord& record : records) {
                if (record.chain == chain && record.sequence >= from && page.size() < most) page.push_back(record);
              }
              return page;
            }};
  }

  Verification Verify() const { return *audit::Verify(Source(), database_lines, file_lines, kPublicKey); }
};

}  // namespace schotvrij::audit
