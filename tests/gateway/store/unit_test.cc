// What a Unit does, on every engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

using testing::ElementsAre;
using Units = EveryEngine;
SCHOTVRIJ_FOR_EVERY_ENGINE(Units);

TEST_P(Units, EverythingOfARegistrationIsFoundAgain) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  EXPECT_EQ(Tell(store_->ClientByIdentifier("token-1")), "client-1|wrapped-1|1|1:facts-1");
  EXPECT_EQ(Tell(store_->ClientById("client-1")), "client-1|wrapped-1|1|1:facts-1");
  EXPECT_EQ(Tell(store_->ExchangeById("exchange-1")),
            "exchange-1|client-1|ede|provider|registration|1|1:content-1");
  EXPECT_EQ(Tell(store_->AnswerByKey("key-1")), "digest-1|1:answer-1|client-1");
  EXPECT_EQ(Tell(store_->DeliveryById("delivery-1")),
            "delivery-1|exchange-1|client-1|city|ede|registration|1|0|0|0|1:");
  EXPECT_EQ(store_->AuditHeads()->front().sequence, 2u);
  EXPECT_EQ(BrokenChain(*store_), "");
}

TEST_P(Units, WhatWasNeverWrittenIsNotFound) {
  EXPECT_EQ(Tell(store_->ClientByIdentifier("x")), "none");
  EXPECT_EQ(Tell(store_->ClientById("x")), "none");
  EXPECT_EQ(Tell(store_->ExchangeById("x")), "none");
  EXPECT_EQ(Tell(store_->AnswerByKey("x")), "none");
  EXPECT_EQ(Tell(store_->DeliveryById("x")), "none");
  EXPECT_EQ(Tell(store_->NextDue()), "none");
  EXPECT_THAT(*store_->AuditHeads(), testing::IsEmpty());
  EXPECT_THAT(*store_->Checkpoints(), testing::IsEmpty());
}

TEST_P(Units, AnEmptyIdIsNotTheIdOfARefusedMessage) {
  Unit refusal;
  refusal.idempotency = {"key", "digest", {1, "refused"}};
  ASSERT_EQ(CommitOne(*store_, refusal), "committed");
  EXPECT_EQ(Tell(store_->ExchangeById("")), "none");
  EXPECT_EQ(Tell(store_->AnswerByKey("key")), "digest|1:refused|");
  EXPECT_EQ(Tell(store_->AnswerByKey("")), "none");
}

TEST_P(Units, BytesOfAnyKindSurvive) {
  const std::string bytes("\0\xff'\"\n\0", 6);
  Unit unit = NewRegistration("1");
  unit.facts[0].facts = {7, bytes};
  unit.identifiers[0].token = bytes;
  unit.audit = {bytes, ""};
  ASSERT_EQ(CommitOne(*store_, unit), "committed");
  const auto client = store_->ClientByIdentifier(bytes);
  EXPECT_EQ((*client)->facts.bytes, bytes);
  EXPECT_EQ((*client)->facts.revision, 7u);
  EXPECT_EQ(store_->AuditRecords("chain-1", 1, 9)->front().event, bytes);
  EXPECT_EQ(BrokenChain(*store_), "");
}

TEST_P(Units, TheSameMessageAgainGetsTheAnswerItGotAndHasNoEffect) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  EXPECT_EQ(CommitOne(*store_, NewRegistration("1")), "duplicate 1 answer-1 of client-1");
  EXPECT_EQ(store_->AuditHeads()->front().sequence, 2u);
}

TEST_P(Units, TheSameKeyWithOtherContentIsToldSo) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit other = NewRegistration("2");
  other.idempotency->token = "key-1";
  EXPECT_EQ(CommitOne(*store_, other), "other content");
  EXPECT_EQ(Tell(store_->ExchangeById("exchange-2")), "none");
}

TEST_P(Units, AnAnswerToARefusedMessageIsSealedForNoClient) {
  Unit refusal;
  refusal.idempotency = {"key", "digest", {3, "refused"}};
  ASSERT_EQ(CommitOne(*store_, refusal), "committed");
  EXPECT_EQ(CommitOne(*store_, refusal), "duplicate 3 refused of ");
}

