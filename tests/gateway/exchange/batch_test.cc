// Batches on the road: all of them or none, and nobody can tell how far the work behind it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_join.h"
#include "adapters/fhir/fhir.h"
#include "gateway/exchange/batch_account.h"
#include "gateway/exchange/client_file.h"
#include "schemas/base/limits.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange {
namespace {

using store::BatchState;
using testing::ElementsAre;

// The n-th BSN of the test range that passes the eleven-test.
std::string TestBsn(int n) {
  for (int number = 999'900'000;; ++number) {
    const std::string digits = std::to_string(number);
    int sum = -(digits[8] - '0');
    for (int i = 0; i < 8; ++i) sum += (9 - i) * (digits[i] - '0');
    if (sum % 11 == 0 && n-- == 0) return digits;
  }
}

class BatchRoad : public testing::Test {
 protected:
  // Registration `n` of the batch: its own key, its own client.
  std::string One(int n) const {
    return absl::StrReplaceAll(world_.Example(), {{"999900006", TestBsn(n)}, {"ede-2026-000001", "part-" + std::to_string(n)}});
  }
  std::string Bundle(const std::vector<std::string>& registrations) const {
    return R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)" +
           absl::StrJoin(registrations, "},{\"resource\":") + "}]}";
  }
  std::string Bundle(int parts) const {
    std::vector<std::string> all;
    for (int n = 0; n < parts; ++n) all.push_back(One(n));
    return Bundle(all);
  }

  BatchProgress Open(const std::string& key = "batch-1", const std::string& as = "opella") {
    BatchProgress progress;
    world_.batches->Open({World::As(as), "grpc", key, {}, "trace"}, [&](BatchDesk::Opened opened) {
      intake_ = std::move(opened.intake);
      progress = std::move(opened.progress);
    });
    return progress;
  }
  // Runs until it is answered, and no further.
  template <typename Call>
  BatchProgress Ask(const Call& call) {
    std::optional<BatchProgress> given;
    call([&](BatchProgress progress) { given = std::move(progress); });
    while (!given.has_value() && world_.Step() > 0) {
    }
    if (!given.has_value()) ADD_FAILURE() << "no answer";
    return given.value_or(BatchProgress());
  }
  BatchProgress Send(const std::string& bytes, uint64_t offset = 0) {
    return Ask([&](auto done) { intake_->Bundle(offset, bytes, std::move(done)); });
  }
  BatchProgress End(std::optional<uint64_t> parts) {
    return Ask([&](auto done) { intake_->End(parts, std::move(done)); });
  }
  BatchProgress Look() {
    return Ask([&](auto done) { intake_->Look(std::move(done)); });
  }
  BatchProgress Settled() {
    world_.Drive();
    return Look();
  }
  BatchProgress Whole(const std::string& bytes, uint64_t parts, const std::string& key = "batch-1") {
    Open(key);
    Send(bytes);
    End(parts);
    return Settled();
  }
  size_t MailOfEde() { return world_.store->Mailbox({"gemeente-ede", true, "", "", "", 10'000})->size(); }

  static std::string Told(const BatchProgress& progress) {
    std::string told;
    for (const Issue& issue : progress.issues) told += issue.rule + " at " + issue.path + "\n";
    return told;
  }

  World world_;
  std::shared_ptr<BatchIntake> intake_;
};

constexpr int kSlice = static_cast<int>(limits::kBatchSliceParts);

TEST_F(BatchRoad, ComesIntoEffectWhole) {
  EXPECT_EQ(Open().parts, 0u);
  const BatchProgress sent = Send(Bundle(kSlice + 3));
  EXPECT_EQ(sent.parts, limits::kBatchSliceParts) << "whole slices only, until the end";
  EXPECT_EQ(MailOfEde(), 0u);
  EXPECT_EQ(End(kSlice + 3).state, BatchState::kStaged);
  EXPECT_EQ(MailOfEde(), 0u);
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(world_.Read("gemeente-ede").items.size(), kSlice + 3u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_RECEIVE), kSlice + 3u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_DECIDE), kSlice + 3u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_DISCLOSE), kSlice + 3u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_BATCH_RECEIVED), 1u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_BATCH_JUDGED), 1u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_BATCH_IN_EFFECT), 1u);
  EXPECT_TRUE(world_.store->OpenBatches(9)->empty());
  EXPECT_EQ(Rules(world_.Register(One(0))), std::vector<std::string>{"ALREADY-REGISTERED"});
  const std::string metrics = world_.ledger->Metrics();
  EXPECT_THAT(metrics, testing::HasSubstr(absl::StrCat("schotvrij_batch_parts_total{step=\"finished\"} ", kSlice + 3)));
}

