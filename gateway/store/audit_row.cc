#include "gateway/store/audit_row.h"

#include <algorithm>

namespace schotvrij::store {
namespace {

constexpr size_t kSizeBytes = 4;

void AppendSize(std::string& sizes, size_t size) {
  for (int shift = 24; shift >= 0; shift -= 8) sizes.push_back(static_cast<char>(size >> shift));
}

// Empty when the parts of `row` do not fit together.
std::vector<size_t> SizesOf(const AuditRow& row) {
  if (row.sizes.empty()) return row.hashes.size() == kAuditHashBytes ? std::vector{row.events.size()} : std::vector<size_t>();
  std::vector<size_t> sizes;
  size_t sum = 0;
  for (size_t at = 0; at + kSizeBytes <= row.sizes.size(); at += kSizeBytes) {
    size_t size = 0;
    for (size_t i = 0; i < kSizeBytes; ++i) size = size << 8 | static_cast<unsigned char>(row.sizes[at + i]);
    sizes.push_back(size);
    sum += size;
  }
  const bool fits = sizes.size() * kSizeBytes == row.sizes.size() && sizes.size() * kAuditHashBytes == row.hashes.size() &&
                    sum == row.events.size();
  return fits ? sizes : std::vector<size_t>();
}

}  // namespace

void AuditRow::Append(const AuditRecord& record) {
  if (empty()) {
    sequence = record.sequence;
    previous = record.previous;
  } else {
    if (sizes.empty()) AppendSize(sizes, events.size());
    AppendSize(sizes, record.event.size());
  }
  events += record.event;
  hashes += record.hash;
}

ChainHead HeadOf(std::string_view chain, uint64_t sequence, std::string_view hashes) {
  ChainHead head;
  head.chain = chain;
  head.sequence = sequence;
  if (hashes.size() % kAuditHashBytes != 0 || hashes.empty()) {
    head.hash = hashes;
    return head;
  }
  head.sequence += hashes.size() / kAuditHashBytes - 1;
  head.hash = hashes.substr(hashes.size() - kAuditHashBytes);
  return head;
}

std::vector<AuditRecord> Expand(std::string_view chain, const AuditRow& row) {
  const std::vector<size_t> sizes = SizesOf(row);
  if (sizes.empty()) return {{std::string(chain), row.sequence, row.previous, row.events, row.hashes}};
  std::vector<AuditRecord> records;
  std::string_view events = row.events;
  for (size_t i = 0; i < sizes.size(); ++i) {
    AuditRecord record;
    record.chain = chain;
    record.sequence = row.sequence + i;
    record.previous = i == 0 ? row.previous : records.back().hash;
    record.event = events.substr(0, sizes[i]);
    record.hash = row.hashes.substr(i * kAuditHashBytes, kAuditHashBytes);
    events.remove_prefix(sizes[i]);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace schotvrij::store
