// R47: the 72 hours, and the supervisor's form.
#include "gateway/cli/breach_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "gateway/cli/breach_form.h"
#include "schemas/base/table.h"

namespace schotvrij::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kMinuteUs = 60'000'000;
constexpr int64_t kHourUs = 60 * kMinuteUs;
constexpr Instant kDiscovered{1'795'176'000'000'000};  // 2026-11-20T12:00:00Z

BreachSeen Seen() {
  v1::BreachRecord record;
  record.set_cause(v1::BREACH_WRONG_PERSON);
  record.set_network("ede");
  record.set_sender("opella");
  record.set_discovered_us(kDiscovered.us);
  record.set_persons(1);
  v1::BreachPlace& mailed = *record.add_places();
  mailed.set_recipient("gemeente-ede");
  mailed.set_exposure(v1::EXPOSED_MAILED);
  mailed.set_sent_us(kDiscovered.us - kHourUs);
  mailed.add_paths("client.bsn");
  mailed.add_paths("client.name.own_name");
  v1::BreachPlace& unread = *record.add_places();
  unread.set_recipient("menzis");
  unread.set_exposure(v1::EXPOSED_UNREAD);
  unread.add_paths("client.bsn");
  unread.add_paths("of.no.schema");
  return *ReadBreach({"b1", kDiscovered, std::nullopt, "", {1, record.SerializeAsString()}, {{"d1", std::nullopt}, {"", kDiscovered}}});
}

std::shared_ptr<const identity::Enrolment> Enrolled() {
  config::v1::Enrolment document;
  config::v1::Participant& opella = *document.add_participant();
  opella.set_key("opella");
  opella.set_name("Stichting Opella");
  opella.add_identifier()->set_system("agb");
  opella.mutable_identifier(0)->set_value("00000001");
  opella.add_peer()->set_subject("CN=opella");
  opella.mutable_route()->mutable_mailbox();
  return *identity::Enrolment::Create(document);
}

TEST(BreachClock, R47_HoursAreRoundedToWhatIsTheWorse) {
  const BreachSeen breach = Seen();
  const Instant due{kDiscovered.us + 72 * kHourUs};
  EXPECT_EQ(breach.NoticeDue(), due);
  EXPECT_EQ(breach.HoursLeft(kDiscovered), 72);
  EXPECT_EQ(breach.HoursLeft({kDiscovered.us + 1}), 71);
  EXPECT_EQ(breach.HoursLeft(due), 0);
  EXPECT_FALSE(breach.IsOverdue(due));
  EXPECT_TRUE(breach.IsOverdue({due.us + 1}));
  EXPECT_EQ(breach.HoursLeft({due.us + 1}), -1);
  EXPECT_EQ(breach.HoursLeft({due.us + kHourUs + 1}), -2);
}

TEST(BreachClock, R47_WhatIsClosedIsNotOverdue) {
  BreachSeen breach = Seen();
  const Instant late{kDiscovered.us + 100 * kHourUs};
  std::ostringstream open, closed;
  PrintBreachLine(breach, late, open);
  EXPECT_THAT(open.str(), HasSubstr("OVERDUE by 28 hours"));
  breach.row.closed = late;
  breach.row.note = "notified-late";
  EXPECT_FALSE(breach.IsOverdue(late));
  PrintBreachLine(breach, late, closed);
  EXPECT_THAT(closed.str(), HasSubstr("closed 2026-11-24T16:00:00Z (notified-late)"));
}

TEST(BreachView, R47_KindsOfDataAreTheTermsOfTheSchemaEachOnce) {
  EXPECT_THAT(KindsOfData(Seen()), ElementsAre("burgerservicenummer (client.bsn)", "geslachtsnaam (client.name.own_name)", "of.no.schema"));
  EXPECT_THAT(SpecialKindsOfData(Seen()), ElementsAre("burgerservicenummer (client.bsn)"));
}

TEST(BreachView, R47_WhoNeverSawItIsNoControllerOfIt) {
  EXPECT_THAT(ControllersOf(Seen()), ElementsAre("opella", "gemeente-ede"));
  EXPECT_EQ(Seen().OpenPlaces(), 1u);
  std::ostringstream shown;
  PrintBreach(Seen(), kDiscovered, shown);
  EXPECT_THAT(shown.str(), HasSubstr("gemeente-ede: mailed, sent 2026-11-20T11:00:00Z, STILL OPEN"));
  EXPECT_THAT(shown.str(), HasSubstr("menzis: unread, contained 2026-11-20T12:00:00Z"));
}

TEST(BreachView, ARecordThatDoesNotReadIsLost) {
  EXPECT_EQ(ReadBreach({"b1", kDiscovered, std::nullopt, "", {1, "\x0f"}, {}}).status().code(), absl::StatusCode::kDataLoss);
  store::Breach row = Seen().row;
  row.places.pop_back();
  EXPECT_EQ(ReadBreach(row).status().code(), absl::StatusCode::kDataLoss);
}

TEST(BreachForm, R47_FillsInAllThatTheTableSaysIsKnown) {
  const std::vector<FormLine> form = BreachForm(Seen(), "opella", *Enrolled(), "gateway.example");
  const std::vector<Table::Row>& rows = Table::Embedded("schemas/codes/breach_form.csv").rows();
  ASSERT_EQ(form.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(form[i].answer.empty(), rows[i]["known"].empty()) << rows[i]["field"];
  std::string all;
  for (const FormLine& line : form) all += line.answer + "\n";
  EXPECT_THAT(all, HasSubstr("Stichting Opella, agb 00000001\n"));
  EXPECT_THAT(all, HasSubstr("de gateway gateway.example\n"));
  EXPECT_THAT(all, HasSubstr("van 2026-11-20T11:00:00Z, duurt voort\n"));
  EXPECT_THAT(all, HasSubstr("gemeente-ede; menzis\n"));
  EXPECT_THAT(all, HasSubstr("gemeente-ede: gemaild of geprobeerd, nog niet teruggehaald; menzis: klaargezet en nooit getoond, teruggehaald 2026-11-20T12:00:00Z\n"));
}

TEST(BreachForm, R47_WhatIsContainedEverywhereGoesOnNoMore) {
  BreachSeen breach = Seen();
  breach.row.places[0].contained = Instant{kDiscovered.us + kHourUs};
  std::string all;
  for (const FormLine& line : BreachForm(breach, "opella", *Enrolled(), "gateway.example")) all += line.answer + "\n";
  EXPECT_THAT(all, HasSubstr("van 2026-11-20T11:00:00Z tot 2026-11-20T13:00:00Z\n"));
  EXPECT_THAT(all, Not(HasSubstr("nog niet")));
}

}  // namespace
}  // namespace schotvrij::cli
