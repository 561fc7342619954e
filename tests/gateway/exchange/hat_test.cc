// R19: who has two hats (petten) states one on each call; what came in under one is not found under the other; nobody approves an own
// request unless the document lets it, and then it is listed. R20: nor what it sent for another party that employs it as well.
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gateway/exchange/own_approval.h"
#include "gateway/exchange/waiting.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway/exchange/world.h"

namespace schotvrij::exchange::hats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kClient = "999900006";  // of the example
constexpr const char* kProvider = "provider";
constexpr const char* kMunicipality = "municipality";

std::string Held(const std::string& role) { return "membership { role: \"" + role + "\" from: \"2021-01-01\" }\n"; }

// Ede, in which Opella is a municipality too, with `more` in what its document says of it.
std::string TwoHats(const std::string& more = "") {
  return absl::StrReplaceAll(World::EdeDocument(), {{"    " + Held(kProvider), "    " + Held(kProvider) + Held(kMunicipality) + more}});
}

std::string LetsOwnApproval(const std::string& document) {
  return absl::StrReplaceAll(document, {{"version: \"2024\"\n", "version: \"2024\"\nown_approval: \"a small municipality\"\n"}});
}
std::string WithOwnApproval() { return LetsOwnApproval(TwoHats()); }

// Ede, whose document tells that one person is staff of both parties; others are of one of them.
std::string TwoEmployers() {
  const auto staff = [](const std::string& key, const std::string& person) {
    return "    staff { key: \"" + key + "\" function: \"of the test\" from: \"2021-01-01\"" + person + " }\n";
  };
  const std::string person = " person: \"persoon-1\"";
  const auto party = [](const std::string& role) { return "    " + Held(role); };
  return absl::StrReplaceAll(World::EdeDocument(),
                             {{party(kProvider), party(kProvider) + staff("arranger", person) + staff("other", "")},
                              {party(kMunicipality), party(kMunicipality) + staff("consulent", person) + staff("other", "")}});
}

class Hats : public testing::Test {
 protected:
  static constexpr auto kReceived = policy::Answer::State::kReceived;

  Hats() { world.LoadPolicy(TwoHats()); }

  static identity::Caller As(const std::string& participant, const std::string& role, const std::string& staff = "") {
    return {participant, {participant}, staff, role};
  }