TEST_P(Units, AreStaleOnceADeliveryTheyRelyOnHasMoved) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit unit;
  unit.expects_deliveries = {{"delivery-1", DeliveryState::kDue}};
  unit.delivery_updates = {**store_->DeliveryById("delivery-1")};
  unit.delivery_updates[0].state = DeliveryState::kDelivered;
  EXPECT_THAT(CommitTogether(*store_, {unit, unit}), ElementsAre("committed", "stale delivery-1"));
  unit.expects_deliveries = {{"delivery-2", DeliveryState::kDue}};
  EXPECT_EQ(CommitOne(*store_, unit), "stale delivery-2");
}

TEST_P(Units, AreStaleOnceADeliveryTheyRelyOnHasBeenTriedAgain) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit unit;
  unit.expects_deliveries = {{"delivery-1", DeliveryState::kDue, 0}};
  unit.delivery_updates = {**store_->DeliveryById("delivery-1")};
  unit.delivery_updates[0].attempts = 1;
  EXPECT_THAT(CommitTogether(*store_, {unit, unit}), ElementsAre("committed", "stale delivery-1"));
  unit.expects_deliveries = {{"delivery-1", DeliveryState::kDue}};
  EXPECT_EQ(CommitOne(*store_, unit), "committed");
}

TEST_P(Units, AreStaleOnceADeliveryTheyRelyOnWasShown) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit unit;
  unit.expects_deliveries = {{"delivery-1", DeliveryState::kDue, std::nullopt, false}};
  unit.reads = {"delivery-1"};
  EXPECT_THAT(CommitTogether(*store_, {unit, unit}), ElementsAre("committed", "stale delivery-1"));
  EXPECT_TRUE((*store_->DeliveryById("delivery-1"))->read);
  unit.expects_deliveries = {{"delivery-1", DeliveryState::kDue, std::nullopt, true}};
  EXPECT_EQ(CommitOne(*store_, unit), "committed");
}

TEST_P(Units, StaleFactsAreNotOverwritten) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit change;
  change.expects = {{"client-1", 1}};
  change.facts = {{"client-1", {1, "newer"}}};
  EXPECT_EQ(CommitOne(*store_, change), "committed");
  change.facts[0].facts.bytes = "lost";
  EXPECT_EQ(CommitOne(*store_, change), "stale client-1");
  EXPECT_EQ(Tell(store_->ClientById("client-1")), "client-1|wrapped-1|2|1:newer");
}

TEST_P(Units, AClientThatIsNotThereHasNoFactsYet) {
  Unit unit;
  unit.expects = {{"nobody", 0}};
  EXPECT_EQ(CommitOne(*store_, unit), "committed");
  unit.expects = {{"nobody", 1}};
  EXPECT_EQ(CommitOne(*store_, unit), "stale nobody");
}

TEST_P(Units, ATokenHasOneHolder) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit second = NewRegistration("2");
  second.uniques[0].token = "business-1";
  EXPECT_EQ(CommitOne(*store_, second), "not unique registration of exchange-1");
  EXPECT_EQ(Tell(store_->ClientById("client-2")), "none");
  second.uniques[0].space = "elsewhere";
  EXPECT_EQ(CommitOne(*store_, second), "committed");
}

TEST_P(Units, AnIdentifierPointsToOneClientAndTheHolderIsNamed) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit second = NewRegistration("2");
  second.identifiers[0].token = "token-1";
  EXPECT_EQ(CommitOne(*store_, second), "not unique identifier of client-1");
}

TEST_P(Units, ManyIdentifiersPointToOneClient) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit more;
  more.identifiers = {{"own-number", "client-1"}, {"token-1", "client-1"}};
  EXPECT_EQ(CommitOne(*store_, more), "committed");
  EXPECT_EQ(Tell(store_->ClientByIdentifier("own-number")), "client-1|wrapped-1|1|1:facts-1");
}

TEST_P(Units, AReleasedTokenIsFreeForTheNextAndOnlyItsHolderReleasesIt) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit release;
  release.releases = {{"registration", "business-1", "somebody else"}};
  EXPECT_EQ(CommitOne(*store_, release), "committed");
  Unit claim;
  claim.uniques = {{"registration", "business-1", "exchange-9"}};
  EXPECT_EQ(CommitOne(*store_, claim), "not unique registration of exchange-1");
  claim.releases = {{"registration", "business-1", "exchange-1"}};
  EXPECT_EQ(CommitOne(*store_, claim), "committed") << "handed over in one Unit";
  claim = Unit();
  claim.uniques = {{"registration", "business-1", "exchange-1"}};
  EXPECT_EQ(CommitOne(*store_, claim), "not unique registration of exchange-9");
}

