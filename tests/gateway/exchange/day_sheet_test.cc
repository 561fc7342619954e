// The day sheet: what each side sees of a day, whatever came of its messages (R56).
#include "gateway/exchange/day_sheet.h"

#include <gmock/gmock.h>

#include <array>
#include <random>

#include "absl/strings/str_cat.h"
#include "schemas/base/bsn.h"
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kEde[] = "gemeente-ede";
constexpr char kOpella[] = "opella";

// Registers one client after the other.
class Registrar {
 public:
  explicit Registrar(World* world) : world_(world) {}

  std::string Register() {
    do {
      ++bsn_;
    } while (!Bsn::Parse(absl::StrCat(bsn_)));
    ++keys_;
    const policy::Answer answer = world_->Register(absl::StrReplaceAll(
        world_->Example(),
        {{"999900006", bsn()}, {"ede-2026-000001", absl::StrCat("key-", keys_)}, {"consent-2026-000001", consent()}}));
    for (const Issue& issue : answer.issues) ADD_FAILURE() << issue.rule << " " << issue.path;
    return answer.message_id;
  }
  // Of the last one.
  std::string bsn() const { return absl::StrCat(bsn_); }
  std::string consent() const { return absl::StrCat("consent-", keys_); }

  policy::Answer Withdraw(const std::string& bsn, const std::string& consent) {
    return world_->Register(absl::StrReplaceAll(
        R"({"resourceType":"Consent","identifier":[{"system":"urn:example:provider:consent","value":"CONSENT"}],
        "status":"inactive","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
        "code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
        "patient":{"identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"BSN"}},
        "dateTime":"TODAY","performer":[{"type":"Patient","identifier":{"system":"http://fhir.nl/fhir/NamingSystem/bsn",
        "value":"BSN"}}],"policy":[{"uri":"urn:example:provider:consent-text:2026-1"}],
        "provision":{"type":"permit","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason",
        "code":"HOPERAT"}]}})",
        {{"TODAY", TodayInAmsterdam(world_->clock.now).ToString()}, {"BSN", bsn}, {"CONSENT", consent}}));
  }

 private:
  World* const world_;
  int64_t bsn_ = 999'900'000;
  int keys_ = 0;
};

std::string TellRow(const v1::DaySheetRow& row) {
  return absl::StrCat(row.direction() == v1::DAY_SHEET_SENT ? "to " : "from ", row.counterpart(), " ", row.content(), ": ", row.sent(),
                      "=", row.under_way(), "+", row.delivered(), "+", row.withheld(), "+", row.undeliverable(), ", ",
                      row.acknowledged(), ", ", row.answered());
}
std::vector<std::string> SheetRows(const v1::DaySheet& sheet) {
  std::vector<std::string> rows;
  for (const v1::DaySheetRow& row : sheet.rows()) rows.push_back(TellRow(row));
  return rows;
}
std::vector<std::string> MissingOf(const v1::DaySheet& sheet, const std::string& content) {
  std::vector<std::string> missing;
  for (const v1::DaySheetMissing& each : sheet.missing()) {
    if (each.content() != content) continue;
    missing.push_back(absl::StrCat(each.message_id(), " ", v1::DaySheetStep_Name(each.lacks()), " ", each.age_seconds()));
  }
  return missing;
}

// A registration as the test knows it.
struct SentOne {
  std::string exchange_id, delivery_id, bsn, consent;
  std::string day;
  int64_t taken_us = 0;
  bool acknowledged = false, answered = false, shown = true, withheld = false;
};

class SheetModel {
 public:
  std::vector<SentOne> sent;

  // The row and what is missing of one side; `theirs`: the recipient's.
  std::string Row(const std::string& day, bool theirs) const {
    std::array<int, 5> n{};
    for (const SentOne* each : Of(day, theirs)) {
      ++n[0];
      n[1] += !each->withheld;
      n[2] += each->withheld;
      n[3] += each->acknowledged && !each->withheld;
      n[4] += each->answered;
    }
    return n[0] == 0 ? "" : absl::StrCat(theirs ? "from opella" : "to gemeente-ede", " registration: ", n[0], "=0+", n[1], "+", n[2], "+0, ", n[3], ", ", n[4]);
  }
  std::vector<std::string> Missing(const std::string& day, bool theirs, int64_t now_us) const {
    std::vector<std::string> missing;
    for (const SentOne* each : Of(day, theirs)) {
      if (each->withheld || each->answered) continue;
      missing.push_back(absl::StrCat(theirs ? each->delivery_id : each->exchange_id, " ",
                                     each->acknowledged ? "DAY_SHEET_ANSWER " : "DAY_SHEET_ACKNOWLEDGEMENT ",
                                     (now_us - each->taken_us) / 1'000'000));
    }
    return missing;
  }

