// ClientFile: one client's key and facts, opened; and how values about the client are sealed into their rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "google/protobuf/message_lite.h"
#include "policy/rule_set.h"
#include "schemas/base/civil_date.h"
#include "schotvrij/v1/exchange.pb.h"
#include "schotvrij/v1/facts.pb.h"
#include "schotvrij/v1/sealed.pb.h"

namespace schotvrij::exchange {

// Revision of the messages that are written under seal; a later release reads older ones.
inline constexpr uint32_t kSchemaRevision = 1;

class ClientFile {
 public:
  // A client not seen before: an id of its own, a fresh key, no facts.
  static ClientFile New(const identity::KeyRing& keys, Instant now, Random& random);
  // With what batches in effect still have to add to its facts. kDataLoss when the row does not open.
  static absl::StatusOr<ClientFile> Open(const identity::KeyRing& keys, const store::ClientRow& row);
  // The same with those in it that have the places of its parties on `day` by `rules`.
  static absl::StatusOr<ClientFile> OpenOn(const identity::KeyRing& keys, const policy::RuleSet& rules, CivilDate day,
                                           const store::ClientRow& row);

  const std::string& id() const { return id_; }
  bool is_new() const { return version_ == 0; }
  const v1::Facts& facts() const { return facts_; }

  store::Sealed SealExchange(std::string_view exchange_id, const v1::Exchange& exchange) const;
  absl::StatusOr<v1::Exchange> OpenExchange(std::string_view exchange_id, const store::Sealed& sealed) const;
  store::Sealed SealFrozen(std::string_view delivery_id, const v1::FrozenDelivery& frozen) const;
  absl::StatusOr<v1::FrozenDelivery> OpenFrozen(std::string_view delivery_id, const store::Sealed& sealed) const;

  // What a part of a batch adds to the client's facts.
  store::Sealed SealAdded(const store::PartRef& part, const v1::Facts& added) const;

  // Adds to `unit` that it relies on the facts as this file was opened with them.
  void Expect(store::Unit* unit) const { unit->expects.push_back({id_, version_}); }
  // Adds to `unit` what writes `facts` over the version this file was opened with: the expectation, the facts and, for a new
  // client, its key and its identifiers (`identifier_token` empty: none). Beside them the timers of consent_due.h, and one that is due at
  // once when pending parts said something of a consent: nobody has looked yet what that ends.
  void PutFacts(const v1::Facts& facts, std::string_view identifier_token, CivilDate today, store::Unit* unit) const;
  // The same of the facts that it was opened with: what pending parts add to them is written into them, and nobody reads anything else.
  void PutMerged(CivilDate today, store::Unit* unit) const;
  // The key and the identifiers alone.
  void PutClient(std::string_view identifier_token, store::Unit* unit) const;
  // Whether the facts hold parts that the stored ones do not.
  bool has_pending() const { return !pending_.empty(); }

 private:
  ClientFile(const identity::KeyRing& keys, std::string id, identity::ClientKey key)
      : keys_(&keys), id_(std::move(id)), key_(std::move(key)) {}

  store::Sealed Seal(std::string_view row, const google::protobuf::MessageLite& message) const;
  absl::Status Open(std::string_view row, const store::Sealed& sealed, google::protobuf::MessageLite* message) const;

  const identity::KeyRing* keys_;
  std::string id_;
  identity::ClientKey key_;
  uint64_t version_ = 0;
  v1::Facts facts_;
  std::vector<store::PartRef> pending_;  // parts that facts_ holds and the stored facts do not
};

// Keyed digest of all that a message says.
std::string DigestOf(const identity::KeyRing& keys, const v1::Exchange& exchange);

// Token under which a BSN's client is found.
std::string BsnToken(const identity::KeyRing& keys, std::string_view bsn);

}  // namespace schotvrij::exchange
