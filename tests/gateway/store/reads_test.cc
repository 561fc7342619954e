// What lists the store gives, on every engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/base/limits.h"
#include "tests/gateway/store/engine.h"

namespace schotvrij::store {
namespace {

using Reads = EveryEngine;
SCHOTVRIJ_FOR_EVERY_ENGINE(Reads);

Delivery To(std::string recipient, std::string client, Delivery delivery) {
  delivery.recipient = std::move(recipient);
  delivery.client_id = std::move(client);
  return delivery;
}

void Put(Store& store, std::vector<Delivery> deliveries) {
  Unit unit;
  unit.deliveries = std::move(deliveries);
  ASSERT_EQ(CommitOne(store, std::move(unit)), "committed");
}

void SetState(Store& store, std::string id, DeliveryState state, int64_t due_us = 0) {
  Unit unit;
  unit.delivery_updates = {NewDelivery(std::move(id), state, due_us)};
  ASSERT_EQ(CommitOne(store, std::move(unit)), "committed");
}

TEST_P(Reads, ManyDeliveriesAreFoundInTheOrderAskedWithoutThoseThatAreNotThere) {
  Put(*store_, {NewDelivery("1"), NewDelivery("2"), NewDelivery("3")});
  EXPECT_EQ(Ids(store_->DeliveriesById(std::vector<std::string>{"3", "none", "1", "3"})), "3 1 3");
  EXPECT_EQ(Ids(store_->DeliveriesById({})), "");
}

TEST_P(Reads, WhatADeliveryCameOfIsItsClientAndItsExchange) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  Delivery stray = NewDelivery("stray");
  stray.exchange_id = "exchange-1";
  Put(*store_, {To("city", "nobody", stray)});
  const std::vector<Delivery> deliveries = *store_->DeliveriesById(std::vector<std::string>{"stray", "delivery-1"});
  const auto origins = store_->OriginsOf(deliveries);
  ASSERT_TRUE(origins.ok());
  ASSERT_EQ(origins->size(), 2u);
  EXPECT_FALSE(origins->front().has_value()) << "its client is not there";
  ASSERT_TRUE(origins->back().has_value());
  EXPECT_EQ(Tell(origins->back()->client), Tell(store_->ClientById("client-1")));
  EXPECT_EQ(Tell(origins->back()->exchange), Tell(store_->ExchangeById("exchange-1")));
}

std::string TellIds(const absl::StatusOr<std::vector<Store::DayEntry>>& entries) {
  std::string ids;
  for (const Store::DayEntry& entry : *entries) absl::StrAppend(&ids, ids.empty() ? "" : " ", entry.delivery_id);
  return ids;
}

TEST_P(Reads, R56_DeliveriesOfADayAreThoseBetweenTwoIdsPageByPage) {
  for (const char* id : {"c1", "a1", "b2", "b1", "b3"}) ASSERT_EQ(CommitOne(*store_, NewRegistration(id)), "committed");
  Put(*store_, {NewDelivery("delivery-b0")});  // whose exchange is gone
  EXPECT_EQ(TellIds(store_->DeliveriesBetween("delivery-b", "delivery-c", 9)), "delivery-b1 delivery-b2 delivery-b3");
  EXPECT_EQ(TellIds(store_->DeliveriesBetween("delivery-b", "delivery-c", 2)), "delivery-b1 delivery-b2");
  EXPECT_EQ(TellIds(store_->DeliveriesBetween("delivery-b2", "delivery-c", 2)), "delivery-b3");
  EXPECT_EQ(TellIds(store_->DeliveriesBetween("delivery-d", "delivery-e", 2)), "");
}

TEST_P(Reads, R56_AnEntryOfADaySaysWhoseItIsAndHowFarItCame) {
  ASSERT_EQ(CommitOne(*store_, NewRegistration("1")), "committed");
  SetState(*store_, "delivery-1", DeliveryState::kDelivered);
  const std::vector<Store::DayEntry> entries = *store_->DeliveriesBetween("", "z", 9);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(Tell(entries[0]), "delivery-1|exchange-1|client-1|provider|city|ede|registration|3|0|1");
}

TEST_P(Reads, ADeliveryIsDueFromItsInstantOn) {
  Put(*store_, {NewDelivery("d", DeliveryState::kDue, 100)});
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{99}, 9)), "");
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{100}, 9)), "d");
  EXPECT_EQ(Tell(store_->NextDue()), "100");
}

