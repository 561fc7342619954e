// R56: each partner has a day sheet sent = delivered = acknowledged = answered, with the age of what is missing, the same on both sides.
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gateway/exchange/sheet_lines.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange::day_sheets {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kEde = "gemeente-ede";
constexpr const char* kClient = "999900006";  // of the example
constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kHourUs = 3'600 * kSecondUs;

// Test BSNs that pass the eleven-test.
std::vector<std::string> Clients(size_t count) {
  std::vector<std::string> clients;
  for (int number = 999'900'000; clients.size() < count; ++number) {
    const std::string text = absl::StrCat(number);
    int sum = -(text[8] - '0');
    for (int i = 0; i < 8; ++i) sum += (9 - i) * (text[i] - '0');
    if (sum % 11 == 0) clients.push_back(text);
  }
  return clients;
}

class DaySheets : public testing::Test {
 protected:
  explicit DaySheets(MunicipalityBy route = MunicipalityBy::kMailbox) : world(route) {}

  Road::DaySheetRead Read(const std::string& participant, const std::string& day = "") { return world.DaySheet(participant, day); }
  // The one line of the sheet; of an empty sheet an empty one.
  v1::DaySheetLine Line(const std::string& participant, const std::string& day = "") {
    const Road::DaySheetRead read = Read(participant, day);
    EXPECT_THAT(read.issues, IsEmpty());
    EXPECT_LE(read.sheet.lines_size(), 1);
    return read.sheet.lines().empty() ? v1::DaySheetLine() : read.sheet.lines(0);
  }
  std::string Register(const std::string& bsn = kClient) {
    const policy::Answer answer = world.Register(absl::StrReplaceAll(
        world.Example(), {{"ede-2026-000001", absl::StrCat("key-", ++keys_)}, {kClient, bsn}}));
    EXPECT_EQ(answer.state, policy::Answer::State::kReceived) << Told(answer);
    return answer.message_id;
  }
  std::string Newest() { return world.Read(kEde).items.back().delivery_id; }

  World world;

 private:
  int keys_ = 0;
};

class DaySheetsByMail : public DaySheets {
 protected:
  DaySheetsByMail() : DaySheets(MunicipalityBy::kMail) {}
};

// messages, delivered, answered, under way, undeliverable, withheld; ids that are missing.
std::string Counts(const v1::DaySheetLine& line) {
  return absl::StrCat(line.messages(), " ", line.delivered(), " ", line.answered(), " ", line.under_way(), " ", line.undeliverable(),
                      " ", line.withheld());
}
std::vector<std::string> Missing(const v1::DaySheetLine& line) {
  std::vector<std::string> ids;
  for (const v1::DaySheetMissing& missing : line.missing()) ids.push_back(missing.message_id());
  return ids;
}
std::vector<std::string> RulesOf(const Road::DaySheetRead& read) {
  std::vector<std::string> rules;
  for (const Issue& issue : read.issues) rules.push_back(issue.rule);
  return rules;
}

TEST_F(DaySheets, R56_BothSidesSeeHowFarAMessageCameEachByItsOwnId) {
  const std::string message = Register();
  const std::string delivery = Newest();
  world.PassUs(2 * kHourUs);
  for (const auto& [party, id] : {std::pair{"opella", message}, std::pair{kEde, delivery}}) {
    const v1::DaySheetLine line = Line(party);
    EXPECT_EQ(Counts(line), "1 0 0 1 0 0") << party;
    ASSERT_THAT(Missing(line), ElementsAre(id));
    EXPECT_EQ(line.missing(0).age_s(), 7200u);
    EXPECT_EQ(line.sent(), party == std::string("opella"));
    EXPECT_EQ(line.counterpart(), line.sent() ? kEde : "opella");
    EXPECT_EQ(line.content_type(), "registration");
  }
  ASSERT_EQ(world.Acknowledge(kEde, {delivery}), 1u);
  for (const auto& [party, id] : {std::pair{"opella", message}, std::pair{kEde, delivery}}) {
    EXPECT_EQ(Counts(Line(party)), "1 1 0 0 0 0") << party;
    EXPECT_THAT(Missing(Line(party)), ElementsAre(id)) << "not answered";
  }
  world.Answer(kEde, delivery, "rejected", "not-resident");
  for (const char* party : {"opella", kEde}) {
    EXPECT_EQ(Counts(Line(party)), "1 1 1 0 0 0") << party;
    EXPECT_THAT(Missing(Line(party)), IsEmpty()) << party;
  }
  EXPECT_THAT(Read("menzis").sheet.lines(), IsEmpty());
}

TEST_F(DaySheets, R56_AMessageCountsOnTheDayItWasTakenInTheNetherlands) {
  world.clock.now = Instant{StartInAmsterdam(*CivilDate::Parse("2026-11-21")).us - 1000};
  Register();
  world.PassUs(1000);
  for (const char* party : {"opella", kEde}) {
    EXPECT_EQ(Line(party, "2026-11-20").messages(), 1u);
    EXPECT_EQ(Line(party).messages(), 0u);
    EXPECT_EQ(Line(party, "0001-01-01").messages(), 0u);
    EXPECT_EQ(Read(party).sheet.day(), "2026-11-21");
  }
}

TEST_F(DaySheets, R56_ADayThatIsNoneOrIsStillToComeIsRefused) {
  EXPECT_THAT(RulesOf(Read(kEde, "2026-02-30")), ElementsAre("DATE-FORM"));
  EXPECT_THAT(RulesOf(Read(kEde, "2026-11-21")), ElementsAre("DAY-TO-COME"));
  EXPECT_THAT(RulesOf(Read(kEde, "9999-12-31")), ElementsAre("DAY-TO-COME"));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_READ), 0u);
}

