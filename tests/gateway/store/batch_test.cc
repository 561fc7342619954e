// What a batch does, on every engine: nothing while it is staged, everything at once when it comes into effect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

using testing::ElementsAre;

Batch NewBatch(const std::string& name, BatchState state, uint64_t version, uint64_t parts, bool open = true) {
  return {name, "key-" + name, "provider", version, state, open, parts, {1, absl::StrCat("account-", version)}};
}

// Part `sequence` of batch `name`: a message about `client` to "city".
BatchPart NewPart(const std::string& name, uint64_t sequence, const std::string& client,
                  DeliveryState state = DeliveryState::kAvailable) {
  const std::string id = absl::StrCat(name, sequence);
  BatchPart part{sequence, "token-" + client, {}, {}, {1, "adds-" + id}};
  part.exchange = {"exchange-" + id, client, "ede", "provider", "registration", Instant{1}, {1, "content-" + id}, "sends"};
  part.delivery = NewDelivery("delivery-" + id, state);
  part.delivery.exchange_id = part.exchange.exchange_id;
  part.delivery.client_id = client;
  part.delivery.recipient_role = "gets";
  return part;
}

Unit Staging(const std::string& name, uint64_t version, std::vector<BatchPart> parts) {
  Unit unit;
  unit.batch = NewBatch(name, BatchState::kReceiving, version, parts.back().sequence);
  for (const BatchPart& part : parts) {
    unit.clients.push_back({part.exchange.client_id, "wrapped-" + part.exchange.client_id});
    unit.identifiers.push_back({part.identifier, part.exchange.client_id});
  }
  unit.parts = std::move(parts);
  return unit;
}

Unit Moving(const std::string& name, BatchState state, uint64_t version, uint64_t parts, bool open = true) {
  Unit unit;
  unit.batch = NewBatch(name, state, version, parts, open);
  return unit;
}

Unit Finishing(const std::string& name, const BatchPart& part, uint64_t facts_version) {
  Unit unit;
  unit.expects = {{part.exchange.client_id, facts_version}};
  unit.facts = {{part.exchange.client_id, {1, "merged-" + part.exchange.exchange_id}}};
  unit.merged = {{name, part.sequence}};
  unit.finished = {{name, part.sequence}};
  return unit;
}

std::string Mail(Store& store, const std::string& after = "", size_t most = 100, bool open = true) {
  return Ids(store.Mailbox({"city", open, "", "", after, most}));
}
std::string MailOf(Store& store, const std::string& client) {
  return Ids(store.Mailbox({"city", true, "", client, "", 100, {}, "gets"}));
}
std::string TellPending(const PendingFacts& pending) {
  return absl::StrCat(pending.part.batch_id, "/", pending.part.sequence, "=", pending.facts.bytes);
}

class Batches : public EveryEngine {
 protected:
  void MustCommit(Unit unit) { ASSERT_EQ(CommitOne(*store_, std::move(unit)), "committed"); }
  void PutInEffect(const std::string& name, uint64_t version, uint64_t parts) {
    MustCommit(Moving(name, BatchState::kInEffect, version, parts));
  }
};
SCHOTVRIJ_FOR_EVERY_ENGINE(Batches);

TEST_P(Batches, AreFoundByTheirKeyAndWhileSomethingIsLeftToDo) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  const auto batch = store_->BatchByKey("key-b");
  ASSERT_TRUE(batch.ok() && *batch);
  EXPECT_EQ((*batch)->batch_id, "b");
  EXPECT_EQ((*batch)->sender, "provider");
  EXPECT_EQ((*batch)->version, 1u);
  EXPECT_EQ((*batch)->state, BatchState::kReceiving);
  EXPECT_EQ((*batch)->account.bytes, "account-0");
  EXPECT_EQ(store_->OpenBatches(9)->size(), 1u);
  MustCommit(Moving("b", BatchState::kRefused, 1, 1, /*open=*/false));
  EXPECT_TRUE(store_->OpenBatches(9)->empty());
  EXPECT_EQ((*store_->BatchByKey("key-b"))->version, 2u);
  EXPECT_FALSE(*store_->BatchByKey("key-x"));
}

TEST_P(Batches, AnotherVersionIsStale) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  EXPECT_EQ(CommitOne(*store_, Staging("b", 0, {NewPart("b", 2, "c2")})), "stale b");
  Unit other = Staging("other", 0, {NewPart("other", 1, "c2")});
  other.batch->key_token = "key-b";
  EXPECT_EQ(CommitOne(*store_, other), "stale other");
  EXPECT_EQ(CommitOne(*store_, Staging("b", 2, {NewPart("b", 2, "c2")})), "stale b");
  EXPECT_EQ(store_->BatchParts("b", 0, 9)->size(), 1u);
}