  policy::Answer Say(const identity::Caller& caller, const std::string& body, Format format = Format::kFhirJson) {
    std::optional<policy::Answer> given;
    world.road->Receive({caller, format, "edge", body, "trace", "", ""}, [&](policy::Answer answer) { given = std::move(answer); });
    world.Drive();
    EXPECT_TRUE(given.has_value());
    return given.value_or(policy::Answer());
  }
  // To the municipality of Ede, or to Opella itself.
  std::string Registration(bool to_itself = false, const std::string& key = "ede-2026-000001") const {
    std::string body = absl::StrReplaceAll(world.Example(), {{"ede-2026-000001", key}});
    if (to_itself) {
      body = absl::StrReplaceAll(body, {{R"("urn:schotvrij:identifier:cbs-gemeente", "value": "0228")",
                                         R"("http://fhir.nl/fhir/NamingSystem/agb-z", "value": "00000001")"}});
    }
    return body;
  }
  policy::Answer Verdict(const identity::Caller& caller, const std::string& id, const std::string& status) {
    std::string body = R"({"resourceType":"Task","id":")" + id + R"(","status":")" + status +
                       R"(","intent":"order","code":{"coding":[{"system":"urn:schotvrij:codesystem:task","code":"register"}]})";
    if (status == "rejected") {
      body += R"(,"statusReason":{"coding":[{"system":"urn:schotvrij:codesystem:answer-reason","code":"not-resident"}]})";
    }
    return Say(caller, body + "}");
  }
  Road::MailboxPage Read(const identity::Caller& caller, const std::string& id = "", const std::string& bsn = "") {
    Road::MailboxRequest request;
    request.caller = caller;
    request.unacknowledged_only = false;
    request.delivery_id = id;
    request.bsn = bsn;
    request.trace_id = "trace";
    Road::MailboxPage page;
    world.road->ReadMailbox(std::move(request), [&](Road::MailboxPage read) { page = std::move(read); });
    world.Drive();
    return page;
  }
  std::vector<std::string> RefusedReading(const identity::Caller& caller) {
    std::vector<std::string> rules;
    for (const Issue& issue : Read(caller).issues) rules.push_back(issue.rule);
    return rules;
  }
  std::string OnlyItem(const identity::Caller& caller) {
    const Road::MailboxPage page = Read(caller);
    EXPECT_THAT(page.items, SizeIs(1));
    return page.items.empty() ? "" : page.items[0].delivery_id;
  }
  uint32_t Acknowledge(const identity::Caller& caller, const std::string& id) {
    uint32_t count = 0;
    world.road->Acknowledge({caller, {}, {id}, "trace"}, [&](Road::Acknowledged taken) { count = taken.count; });
    world.Drive();
    return count;
  }
  // Of one registration.
  store::BatchState SendBatch(const identity::Caller& caller, const std::string& key) {
    BatchProgress progress;
    const auto tell = [&](BatchProgress told) { progress = std::move(told); };
    std::shared_ptr<BatchIntake> intake;
    world.batches->Open({caller, "grpc", key, {}, "trace"}, [&](BatchDesk::Opened opened) { intake = std::move(opened.intake); });
    const std::string bundle = R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)" + Registration() + "}]}";
    intake->Bundle(0, bundle, tell);
    world.Drive();
    intake->End(0, tell);
    world.Drive();
    intake->Look(tell);
    world.Drive();
    return progress.state;
  }
  Road::DaySheetRead Sheet(const identity::Caller& caller) {
    Road::DaySheetRead read;
    world.road->ReadDaySheet({caller, {}, "trace"}, [&](Road::DaySheetRead given) { read = std::move(given); });
    world.Drive();
    return read;
  }

  const identity::Caller provider = As("opella", kProvider);
  const identity::Caller city = As("opella", kMunicipality);
  const identity::Caller none = As("opella", "");
  World world;
};

TEST_F(Hats, WhoHasTwoStatesOneOnEachCallR19) {
  EXPECT_THAT(Rules(Say(none, Registration())), ElementsAre("CALLER-WHICH-ROLE"));
  EXPECT_THAT(RefusedReading(none), ElementsAre("CALLER-WHICH-ROLE"));
  EXPECT_THAT(Sheet(none).issues, SizeIs(1));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_REFUSE), 1u) << "of a read its edge notes the refusal";

  EXPECT_THAT(Rules(Say(As("opella", "care_office"), Registration())), ElementsAre("CALLER-NOT-IN-ROLE"));
  EXPECT_THAT(RefusedReading(As("opella", "provider,municipality")), ElementsAre("CALLER-NOT-IN-ROLE"));
  EXPECT_THAT(Rules(Say(city, Registration())), ElementsAre("SENDER-ROLE")) << "a municipality registers nobody";
  EXPECT_THAT(Read(As("gemeente-ede", "")).items, IsEmpty()) << "nothing of it had an effect";

  EXPECT_EQ(Told(Say(provider, Registration())), "");
  EXPECT_THAT(Read(As("gemeente-ede", "")).items, SizeIs(1)) << "who has one need not state it";
  EXPECT_THAT(Read(As("gemeente-ede", kMunicipality)).items, SizeIs(1));
  EXPECT_THAT(RefusedReading(As("gemeente-ede", kProvider)), ElementsAre("CALLER-NOT-IN-ROLE"));
}

