// Random units from one seed have the same outcomes and leave the same rows on SQLite and on the
// model.
#include <gtest/gtest.h>

#include <random>

#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

// Few different ids, so that units meet.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_() % n); }
  std::string Id(const char* kind, int most) { return absl::StrCat(kind, Below(most)); }
  Sealed Value() { return {static_cast<uint32_t>(1 + Below(3)), absl::StrCat("v", random_())}; }
  // Mostly new, seldom one that is there.
  std::string NewId(const char* kind) {
    return Below(60) == 0 ? Id(kind, ++ids_) : absl::StrCat(kind, ++ids_);
  }

  Unique Claim() { return {Id("space", 2), Id("token", 12), Id("owner", 4)}; }

  Delivery NewDelivery() {
    Delivery delivery = Change(NewId("d"));
    delivery.exchange_id = Id("x", 20);
    delivery.client_id = Below(4) == 0 ? "" : Id("c", 6);
    delivery.recipient = Id("r", 3);
    delivery.network = Id("n", 2);
    if (Below(12) == 0) delivery.precedes = Id("p", 2);
    delivery.content_type = Id("t", 2);
    if (Below(3) > 0) delivery.recipient_role = Id("role", 2);
    return delivery;
  }

  Delivery Change(std::string id) {
    Delivery delivery;
    delivery.delivery_id = std::move(id);
    delivery.state = static_cast<DeliveryState>(1 + Below(5));
    delivery.due = Below(8) == 0 ? kNever : Instant{Below(40)};
    delivery.attempts = Below(3);
    delivery.answered = Below(2) == 0;
    if (Below(2) == 0) delivery.frozen = Value();
    return delivery;
  }

  Breach NewBreach() {
    Breach breach{NewId("b"), Instant{Below(40)}, std::nullopt, "", Value(), {}};
    for (int i = Below(3); i > 0; --i) {
      breach.places.push_back({Below(4) == 0 ? "" : Id("d", 12), Below(2) == 0 ? std::nullopt : std::optional(Instant{Below(40)})});
    }
    return breach;
  }

  Unit NewUnit() {
    Unit unit;
    if (Below(3) == 0) unit.expects.push_back({Id("c", 6), static_cast<uint64_t>(Below(4))});
    if (Below(3) == 0) unit.uniques.push_back(Claim());
    if (Below(9) == 0) unit.uniques.push_back(Claim());
    if (Below(3) == 0) unit.releases.push_back(Claim());
    if (Below(3) == 0) unit.idempotency = {Id("key", 30), Id("digest", 2), Value()};
    if (Below(8) == 0) unit.clients.push_back({Id("c", 6), "wrapped"});
    if (Below(5) == 0) unit.identifiers.push_back({Id("bsn", 6), Id("c", 6)});
    if (Below(4) == 0) unit.facts.push_back({Id("c", 6), Value()});
    for (int i = Below(3); i > 0; --i) {
      unit.exchanges.push_back({NewId("x"), Id("c", 6), Id("n", 2), Id("p", 2), Id("t", 2),
                                Instant{Below(100)}, Value(), Below(3) > 0 ? Id("role", 2) : ""});
    }
    for (int i = Below(3); i > 0; --i) unit.deliveries.push_back(NewDelivery());
    if (Below(5) == 0) unit.delivery_updates.push_back(Change(Id("d", ids_ + 1)));
    if (Below(5) == 0) unit.reads.push_back(Id("d", ids_ + 1));
    if (Below(15) == 0) unit.repeats.push_back(Id("d", ids_ + 1));
    if (Below(4) == 0) unit.timers.push_back({Id("timer", 5), Id("k", 2), "s", Instant{Below(40)}});
    if (Below(4) == 0) unit.done_timers.push_back(Id("timer", 5));
    if (Below(6) == 0) unit.breaches.push_back(NewBreach());
    if (Below(6) == 0) unit.containments.push_back({Id("d", 12), Below(4) == 0 ? std::nullopt : std::optional(Instant{Below(40)})});
    if (Below(12) == 0) unit.closed_breaches.push_back({Id("b", ids_ + 1), Instant{Below(40)}, "note"});
    for (int i = Below(3); i > 0; --i) unit.audit.push_back(absl::StrCat("event", random_()));
    return unit;
  }

  int ids() const { return ids_; }

 private:
  std::mt19937 random_;
  int ids_ = 0;
};