TEST_P(Batches, AStagedPartShowsNowhere) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1"), NewPart("b", 2, "c2", DeliveryState::kDue)}));
  EXPECT_EQ(Mail(*store_), "");
  EXPECT_EQ(Mail(*store_, "", 100, false), "");
  EXPECT_EQ(MailOf(*store_, "c1"), "");
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "");
  EXPECT_EQ(Tell(store_->NextDue()), "none");
  EXPECT_EQ(Tell(store_->DeliveryById("delivery-b1")), "none");
  EXPECT_EQ(Tell(store_->ExchangeById("exchange-b1")), "none");
  EXPECT_EQ(Tell(store_->ClientById("c1")), "c1|wrapped-c1|0|1:");
  EXPECT_EQ(store_->HiddenBatch("exchange-b1")->value_or(""), "b");
  EXPECT_FALSE(*store_->HiddenBatch("exchange-x"));
}

TEST_P(Batches, ItsPartsComeBackWhole) {
  const BatchPart part = NewPart("b", 7, "c1", DeliveryState::kDue);
  MustCommit(Staging("b", 0, {part}));
  const auto parts = store_->BatchParts("b", 6, 9);
  ASSERT_EQ(parts->size(), 1u);
  EXPECT_EQ(parts->front().sequence, 7u);
  EXPECT_EQ(parts->front().identifier, "token-c1");
  EXPECT_EQ(parts->front().facts.bytes, "adds-b7");
  EXPECT_EQ(Tell(ExchangeRow{parts->front().exchange}), Tell(ExchangeRow{part.exchange}));
  EXPECT_EQ(Tell(parts->front().delivery), Tell(part.delivery));
  EXPECT_TRUE(store_->BatchParts("b", 7, 9)->empty());
  EXPECT_TRUE(store_->BatchParts("x", 0, 9)->empty());
}

TEST_P(Batches, ComeIntoEffectWholeAndInTheOrderOfTheEffect) {
  Unit before, meanwhile, after;
  before.deliveries = {NewDelivery("before", DeliveryState::kAvailable)};
  meanwhile.deliveries = {NewDelivery("meanwhile", DeliveryState::kAvailable)};
  after.deliveries = {NewDelivery("after", DeliveryState::kAvailable)};
  MustCommit(before);
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1"), NewPart("b", 2, "c2"), NewPart("b", 3, "c3")}));
  MustCommit(meanwhile);
  EXPECT_EQ(Mail(*store_), "before meanwhile");
  PutInEffect("b", 1, 3);
  MustCommit(after);
  const std::string whole = "before meanwhile delivery-b1 delivery-b2 delivery-b3 after";
  EXPECT_EQ(Mail(*store_), whole);
  EXPECT_EQ(Tell(store_->ExchangeById("exchange-b1")),
            "exchange-b1|c1|ede|provider|registration|1|1:content-b1|as sends");
  EXPECT_FALSE(*store_->HiddenBatch("exchange-b1"));
  for (const uint64_t sequence : {2, 1, 3}) {  // the order in which they are finished shows nowhere
    const std::string client = absl::StrCat("c", sequence);
    EXPECT_EQ(MailOf(*store_, client), absl::StrCat("delivery-b", sequence));
    MustCommit(Finishing("b", NewPart("b", sequence, client), 1));
    EXPECT_EQ(MailOf(*store_, client), absl::StrCat("delivery-b", sequence));
    EXPECT_EQ(Mail(*store_), whole);
    EXPECT_EQ(Mail(*store_, "", 4), "before meanwhile delivery-b1 delivery-b2");
    EXPECT_EQ(Mail(*store_, "delivery-b1"), "delivery-b2 delivery-b3 after");
    EXPECT_EQ(Mail(*store_, "meanwhile", 2), "delivery-b1 delivery-b2");
    EXPECT_EQ(Tell(store_->DeliveryById("delivery-b2")),
              "delivery-b2|exchange-b2|c2|city|ede|registration|2|0|0|0|1:|as gets");
  }
  EXPECT_TRUE(store_->BatchParts("b", 0, 9)->empty());
}