TEST_F(Hats, AMailCannotStateOneAndIsRefusedR19) {
  std::ifstream file(std::string(SOURCE_DIR) + "/deploy/examples/registration_mail.txt");
  std::string mail(std::istreambuf_iterator<char>(file), {});
  const CivilDate today = TodayInAmsterdam(world.clock.now);
  mail = absl::StrReplaceAll(mail, {{"2026-11-16", today.ToString()}, {"2027-11-15", today.PlusDays(365).ToString()}});
  EXPECT_THAT(Rules(Say(none, mail, Format::kSecureMail)), ElementsAre("CALLER-WHICH-ROLE"));
  world.LoadPolicy(World::EdeDocument());
  EXPECT_EQ(Told(Say(none, mail, Format::kSecureMail)), "");
}

TEST_F(Hats, WhatCameInUnderOneIsNotFoundUnderTheOtherR19) {
  ASSERT_EQ(Told(Say(provider, Registration())), "");
  ASSERT_EQ(Told(Verdict(As("gemeente-ede", ""), OnlyItem(As("gemeente-ede", "")), "accepted")), "");

  const std::string receipt = OnlyItem(provider);
  EXPECT_THAT(Read(city).items, IsEmpty());
  EXPECT_THAT(Read(city, receipt).items, IsEmpty());
  EXPECT_THAT(Read(city, "", kClient).items, IsEmpty());
  EXPECT_EQ(Acknowledge(city, receipt), 0u);
  EXPECT_EQ(Acknowledge(provider, receipt), 1u);
  EXPECT_THAT(Read(provider, "", kClient).items, SizeIs(1));

  EXPECT_THAT(Sheet(city).sheet.lines(), IsEmpty());
  EXPECT_THAT(Sheet(provider).sheet.lines(), SizeIs(1));
}

TEST_F(Hats, ItIsNoRepeatAndNoLaterStepUnderTheOtherR19) {
  ASSERT_EQ(Told(Say(provider, Registration())), "");
  const policy::Answer again = Say(provider, Registration());
  EXPECT_EQ(again.state, kReceived) << "the same call gets the same answer";
  EXPECT_THAT(Rules(Say(city, Registration())), ElementsAre("SENDER-ROLE")) << "and not KEY-REUSED";
  const std::string end = absl::StrReplaceAll(Registration(false, "end"), {{R"("code": "register")", R"("code": "withdraw")"}});
  EXPECT_THAT(Rules(Say(city, end)), ElementsAre("NOT-REGISTERED"));
  EXPECT_EQ(Told(Say(provider, end)), "");
}

TEST_F(Hats, ARepeatFromBeforeTheSecondHatGetsItsAnswerR19) {
  world.LoadPolicy(World::EdeDocument());
  const policy::Answer first = Say(none, Registration());
  ASSERT_EQ(first.state, kReceived) << Told(first);
  world.LoadPolicy(TwoHats());
  EXPECT_EQ(Say(none, Registration()).message_id, first.message_id);
  EXPECT_THAT(Rules(Say(none, Registration(false, "new"))), ElementsAre("CALLER-WHICH-ROLE"));
  EXPECT_THAT(Rules(Say(provider, Registration(false, "new"))), ElementsAre("ALREADY-REGISTERED"));
}

TEST_F(Hats, NobodyApprovesAnOwnRequestR19) {
  ASSERT_EQ(Told(Say(provider, Registration(/*to_itself=*/true))), "");
  EXPECT_THAT(Read(provider).items, IsEmpty());
  const std::string id = OnlyItem(city);
  EXPECT_THAT(Rules(Verdict(provider, id, "accepted")), ElementsAre("ANSWER-UNKNOWN"));
  EXPECT_THAT(Rules(Verdict(city, id, "accepted")), ElementsAre("OWN-REQUEST"));
  EXPECT_THAT(*world.store->OwnersIn(kOwnApprovalSpace), IsEmpty());
  EXPECT_THAT(Read(provider).items, IsEmpty()) << "nothing came of it";
  EXPECT_EQ(Told(Verdict(city, id, "rejected")), "") << "to refuse is no approval";
  EXPECT_EQ(world.CountEvents(v1::AUDIT_OWN_APPROVAL), 0u);
}

