#include "gateway/exchange/client_file.h"

#include "absl/strings/str_cat.h"
#include "gateway/casefile/casefile.h"
#include "gateway/exchange/consent_due.h"
#include "policy/succession.h"
#include "schemas/base/stable_bytes.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::exchange {
namespace {

std::string Row(std::string_view kind, std::string_view id) { return absl::StrCat(ToAbsl(kind), "/", ToAbsl(id)); }
std::string Row(const store::PartRef& part) { return absl::StrCat("part/", part.batch_id, "/", part.sequence); }

}  // namespace

std::string DigestOf(const identity::KeyRing& keys, const v1::Exchange& exchange) {
  if (exchange.registration().assessments().empty()) return keys.Token("digest", ToBytes(exchange));
  // A score is in no store after the decision, not even as a part of a digest (R2).
  v1::Exchange said = exchange;
  for (v1::Assessment& assessment : *said.mutable_registration()->mutable_assessments()) {
    assessment.clear_score();
    assessment.clear_items();
  }
  return keys.Token("digest", ToBytes(said));
}

std::string BsnToken(const identity::KeyRing& keys, std::string_view bsn) { return keys.Token("bsn", bsn); }

ClientFile ClientFile::New(const identity::KeyRing& keys, Instant now, Random& random) {
  std::string id = NewRowId(now, random);
  identity::ClientKey key = keys.NewClientKey(id);
  return ClientFile(keys, std::move(id), std::move(key));
}

absl::StatusOr<ClientFile> ClientFile::OpenOn(const identity::KeyRing& keys, const policy::RuleSet& rules, CivilDate day,
                                              const store::ClientRow& row) {
  ASSIGN_OR_RETURN(ClientFile file, Open(keys, row));
  policy::PutInPlace(rules, day, &file.facts_);
  return file;
}

absl::StatusOr<ClientFile> ClientFile::Open(const identity::KeyRing& keys, const store::ClientRow& row) {
  ASSIGN_OR_RETURN(identity::ClientKey key, keys.Unwrap(row.client_id, row.wrapped_key));
  ClientFile file(keys, row.client_id, std::move(key));
  file.version_ = row.facts_version;
  if (row.facts_version > row.pending.size()) {
    RETURN_IF_ERROR(file.Open(Row("facts", file.id_), row.facts, &file.facts_));
  }
  for (const store::PendingFacts& pending : row.pending) {
    v1::Facts added;
    RETURN_IF_ERROR(file.Open(Row(pending.part), pending.facts, &added));
    file.facts_ = casefile::Merge(std::move(file.facts_), added);
    file.pending_.push_back(pending.part);
  }
  return file;
}

store::Sealed ClientFile::Seal(std::string_view row, const google::protobuf::MessageLite& message) const {
  return {kSchemaRevision, keys_->Seal(key_, row, ToBytes(message))};
}

absl::Status ClientFile::Open(std::string_view row, const store::Sealed& sealed,
                              google::protobuf::MessageLite* message) const {
  if (sealed.revision > kSchemaRevision) {
    return absl::FailedPreconditionError("a value was written by a newer release");
  }
  ASSIGN_OR_RETURN(std::string bytes, keys_->Open(key_, row, sealed.bytes));
  if (!message->ParseFromString(bytes)) return absl::DataLossError("a sealed value does not parse");
  return absl::OkStatus();
}

store::Sealed ClientFile::SealExchange(std::string_view exchange_id, const v1::Exchange& exchange) const {
  return Seal(Row("exchange", exchange_id), exchange);
}

absl::StatusOr<v1::Exchange> ClientFile::OpenExchange(std::string_view exchange_id,
                                                      const store::Sealed& sealed) const {
  v1::Exchange exchange;
  RETURN_IF_ERROR(Open(Row("exchange", exchange_id), sealed, &exchange));
  return exchange;
}

store::Sealed ClientFile::SealFrozen(std::string_view delivery_id, const v1::FrozenDelivery& frozen) const {
  return Seal(Row("delivery", delivery_id), frozen);
}

absl::StatusOr<v1::FrozenDelivery> ClientFile::OpenFrozen(std::string_view delivery_id,
                                                          const store::Sealed& sealed) const {
  v1::FrozenDelivery frozen;
  RETURN_IF_ERROR(Open(Row("delivery", delivery_id), sealed, &frozen));
  return frozen;
}

store::Sealed ClientFile::SealAdded(const store::PartRef& part, const v1::Facts& added) const {
  return Seal(Row(part), added);
}

void ClientFile::PutClient(std::string_view identifier_token, store::Unit* unit) const {
  unit->clients.push_back({id_, key_.wrapped});
  if (!identifier_token.empty()) unit->identifiers.push_back({std::string(identifier_token), id_});
}

void ClientFile::PutFacts(const v1::Facts& facts, std::string_view identifier_token, CivilDate today, store::Unit* unit) const {
  Expect(unit);
  if (is_new()) PutClient(identifier_token, unit);
  unit->merged.insert(unit->merged.end(), pending_.begin(), pending_.end());
  unit->facts.push_back({id_, Seal(Row("facts", id_), facts)});
  // What a batch added has no timers yet.
  PutConsentTimers(id_, pending_.empty() ? facts_ : v1::Facts(), facts, today, unit);
  if (!pending_.empty()) unit->timers.push_back(ConsentTimer(id_, today));
}

void ClientFile::PutMerged(CivilDate today, store::Unit* unit) const {
  PutFacts(facts_, "", today, unit);
  unit->facts.back().same = true;
}

}  // namespace schotvrij::exchange