 private:
  std::vector<const SentOne*> Of(const std::string& day, bool theirs) const {
    std::vector<const SentOne*> of;
    for (const SentOne& each : sent) {
      if (each.day == day && (!theirs || ((each.shown || each.acknowledged) && !each.withheld))) of.push_back(&each);
    }
    return of;
  }
};

class AnyDaySheet : public testing::TestWithParam<uint32_t> {
 protected:
  int Below(size_t n) { return static_cast<int>(random_() % n); }

  void Register() {
    world_.PassUs(1'000'000);
    SentOne sent;
    sent.exchange_id = registrar_.Register();
    sent.bsn = registrar_.bsn();
    sent.consent = registrar_.consent();
    sent.delivery_id = world_.store->Mailbox({kEde, true, "registration", "", "", 1000})->back().delivery_id;
    sent.day = TodayInAmsterdam(world_.clock.now).ToString();
    sent.taken_us = world_.clock.now.us;
    model_.sent.push_back(sent);
  }
  void Acknowledge(SentOne& sent) {
    const bool lies = !sent.acknowledged && !sent.withheld;
    ASSERT_EQ(world_.Acknowledge(kEde, {sent.delivery_id}), lies ? 1u : 0u);
    sent.acknowledged = sent.acknowledged || lies;
  }
  void Answer(SentOne& sent, const char* status, const char* reason) {
    if (!sent.shown || sent.withheld || sent.answered) return;
    ASSERT_EQ(world_.Answer(kEde, sent.delivery_id, status, reason).state, policy::Answer::State::kReceived);
    sent.acknowledged = sent.answered = true;
    sent.withheld = std::string_view(reason) == "not-resident";
  }
  void Withdraw(SentOne& sent) {
    if (sent.acknowledged || sent.withheld || !sent.shown) return;
    for (const Issue& issue : registrar_.Withdraw(sent.bsn, sent.consent).issues) ADD_FAILURE() << issue.rule << " " << issue.path;
    sent.shown = false;
  }
  void Look() {
    world_.Read(kEde);
    for (SentOne& sent : model_.sent) sent.withheld = sent.withheld || !(sent.shown || sent.acknowledged);
  }

  void Compare(const std::string& day) {
    for (const bool theirs : {false, true}) {
      const v1::DaySheet sheet = world_.DaySheet(theirs ? kEde : kOpella, day).sheet;
      EXPECT_EQ(sheet.day(), day);
      std::string row;
      for (const std::string& each : SheetRows(sheet)) {
        if (each.find("registration") != std::string::npos) row = each;
      }
      EXPECT_EQ(row, model_.Row(day, theirs));
      EXPECT_EQ(MissingOf(sheet, "registration"), model_.Missing(day, theirs, world_.clock.now.us));
      EXPECT_EQ(sheet.missing_total(), static_cast<uint64_t>(sheet.missing_size()));
    }
  }

  std::mt19937 random_{GetParam()};
  World world_;
  Registrar registrar_{&world_};
  SheetModel model_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, AnyDaySheet, testing::Range(1u, 9u));