TEST_F(Hats, WhereTheDocumentLetsItAnOwnApprovalIsListedR19) {
  world.LoadPolicy(WithOwnApproval());
  ASSERT_EQ(Told(Say(provider, Registration(/*to_itself=*/true))), "");
  const std::string id = OnlyItem(city);
  const policy::Answer approved = Verdict(city, id, "accepted");
  ASSERT_EQ(Told(approved), "");
  EXPECT_THAT(*world.store->OwnersIn(kOwnApprovalSpace), ElementsAre(approved.message_id));
  EXPECT_EQ(world.CountEvents(v1::AUDIT_OWN_APPROVAL), 1u);
  EXPECT_EQ(Verdict(city, id, "accepted").message_id, approved.message_id);
  EXPECT_THAT(*world.store->OwnersIn(kOwnApprovalSpace), SizeIs(1)) << "once";
  EXPECT_THAT(Read(provider).items, SizeIs(1));

  ASSERT_EQ(Told(Say(provider, absl::StrReplaceAll(Registration(false, "other"), {{kClient, "999900018"}}))), "");
  ASSERT_EQ(Told(Verdict(As("gemeente-ede", ""), OnlyItem(As("gemeente-ede", "")), "accepted")), "");
  EXPECT_THAT(*world.store->OwnersIn(kOwnApprovalSpace), SizeIs(1)) << "another's approval is none of these";
}

TEST_F(Hats, APersonWithOneFindsNothingOfTheOtherR19) {
  world.LoadPolicy(TwoHats("staff { key: \"pat\" function: \"consulent\" from: \"2021-01-01\" role: \"municipality\" }\n"));
  ASSERT_EQ(Told(Say(provider, Registration())), "");
  ASSERT_EQ(Told(Verdict(As("gemeente-ede", ""), OnlyItem(As("gemeente-ede", "")), "accepted")), "");
  const std::string receipt = OnlyItem(provider);
  const identity::Caller pat = As("opella", "", "pat");
  EXPECT_THAT(Read(pat).issues, IsEmpty()) << "who has one need not state it";
  EXPECT_THAT(Read(pat).items, IsEmpty());
  EXPECT_THAT(Read(pat, receipt).items, IsEmpty());
  EXPECT_THAT(RefusedReading(As("opella", kProvider, "pat")), ElementsAre("CALLER-NOT-IN-ROLE"));
}

TEST_F(Hats, APersonWhoseOnlyOneIsStillToComeFindsNothingR19) {
  world.LoadPolicy(TwoHats("membership { role: \"coordinator\" from: \"2027-01-01\" }\n"
                           "staff { key: \"pat\" function: \"regisseur\" from: \"2021-01-01\" role: \"coordinator\" }\n"));
  EXPECT_THAT(RefusedReading(As("opella", "", "pat")), ElementsAre("CALLER-NOT-IN-ROLE"));
  EXPECT_THAT(Rules(Say(As("opella", "", "pat"), Registration())), ElementsAre("CALLER-NOT-IN-ROLE"));
}

TEST_F(Hats, ASafetyHoldIsOfTheHatThatSetItR19) {
  ASSERT_EQ(Told(Say(provider, World::Hold("active", "set", kClient))), "");
  EXPECT_THAT(Rules(Say(city, World::Hold("inactive", "lift", kClient))), ElementsAre("HOLD-UNKNOWN"));
  EXPECT_EQ(Told(Say(provider, World::Hold("inactive", "lift", kClient))), "");
  EXPECT_THAT(*world.store->OwnersIn(kHoldSpace), IsEmpty());
}

TEST_F(Hats, EachPartOfABatchIsOfTheStatedOneR19) {
  EXPECT_EQ(SendBatch(none, "none"), store::BatchState::kRefused);
  EXPECT_EQ(SendBatch(provider, "provider"), store::BatchState::kInEffect);
  ASSERT_EQ(Told(Verdict(As("gemeente-ede", ""), OnlyItem(As("gemeente-ede", "")), "accepted")), "");
  EXPECT_THAT(Read(provider).items, SizeIs(1));
  EXPECT_THAT(Read(city).items, IsEmpty());
}

