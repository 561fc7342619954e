// R23: by when an answer is due is counted in Dutch working days, is the same for both sides, and who did not give it is counted.
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange::answers_due {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kEde = "gemeente-ede";
constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;

// Ede's document, with a deadline in every version.
std::string WithDeadline(int working_days) {
  return absl::StrReplaceAll(World::EdeDocument(),
                             {{"    step: \"receipt\"\n", absl::StrCat("    step: \"receipt\"\n    deadline { content: \"registration\" "
                                                                       "answer_within_working_days: ",
                                                                       working_days, " }\n")}});
}

class AnswersDueOf : public testing::Test {
 protected:
  explicit AnswersDueOf(MunicipalityBy route = MunicipalityBy::kMailbox) : world(route) { world.LoadPolicy(WithDeadline(5)); }

  Road::DaySheetRead Read(const std::string& participant, const std::string& day) {
    Road::DaySheetRequest request{World::As(participant), {}, "trace"};
    request.asked.set_day(day);
    Road::DaySheetRead read;
    world.road->ReadDaySheet(std::move(request), [&](Road::DaySheetRead given) { read = std::move(given); });
    world.Drive();
    return read;
  }
  // The one line of the sheet; of an empty sheet an empty one.
  v1::DaySheetLine Line(const std::string& participant, const std::string& day = "") {
    const Road::DaySheetRead read = Read(participant, day);
    EXPECT_THAT(read.issues, IsEmpty());
    return read.sheet.lines().empty() ? v1::DaySheetLine() : read.sheet.lines(0);
  }
  std::string Register(const std::string& bsn = "999900006") {
    const policy::Answer answer = world.Register(
        absl::StrReplaceAll(world.Example(), {{"ede-2026-000001", absl::StrCat("key-", ++keys_)}, {"999900006", bsn}}));
    EXPECT_EQ(answer.state, policy::Answer::State::kReceived) << Told(answer);
    return answer.message_id;
  }
  // The gateway slept until then, and looks at what is due.
  void Later(int64_t us) {
    world.clock.now.us += us;
    world.PassUs(limits::kTimerRoundUs);
  }
  std::string Newest() { return world.Read(kEde, false).items.back().delivery_id; }
  // How many the operator was told of.
  size_t Overdue() {
    size_t told = 0;
    std::istringstream lines(world.ledger->Metrics());
    for (std::string line; std::getline(lines, line);) {
      const std::string begin = R"(schotvrij_overdue_answers_total{network="ede",recipient="gemeente-ede"} )";
      if (absl::StartsWith(line, begin)) told = std::stoul(line.substr(begin.size()));
    }
    return told;
  }

  World world;

 private:
  int keys_ = 0;
};

class AnswersDueByMail : public AnswersDueOf {
 protected:
  AnswersDueByMail() : AnswersDueOf(MunicipalityBy::kMail) {}
};

// 2026-11-20 is a Friday.
TEST_F(AnswersDueOf, R23_BothSidesSeeTheDayAndOnceItIsOverThatItIs) {
  Register();
  for (const char* party : {"opella", kEde}) {
    const v1::DaySheetLine line = Line(party);
    ASSERT_THAT(line.missing(), SizeIs(1)) << party;
    EXPECT_EQ(line.missing(0).answer_due(), "2026-11-27") << party;
    EXPECT_FALSE(line.missing(0).overdue());
    EXPECT_EQ(line.overdue(), 0u);
  }
  world.clock.now.us = StartInAmsterdam(*CivilDate::Parse("2026-11-28")).us - 1;
  EXPECT_EQ(Line(kEde, "2026-11-20").overdue(), 0u) << "to the end of the day it is in time";
  world.clock.now.us += 1;
  for (const char* party : {"opella", kEde}) {
    const v1::DaySheetLine line = Line(party, "2026-11-20");
    ASSERT_THAT(line.missing(), SizeIs(1)) << party;
    EXPECT_TRUE(line.missing(0).overdue());
    EXPECT_EQ(line.overdue(), 1u);
  }
  world.Answer(kEde, Newest(), "accepted");
  for (const char* party : {"opella", kEde}) EXPECT_EQ(Line(party, "2026-11-20").overdue(), 0u) << party;
}

TEST_F(AnswersDueOf, R23_WhoDidNotAnswerInTimeIsCountedOnceWhateverBecomesOfTheGateway) {
  Register();
  Later(7 * kDayUs);
  EXPECT_EQ(Overdue(), 0u);
  Later(kDayUs);
  EXPECT_EQ(Overdue(), 1u);
  EXPECT_THAT(world.log.str(), HasSubstr(absl::StrCat(R"("event":"answer-overdue","delivery":")", Newest(), "\"")));
  world.RestartAnswersDue();
  Later(kDayUs);
  EXPECT_EQ(Overdue(), 1u);
  EXPECT_THAT(*world.store->DueTimers("answer", {world.clock.now.us + 365 * kDayUs}, 9), IsEmpty());
}

