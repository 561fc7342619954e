// The engines under test, and short words for what the store's tests do with them.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/store/engines.h"
#include "tests/support/executors.h"

namespace schotvrij::store {

// A folder of its own that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "store_test_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  std::string File() const { return (path_ / "store.db").string(); }

 private:
  std::filesystem::path path_;
};

struct Engine {
  const char* name;
  std::function<std::unique_ptr<Store>(const TempFolder&, QueueLimits)> open;
};

inline std::unique_ptr<Store> MustOpenSqlite(const TempFolder& folder, QueueLimits limits = {},
                                             const std::string& chain = "chain-1",
                                             SqliteOptions options = {}) {
  auto opened = OpenSqlite(folder.File(), chain, limits, std::move(options));
  EXPECT_TRUE(opened.ok()) << opened.status();
  return *std::move(opened);
}

inline const Engine kMemory = {"Memory", [](const TempFolder&, QueueLimits limits) {
                                 return NewMemoryStore("chain-1", limits);
                               }};
inline const Engine kSqlite = {"Sqlite", [](const TempFolder& folder, QueueLimits limits) {
                                 return MustOpenSqlite(folder, limits);
                               }};

// One line that says what became of a unit.
inline std::string Tell(const absl::StatusOr<CommitResult>& outcome) {
  if (!outcome.ok()) return absl::StatusCodeToString(outcome.status().code());
  struct {
    std::string operator()(const Committed&) { return "committed"; }
    std::string operator()(const Duplicate& d) {
      return absl::StrCat("duplicate ", d.answer.revision, " ", d.answer.bytes, " of ",
                          d.client_id);
    }
    std::string operator()(const OtherContent&) { return "other content"; }
    std::string operator()(const Stale& s) { return absl::StrCat("stale ", s.subject); }
    std::string operator()(const NotUnique& n) {
      return absl::StrCat("not unique ", n.space, " of ", n.owner);
    }
  } tell;
  return std::visit(tell, *outcome);
}

inline std::string Tell(const Sealed& sealed) {
  return absl::StrCat(sealed.revision, ":", sealed.bytes);
}
inline std::string Tell(const Delivery& d) {
  return absl::StrCat(d.delivery_id, "|", d.exchange_id, "|", d.client_id, "|", d.recipient, "|",
                      d.network, "|", d.content_type, "|", static_cast<int>(d.state), "|", d.due.us,
                      "|", d.attempts, "|", d.answered, "|", Tell(d.frozen), d.precedes.empty() ? "" : "|before " + d.precedes,
                      d.recipient_role.empty() ? "" : "|as " + d.recipient_role);
}
inline std::string Tell(const ClientRow& c) {
  return absl::StrCat(c.client_id, "|", c.wrapped_key, "|", c.facts_version, "|", Tell(c.facts));
}
inline std::string Tell(const ExchangeRow& row) {
  const PutExchange& e = row.exchange;
  return absl::StrCat(e.exchange_id, "|", e.client_id, "|", e.network, "|", e.sender, "|",
                      e.content_type, "|", e.received.us, "|", Tell(e.content), e.sender_role.empty() ? "" : "|as " + e.sender_role);
}
inline std::string Tell(const Store::KnownKey& k) {
  return absl::StrCat(k.digest, "|", Tell(k.answer), "|", k.client_id);
}
inline std::string Tell(const Timer& t) {
  return absl::StrCat(t.timer_id, "|", t.kind, "|", t.subject, "|", t.due.us);
}
inline std::string Tell(const Store::DayEntry& e) {
  return absl::StrCat(e.delivery_id, "|", e.exchange_id, "|", e.client_id, "|", e.sender, "|", e.recipient, "|", e.network, "|",
                      e.content_type, "|", static_cast<int>(e.state), "|", e.answered, "|", e.placed,
                      e.sender_role.empty() ? "" : "|from " + e.sender_role, e.recipient_role.empty() ? "" : "|as " + e.recipient_role);
}
inline std::string Tell(const Instant& instant) { return absl::StrCat(instant.us); }
template <typename Row>
std::string Tell(const absl::StatusOr<std::optional<Row>>& row) {
  if (!row.ok()) return absl::StatusCodeToString(row.status().code());
  return *row ? Tell(**row) : "none";
}
template <typename Row>
std::string Tell(const absl::StatusOr<std::vector<Row>>& rows) {
  if (!rows.ok()) return absl::StatusCodeToString(rows.status().code());
  std::string all;
  for (const Row& row : *rows) absl::StrAppend(&all, Tell(row), "\n");
  return all;
}

