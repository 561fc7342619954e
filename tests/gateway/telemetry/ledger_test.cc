#include "gateway/telemetry/ledger.h"

#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "gateway/telemetry/log_line.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/executors.h"

namespace schotvrij::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Nothing becomes a Word unasked, and text has no way into the log but through one.
static_assert(!std::is_convertible_v<std::string, ParticipantKey>);
static_assert(!std::is_convertible_v<const char*, RuleId>);
static_assert(!std::is_convertible_v<std::string_view, TraceId>);
static_assert(!std::is_convertible_v<ParticipantKey, RuleId> && !std::is_constructible_v<RuleId, ParticipantKey>);
static_assert(!std::is_constructible_v<Place, std::string> && !std::is_constructible_v<Place, const char*>);

template <typename T>
constexpr bool kMayBeTold = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Place>;
template <typename Form, typename Kind>
constexpr bool kMayBeTold<Word<Form, Kind>> = true;
template <typename Form, typename Kind>
constexpr bool kMayBeTold<std::vector<Word<Form, Kind>>> = true;

struct FieldTypes {
  template <typename T>
  void operator()(std::string_view, const T&) {
    static_assert(kMayBeTold<T>, "an event may hold no free text");
    bytes += sizeof(T);
  }
  size_t bytes = 0;
};

template <size_t... I>
void ForEachKind(auto&& each, std::index_sequence<I...>) {
  (each(std::variant_alternative_t<I, Event>{}), ...);
}
void ForEachKind(auto&& each) { ForEachKind(each, std::make_index_sequence<std::variant_size_v<Event>>()); }

TEST(Event, HasNoFieldThatAPersonCouldSlipInto) {
  ForEachKind([](const auto& event) {
    FieldTypes fields;
    event.Visit(fields);
    // No field that is kept and not visited: what the struct holds is what was checked, but for padding.
    EXPECT_LT(sizeof(event), fields.bytes + alignof(std::max_align_t)) << event.kName;
  });
}

TEST(Event, NamesAreDistinct) {
  std::vector<std::string_view> names;
  ForEachKind([&](const auto& event) {
    EXPECT_THAT(names, Not(testing::Contains(event.kName)));
    names.push_back(event.kName);
  });
}

TEST(Word, NeitherBsnNorSentenceFits) {
  for (const char* text : {"999900006", "opella999900006", "p-999911120", "van der Berg", "a\"b", "a\nb", "é", "1abc", " "}) {
    EXPECT_EQ(ParticipantKey(text).text(), "?") << text;
  }
  EXPECT_EQ(ParticipantKey(std::string(81, 'a')).text(), "?");
  EXPECT_EQ(ParticipantKey("opella").text(), "opella");
  EXPECT_EQ(ReasonCode("smtp-550").text(), "smtp-550");
  EXPECT_EQ(ParticipantKey("").text(), "");
}

TEST(Word, IdsHaveTheFormOfIds) {
  EXPECT_EQ(ExchangeId("0123456789abcdef0123456789abcdef").text(), "0123456789abcdef0123456789abcdef");
  for (const char* text : {"999900006", "0123456789ABCDEF0123456789abcdef", "0123456789abcdef0123456789abcde"}) {
    EXPECT_EQ(ExchangeId(text).text(), "?") << text;
  }
}

TEST(Word, AReleaseIsNumbersOnly) {
  EXPECT_EQ(ReleaseNumber("0.1.0").text(), "0.1.0");
  for (const char* text : {"999900006", "1.999900006", "0.1.0-jansen"}) EXPECT_EQ(ReleaseNumber(text).text(), "?") << text;
}