TEST_F(AnswersDueOf, R23_AnAnswerInTimeAndOneThatNobodyAsksForAreNotCounted) {
  Register();
  world.Answer(kEde, Newest(), "accepted");
  world.LoadPolicy(World::EdeDocument());
  Register("999900018");
  EXPECT_THAT(*world.store->DueTimers("answer", {world.clock.now.us + 365 * kDayUs}, 9), SizeIs(1)) << "no deadline, no timer";
  const v1::DaySheetLine line = Line(kEde);
  ASSERT_THAT(line.missing(), SizeIs(1));
  EXPECT_EQ(line.missing(0).answer_due(), "");
  Later(30 * kDayUs);
  EXPECT_EQ(Line(kEde, "2026-11-20").overdue(), 0u);
  EXPECT_EQ(Overdue(), 0u);
}

TEST_F(AnswersDueByMail, R23_WhomTheMessageNeverReachedIsNotLate) {
  Register();
  world.MailEnds({DeliveryOutcome::Kind::kPermanent, "smtp-550"});
  Register("999900018");  // under way still
  Later(10 * kDayUs);
  EXPECT_EQ(Overdue(), 0u);
  EXPECT_THAT(Read(kEde, "2026-11-20").sheet.lines(), IsEmpty());
  EXPECT_EQ(Line("opella", "2026-11-20").overdue(), 1u) << "that its sender waits for, whatever keeps it";
}

TEST_F(AnswersDueOf, R23_R24_ASafetyHoldDoesNotShowInTheDay) {
  Register();
  const v1::DaySheetMissing before = Line("opella").missing(0);
  ASSERT_EQ(world.Receive("opella", World::Hold("active", "stop-1", "999900006")).state, policy::Answer::State::kReceived);
  const v1::DaySheetMissing after = Line("opella").missing(0);
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  Later(10 * kDayUs);
  EXPECT_EQ(Line("opella", "2026-11-20").overdue(), 1u);
  EXPECT_THAT(Read(kEde, "2026-11-20").sheet.lines(), IsEmpty()) << "was not put before it";
  EXPECT_EQ(Overdue(), 0u) << "nobody is late with what it was not given";
}

TEST_F(AnswersDueOf, R23_WhereTheTableOfHolidaysEndsIsToldAndNoDayIsMadeUp) {
  world.clock.now = StartInAmsterdam(*CivilDate::Parse("2035-12-27"));
  Register();
  EXPECT_THAT(*world.store->DueTimers("answer", {world.clock.now.us + 365 * kDayUs}, 9), IsEmpty());
  EXPECT_THAT(world.log.str(), HasSubstr(R"("place":"answer-due")"));
  EXPECT_THAT(world.Read(kEde).items, SizeIs(1)) << "and keeps nothing from its recipient";
  EXPECT_THAT(Read(kEde, "").issues, Not(IsEmpty()));
}