// Delivery ids in order, joined by spaces.
inline std::string Ids(const absl::StatusOr<std::vector<Delivery>>& deliveries) {
  if (!deliveries.ok()) return absl::StatusCodeToString(deliveries.status().code());
  std::string ids;
  for (const Delivery& delivery : *deliveries) {
    absl::StrAppend(&ids, ids.empty() ? "" : " ", delivery.delivery_id);
  }
  return ids;
}

// Commits units that wait together in one flush; what became of each.
inline std::vector<std::string> CommitTogether(Store& store, std::vector<Unit> units) {
  ManualExecutor executor;
  std::vector<std::string> outcomes(units.size(), "not told");
  for (size_t i = 0; i < units.size(); ++i) {
    const absl::Status queued =
        store.Commit(std::move(units[i]), &executor, [&outcomes, i](auto outcome) {
          outcomes[i] = outcomes[i] == "not told" ? Tell(outcome) : "told twice";
        });
    if (!queued.ok()) outcomes[i] = absl::StatusCodeToString(queued.code());
  }
  while (store.Flush() > 0) {
  }
  executor.Run();
  return outcomes;
}

inline std::string CommitOne(Store& store, Unit unit) {
  std::vector<Unit> units;
  units.push_back(std::move(unit));
  return CommitTogether(store, std::move(units)).front();
}

// A due delivery of client "c" to "city"; tests change what they are about.
inline Delivery NewDelivery(std::string id, DeliveryState state = DeliveryState::kDue,
                            int64_t due_us = 0) {
  Delivery delivery;
  delivery.delivery_id = std::move(id);
  delivery.exchange_id = "exchange";
  delivery.client_id = "c";
  delivery.recipient = "city";
  delivery.network = "ede";
  delivery.content_type = "registration";
  delivery.state = state;
  delivery.due = Instant{due_us};
  return delivery;
}

// A whole registration of a new client: every kind of row that one message brings.
inline Unit NewRegistration(const std::string& id) {
  Unit unit;
  unit.expects = {{"client-" + id, 0}};
  unit.uniques = {{"registration", "business-" + id, "exchange-" + id}};
  unit.idempotency = {"key-" + id, "digest-" + id, {1, "answer-" + id}};
  unit.clients = {{"client-" + id, "wrapped-" + id}};
  unit.identifiers = {{"token-" + id, "client-" + id}};
  unit.facts = {{"client-" + id, {1, "facts-" + id}}};
  unit.exchanges = {{"exchange-" + id,
                     "client-" + id,
                     "ede",
                     "provider",
                     "registration",
                     Instant{1},
                     {1, "content-" + id}}};
  Delivery delivery = NewDelivery("delivery-" + id);
  delivery.exchange_id = "exchange-" + id;
  delivery.client_id = "client-" + id;
  unit.deliveries = {delivery};
  unit.audit = {"receive-" + id, "decide-" + id};
  return unit;
}

// Empty when every chain holds together from its first record to its head, else what is wrong.
inline std::string BrokenChain(Store& store) {
  auto heads = store.AuditHeads();
  if (!heads.ok()) return std::string(heads.status().message());
  for (const ChainHead& expected : *heads) {
    ChainHead head;
    for (bool more = true; more;) {
      auto records = store.AuditRecords(expected.chain, head.sequence + 1, 100);
      if (!records.ok()) return std::string(records.status().message());
      more = !records->empty();
      for (const AuditRecord& record : *records) {
        if (record.sequence != head.sequence + 1) return "a gap";
        if (record.previous != head.hash) return "not bound to the one before";
        if (record.hash !=
            ChainHash(record.previous, record.chain, record.sequence, record.event)) {
          return "wrong hash";
        }
        head.sequence = record.sequence;
        head.hash = record.hash;
      }
    }
    if (head.sequence != expected.sequence || head.hash != expected.hash) return "another head";
  }
  return "";
}

// Tests that hold for every engine.
class EveryEngine : public testing::TestWithParam<Engine> {
 protected:
  TempFolder folder_;
  std::unique_ptr<Store> store_ = GetParam().open(folder_, {});
};

#define SCHOTVRIJ_FOR_EVERY_ENGINE(suite)                \
  INSTANTIATE_TEST_SUITE_P(                              \
      Engines, suite, testing::Values(kMemory, kSqlite), \
      [](const testing::TestParamInfo<Engine>& info) { return std::string(info.param.name); })

}  // namespace schotvrij::store