class OnePersonOfTwoParties : public Hats {
 protected:
  OnePersonOfTwoParties() { world.LoadPolicy(TwoEmployers()); }

  size_t Listed() { return world.store->OwnersIn(kOwnApprovalSpace)->size(); }

  const identity::Caller arranger = As("opella", "", "arranger");
  const identity::Caller consulent = As("gemeente-ede", "", "consulent");
  const identity::Caller colleague = As("gemeente-ede", "", "other");
};

TEST_F(OnePersonOfTwoParties, AcceptsAtOneNothingThatItSentAtTheOtherR19R20) {
  ASSERT_EQ(Told(Say(arranger, Registration())), "");
  const std::string id = OnlyItem(consulent);
  EXPECT_THAT(Rules(Verdict(consulent, id, "accepted")), ElementsAre("OWN-REQUEST"));
  EXPECT_THAT(Read(arranger).items, IsEmpty()) << "nothing came of it";
  EXPECT_EQ(Told(Verdict(colleague, id, "accepted")), "");
  EXPECT_THAT(Read(arranger).items, SizeIs(1));
  EXPECT_EQ(Listed(), 0u);
}

TEST_F(OnePersonOfTwoParties, RefusesItsOwnAndAcceptsWhatOthersSentR19R20) {
  ASSERT_EQ(Told(Say(arranger, Registration())), "");
  EXPECT_EQ(Told(Verdict(consulent, OnlyItem(consulent), "rejected")), "") << "to refuse is no approval";
  const identity::Caller others = As("opella", "", "other");
  ASSERT_EQ(Told(Say(others, absl::StrReplaceAll(Registration(false, "other"), {{kClient, "999900018"}}))), "");
  EXPECT_EQ(Told(Verdict(consulent, OnlyItem(consulent), "accepted")), "");
}

TEST_F(OnePersonOfTwoParties, IsNotToldByAKeyThatBothUseR19R20) {
  ASSERT_EQ(Told(Say(As("opella", "", "other"), Registration())), "");
  EXPECT_EQ(Told(Verdict(colleague, OnlyItem(colleague), "accepted")), "");
}

TEST_F(OnePersonOfTwoParties, MayWhereTheDocumentLetsItAndIsListedR19R20) {
  world.LoadPolicy(LetsOwnApproval(TwoEmployers()));
  ASSERT_EQ(Told(Say(arranger, Registration())), "");
  EXPECT_EQ(Told(Verdict(consulent, OnlyItem(consulent), "accepted")), "");
  EXPECT_EQ(Listed(), 1u);
  EXPECT_EQ(world.CountEvents(v1::AUDIT_OWN_APPROVAL), 1u);
}

TEST_F(OnePersonOfTwoParties, IsToldPerStepR19R20) {
  ASSERT_EQ(Told(Say(arranger, Registration())), "");
  const std::string registration = OnlyItem(consulent);
  const std::string amended = absl::StrReplaceAll(Registration(false, "amend"), {{R"("code": "register")", R"("code": "amend")"}});
  ASSERT_EQ(Told(Say(As("opella", "", "other"), amended)), "");
  for (const MailboxItem& item : Read(consulent).items) {
    const std::vector<std::string> refused = Rules(Verdict(consulent, item.delivery_id, "accepted"));
    EXPECT_EQ(refused.size(), item.delivery_id == registration ? 1u : 0u);
  }
}

TEST_F(OnePersonOfTwoParties, IsToldOfEachPartOfABatchR19R20) {
  ASSERT_EQ(SendBatch(arranger, "batch"), store::BatchState::kInEffect);
  EXPECT_THAT(Rules(Verdict(consulent, OnlyItem(consulent), "accepted")), ElementsAre("OWN-REQUEST"));
}

}  // namespace
}  // namespace schotvrij::exchange::hats