TEST_P(Batches, TwoInEffectKeepTheirOrder) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  MustCommit(Staging("a", 0, {NewPart("a", 1, "c2"), NewPart("a", 2, "c3")}));
  PutInEffect("a", 1, 2);
  PutInEffect("b", 1, 1);
  EXPECT_EQ(Mail(*store_), "delivery-a1 delivery-a2 delivery-b1");
  EXPECT_EQ(Mail(*store_, "delivery-a1", 1), "delivery-a2");
  MustCommit(Finishing("b", NewPart("b", 1, "c1"), 1));
  EXPECT_EQ(Mail(*store_), "delivery-a1 delivery-a2 delivery-b1");
}

TEST_P(Batches, AnItemIsAcknowledgedBeforeItsPartIsFinished) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1"), NewPart("b", 2, "c2")}));
  PutInEffect("b", 1, 2);
  Unit acknowledge;
  acknowledge.delivery_updates = {NewDelivery("delivery-b1", DeliveryState::kDelivered)};
  MustCommit(acknowledge);
  EXPECT_EQ(Mail(*store_), "delivery-b2");
  EXPECT_EQ(Mail(*store_, "", 100, false), "delivery-b1 delivery-b2");
  MustCommit(Finishing("b", NewPart("b", 1, "c1"), 1));
  EXPECT_EQ(Mail(*store_), "delivery-b2");
  EXPECT_EQ(Mail(*store_, "", 100, false), "delivery-b1 delivery-b2");
}

TEST_P(Batches, TheStateOfADeliveryIsReliedOnFromTheEffectOn) {
  Unit reading;
  reading.expects_deliveries = {{"delivery-b1", DeliveryState::kAvailable}};
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  EXPECT_EQ(CommitOne(*store_, reading), "stale delivery-b1");
  PutInEffect("b", 1, 1);
  EXPECT_EQ(CommitOne(*store_, reading), "committed");
  MustCommit(Finishing("b", NewPart("b", 1, "c1"), 1));
  EXPECT_EQ(CommitOne(*store_, reading), "committed");
  Unit acknowledge;
  acknowledge.delivery_updates = {NewDelivery("delivery-b1", DeliveryState::kDelivered)};
  MustCommit(acknowledge);
  EXPECT_EQ(CommitOne(*store_, reading), "stale delivery-b1");
}

TEST_P(Batches, WhatAPartAddsToFactsCountsFromTheEffectOn) {
  MustCommit(NewRegistration("1"));
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  Unit second;
  second.batch = NewBatch("b", BatchState::kReceiving, 1, 3);
  second.parts = {NewPart("b", 2, "client-1"), NewPart("b", 3, "client-1")};
  MustCommit(second);
  EXPECT_EQ((*store_->ClientById("client-1"))->facts_version, 1u);
  PutInEffect("b", 2, 3);

  const auto client = *store_->ClientByIdentifier("token-1");
  EXPECT_EQ(client->facts_version, 3u);
  ASSERT_EQ(client->pending.size(), 2u);
  EXPECT_EQ(TellPending(client->pending[0]), "b/2=adds-b2");
  EXPECT_EQ(TellPending(client->pending[1]), "b/3=adds-b3");
  Unit blind;  // decided before the effect
  blind.expects = {{"client-1", 1}};
  blind.facts = {{"client-1", {1, "blind"}}};
  EXPECT_EQ(CommitOne(*store_, blind), "stale client-1");

  Unit merging;
  merging.expects = {{"client-1", 3}};
  merging.facts = {{"client-1", {1, "both"}}};
  merging.merged = {{"b", 2}, {"b", 3}};
  MustCommit(merging);
  EXPECT_EQ(Tell(store_->ClientById("client-1")), "client-1|wrapped-1|4|1:both");
  EXPECT_TRUE((*store_->ClientById("client-1"))->pending.empty());
  EXPECT_TRUE(store_->BatchParts("b", 1, 1)->front().merged);
  EXPECT_EQ(CommitOne(*store_, merging), "stale client-1");
  merging.expects = {{"client-1", 4}};
  EXPECT_EQ(CommitOne(*store_, merging), "stale b") << "merged already";
}

TEST_P(Batches, WhoReadIsNotDisturbedByAMergeThatChangesNothing) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  PutInEffect("b", 1, 1);
  Unit merging;
  merging.expects = {{"c1", 1}};
  merging.facts = {{"c1", {1, "merged"}, /*same=*/true}};
  merging.merged = {{"b", 1}};
  MustCommit(merging);
  EXPECT_EQ(Tell(store_->ClientById("c1")), "c1|wrapped-c1|1|1:merged");
  Unit read;
  read.expects = {{"c1", 1}};
  MustCommit(read);
  EXPECT_EQ(CommitOne(*store_, merging), "stale b") << "who wants to merge decides again";
}