TEST(Word, ATraceIdThatAPeerMadeUpIsNotShown) {
  EXPECT_EQ(TraceId("client-999900006").text(), "?");
  EXPECT_EQ(TraceId("999900006").text(), "?");
  EXPECT_EQ(TraceId("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").text(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST(LogLine, IsOneJsonObjectPerEvent) {
  Event event = Refused{.edge = EdgeName("grpc"),
                        .peer = ParticipantKey("opella"),
                        .content = ContentType("registration"),
                        .rules = {RuleId("BSN-ZEROS"), RuleId("SURNAME-MISSING")},
                        .duration_us = 1500,
                        .trace = {}};
  EXPECT_EQ(LogLine({1'767'225'600'000'001}, event),
            "{\"at\":\"2026-01-01T00:00:00.000001Z\",\"level\":\"info\",\"event\":\"refused\",\"edge\":\"grpc\","
            "\"peer\":\"opella\",\"content\":\"registration\",\"rules\":[\"BSN-ZEROS\",\"SURNAME-MISSING\"],"
            "\"duration_us\":1500}");
}

struct FixedClock final : Clock {
  Instant Now() const override { return {1'767'225'600'000'000}; }
};

class LedgerTest : public testing::Test {
 protected:
  FixedClock clock_;
  std::ostringstream log_;
  std::unique_ptr<Ledger> ledger_ = *Ledger::Create({.clock = &clock_, .log_file = "", .stream = &log_, .release = ReleaseNumber("1.2.3")});
};

TEST_F(LedgerTest, EveryEventIsOneLineAndOneCount) {
  size_t kinds = 0;
  ForEachKind([&](const auto& event) {
    ledger_->Record(event);
    ++kinds;
    EXPECT_THAT(ledger_->Metrics(),
                HasSubstr("schotvrij_events_total{event=\"" + std::string(event.kName) + "\"} 1\n"));
  });
  std::string log = log_.str();
  EXPECT_EQ(static_cast<size_t>(std::count(log.begin(), log.end(), '\n')), kinds);
}

TEST_F(LedgerTest, CountsWhatOperatorsAskFor) {
  ledger_->Record(Received{.edge = EdgeName("grpc"), .content = ContentType("registration")});
  ledger_->Record(Accepted{.edge = EdgeName("grpc"), .network = NetworkKey("ede"), .duration_us = 2000});
  ledger_->Record(Refused{.edge = EdgeName("grpc"), .rules = {RuleId("BSN-ZEROS"), RuleId("made-up-by-a-document")}});
  ledger_->Record(DeliveryMoved{.stage = DeliveryStage::kDeadLetter});
  ledger_->SetBacklog(Backlog::kQueuedUnits, 17);
  ledger_->ObserveCommit(300);
  ledger_->ObserveSync(90);
  ledger_->SetStoreBytes(StoreFile::kFree, 5);
  std::string page = ledger_->Metrics();
  EXPECT_THAT(page, HasSubstr("schotvrij_intake_total{content=\"registration\",edge=\"grpc\"} 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_decisions_total{network=\"ede\"} 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_refusals_total{rule=\"BSN-ZEROS\"} 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_refusals_total{rule=\"other\"} 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_deliveries_total{stage=\"dead-letter\"} 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_backlog{what=\"queued-units\"} 17"));
  EXPECT_THAT(page, HasSubstr("schotvrij_commit_seconds_count 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_answer_seconds_bucket{edge=\"grpc\",outcome=\"accepted\",le=\"0.0025\"} 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_store_sync_seconds_bucket{le=\"0.0001\"} 1"));
  EXPECT_THAT(page, HasSubstr("schotvrij_store_bytes{file=\"free\"} 5"));
  EXPECT_THAT(page, HasSubstr("schotvrij_build_info{release=\"1.2.3\"} 1"));
}

TEST_F(LedgerTest, WhatIsNoLongerHeldIsNoLongerShown) {
  const CertificateExpiry certificates[] = {
      {CertificateUse::kHttpsServer, {}, {1'800'000'000'000'000}},
      {CertificateUse::kMailRecipient, ParticipantKey("gemeente-ede"), {1'900'000'000'000'000}}};
  ledger_->ShowCertificates(certificates);
  const MailboxBacklog mailbox = {ParticipantKey("gemeente-ede"), 3, 2'500'000};
  ledger_->ShowMailboxes({&mailbox, 1});
  std::string page = ledger_->Metrics();
  EXPECT_THAT(page, HasSubstr("schotvrij_certificate_expiry_timestamp_seconds{owner=\"\",use=\"https-server\"} 1800000000"));
  EXPECT_THAT(page, HasSubstr("{owner=\"gemeente-ede\",use=\"mail-recipient\"} 1900000000"));
  EXPECT_THAT(page, HasSubstr("schotvrij_mailbox_waiting{recipient=\"gemeente-ede\"} 3"));
  EXPECT_THAT(page, HasSubstr("schotvrij_mailbox_oldest_seconds{recipient=\"gemeente-ede\"} 2.5"));
  ledger_->ShowCertificates({certificates, 1});
  ledger_->ShowMailboxes({});
  page = ledger_->Metrics();
  EXPECT_THAT(page, HasSubstr("use=\"https-server\""));
  EXPECT_THAT(page, Not(HasSubstr("gemeente-ede")));
}

TEST_F(LedgerTest, SaysHowFarBatchesAre) {
  ledger_->CountParts(PartStep::kReceived, 32);
  ledger_->CountParts(PartStep::kReceived, 5);
  ledger_->SetBatches(BatchStage::kJudged, 2);
  ledger_->Record(BatchMoved{.stage = BatchStage::kInEffect, .sender = ParticipantKey("opella"), .parts = 37});
  const std::string page = ledger_->Metrics();
  EXPECT_THAT(page, HasSubstr("schotvrij_batch_parts_total{step=\"received\"} 37"));
  EXPECT_THAT(page, HasSubstr("schotvrij_batches{state=\"judged\"} 2"));
  EXPECT_THAT(log_.str(), HasSubstr("\"event\":\"batch\",\"stage\":\"in-effect\",\"sender\":\"opella\",\"parts\":37}"));
}

TEST_F(LedgerTest, OnlyThePolicySetInForceIsShown) {
  ledger_->Record(PolicyLoaded{.policy_set = PolicySet("0123456789abcdef")});
  ledger_->Record(PolicyLoaded{.policy_set = PolicySet("fedcba9876543210")});
  EXPECT_THAT(ledger_->Metrics(), HasSubstr("schotvrij_policy_set{set=\"fedcba9876543210\"} 1"));
  EXPECT_THAT(ledger_->Metrics(), Not(HasSubstr("0123456789abcdef")));
}

class LedgerThatWaits : public testing::Test {
 protected:
  size_t Lines() const {
    const std::string log = log_.str();
    return static_cast<size_t>(std::count(log.begin(), log.end(), '\n'));
  }

  FixedClock clock_;
  ManualExecutor executor_;
  std::ostringstream log_;
  std::unique_ptr<Ledger> ledger_ = *Ledger::Create({.clock = &clock_, .stream = &log_, .executor = &executor_});
};

TEST_F(LedgerThatWaits, LinesAreWrittenTogetherAMomentLater) {
  for (int i = 0; i < 3; ++i) ledger_->Record(Repeated{});
  EXPECT_EQ(log_.str(), "");
  EXPECT_EQ(executor_.waiting(), 1u) << "one for all";
  executor_.Advance(100'000);
  EXPECT_EQ(Lines(), 3u);
  ledger_->Record(Repeated{});
  executor_.Advance(100'000);
  EXPECT_EQ(Lines(), 4u);
}

TEST_F(LedgerThatWaits, AWarningIsWrittenAtOnceBehindWhatCameBefore) {
  ledger_->Record(Repeated{});
  ledger_->Record(Hurried{});
  EXPECT_EQ(Lines(), 2u);
  EXPECT_LT(log_.str().find("repeated"), log_.str().find("hurried"));
  executor_.Advance(100'000);
  EXPECT_EQ(Lines(), 2u);
}

TEST_F(LedgerThatWaits, MuchIsWrittenBeforeItsTime) {
  constexpr size_t kMany = 1000;
  for (size_t i = 0; i < kMany; ++i) ledger_->Record(Repeated{});
  EXPECT_GT(Lines(), kMany / 2);
  executor_.Advance(100'000);
  EXPECT_EQ(Lines(), kMany);
}

TEST_F(LedgerThatWaits, NothingIsLeftWhenItGoes) {
  ledger_->Record(Repeated{});
  ledger_.reset();
  EXPECT_EQ(Lines(), 1u);
  executor_.Advance(100'000);
  EXPECT_EQ(Lines(), 1u);
}

TEST(Ledger, ALogFileThatCannotBeOpenedIsRefused) {
  FixedClock clock;
  auto ledger = Ledger::Create({.clock = &clock, .log_file = "/proc/none/log", .stream = nullptr});
  EXPECT_EQ(ledger.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace schotvrij::telemetry