// Everything a reader can see.
std::string Look(Store& store, int ids) {
  std::string seen;
  const auto add = [&seen](const auto& answer) { absl::StrAppend(&seen, Tell(answer), "\n"); };
  for (int i = 0; i < 6; ++i) {
    add(store.ClientById(absl::StrCat("c", i)));
    add(store.ClientByIdentifier(absl::StrCat("bsn", i)));
  }
  for (int i = 0; i < 30; ++i) add(store.AnswerByKey(absl::StrCat("key", i)));
  for (int i = 0; i <= ids; ++i) {
    add(store.ExchangeById(absl::StrCat("x", i)));
    add(store.DeliveryById(absl::StrCat("d", i)));
  }
  std::vector<std::string> every_id;
  for (int i = ids; i >= 0; --i) every_id.push_back(absl::StrCat("d", i));
  const absl::StatusOr<std::vector<Delivery>> every = store.DeliveriesById(every_id);
  add(every);
  const absl::StatusOr<std::vector<std::optional<Origin>>> origins = store.OriginsOf(*every);
  for (const std::optional<Origin>& origin : *origins) {
    absl::StrAppend(&seen, origin ? Tell(origin->client) + Tell(origin->exchange) : "none", "\n");
  }
  for (const int64_t now : {0, 15, 40}) {
    add(store.DueDeliveries(Instant{now}, 7));
    add(store.DueDeliveries(Instant{now}, 1000));
    for (const char* kind : {"k0", "k1"}) add(store.DueTimers(kind, Instant{now}, 3));
  }
  add(store.NextDue());
  for (const bool open_only : {true, false}) {
    add(store.Breaches(open_only, 4));
    add(store.Breaches(open_only, 1000));
  }
  for (int i = 0; i <= ids; ++i) add(store.BreachById(absl::StrCat("b", i)));
  const Store::Backlog backlog = *store.ReadBacklog(Instant{40});
  absl::StrAppend(&seen, backlog.breaches, " ", backlog.oldest_breach.us, "\n");
  add(store.DeliveriesBetween("d1", "d3", 7));
  for (int i = 0; i < 6; ++i) add(store.OpenDeliveriesOf(absl::StrCat("c", i)));
  for (const char* space : {"space0", "space1"}) {
    const std::vector<std::string> owners = *store.OwnersIn(space);
    for (const std::string& owner : owners) absl::StrAppend(&seen, owner, "\n");
  }
  for (const char* recipient : {"r0", "r1", "r2"}) {
    for (const bool open : {true, false}) {
      for (const char* type : {"", "t0"}) {
        for (const char* client : {"", "c1"}) {
          for (const std::vector<std::string>& hidden : {std::vector<std::string>(), {"n1"}, {"n0", "n1"}}) {
            Store::MailboxQuery query{recipient, open, type, client, "", 5, hidden};
            auto page = store.Mailbox(query);
            add(page);
            if (!page.ok() || page->empty()) continue;
            query.after = page->back().delivery_id;
            add(store.Mailbox(query));
            query.recipient_role = "role0";
            add(store.Mailbox(query));
            query.after.clear();
            add(store.Mailbox(query));
          }
        }
      }
    }
  }
  const auto heads = store.AuditHeads();
  for (const ChainHead& head : *heads) absl::StrAppend(&seen, head.sequence, "\n");
  const auto records = store.AuditRecords("chain-1", 1, 100000);
  for (const AuditRecord& record : *records) absl::StrAppend(&seen, record.event, "\n");
  return seen;
}

class Model : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Model, testing::Range(1, 9));

TEST_P(Model, AndSqliteAgreeOnEveryOutcomeAndEveryRow) {
  Generator generator(GetParam());
  TempFolder folder;
  const auto model = kMemory.open(folder, {});
  const auto sqlite = kSqlite.open(folder, {});
  int committed = 0;
  for (int flush = 0; flush < 60; ++flush) {
    std::vector<Unit> units;
    for (int i = 1 + generator.Below(8); i > 0; --i) units.push_back(generator.NewUnit());
    const std::vector<std::string> expected = CommitTogether(*model, units);
    ASSERT_EQ(CommitTogether(*sqlite, units), expected) << "flush " << flush;
    committed += std::ranges::count(expected, "committed");
    if (flush % 10 == 9) {
      ASSERT_EQ(Look(*sqlite, generator.ids()), Look(*model, generator.ids())) << flush;
    }
  }
  EXPECT_EQ(BrokenChain(*sqlite), "");
  EXPECT_GT(committed, 60) << "the units meet too often to prove anything";
}

}  // namespace
}  // namespace schotvrij::store