TEST_F(DaySheets, R56_ASheetIsNotReadForAnother) {
  Road::DaySheetRequest request{World::As("menzis"), {}, "trace"};
  request.asked.mutable_participant()->set_system("agb");
  request.asked.mutable_participant()->set_value("00000001");
  Road::DaySheetRead read;
  world.road->ReadDaySheet(std::move(request), [&](Road::DaySheetRead given) { read = std::move(given); });
  world.Drive();
  EXPECT_THAT(RulesOf(read), ElementsAre("CALLER-NOT-FOR"));
}

TEST_F(DaySheets, R56_EachReadIsOneEventThatNamesTheDay) {
  Read(kEde, "2026-11-19");
  ASSERT_EQ(world.CountEvents(v1::AUDIT_READ), 1u);
  const v1::AuditEvent event = world.Events().back();
  EXPECT_EQ(event.code(), v1::AUDIT_READ);
  ASSERT_EQ(event.objects_size(), 1);
  EXPECT_EQ(event.objects(0).type(), "day-sheet");
  EXPECT_EQ(event.objects(0).id(), "2026-11-19");
}

TEST_F(DaySheets, R24_R56_ASafetyHoldShowsOnNeitherSide) {
  Register();
  const std::string read = Newest();
  ASSERT_EQ(world.Receive("opella", World::Hold("active", "stop-1", kClient)).state, policy::Answer::State::kReceived);
  world.Answer(kEde, read, "accepted");
  EXPECT_EQ(Counts(Line(kEde)), "1 1 1 0 0 0");
  EXPECT_EQ(Counts(Line("opella")), "1 1 0 0 0 0") << "its receipt waits";
  const std::string amend = world.Register(absl::StrReplaceAll(
      world.Example(), {{R"("code": "register")", R"("code": "amend")"}, {"ede-2026-000001", "step"}})).message_id;
  ASSERT_FALSE(amend.empty());
  EXPECT_EQ(Counts(Line(kEde)), "1 1 1 0 0 0") << "was not put before it";
  EXPECT_EQ(Counts(Line("opella")), "2 1 0 1 0 0");
  ASSERT_EQ(world.Receive("opella", World::Hold("inactive", "stop-2", kClient)).state, policy::Answer::State::kReceived);
  EXPECT_EQ(Counts(Line("opella")), "2 1 1 1 0 0");
  EXPECT_EQ(Counts(Line(kEde)), "2 1 1 1 0 0");
}

// Who or what keeps a mail from leaving.
enum class KeptBy { kHoldOfAnother, kMailServer, kSuspension };