TEST_P(Units, AreJudgedByKeyThenFactsThenIdentifierThenToken) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Unit all = NewRegistration("1");
  all.expects = {{"client-1", 5}};
  EXPECT_EQ(CommitOne(*store_, all), "duplicate 1 answer-1 of client-1");
  all.idempotency->token = "key-2";
  EXPECT_EQ(CommitOne(*store_, all), "stale client-1");
  all.expects.clear();
  all.identifiers[0].client_id = "client-2";
  all.uniques[0].owner = "exchange-2";
  EXPECT_EQ(CommitOne(*store_, all), "not unique identifier of client-1");
  all.identifiers.clear();
  EXPECT_EQ(CommitOne(*store_, all), "not unique registration of exchange-1");
}

TEST_P(Units, OfOneFlushSeeEachOtherAndOnesConflictLeavesTheOthersAlone) {
  Unit duplicate = NewRegistration("1");
  Unit taken = NewRegistration("3");
  taken.uniques[0].token = "business-1";
  Unit stale = NewRegistration("4");
  stale.expects = {{"client-1", 0}};
  Unit change;
  change.expects = {{"client-1", 1}};
  change.facts = {{"client-1", {1, "newer"}}};
  EXPECT_THAT(CommitTogether(*store_, {NewRegistration("1"), duplicate, taken, stale, change,
                                       change, NewRegistration("2")}),
              ElementsAre("committed", "duplicate 1 answer-1 of client-1",
                          "not unique registration of exchange-1", "stale client-1", "committed",
                          "stale client-1", "committed"));
  EXPECT_EQ(Tell(store_->ClientById("client-1")), "client-1|wrapped-1|2|1:newer");
  EXPECT_EQ(Tell(store_->ExchangeById("exchange-3")), "none");
  EXPECT_EQ(Tell(store_->DeliveryById("delivery-4")), "none");
  EXPECT_EQ(store_->AuditHeads()->front().sequence, 4u) << "a unit in conflict leaves no event";
  EXPECT_EQ(BrokenChain(*store_), "");
}

TEST_P(Units, ThatContradictThemselvesLeaveTheOthersAloneAndNothingBehind) {
  Unit reused_id = NewRegistration("2");
  reused_id.exchanges[0].exchange_id = "exchange-1";
  Unit nobodys_facts;
  nobodys_facts.audit = {"never"};
  nobodys_facts.facts = {{"nobody", {1, "facts"}}};
  Unit no_delivery = NewRegistration("3");
  no_delivery.delivery_updates = {NewDelivery("unknown")};
  Unit two_owners = NewRegistration("4");
  two_owners.uniques.push_back({"registration", "business-4", "another"});
  EXPECT_THAT(CommitTogether(*store_, {NewRegistration("1"), reused_id, nobodys_facts, no_delivery,
                                       two_owners, NewRegistration("5")}),
              ElementsAre("committed", "INVALID_ARGUMENT", "INVALID_ARGUMENT", "INVALID_ARGUMENT",
                          "INVALID_ARGUMENT", "committed"));
  for (const char* client : {"client-2", "client-3", "client-4"}) {
    EXPECT_EQ(Tell(store_->ClientById(client)), "none");
  }
  EXPECT_EQ(Tell(store_->ClientByIdentifier("token-3")), "none");
  EXPECT_EQ(store_->AuditHeads()->front().sequence, 4u);
  EXPECT_EQ(BrokenChain(*store_), "");
  EXPECT_EQ(CommitOne(*store_, NewRegistration("3")), "committed");
}