TEST_P(Batches, APartIsNotFinishedBeforeItIsMerged) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  PutInEffect("b", 1, 1);
  Unit finish;
  finish.finished = {{"b", 1}};
  EXPECT_EQ(CommitOne(*store_, finish), "INVALID_ARGUMENT");
  finish.finished = {{"b", 2}};
  EXPECT_EQ(CommitOne(*store_, finish), "INVALID_ARGUMENT");
  finish.finished = {{"x", 1}};
  EXPECT_EQ(CommitOne(*store_, finish), "INVALID_ARGUMENT");
  EXPECT_EQ(store_->BatchParts("b", 0, 9)->size(), 1u);
}

TEST_P(Batches, OfARefusedOneNothingStays) {
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1"), NewPart("b", 2, "c2")}));
  Unit registered;  // by itself, while the batch waited
  registered.expects = {{"c2", 0}};
  registered.clients = {{"c2", "wrapped-c2"}};
  registered.facts = {{"c2", {1, "known"}}};
  MustCommit(registered);
  MustCommit(Moving("b", BatchState::kRefused, 1, 2));
  Unit finish;
  finish.finished = {{"b", 1}, {"b", 2}};
  MustCommit(finish);
  EXPECT_TRUE(store_->BatchParts("b", 0, 9)->empty());
  EXPECT_FALSE(*store_->HiddenBatch("exchange-b1"));
  EXPECT_EQ(Tell(store_->ClientById("c1")), "none");
  EXPECT_EQ(Tell(store_->ClientByIdentifier("token-c1")), "none");
  EXPECT_EQ(Tell(store_->ClientByIdentifier("token-c2")), "c2|wrapped-c2|1|1:known");
  EXPECT_EQ(Mail(*store_), "");
  Unit again = NewRegistration("x");  // the ids are free
  again.exchanges[0].exchange_id = "exchange-b1";
  again.deliveries[0].delivery_id = "delivery-b1";
  MustCommit(again);
}

TEST_P(Batches, AClientOfWhomSomethingBecameKnownMeanwhileIsStale) {
  MustCommit(Staging("a", 0, {NewPart("a", 1, "c1")}));
  Unit staging = Staging("b", 0, {NewPart("b", 1, "c1")});
  staging.expects = {{"c1", 0}};
  Unit registered;
  registered.expects = {{"c1", 0}};
  registered.facts = {{"c1", {1, "known"}}};
  EXPECT_THAT(CommitTogether(*store_, {registered, staging}), ElementsAre("committed", "stale c1"));
  EXPECT_TRUE(store_->BatchParts("b", 0, 9)->empty());
}

TEST_P(Batches, AClientThatTwoBatchesNameGoesWithTheLast) {
  MustCommit(Staging("a", 0, {NewPart("a", 1, "c1")}));
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1")}));
  for (const char* name : {"a", "b"}) {
    MustCommit(Moving(name, BatchState::kRefused, 1, 1));
    EXPECT_EQ(Tell(store_->ClientByIdentifier("token-c1")), "c1|wrapped-c1|0|1:") << name;
    Unit finish;
    finish.finished = {{name, 1}};
    MustCommit(finish);
  }
  EXPECT_EQ(Tell(store_->ClientByIdentifier("token-c1")), "none");
}

TEST_P(Batches, PushesKeepTheOrderPerClientAroundAnEffect) {
  const auto due = [](const std::string& id) {
    Unit unit;
    unit.deliveries = {NewDelivery(id)};
    unit.deliveries[0].client_id = "c1";
    return unit;
  };
  MustCommit(Staging("b", 0, {NewPart("b", 1, "c1", DeliveryState::kDue)}));
  MustCommit(due("meanwhile"));
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "meanwhile") << "what is hidden holds up nobody";
  PutInEffect("b", 1, 1);
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "meanwhile");
  Unit done;
  done.delivery_updates = {NewDelivery("meanwhile", DeliveryState::kDelivered)};
  MustCommit(done);
  MustCommit(due("after"));
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "") << "the part goes first, once it is finished";
  MustCommit(Finishing("b", NewPart("b", 1, "c1"), 1));
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "delivery-b1");
}