// The mailbox has nothing or all of it, at every step there is.
TEST_F(BatchRoad, ShowsNothingOrEverythingAtEveryStep) {
  constexpr int kParts = 2 * kSlice + 1;
  Open();
  Send(Bundle(kParts));
  std::optional<BatchProgress> ended;
  intake_->End(kParts, [&](BatchProgress progress) { ended = progress; });
  std::set<size_t> seen;
  std::vector<size_t> steps;
  do {
    const size_t mail = MailOfEde();
    seen.insert(mail);
    const auto client = *world_.store->ClientByIdentifier(BsnToken(*world_.keys, TestBsn(kParts - 1)));
    EXPECT_EQ(client && client->facts_version > 0, mail > 0) << "the facts of the last part with the mail of all";
    steps.push_back(mail);
  } while (world_.Step() > 0);
  EXPECT_THAT(seen, ElementsAre(0u, kParts));
  EXPECT_GT(std::count(steps.begin(), steps.end(), kParts), 3) << "the parts are finished in several steps";
}

TEST_F(BatchRoad, GoesOnBehindWhatIsOnDisk) {
  const std::string bytes = Bundle(3 * kSlice);
  Open();
  Send(bytes.substr(0, bytes.size() / 2));
  const BatchProgress again = Open();
  EXPECT_EQ(again.parts % limits::kBatchSliceParts, 0u);
  EXPECT_GT(again.parts, 0u);
  EXPECT_LT(again.bytes, bytes.size() / 2);
  EXPECT_EQ(Told(Send(bytes.substr(again.bytes), again.bytes)), "");
  EXPECT_EQ(Told(End(3 * kSlice)), "");
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(MailOfEde(), 3u * kSlice);
}

TEST_F(BatchRoad, MayBeginAgainFromTheStartWithTheSame) {
  const std::string bytes = Bundle(2 * kSlice);
  Open();
  Send(bytes.substr(0, bytes.size() / 2 + 10'000));
  Open();
  EXPECT_EQ(Told(Send(bytes)), "");
  EXPECT_EQ(Told(End(2 * kSlice)), "");
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(MailOfEde(), 2u * kSlice);
}

TEST_F(BatchRoad, OtherContentUnderItsKeyIsRefused) {
  Open();
  Send(Bundle(kSlice));
  std::vector<std::string> other;
  for (int n = 1; n <= kSlice; ++n) other.push_back(One(n));
  Open();
  EXPECT_EQ(Told(Send(Bundle(other))), "KEY-REUSED at header.batch_key\n");
  Open();
  EXPECT_EQ(Told(Send(Bundle(kSlice))), "");
  End(kSlice);
  EXPECT_EQ(Settled().state, BatchState::kInEffect) << "the batch itself was left alone";
}

TEST_F(BatchRoad, TheSameAgainHasNoSecondEffect) {
  ASSERT_EQ(Whole(Bundle(3), 3).state, BatchState::kInEffect);
  const size_t events = world_.Events().size();
  EXPECT_EQ(Open().state, BatchState::kInEffect);
  EXPECT_EQ(End(3).state, BatchState::kInEffect) << "without sending it";
  EXPECT_EQ(Whole(Bundle(3), 3).state, BatchState::kInEffect);
  EXPECT_EQ(MailOfEde(), 3u);
  EXPECT_EQ(world_.Events().size(), events);
  EXPECT_EQ(Open().state, BatchState::kInEffect);
  EXPECT_EQ(Told(Send(Bundle(4))), "KEY-REUSED at header.batch_key\n");
  Open();
  Send(Bundle(2));
  EXPECT_EQ(Told(End(2)), "KEY-REUSED at header.batch_key\n");
}

TEST_F(BatchRoad, OnePartAtFaultRefusesAllAndNothingStays) {
  std::vector<std::string> parts = {One(0), One(1), One(2)};
  parts[1] = absl::StrReplaceAll(parts[1], {{TestBsn(1), "999900007"}});
  Open();
  Send(Bundle(parts));
  EXPECT_EQ(End(3).state, BatchState::kStaged);
  const BatchProgress refused = Settled();
  EXPECT_EQ(refused.state, BatchState::kRefused);
  EXPECT_THAT(Told(refused), testing::StartsWith("BSN-ELEVEN-TEST at part[2].Bundle.entry["));
  EXPECT_EQ(MailOfEde(), 0u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_BATCH_REFUSED), 1u);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_DISCLOSE), 0u);
  EXPECT_FALSE(*world_.store->ClientByIdentifier(BsnToken(*world_.keys, TestBsn(0)))) << "nobody is known by it";
  EXPECT_TRUE(world_.store->OpenBatches(9)->empty());
  EXPECT_EQ(Rules(world_.Register(One(0))), std::vector<std::string>{}) << "the client is free";
  EXPECT_EQ(Open().state, BatchState::kRefused);
  EXPECT_THAT(Told(End(3)), testing::HasSubstr("BSN-ELEVEN-TEST")) << "the same answer again";
}

