// How audit records share a row of the SQLite file: those of one flush stand end to end, each with its own hash in the chain.
//
//   AuditRow row;
//   row.Append(Extend(head, event));
//   std::vector<AuditRecord> records = Expand(chain, row);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/audit_chain.h"

namespace schotvrij::store {

struct AuditRow {
  uint64_t sequence = 0;  // of the first record; 0: the row is empty
  std::string previous;   // hash of the record before the first
  std::string events;     // end to end
  std::string hashes;     // 32 bytes each
  std::string sizes;      // of each event, 4 bytes big-endian; empty when there is one record

  bool empty() const { return sequence == 0; }
  // `record` follows the last one.
  void Append(const AuditRecord& record);
};

// Sequence and hash of the last record. A row whose parts do not fit together counts as one record.
ChainHead HeadOf(std::string_view chain, uint64_t sequence, std::string_view hashes);

// The records of `row`. One whose parts do not fit together was tampered with: it is given as a single record, whose hash does
// not hold.
std::vector<AuditRecord> Expand(std::string_view chain, const AuditRow& row);

}  // namespace schotvrij::store