TEST_P(Reads, OnlyDeliveriesThatWaitAreDue) {
  for (int state = 2; state <= 5; ++state) {
    const std::string id = absl::StrCat("d", state);
    Put(*store_, {To("city", id, NewDelivery(id, static_cast<DeliveryState>(state)))});
  }
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{1}, 9)), "");
  EXPECT_EQ(Tell(store_->NextDue()), "none");
}

TEST_P(Reads, OneClientsDeliveriesToOneRecipientGoInOrder) {
  Put(*store_, {NewDelivery("1", DeliveryState::kDue, 500), NewDelivery("2"), NewDelivery("3"),
                To("insurer", "c", NewDelivery("4")), To("city", "other", NewDelivery("5"))});
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{1}, 9)), "4 5") << "1 waits, so 2 and 3 do";
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{500}, 9)), "4 5 1");
  SetState(*store_, "1", DeliveryState::kDelivered);
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{1}, 9)), "2 4 5");
  SetState(*store_, "2", DeliveryState::kDeadLetter);
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{1}, 9)), "3 4 5") << "a dead letter blocks nobody";
}

TEST_P(Reads, DeliveriesWithoutAClientHaveNoOrder) {
  Put(*store_, {To("city", "", NewDelivery("1", DeliveryState::kDue, 500)),
                To("city", "", NewDelivery("2"))});
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{1}, 9)), "2");
}

TEST_P(Reads, TheNextDueIsOfOneThatNothingPrecedes) {
  Put(*store_, {NewDelivery("1", DeliveryState::kDue, 500), NewDelivery("2")});
  EXPECT_EQ(Tell(store_->NextDue()), "500") << "waking for 2 would be in vain";
}

TEST_P(Reads, WhatIsDueNeverWaitsWithoutHoldingUpOthers) {
  Delivery withdrawal = To("city", "a", NewDelivery("1"));
  withdrawal.due = kNever;
  withdrawal.precedes = "sender";
  Put(*store_, {withdrawal});
  EXPECT_EQ(Tell(store_->NextDue()), "none");
  ASSERT_EQ(CommitOne(*store_, NewRegistration("2")), "committed");
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{kNever.us - 1}, 9)), "delivery-2");
  SetState(*store_, "1", DeliveryState::kDue);
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{1}, 9)), "1 delivery-2");
}

TEST_P(Reads, WhatComesIntoAMailboxLaterStandsBehindWhatIsThere) {
  Put(*store_, {NewDelivery("1", DeliveryState::kDue), NewDelivery("2", DeliveryState::kDue),
                NewDelivery("3", DeliveryState::kAvailable)});
  EXPECT_EQ(Ids(store_->Mailbox({"city"})), "3");
  Unit unit;
  unit.delivery_updates = {NewDelivery("2", DeliveryState::kAvailable), NewDelivery("1", DeliveryState::kAvailable)};
  ASSERT_EQ(CommitOne(*store_, std::move(unit)), "committed");
  EXPECT_EQ(Ids(store_->Mailbox({"city", true, "", "", "3"})), "2 1");
  Put(*store_, {NewDelivery("4", DeliveryState::kAvailable)});
  SetState(*store_, "2", DeliveryState::kAvailable);
  EXPECT_EQ(Ids(store_->Mailbox({"city"})), "3 2 1 4") << "what was there keeps its place";
}

TEST_P(Reads, OpenDeliveriesOfAClientAreThoseThatDidNotEnd) {
  Put(*store_, {To("city", "a", NewDelivery("1", DeliveryState::kAvailable)), To("insurer", "a", NewDelivery("2", DeliveryState::kDue, 500)),
                To("city", "b", NewDelivery("3")), To("city", "a", NewDelivery("4", DeliveryState::kDelivered)),
                To("city", "a", NewDelivery("5", DeliveryState::kDue))});
  EXPECT_EQ(Ids(store_->OpenDeliveriesOf("a")), "1 2 5");
  EXPECT_EQ(Ids(store_->OpenDeliveriesOf("nobody")), "");
}

TEST_P(Reads, OwnersInASpaceAreThoseThatHoldATokenThere) {
  Unit unit;
  unit.uniques = {{"hold", "b", "2"}, {"hold", "a", "1"}, {"other", "a", "3"}};
  ASSERT_EQ(CommitOne(*store_, std::move(unit)), "committed");
  EXPECT_EQ(*store_->OwnersIn("hold"), (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(store_->OwnersIn("none")->empty());
}

TEST_P(Reads, TheLongestDueGoFirstAndNoMoreThanAsked) {
  Put(*store_, {To("city", "a", NewDelivery("1", DeliveryState::kDue, 30)),
                To("city", "b", NewDelivery("2", DeliveryState::kDue, 10)),
                To("city", "d", NewDelivery("3", DeliveryState::kDue, 10))});
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{99}, 2)), "2 3");
  EXPECT_EQ(Ids(store_->DueDeliveries(Instant{99}, 3)), "2 3 1");
}