// What the sender of a registration by mail sees of it each hour of `days`: the sheet of its day, but for the id, and its mailbox.
std::vector<std::string> SeenOfAMailThatIsKept(KeptBy what, int days) {
  config::v1::Enrolment parties;
  Enrol("opella", "agb", "00000001", "", &parties);
  Enrol(kEde, "cbs", "0228", "wmo@ede.example", &parties);
  Enrol("menzis", "uzovi", "0000", "", &parties);
  parties.mutable_participant(1)->set_suspended(what == KeptBy::kSuspension);
  const std::string version = "version: \"2024\"\n";
  const std::string deadline = "deadline { content: \"registration\" answer_within_working_days: 2 }\n";
  const std::string document = absl::StrReplaceAll(World::EdeDocument(), {{version, version + deadline}});
  World world(parties, LoadRules({{"ede.txtpb", document}}), /*apart_us=*/0,
              {limits::kRetryFirstUs, limits::kRetryMaxUs, limits::kRetryAttempts});
  if (what == KeptBy::kHoldOfAnother) {
    EXPECT_EQ(Told(world.Receive(kEde, World::Hold("active", "stop", kClient))), "");
  }
  const std::string day = TodayInAmsterdam(world.clock.now).ToString();
  EXPECT_EQ(Told(world.Register(world.Example())), "");
  std::vector<std::string> seen;
  for (size_t ended = 0; seen.size() < static_cast<size_t>(days) * 24;) {
    for (; ended < world.outbound.attempts.size(); ++ended) world.MailEnds({DeliveryOutcome::Kind::kTransient, "smtp-451"});
    v1::DaySheetReply sheet = world.DaySheet("opella", day).sheet;
    v1::DaySheetLine& line = sheet.lines().empty() ? *sheet.add_lines() : *sheet.mutable_lines(0);
    for (v1::DaySheetMissing& missing : *line.mutable_missing()) missing.clear_message_id();
    seen.push_back(absl::StrCat(Counts(line), ", overdue ", line.overdue(), ", in the mailbox ", world.Read("opella").items.size(), ": ",
                                sheet.SerializeAsString()));
    world.clock.now.us += kHourUs - kSecondUs;
    world.PassUs(kSecondUs);
  }
  return seen;
}

TEST(DaySheetOfAMailThatIsKept, R24_R56_SaysOfAHoldWhatItSaysOfAnythingElseThatKeepsIt) {
  const std::vector<std::string> of_hold = SeenOfAMailThatIsKept(KeptBy::kHoldOfAnother, 7);
  EXPECT_THAT(of_hold.back(), StartsWith("1 0 0 1 0 0, overdue 1, in the mailbox 0: "));
  EXPECT_EQ(of_hold, SeenOfAMailThatIsKept(KeptBy::kMailServer, 7));
  EXPECT_EQ(of_hold, SeenOfAMailThatIsKept(KeptBy::kSuspension, 7));
}

// A mail server is given up; who is suspended is waited for, as a hold is.
TEST(DaySheetOfAMailThatIsKept, R24_R56_SaysOfAHoldWhatItSaysOfASuspensionWhateverItLasts) {
  const std::vector<std::string> of_hold = SeenOfAMailThatIsKept(KeptBy::kHoldOfAnother, 30);
  EXPECT_EQ(of_hold, SeenOfAMailThatIsKept(KeptBy::kSuspension, 30));
  EXPECT_THAT(SeenOfAMailThatIsKept(KeptBy::kMailServer, 30).back(), StartsWith("1 0 0 0 1 0, overdue 0, in the mailbox 1: "));
}

TEST_F(DaySheetsByMail, R56_WhatIsNotDeliveredIsOnTheSendersSideOnly) {
  const std::string message = Register();
  EXPECT_EQ(Counts(Line("opella")), "1 0 0 1 0 0");
  EXPECT_THAT(Missing(Line("opella")), ElementsAre(message));
  EXPECT_THAT(Read(kEde).sheet.lines(), IsEmpty());
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  EXPECT_EQ(Counts(Line("opella")), "1 1 0 0 0 0");
  EXPECT_EQ(Counts(Line(kEde)), "1 1 0 0 0 0");
  Register("999900018");
  world.MailEnds({DeliveryOutcome::Kind::kPermanent, "smtp-550"});
  EXPECT_EQ(Counts(Line("opella")), "2 1 0 0 1 0");
  EXPECT_EQ(Counts(Line(kEde)), "1 1 0 0 0 0");
}

