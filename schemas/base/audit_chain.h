// The audit chain's arithmetic: one chain per process start, each record bound to the one before.
//
//   hash = SHA-256(previous hash ‖ chain id ‖ 0x00 ‖ sequence, 8 bytes big-endian ‖ event bytes)
//
// The first record of a chain has sequence 1 and 32 zero bytes as previous hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace schotvrij {

inline constexpr size_t kAuditHashBytes = 32;  // SHA-256

struct AuditRecord {
  std::string chain;
  uint64_t sequence = 0;
  std::string previous;  // 32 bytes
  std::string event;     // exact bytes of a serialised v1::AuditEvent
  std::string hash;      // 32 bytes
};

// The newest record of a chain.
struct ChainHead {
  std::string chain;
  uint64_t sequence = 0;
  std::string hash = std::string(kAuditHashBytes, '\0');
};

std::string Sha256(std::string_view bytes);
std::string ChainHash(std::string_view previous, std::string_view chain, uint64_t sequence, std::string_view event);

}  // namespace schotvrij