TEST_P(Reads, AMailboxHoldsWhatIsAvailableToThatRecipientOnly) {
  Put(*store_,
      {NewDelivery("1", DeliveryState::kAvailable), NewDelivery("2"),
       NewDelivery("3", DeliveryState::kWithheld),
       To("insurer", "c", NewDelivery("4", DeliveryState::kAvailable)),
       NewDelivery("5", DeliveryState::kDelivered), NewDelivery("6", DeliveryState::kAvailable)});
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city"})), "1 6");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .unacknowledged_only = false})), "1 5 6");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "insurer"})), "4");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = ""})), "");
}

TEST_P(Reads, R10_WhatIsOfAHiddenNetworkIsNotInAMailboxAndNoPlaceInIt) {
  Delivery other = NewDelivery("2", DeliveryState::kAvailable);
  other.network = "proef";
  Put(*store_, {NewDelivery("1", DeliveryState::kAvailable), other, NewDelivery("3", DeliveryState::kAvailable)});
  using Query = Store::MailboxQuery;
  EXPECT_EQ(Ids(store_->Mailbox(Query{.recipient = "city", .hidden_networks = {"pro", "proef"}})), "1 3");
  EXPECT_EQ(Ids(store_->Mailbox(Query{.recipient = "city", .hidden_networks = {"ede", "proef"}})), "");
  EXPECT_EQ(Ids(store_->Mailbox(Query{.recipient = "city", .hidden_networks = {"pro"}})), "1 2 3");
  EXPECT_EQ(Ids(store_->Mailbox(Query{.recipient = "city", .after = "2", .hidden_networks = {"ede"}})), "");
  for (const char* after : {"2", "none"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        store_->Mailbox(Query{.recipient = "city", .after = after, .hidden_networks = {"a-network", "proef"}}).status()));
  }
}

TEST_P(Reads, AMailboxIsReadPageByPageAlsoPastWhatWasAcknowledged) {
  for (int i = 1; i <= 5; ++i) {
    Put(*store_, {NewDelivery(absl::StrCat(i), DeliveryState::kAvailable)});
  }
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .most = 2})), "1 2");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .after = "2", .most = 2})), "3 4");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .after = "5"})), "");
  SetState(*store_, "2", DeliveryState::kDelivered);
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .after = "2"})), "3 4 5");
  EXPECT_EQ(Ids(store_->Mailbox(
                {.recipient = "city", .unacknowledged_only = false, .after = "1", .most = 2})),
            "2 3");
}

TEST_P(Reads, APlaceInAMailboxIsOnlyGoodThere) {
  Put(*store_, {NewDelivery("1", DeliveryState::kAvailable),
                To("insurer", "c", NewDelivery("2", DeliveryState::kAvailable))});
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .after = "2"})), "INVALID_ARGUMENT");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .after = "?"})), "INVALID_ARGUMENT");
}

TEST_P(Reads, AMailboxOfOneRoleHoldsNothingOfAnotherR19) {
  const auto as = [](const std::string& role, Delivery delivery) {
    delivery.recipient_role = role;
    return delivery;
  };
  Put(*store_, {as("payer", NewDelivery("1", DeliveryState::kAvailable)), as("desk", NewDelivery("2", DeliveryState::kAvailable)),
                NewDelivery("3", DeliveryState::kAvailable), as("desk", NewDelivery("4", DeliveryState::kDelivered))});
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city"})), "1 2 3");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .recipient_role = "desk"})), "2 3") << "no role was kept with the last";
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .unacknowledged_only = false, .after = "2", .recipient_role = "desk"})), "3 4");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .after = "1", .recipient_role = "desk"})), "INVALID_ARGUMENT");
  EXPECT_EQ(store_->DeliveryById("2").value()->recipient_role, "desk");
}

TEST_P(Reads, AMailboxIsSearchedByContentTypeAndByClient) {
  Delivery receipt = NewDelivery("2", DeliveryState::kAvailable);
  receipt.content_type = "receipt";
  Put(*store_, {NewDelivery("1", DeliveryState::kAvailable), receipt,
                To("city", "other", NewDelivery("3", DeliveryState::kAvailable)),
                NewDelivery("4", DeliveryState::kDelivered)});
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .content_type = "receipt"})), "2");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .client_id = "c"})), "1 2");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city",
                                 .unacknowledged_only = false,
                                 .content_type = "registration",
                                 .client_id = "c",
                                 .after = "1"})),
            "4");
  EXPECT_EQ(Ids(store_->Mailbox({.recipient = "city", .client_id = "nobody"})), "");
}