TEST_F(BatchRoad, FindingsAreBounded) {
  std::vector<std::string> parts;
  for (int n = 0; n < 130; ++n) parts.push_back(absl::StrReplaceAll(One(n), {{TestBsn(n), "999900007"}}));
  const BatchProgress refused = Whole(Bundle(parts), 130);
  EXPECT_EQ(refused.state, BatchState::kRefused);
  EXPECT_EQ(refused.issues.size(), limits::kIssuesMax);
}

TEST_F(BatchRoad, WhereTooMuchIsWrongTheRestIsNotRead) {
  constexpr size_t kRead = (limits::kIssuesMax + kSlice - 1) / kSlice * kSlice;  // whole slices
  std::vector<std::string> parts(2 * kRead, R"({"resourceType":"Patient"})");
  for (int n = 0; n < kSlice; ++n) parts.push_back(One(n));
  const std::string bytes = Bundle(parts);
  Open();
  EXPECT_EQ(Send(bytes).issues.size(), limits::kIssuesMax);
  const BatchProgress refused = Settled();
  EXPECT_EQ(refused.state, BatchState::kRefused);
  EXPECT_EQ(refused.parts, kRead) << "as many as have so much wrong";
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_REFUSE), kRead);
  EXPECT_TRUE(world_.store->OpenBatches(9)->empty());
  Open();
  EXPECT_EQ(Send(bytes).issues.size(), limits::kIssuesMax) << "the same answer again";
}

TEST_F(BatchRoad, ALargeChunkIsReadInPieces) {
  Open();
  const size_t waiting = world_.executor.waiting();
  std::optional<BatchProgress> given;
  intake_->Bundle(0, Bundle(2 * kSlice), [&](BatchProgress progress) { given = std::move(progress); });
  EXPECT_EQ(world_.store->Flush(), 0u) << "no slice is whole after the first piece";
  EXPECT_EQ(world_.executor.waiting(), waiting + 1) << "the next waits for its turn";
  world_.Drive();
  ASSERT_TRUE(given.has_value());
  EXPECT_EQ(given->parts, 2u * kSlice);
}

TEST_F(BatchRoad, ATrailerThatDoesNotTieRefusesIt) {
  EXPECT_EQ(Told(Whole(Bundle(3), 4)), "BATCH-COUNT at trailer.exchanges\n");
  EXPECT_EQ(MailOfEde(), 0u);
  Open("batch-2");
  EXPECT_EQ(Told(End(0)), "BATCH-COUNT at trailer.exchanges\n") << "empty";
}

TEST_F(BatchRoad, ABundleThatIsNotWholeRefusesIt) {
  const std::string bytes = Bundle(3);
  EXPECT_EQ(Told(Whole(bytes.substr(0, bytes.size() - 1), 3)), "JSON-SYNTAX at Bundle\n");
  EXPECT_EQ(Told(Whole(bytes, 0, "batch-2")), "") << "a whole Bundle counts itself";
}

