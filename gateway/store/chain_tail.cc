#include "gateway/store/chain_tail.h"

namespace schotvrij::store {

AuditRecord Extend(ChainHead& head, std::string_view event) {
  AuditRecord record;
  record.chain = head.chain;
  record.sequence = head.sequence + 1;
  record.previous = head.hash;
  record.event = event;
  record.hash = ChainHash(record.previous, record.chain, record.sequence, record.event);
  head.sequence = record.sequence;
  head.hash = record.hash;
  return record;
}

}  // namespace schotvrij::store