TEST_F(DaySheets, R56_ADayOfManyPagesIsCountedWholeAndListedUpToABound) {
  const int many = static_cast<int>(limits::kDaySheetMissingMax) + 1;
  store::Unit unit;
  for (int i = 0; i < many; ++i) {
    const std::string id = absl::StrCat(FirstIdAt(world.clock.now), 1'000'000 + i);
    unit.exchanges.push_back({id, "", "ede", "opella", "registration", world.clock.now, {1, "sealed"}});
    store::Delivery& delivery = unit.deliveries.emplace_back();
    delivery = {id, id, "", kEde, "ede", "registration", store::DeliveryState::kAvailable, world.clock.now, 0, false, {1, "sealed"}, ""};
  }
  ASSERT_TRUE(world.store->Commit(std::move(unit), &world.executor, [](auto) {}).ok());
  world.Drive();
  for (const char* party : {"opella", kEde}) {
    const Road::DaySheetRead read = Read(party);
    ASSERT_THAT(read.sheet.lines(), SizeIs(1));
    EXPECT_EQ(read.sheet.lines(0).messages(), static_cast<uint32_t>(many));
    EXPECT_THAT(read.sheet.lines(0).missing(), SizeIs(limits::kDaySheetMissingMax));
    EXPECT_TRUE(read.sheet.more_missing());
  }
}

// After whatever happened the sheets say what happened, and the same.
TEST_F(DaySheets, R56_AfterAnyCourseOfADayBothSheetsAreWhatHappened) {
  struct Sent {
    std::string message, delivery, day;
    bool acknowledged = false, answered = false;
  };
  std::mt19937 chance(56);
  std::vector<Sent> sent;
  const std::vector<std::string> clients = Clients(80);
  const auto below = [&](size_t bound) { return chance() % bound; };
  for (int step = 0; step < 240; ++step) {
    const std::string today = TodayInAmsterdam(world.clock.now).ToString();
    const size_t what = below(4);
    if (sent.empty() || (what == 0 && sent.size() < clients.size())) {
      const std::string message = Register(clients[sent.size()]);
      sent.push_back({message, world.Read(kEde, false).items.back().delivery_id, today});
      std::set<std::string> known;
      for (const Sent& one : sent) known.insert(one.delivery);
      ASSERT_THAT(known, SizeIs(sent.size()));
    } else if (Sent& one = sent[below(sent.size())]; what == 1) {
      EXPECT_EQ(world.Acknowledge(kEde, {one.delivery}), one.acknowledged ? 0u : 1u);
      one.acknowledged = true;
    } else if (what == 2 && !one.answered) {
      const bool accepts = below(2) == 0;
      world.Answer(kEde, one.delivery, accepts ? "accepted" : "rejected", accepts ? "" : "not-resident");
      one.acknowledged = one.answered = true;  // what was answered was taken over
    } else {
      world.PassUs(kHourUs);
    }
    for (const std::string& day : {today, sent[below(sent.size())].day}) {
      std::multiset<std::string> messages, deliveries;
      size_t total = 0, delivered = 0, answered = 0;
      for (const Sent& one : sent) {
        if (one.day != day) continue;
        ++total;
        delivered += one.acknowledged;
        answered += one.answered;
        if (one.acknowledged && one.answered) continue;
        messages.insert(one.message);
        deliveries.insert(one.delivery);
      }
      const std::string counts = absl::StrCat(total, " ", delivered, " ", answered, " ", total - delivered, " 0 0");
      const v1::DaySheetLine ours = Line("opella", day), theirs = Line(kEde, day);
      ASSERT_EQ(Counts(ours), counts) << step;
      ASSERT_EQ(Counts(theirs), counts) << step;
      ASSERT_THAT(Missing(ours), testing::UnorderedElementsAreArray(messages)) << step;
      ASSERT_THAT(Missing(theirs), testing::UnorderedElementsAreArray(deliveries)) << step;
      for (int i = 0; i < ours.missing_size(); ++i) ASSERT_EQ(ours.missing(i).age_s(), theirs.missing(i).age_s()) << step;
    }
  }
}

}  // namespace
}  // namespace schotvrij::exchange::day_sheets