TEST_F(AnswersDueOf, R23_APartOfABatchHasItsDayToo) {
  std::shared_ptr<BatchIntake> intake;
  const std::string bundle = R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)" + world.Example() + "}]}";
  world.batches->Open({World::As("opella"), "grpc", "batch-1", {}, "trace"},
                      [&](BatchDesk::Opened opened) { intake = std::move(opened.intake); });
  world.Drive();
  ASSERT_NE(intake, nullptr);
  intake->Bundle(0, bundle, [](const BatchProgress&) {});
  world.Drive();
  intake->End(1, [](const BatchProgress&) {});
  world.Drive();
  ASSERT_THAT(Line(kEde).missing(), SizeIs(1));
  EXPECT_EQ(Line(kEde).missing(0).answer_due(), "2026-11-27");
  Later(8 * kDayUs);
  EXPECT_EQ(Overdue(), 1u);
}

// Whatever happens over a turn of the year, the sheets and the count are what a calendar says.
TEST_F(AnswersDueOf, R23_AfterAnyCourseOfSomeWeeksSheetsAndCountAreWhatACalendarSays) {
  struct Sent {
    std::string delivery;
    CivilDate day, due;
    bool answered = false, counted = false;
  };
  // Of these weeks; 2026-12-25 is a Friday.
  const auto counts = [](CivilDate day) {
    const int64_t weekday = (day.DayNumber() + 3) % 7;  // 0: Monday
    const std::string text = day.ToString();
    return weekday < 5 && text != "2026-12-25" && text != "2027-01-01";
  };
  const std::vector<std::string> clients = {"999900006", "999900018", "999900031", "999900043", "999900055", "999900067", "999900079",
                                            "999900080", "999900092", "999900109", "999900110", "999900122"};
  world.clock.now = StartInAmsterdam(*CivilDate::Parse("2026-12-14"));
  std::mt19937 chance(23);
  std::vector<Sent> sent;
  for (int step = 0; step < 200; ++step) {
    const CivilDate today = TodayInAmsterdam(world.clock.now);
    const size_t what = chance() % 4;
    if (what == 0 && sent.size() < clients.size()) {
      Register(clients[sent.size()]);
      CivilDate due = today;
      for (int left = 5; left > 0; left -= counts(due)) due = due.PlusDays(1);
      sent.push_back({Newest(), today, due});
    } else if (what == 1 && !sent.empty()) {
      Sent& one = sent[chance() % sent.size()];
      if (!one.answered) world.Answer(kEde, one.delivery, "accepted");
      one.answered = true;
    } else {
      Later(4 * kHourUs);
    }
    const CivilDate now = TodayInAmsterdam(world.clock.now);
    size_t counted = 0;
    for (Sent& one : sent) counted += one.counted |= !one.answered && one.due < now;
    ASSERT_EQ(Overdue(), counted) << step;
    if (sent.empty()) continue;
    const CivilDate day = sent[chance() % sent.size()].day;
    size_t overdue = 0, awaited = 0;
    std::string due;
    for (const Sent& one : sent) {
      if (one.day != day || one.answered) continue;
      ++awaited;
      overdue += one.due < now;
      due = one.due.ToString();
    }
    for (const char* party : {"opella", kEde}) {
      const v1::DaySheetLine line = Line(party, day.ToString());
      ASSERT_EQ(line.overdue(), overdue) << step;
      ASSERT_EQ(static_cast<size_t>(line.missing_size()), awaited) << step;
      for (const v1::DaySheetMissing& missing : line.missing()) {
        ASSERT_EQ(missing.answer_due(), due) << step;
        ASSERT_EQ(missing.overdue(), overdue > 0) << step;
      }
    }
  }
  EXPECT_GT(Overdue(), 0u);
  EXPECT_LT(Overdue(), sent.size());
}

}  // namespace
}  // namespace schotvrij::exchange::answers_due