TEST_F(BatchRoad, WhatCannotBeReadOnLeavesWhatCameBefore) {
  Open();
  std::string bytes = Bundle(2);
  bytes.pop_back();
  EXPECT_EQ(Told(Send(bytes + ",x")), "JSON-SYNTAX at part[3]\n");
  EXPECT_EQ(Open().parts, 2u);
}

TEST_F(BatchRoad, MessagesInAnotherOrderAreRefused) {
  Open();
  EXPECT_EQ(Told(Send("x", 5)), "BATCH-ORDER at bundle.offset\n");
  Open();
  EXPECT_EQ(Told(Ask([&](auto done) { intake_->Part(2, {}, std::move(done)); })), "BATCH-ORDER at part.sequence\n");
  Open();
  Send(Bundle(kSlice));
  EXPECT_EQ(Told(Ask([&](auto done) { intake_->Part(kSlice + 1, {}, std::move(done)); })), "BATCH-ORDER at part.sequence\n");
}

// However far the first is, with a commit of it under way.
TEST_F(BatchRoad, OfTwoStreamsTheLastGoesOn) {
  constexpr int kParts = 3 * kSlice;
  for (int steps = 0; steps < 4; ++steps) {
    std::vector<std::string> all;
    for (int n = 0; n < kParts; ++n) all.push_back(One(steps * kParts + n));
    const std::string bytes = Bundle(all);
    const std::string key = absl::StrCat("batch-", steps);
    Open(key);
    const std::shared_ptr<BatchIntake> first = intake_;
    std::string told = "nothing";
    first->Bundle(0, bytes, [&](const BatchProgress& progress) { told = Told(progress); });
    for (int i = 0; i < steps; ++i) world_.Step();
    Open(key);
    EXPECT_EQ(Told(Send(bytes)), "") << "after " << steps << " steps";
    EXPECT_EQ(told, "BATCH-ELSEWHERE at header.batch_key\n") << "after " << steps << " steps";
    EXPECT_EQ(Told(Ask([&](auto done) { first->End(kParts, std::move(done)); })), "BATCH-ELSEWHERE at header.batch_key\n");
    EXPECT_EQ(Told(End(kParts)), "");
    EXPECT_EQ(Settled().state, BatchState::kInEffect);
  }
}

// Another stream stored other parts: ours are not what came before.
TEST_F(BatchRoad, WhatAnotherStreamStoredIsHeldAgainstOurs) {
  Open();
  const std::shared_ptr<BatchIntake> first = intake_;
  first->Bundle(0, Bundle(kSlice), [](const BatchProgress&) {});
  world_.executor.Run();
  Open();
  EXPECT_EQ(Told(Send(absl::StrReplaceAll(Bundle(kSlice), {{TestBsn(2), TestBsn(50)}}))), "KEY-REUSED at header.batch_key\n");
  EXPECT_EQ(Look().parts, limits::kBatchSliceParts);
}

TEST_F(BatchRoad, ABatchHasABound) {
  Open();
  Send(Bundle(kSlice));
  store::Unit unit;
  unit.batch = **world_.store->BatchByKey(world_.keys->Token("batch", "grpc|opella|batch-1"));
  unit.batch->parts = limits::kBatchPartsMax;
  ASSERT_TRUE(world_.store->Commit(unit, &world_.executor, [](auto) {}).ok());
  world_.Drive();
  const BatchProgress open = Open();
  const std::string bytes = Bundle(2 * kSlice);
  EXPECT_EQ(Told(Send(bytes.substr(open.bytes), open.bytes)), "BATCH-SIZE at \n");
}

TEST_F(BatchRoad, TheSameClientTwiceRefusesIt) {
  EXPECT_EQ(Told(Whole(Bundle({One(0), One(1), absl::StrReplaceAll(One(0), {{"part-0", "part-x"}})}), 3)),
            "BATCH-CLIENT-TWICE at part[3].client\n");
  std::vector<std::string> far;
  for (int n = 0; n <= kSlice; ++n) far.push_back(One(n % kSlice));
  EXPECT_EQ(Told(Whole(Bundle(far), kSlice + 1, "batch-2")), absl::StrCat("BATCH-CLIENT-TWICE at part[", kSlice + 1, "].client\n"));
  EXPECT_EQ(MailOfEde(), 0u);
}