std::string TellBacklog(const absl::StatusOr<Store::Backlog>& read) {
  if (!read.ok()) return absl::StatusCodeToString(read.status().code());
  std::string text = absl::StrCat("due ", read->due, " postponed ", read->postponed);
  for (const Store::Mailboxful& mailbox : read->mailboxes) {
    absl::StrAppend(&text, " ", mailbox.recipient, " ", mailbox.waiting, " since ",
                    mailbox.oldest.us);
  }
  return text;
}

TEST_P(Reads, TheBacklogTellsWhatWaitsAndWhere) {
  EXPECT_EQ(TellBacklog(store_->ReadBacklog(Instant{100})), "due 0 postponed 0");
  Put(*store_, {NewDelivery("1", DeliveryState::kDue, 100), NewDelivery("2", DeliveryState::kDue, 101),
                NewDelivery("3", DeliveryState::kAvailable, 7),
                NewDelivery("4", DeliveryState::kAvailable, 9),
                To("insurer", "c", NewDelivery("5", DeliveryState::kAvailable, 8)),
                To("clinic", "c", NewDelivery("6", DeliveryState::kDelivered)),
                NewDelivery("7", DeliveryState::kDeadLetter),
                NewDelivery("8", DeliveryState::kWithheld)});
  EXPECT_EQ(TellBacklog(store_->ReadBacklog(Instant{100})),
            "due 1 postponed 1 city 2 since 7 insurer 1 since 8");
  SetState(*store_, "3", DeliveryState::kDelivered);
  SetState(*store_, "1", DeliveryState::kDelivered);
  EXPECT_EQ(TellBacklog(store_->ReadBacklog(Instant{101})),
            "due 1 postponed 0 city 1 since 9 insurer 1 since 8");
}

TEST_P(Reads, TheBacklogIsCountedUpToItsBoundOnly) {
  std::vector<Delivery> many;
  for (size_t i = 0; i < limits::kBacklogCountMax + 5; ++i) {
    many.push_back(NewDelivery(absl::StrCat("due-", i)));
    many.push_back(NewDelivery(absl::StrCat("kept-", i), DeliveryState::kAvailable, 3));
  }
  Put(*store_, std::move(many));
  EXPECT_EQ(TellBacklog(store_->ReadBacklog(Instant{0})), "due 1000 postponed 0 city 1000 since 3");
}

TEST_P(Reads, TheBacklogHasWhatIsQueuedForTheWriter) {
  ManualExecutor executor;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(store_->Commit(NewRegistration(absl::StrCat(i)), &executor, [](auto) {}).ok());
  }
  EXPECT_EQ(store_->ReadBacklog(Instant{0})->queued_units, 3u);
  EXPECT_GT(store_->ReadBacklog(Instant{0})->queued_bytes, 0u);
  store_->Flush();
  EXPECT_EQ(store_->ReadBacklog(Instant{0})->queued_units, 0u);
  EXPECT_EQ(store_->ReadBacklog(Instant{0})->queued_bytes, 0u);
  executor.Run();
}

TEST_P(Reads, TimersFallDueAreReplacedAndAreDone) {
  Unit unit;
  unit.timers = {{"a", "retry", "x", Instant{20}}, {"b", "retry", "y", Instant{10}}, {"c", "close", "x", Instant{5}}};
  ASSERT_EQ(CommitOne(*store_, unit), "committed");
  EXPECT_EQ(Tell(store_->DueTimers("retry", Instant{9}, 9)), "");
  EXPECT_EQ(Tell(store_->DueTimers("retry", Instant{20}, 9)), "b|retry|y|10\na|retry|x|20\n");
  EXPECT_EQ(Tell(store_->DueTimers("retry", Instant{20}, 1)), "b|retry|y|10\n");
  EXPECT_EQ(Tell(store_->DueTimers("close", Instant{20}, 9)), "c|close|x|5\n");
  EXPECT_EQ(Tell(store_->DueTimers("", Instant{20}, 9)), "");
  Unit change;
  change.done_timers = {"b", "unknown"};
  change.timers = {{"a", "retry", "z", Instant{5}}};
  ASSERT_EQ(CommitOne(*store_, change), "committed");
  EXPECT_EQ(Tell(store_->DueTimers("retry", Instant{99}, 9)), "a|retry|z|5\n");
}

}  // namespace
}  // namespace schotvrij::store