TEST_P(AnyDaySheet, SaysWhatAModelSays_R56) {
  std::set<std::string> days;
  for (int step = 0; step < 120; ++step) {
    const int chosen = Below(10);
    if (chosen < 3 || model_.sent.empty()) {
      Register();
      days.insert(model_.sent.back().day);
    } else if (chosen == 3) {
      world_.PassUs(static_cast<int64_t>(1 + Below(9)) * 3'600'000'000);
    } else if (chosen == 4) {
      Look();
    } else {
      SentOne& sent = model_.sent[Below(model_.sent.size())];
      if (chosen < 7) Acknowledge(sent);
      if (chosen == 7) Answer(sent, "accepted", "");
      if (chosen == 8) Answer(sent, "rejected", Below(2) == 0 ? "not-resident" : "unknown-person");
      if (chosen == 9) Withdraw(sent);
    }
    if (step % 10 == 9) Compare(*std::next(days.begin(), Below(days.size())));
    ASSERT_FALSE(HasFailure()) << "step " << step;
  }
  for (const std::string& day : days) Compare(day);
  EXPECT_GT(days.size(), 1u);
}

TEST(DaySheet, WhatCameToNothingIsToldByTheGatewayAndNotByItsRecipient_R56) {
  World world(MunicipalityBy::kMail);
  Registrar registrar(&world);
  for (const auto kind : {DeliveryOutcome::Kind::kAccepted, DeliveryOutcome::Kind::kPermanent}) {
    registrar.Register();
    world.MailEnds({kind, "smtp"});
  }
  registrar.Register();
  EXPECT_THAT(SheetRows(world.DaySheet(kOpella).sheet),
              ElementsAre("from  receipt: 1=0+1+0+0, 0, 0", "to gemeente-ede registration: 3=1+1+0+1, 1, 0"));
  EXPECT_THAT(SheetRows(world.DaySheet(kEde).sheet), ElementsAre("from opella registration: 2=1+1+0+0, 1, 0"));
}

TEST(DaySheet, OfManyMessagesCountsAllAndListsTheOldest_R56) {
  World world;
  Registrar registrar(&world);
  const size_t many = limits::kDaySheetMissingMax + 5;
  std::string first;
  for (size_t i = 0; i < many; ++i) {
    const std::string id = registrar.Register();
    if (i == 0) first = id;
    world.PassUs(1'000'000);
  }
  for (const char* party : {kOpella, kEde}) {
    const v1::DaySheet sheet = world.DaySheet(party).sheet;
    ASSERT_EQ(sheet.rows_size(), 1);
    EXPECT_EQ(sheet.rows(0).sent(), many);
    EXPECT_EQ(sheet.missing_total(), many);
    EXPECT_EQ(sheet.missing_size(), static_cast<int>(limits::kDaySheetMissingMax));
    EXPECT_EQ(sheet.missing(0).age_seconds(), static_cast<int64_t>(many));
  }
  EXPECT_EQ(world.DaySheet(kOpella).sheet.missing(0).message_id(), first);
}

TEST(DaySheet, IsAnEventBeforeItIsShownAndHoldsNoPerson_R56) {
  World world;
  world.Register(world.Example());
  const size_t before = world.Events().size();
  const v1::DaySheet sheet = world.DaySheet(kEde).sheet;
  ASSERT_EQ(world.Events().size(), before + 1);
  const v1::AuditEvent event = world.Events().back();
  EXPECT_EQ(event.code(), v1::AUDIT_READ);
  ASSERT_EQ(event.objects_size(), 1);
  EXPECT_EQ(event.objects(0).type() + " " + event.objects(0).id(), "day-sheet 2026-11-20");
  for (const char* part : {"999900006", "Testmeer", "Voorbeeld"}) {
    EXPECT_EQ(sheet.SerializeAsString().find(part), std::string::npos);
  }
}

TEST(DaySheet, OfADayToComeOrWithNobodyIsRefused_R56) {
  World world;
  const auto refused = [&](const std::string& day, const std::string& counterpart) {
    const Road::DrawnUp drawn_up = world.DaySheet(kEde, day, counterpart);
    EXPECT_THAT(drawn_up.sheet.rows(), IsEmpty());
    return drawn_up.issues.empty() ? "" : drawn_up.issues[0].rule + " " + drawn_up.issues[0].path;
  };
  EXPECT_EQ(refused("2026-11-21", ""), "DAY-TO-COME day");
  EXPECT_EQ(refused("2026-11-31", ""), "DATE-FORM day");
  EXPECT_EQ(refused("", "nobody"), "COUNTERPART-UNKNOWN counterpart");
  EXPECT_EQ(refused("2026-11-20", kOpella), "");
}

// A paced mail partner.
TEST(RoadByMail, ABacklogLargerThanARoundGoesAtItsPaceAndSlowsNobodyElse_R56) {
  config::v1::Enrolment parties;
  Enrol(kOpella, "agb", "00000001", "post@opella.example", &parties);
  Enrol(kEde, "cbs", "0228", "wmo@ede.example", &parties);
  Enrol("menzis", "uzovi", "0000", "", &parties);
  World world(parties, LoadRules({{"ede.txtpb", World::EdeDocument()}}), /*apart_us=*/1'000'000);
  Registrar registrar(&world);
  const size_t many = 2 * limits::kDueDeliveriesMax;
  for (size_t i = 0; i < many; ++i) registrar.Register();
  const auto sent_to = [&](const std::string& party) {
    size_t count = 0;
    for (const TestOutbound::Attempt& attempt : world.outbound.attempts) count += attempt.recipient == party;
    return count;
  };
  ASSERT_EQ(sent_to(kEde), 1u);
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  world.Answer(kEde, world.outbound.attempts[0].frozen.message_id(), "accepted");
  EXPECT_EQ(sent_to(kOpella), 1u) << "at once, behind all that waits for the other";
  std::set<std::string> ids{world.outbound.attempts[0].frozen.message_id()};
  world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  for (size_t second = 1; second < many; ++second) {
    world.PassUs(1'000'000);
    ASSERT_EQ(sent_to(kEde), second + 1);
    ids.insert(world.outbound.attempts.back().frozen.message_id());
    world.MailEnds({DeliveryOutcome::Kind::kAccepted, ""});
  }
  world.PassUs(10'000'000);
  EXPECT_EQ(sent_to(kEde), many);
  EXPECT_EQ(ids.size(), many) << "each once";
}

}  // namespace
}  // namespace schotvrij::exchange