TEST_F(BatchRoad, AClientRegisteredMeanwhileRefusesIt) {
  Open();
  Send(Bundle(kSlice));
  EXPECT_EQ(Rules(world_.Register(One(4))), std::vector<std::string>{}) << "what is staged is in nobody's way";
  End(kSlice);
  EXPECT_EQ(Told(Settled()), "ALREADY-REGISTERED at part[5].client\n");
  EXPECT_EQ(MailOfEde(), 1u);
}

TEST_F(BatchRoad, WhileItIsJudgedItsRegistrationsAreNotGivenAway) {
  Open();
  Send(Bundle(2 * kSlice));
  End(2 * kSlice);
  while (Look().judged == 0) world_.Step();
  std::optional<policy::Answer> given;
  world_.road->Receive({World::As("opella"), Format::kFhirJson, "fhir-https", One(0), "trace", ""},
                       [&](policy::Answer answer) { given = std::move(answer); });
  world_.Drive();
  ASSERT_TRUE(given.has_value());
  // By then the batch holds it, or is in effect; it is never said to be registered while it may yet be refused.
  EXPECT_THAT(Rules(*given), testing::AnyOf(ElementsAre("BUSY"), ElementsAre("ALREADY-REGISTERED")));
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(MailOfEde(), 2u * kSlice);
}

TEST_F(BatchRoad, AReloadBetweenJudgingAndEffectIsJudgedAgain) {
  Open();
  Send(Bundle(kSlice));
  End(kSlice);
  // Until it is judged on disk, and nobody has gone on from there.
  do {
    world_.executor.Run();
    world_.store->Flush();
  } while (Look().state == BatchState::kStaged);
  ASSERT_EQ(Look().state, BatchState::kJudged);
  world_.LoadPolicy(World::EdeDocument() + "\n# another set\n");
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_BATCH_JUDGED), 2u);
}

TEST_F(BatchRoad, AnAgreementThatEndedMeanwhileRefusesIt) {
  Open();
  Send(Bundle(kSlice));
  world_.clock.now.us += 20LL * 365 * 86'400 * 1'000'000;  // no version of the agreement is in force
  End(kSlice);
  const BatchProgress after = Settled();
  EXPECT_EQ(after.state, BatchState::kRefused);
  EXPECT_EQ(MailOfEde(), 0u);
}

TEST_F(BatchRoad, GoesOnAfterACrashAtAnyStep) {
  constexpr int kParts = kSlice + 5;
  Open();
  Send(Bundle(kParts));
  End(kParts);
  for (int step = 0; world_.Step() > 0; ++step) {
    const size_t mail = MailOfEde();
    EXPECT_TRUE(mail == 0 || mail == kParts) << mail;
    if (step % 2 == 0) world_.RestartBatchWork();
  }
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(MailOfEde(), static_cast<size_t>(kParts));
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_DISCLOSE), static_cast<size_t>(kParts));
}

TEST_F(BatchRoad, SilenceEndsIt) {
  Open();
  Send(Bundle(kSlice));
  world_.PassUs(limits::kBatchReceiveUsMax - 2'000'000);
  EXPECT_EQ(Look().state, BatchState::kReceiving);
  world_.PassUs(4'000'000);
  EXPECT_EQ(Told(Look()), "BATCH-TIMED-OUT at \n");
  EXPECT_TRUE(world_.store->OpenBatches(9)->empty());
  EXPECT_TRUE(world_.store->DueTimers(kBatchTimer, Instant{INT64_MAX}, 9)->empty());
}

TEST_F(BatchRoad, SenderIsTheCallers) {
  EXPECT_EQ(Told(Open("batch-1", "nobody")), "") << "speaks for itself";
  v1::PartyIdentifier other;
  other.set_system("cbs");
  other.set_value("0228");
  BatchProgress progress;
  world_.batches->Open({World::As("opella"), "grpc", "k", other, "trace"},
                       [&](BatchDesk::Opened opened) { progress = opened.progress; });
  EXPECT_EQ(Told(progress), "CALLER-NOT-FOR at envelope.sender\n");
}