TEST_P(Batches, AClientOfWhomNothingIsKnownIsPutAgainWithItsOwnKeyOnly) {
  Unit unit;
  unit.clients = {{"c1", "wrapped-c1"}};
  MustCommit(unit);
  MustCommit(unit);
  unit.clients[0].wrapped_key = "another";
  EXPECT_EQ(CommitOne(*store_, unit), "INVALID_ARGUMENT");
}

// Random steps of several batches, and single messages between them: both engines say the same after each.
class BatchModel : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, BatchModel, testing::Range(1, 7));

TEST_P(BatchModel, AndSqliteAgree) {
  std::mt19937 random(GetParam());
  const auto below = [&](size_t n) { return random() % n; };
  TempFolder folder;
  const auto model = kMemory.open(folder, {});
  const auto sqlite = kSqlite.open(folder, {});
  int committed = 0;
  for (int step = 0; step < 250; ++step) {
    const std::string name(1, static_cast<char>('a' + below(4)));
    const auto batch = *model->BatchByKey("key-" + name);
    const uint64_t version = batch ? batch->version : 0, parts = batch ? batch->parts : 0;
    Unit unit;
    if (!batch || (batch->state == BatchState::kReceiving && below(3) > 0)) {
      const auto state = below(2) == 0 ? DeliveryState::kDue : DeliveryState::kAvailable;
      unit = Staging(name, version, {NewPart(name, parts + 1, absl::StrCat("c", below(5)), state)});
      const auto known = *model->ClientById(unit.clients[0].client_id);
      if (known && known->facts_version > 0) unit.clients.clear();
    } else if (batch->state == BatchState::kReceiving) {
      unit = Moving(name, below(3) == 0 ? BatchState::kRefused : BatchState::kInEffect, version, parts);
    } else if (const auto left = *model->BatchParts(name, 0, 9); !left.empty() && below(4) > 0) {
      const BatchPart& part = left[below(left.size())];
      if (batch->state == BatchState::kInEffect && !part.merged) {
        unit.facts = {{part.exchange.client_id, {1, absl::StrCat("facts", step)}, below(2) == 0}};
        unit.merged = {{name, part.sequence}};
      }
      if (below(2) == 0) unit.finished = {{name, part.sequence}};
    } else {
      unit.deliveries = {NewDelivery(absl::StrCat("single", step), static_cast<DeliveryState>(1 + below(2)))};
      unit.deliveries[0].client_id = absl::StrCat("c", below(5));
    }
    if (const auto mail = *model->Mailbox({"city", true, "", "", "", 100}); below(6) == 0 && !mail.empty()) {
      Delivery update = mail[below(mail.size())];
      update.state = DeliveryState::kDelivered;
      unit.delivery_updates = {update};
    }
    const std::string outcome = CommitOne(*model, unit);
    ASSERT_EQ(CommitOne(*sqlite, unit), outcome) << "step " << step;
    committed += outcome == "committed";
    const auto look = [&](Store& store) {
      std::string seen = absl::StrCat(Mail(store), "\n", Mail(store, "", 100, false), "\n", Mail(store, "", 3), "\n",
                                      Ids(store.DueDeliveries(Instant{9}, 100)), "\n");
      absl::StrAppend(&seen, Tell(store.DeliveriesBetween("", "z", 100)));
      for (int i = 0; i < 5; ++i) {
        const std::string client = absl::StrCat("c", i);
        absl::StrAppend(&seen, MailOf(store, client), "\n", Tell(store.ClientById(client)), "\n");
        if (const auto row = *store.ClientByIdentifier("token-" + client); row) {
          for (const PendingFacts& pending : row->pending) absl::StrAppend(&seen, TellPending(pending), "\n");
        }
      }
      if (const auto mail = *store.Mailbox({"city", false, "", "", "", 100}); !mail.empty()) {
        absl::StrAppend(&seen, Mail(store, mail[mail.size() / 2].delivery_id, 4), "\n");
      }
      for (const char* each : {"a", "b", "c", "d"}) {
        const auto parts = store.BatchParts(each, 0, 100);
        for (const BatchPart& part : *parts) {
          absl::StrAppend(&seen, each, part.sequence, part.merged, Tell(part.delivery), "\n");
        }
      }
      return seen;
    };
    ASSERT_EQ(look(*sqlite), look(*model)) << "step " << step;
  }
  EXPECT_GT(committed, 150);
}

}  // namespace
}  // namespace schotvrij::store