TEST_P(Units, UpdateADeliveryAndFreezeItOnce) {
  Unit unit;
  unit.deliveries = {NewDelivery("d")};
  ASSERT_EQ(CommitOne(*store_, unit), "committed");
  Delivery update = NewDelivery("d", DeliveryState::kDue, 50);
  update.client_id = "no part of an update";
  update.attempts = 1;
  update.frozen = {2, "frozen"};
  Unit change;
  change.delivery_updates = {update};
  ASSERT_EQ(CommitOne(*store_, change), "committed");
  EXPECT_EQ(Tell(store_->DeliveryById("d")),
            "d|exchange|c|city|ede|registration|1|50|1|0|2:frozen");
  update.state = DeliveryState::kDelivered;
  update.attempts = 2;
  update.answered = true;
  update.frozen = {9, ""};
  change.delivery_updates = {update};
  ASSERT_EQ(CommitOne(*store_, change), "committed");
  EXPECT_EQ(Tell(store_->DeliveryById("d")),
            "d|exchange|c|city|ede|registration|3|50|2|1|2:frozen");
  update.answered = false;  // worked out before the verdict came
  change.delivery_updates = {update};
  ASSERT_EQ(CommitOne(*store_, change), "committed");
  EXPECT_TRUE((*store_->DeliveryById("d"))->answered);
}

TEST_P(Units, R56_EachRepeatCountsAndChangesNothingElse) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  const std::string before = Tell(store_->DeliveryById("delivery-1"));
  Unit repeat;
  repeat.repeats = {"delivery-1"};
  for (int i = 0; i < 2; ++i) ASSERT_EQ(CommitOne(*store_, repeat), "committed");
  EXPECT_EQ(store_->DeliveriesBetween("", "z", 9)->front().repeats, 2u);
  EXPECT_EQ(Tell(store_->DeliveryById("delivery-1")), before);
  repeat.repeats = {"delivery-2"};
  EXPECT_NE(CommitOne(*store_, repeat), "committed") << "there is none";
}

TEST_P(Units, WhatPrecedesItsSendersHoldsUpNobodyElses) {
  Unit withdrawal = NewRegistration("1");
  withdrawal.deliveries[0].precedes = "provider";
  ASSERT_EQ(CommitOne(*store_, withdrawal), "committed");
  ASSERT_EQ(CommitOne(*store_, NewRegistration("2")), "committed");
  Unit other = NewRegistration("3");
  other.exchanges[0].sender = "another";
  ASSERT_EQ(CommitOne(*store_, other), "committed");
  Unit elsewhere = NewRegistration("4");
  elsewhere.deliveries[0].recipient = "elsewhere";
  ASSERT_EQ(CommitOne(*store_, elsewhere), "committed");
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "delivery-1 delivery-3 delivery-4");
  Unit later;
  later.delivery_updates = {withdrawal.deliveries[0]};
  later.delivery_updates[0].due = Instant{99};
  ASSERT_EQ(CommitOne(*store_, later), "committed");
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "delivery-3 delivery-4") << "it is tried again, and goes first still";
  later.delivery_updates[0].state = DeliveryState::kDeadLetter;
  ASSERT_EQ(CommitOne(*store_, later), "committed");
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{9}, 9)), "delivery-2 delivery-3 delivery-4");
}

TEST_P(Units, InsertADeliveryAndUpdateItAtOnce) {
  Unit unit;
  unit.deliveries = {NewDelivery("d")};
  unit.delivery_updates = {NewDelivery("d", DeliveryState::kWithheld, 3)};
  ASSERT_EQ(CommitOne(*store_, unit), "committed");
  EXPECT_EQ((*store_->DeliveryById("d"))->state, DeliveryState::kWithheld);
}

TEST_P(Units, ChainTheirEventsInTheOrderOfTheQueue) {
  std::vector<Unit> units(3);
  units[0].audit = {"a", "b"};
  units[2].audit = {"c"};
  CommitTogether(*store_, std::move(units));
  Unit later;
  later.audit = {"d"};
  CommitOne(*store_, later);
  std::string events;
  const auto records = store_->AuditRecords("chain-1", 2, 2);
  for (const AuditRecord& record : *records) events += record.event;
  EXPECT_EQ(events, "bc");
  EXPECT_EQ(store_->AuditHeads()->front().sequence, 4u);
  EXPECT_THAT(*store_->AuditRecords("another", 1, 9), testing::IsEmpty());
  EXPECT_EQ(BrokenChain(*store_), "");
}

TEST_P(Units, CheckpointsComeBackInOrder) {
  ASSERT_TRUE(store_->PutCheckpoint("first").ok());
  ASSERT_TRUE(store_->PutCheckpoint("second").ok());
  EXPECT_THAT(*store_->Checkpoints(), ElementsAre("first", "second"));
}

TEST_P(Units, WithoutContentAreCommittedToo) { EXPECT_EQ(CommitOne(*store_, Unit()), "committed"); }

}  // namespace
}  // namespace schotvrij::store