TEST_F(BatchRoad, NoMoreBatchesAreOpenThanTheBounds) {
  for (size_t i = 0; i < limits::kOpenBatchesPerSenderMax; ++i) {
    ASSERT_EQ(Told(Open("batch-" + std::to_string(i))), "");
    Send(Bundle(1));
    End(std::nullopt);
  }
  EXPECT_EQ(Told(Open("one more")), "BUSY at \n");
  EXPECT_EQ(Told(Open("batch-0")), "") << "that one is open already";
  EXPECT_EQ(Told(Open("of another", "menzis")), "");
  for (size_t i = limits::kOpenBatchesPerSenderMax; i < limits::kOpenBatchesMax; ++i) {
    store::Unit unit;
    unit.batch = store::Batch{"id-" + std::to_string(i), "key-" + std::to_string(i), "others"};
    unit.batch->account = (*world_.store->OpenBatches(1)).front().account;
    ASSERT_TRUE(world_.store->Commit(unit, &world_.executor, [](auto) {}).ok());
  }
  world_.Drive();
  EXPECT_EQ(Told(Open("of another", "menzis")), "BUSY at \n");
}

TEST_F(BatchRoad, ItsConsentsRunOutLikeAnyOther) {
  Whole(Bundle(kSlice + 1), kSlice + 1);
  std::vector<std::string> ids;
  for (const MailboxItem& item : world_.Read("gemeente-ede").items) ids.push_back(item.delivery_id);
  ASSERT_EQ(world_.Acknowledge("gemeente-ede", ids), kSlice + 1u);
  world_.clock.now.us += 366 * int64_t{86'400'000'000};
  world_.PassUs(limits::kTimerRoundUs);
  EXPECT_EQ(MailOfEde(), kSlice + 1u) << "an end of each";
  EXPECT_EQ(world_.CountEvents(v1::AUDIT_CONSENT_ENDED), kSlice + 1u);
}

TEST_F(BatchRoad, CanonicalPartsTakeTheSameRoad) {
  Open();
  for (int n = 0; n < 2; ++n) {
    const auto decoder = fhir::NewDecoder({});
    DecodedParts decoded;
    decoder->Feed(One(n), decoded);
    decoder->Finish(decoded);
    EXPECT_EQ(Told(Ask([&](auto done) { intake_->Part(n + 1, decoded.exchanges.at(0), std::move(done)); })), "");
  }
  End(2);
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(MailOfEde(), 2u);
}

// R24 of parts of a batch, whatever the hold meets on its way: set, or lifted, behind each step of the batch.
class BatchHold : public BatchRoad {
 protected:
  void Say(const std::string& status) {
    EXPECT_EQ(world_.Receive("opella", World::Hold(status, "hold-" + status, TestBsn(1))).state, policy::Answer::State::kReceived);
  }
  void Begin() {
    Open();
    Send(Bundle(kParts));
    intake_->End(kParts, [](BatchProgress) {});
  }
  size_t Read() { return world_.Read("gemeente-ede").items.size(); }

  static constexpr int kParts = kSlice + 2;
};

class BatchHoldAt : public BatchHold, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Steps, BatchHoldAt, testing::Range(0, 14));

TEST_P(BatchHoldAt, R24_SetMeanwhileThePartWaits) {
  Begin();
  for (int step = 0; step < GetParam(); ++step) world_.Step();
  Say("active");
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(Read(), kParts - 1u);
  EXPECT_EQ(Read(), kParts - 1u);
  Say("inactive");
  EXPECT_EQ(Read(), size_t{kParts});
  EXPECT_EQ(MailOfEde(), size_t{kParts});
}

TEST_P(BatchHoldAt, R24_LiftedMeanwhileThePartGoesOn) {
  Say("active");
  Begin();
  for (int step = 0; step < GetParam(); ++step) world_.Step();
  Say("inactive");
  EXPECT_EQ(Settled().state, BatchState::kInEffect);
  EXPECT_EQ(Read(), size_t{kParts});
}

}  // namespace
}  // namespace schotvrij::exchange
