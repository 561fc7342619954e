// World: the whole road on one thread, with a clock the test moves, over the in-memory store and the shipped Ede document.
//
//   World world;
//   policy::Answer answer = world.Register(world.Example());
//   EXPECT_EQ(world.Read("gemeente-ede").items.size(), 1);
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gateway/exchange/batch.h"
#include "gateway/exchange/batch_work.h"
#include "gateway/exchange/consent_expiry.h"
#include "gateway/exchange/dispatcher.h"
#include "gateway/exchange/doorbell.h"
#include "gateway/exchange/road.h"
#include "gateway/store/engines.h"
#include "gateway/telemetry/ledger.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "policy/engine.h"
#include "schemas/base/embedded.h"
#include "schotvrij/v1/audit.pb.h"
#include "tests/support/executors.h"

namespace schotvrij::exchange {

class TestClock final : public Clock {
 public:
  Instant Now() const override { return now; }
  Instant now{1'795'176'000'000'000};  // 2026-11-20T12:00:00Z
};

// Different bytes at every call, the same ones in every run.
class TestRandom final : public Random {
 public:
  explicit TestRandom(uint64_t seed = 1) : state_(seed) {}
  void Fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<uint8_t>(state_ >> 56);
    }
  }

 private:
  uint64_t state_;
};

// Sends nothing; keeps what it was asked to send until the test says what became of it.
class TestOutbound final : public Outbound {
 public:
  struct Attempt {
    policy::Encoded encoded;
    std::string recipient;
    v1::FrozenDelivery frozen;
    Done done;
  };
  void Send(const policy::Encoded& encoded, const config::v1::Participant& recipient, const v1::FrozenDelivery& frozen,
            Done done) override {
    attempts.push_back({encoded, recipient.key(), frozen, std::move(done)});
  }
  std::vector<Attempt> attempts;
};

enum class MunicipalityBy { kMailbox, kMail };

// A participant reached by mail, or by its mailbox when `mail_address` is empty.
inline void Enrol(const std::string& key, const std::string& system, const std::string& value, const std::string& mail_address,
                  config::v1::Enrolment* document) {
  config::v1::Participant& participant = *document->add_participant();
  participant.set_key(key);
  participant.set_name(key);
  config::v1::Identifier& identifier = *participant.add_identifier();
  identifier.set_system(system);
  identifier.set_value(value);
  participant.add_peer()->set_subject("CN=" + key);
  if (mail_address.empty()) {
    participant.mutable_route()->mutable_mailbox();
    return;
  }
  config::v1::SecureMail& mail = *participant.mutable_route()->mutable_mail();
  mail.set_address(mail_address);
  mail.set_cipher(config::v1::SecureMail::AES_256_GCM);
  mail.set_certificate_file(key + ".crt");
}

inline std::shared_ptr<const policy::RuleSet> LoadRules(const std::vector<policy::PolicyFile>& files) {
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  for (const policy::Fault& fault : loaded.faults) {
    if (!fault.warning) ADD_FAILURE() << fault.ToString();
  }
  return loaded.rules;
}

class World {
 public:
  explicit World(MunicipalityBy route = MunicipalityBy::kMailbox)
      : World(PartiesOfEde(route), LoadRules({{"ede.txtpb", EdeDocument()}})) {}

  // `apart_us`: between two mails to one participant.
  World(const config::v1::Enrolment& parties, std::shared_ptr<const policy::RuleSet> rules, int64_t apart_us = 0,
        RetryPolicy retry = {1'000'000, 8'000'000, 3})
      : doorbell_(&executor) {
    enrolment = *identity::Enrolment::Create(parties);
    keys = *identity::KeyRing::Create(std::string(64, 'a'), std::string(64, 'b'), &random);
    engine = std::make_unique<policy::Engine>(std::move(rules), [this](std::string_view recipient, std::string_view value) {
      return keys->Pseudonym(recipient, value);
    });
    store = store::NewMemoryStore("chain", {});
    ledger = *telemetry::Ledger::Create({.clock = &clock, .stream = &log});
    RoadParts parts{.store = store.get(),
                    .engine = engine.get(),
                    .keys = keys.get(),
                    .clock = &clock,
                    .random = &random,
                    .executor = &executor,
                    .doorbell = &doorbell_,
                    .telemetry = ledger.get(),
                    .enrolment = [this] { return enrolment; },
                    .gateway_id = "gateway.example",
                    .environment = config::v1::TEST};
    road = NewRoad(parts);
    parts.random = &dispatcher_random;
    dispatcher_ = std::make_unique<Dispatcher>(parts, &outbound, retry, apart_us);
    dispatcher_->Start();
    batches = std::make_unique<BatchDesk>(parts);
    parts_ = parts;
    batch_work_ = std::make_unique<BatchWork>(parts);
    batch_work_->Start();
    RestartConsentExpiry();
    Drive();
  }

  static std::string EdeDocument() { return std::string(EmbeddedText("policy/documents/ede.txtpb")); }

  void LoadPolicy(const std::string& document) { engine->Swap(LoadRules({{"ede.txtpb", document}})); }

  // The example of deploy/examples, as of today.
  std::string Example() const {
    const CivilDate today = TodayInAmsterdam(clock.now);
    return absl::StrReplaceAll(std::string(EmbeddedText("deploy/examples/registration.json")),
                               {{"2026-11-16", today.ToString()}, {"2027-11-15", today.PlusDays(365).ToString()}});
  }

  // The safety hold of deploy/examples.
  static std::string Hold(const std::string& status, const std::string& key, const std::string& bsn) {
    return absl::StrReplaceAll(std::string(EmbeddedText("deploy/examples/hold.json")),
                               {{"active", status}, {"stop-2026-000001", key}, {"999900006", bsn}});
  }

  static identity::Caller As(const std::string& participant) { return {participant, {participant}}; }

  policy::Answer Receive(const std::string& participant, const std::string& body, Format format = Format::kFhirJson) {
    std::optional<policy::Answer> given;
    const std::string edge = format == Format::kCanonical ? "grpc" : "fhir-https";
    road->Receive({As(participant), format, edge, body, "trace", ""},
                  [&](policy::Answer answer) { given = std::move(answer); });
    Drive();
    if (!given.has_value()) {
      ADD_FAILURE() << "no answer";
      return policy::Answer::Refused({});
    }
    return *std::move(given);
  }
  policy::Answer Register(const std::string& body) { return Receive("opella", body); }

  policy::Answer Answer(const std::string& participant, const std::string& delivery_id, const std::string& status,
                        const std::string& reason = "") {
    std::string body = R"({"resourceType":"Task","id":")" + delivery_id + R"(","status":")" + status +
                       R"(","intent":"order","code":{"coding":[{"system":"urn:schotvrij:codesystem:task","code":"register"}]})";
    if (!reason.empty()) {
      body += R"(,"statusReason":{"coding":[{"system":"urn:schotvrij:codesystem:answer-reason","code":")" + reason + R"("}]})";
    }
    return Receive(participant, body + "}");
  }

  Road::MailboxPage Read(const std::string& participant, bool unacknowledged_only = true, const std::string& id = "") {
    Road::MailboxPage page;
    Road::MailboxRequest request;
    request.caller = As(participant);
    request.unacknowledged_only = unacknowledged_only;
    request.delivery_id = id;
    request.trace_id = "trace";
    road->ReadMailbox(std::move(request), [&](Road::MailboxPage read) { page = std::move(read); });
    Drive();
    return page;
  }

  // All pages of what it asks for again; `most` items on each.
  Road::MailboxPage Repeat(const std::string& participant, const v1::RepeatRequest& asked, size_t most = 100) {
    Road::MailboxPage all;
    do {
      Road::MailboxRequest request;
      request.caller = As(participant);
      request.participant = asked.participant();
      request.after = all.last;
      request.most = most;
      request.trace_id = "trace";
      request.repeat = asked;
      Road::MailboxPage page;
      road->ReadMailbox(std::move(request), [&](Road::MailboxPage read) { page = std::move(read); });
      Drive();
      all.issues = std::move(page.issues);
      all.items.insert(all.items.end(), std::make_move_iterator(page.items.begin()), std::make_move_iterator(page.items.end()));
      all.last = page.last;
      all.more = page.more;
    } while (all.more);
    return all;
  }

  Road::DaySheetRead DaySheet(const std::string& participant, const std::string& day = "") {
    Road::DaySheetRequest request{As(participant), {}, "trace"};
    request.asked.set_day(day);
    Road::DaySheetRead read;
    road->ReadDaySheet(std::move(request), [&](Road::DaySheetRead given) { read = std::move(given); });
    Drive();
    return read;
  }

  uint32_t Acknowledge(const std::string& participant, std::vector<std::string> ids) {
    uint32_t count = 0;
    road->Acknowledge({As(participant), {}, std::move(ids), "trace"},
                      [&](Road::Acknowledged acknowledged) { count = acknowledged.count; });
    Drive();
    return count;
  }

  // Runs everything that can run now.
  void Drive() {
    while (Step() > 0) {
    }
  }
  // One flush, and what follows from it. How many units and works that were.
  size_t Step() {
    const size_t flushed = store->Flush();
    return flushed + executor.Run();
  }

  void PassUs(int64_t us) {
    clock.now.us += us;
    executor.Advance(us);
    Drive();
  }

  // Says what became of the oldest mail under way.
  void MailEnds(DeliveryOutcome outcome) {
    TestOutbound::Done done = std::move(outbound.attempts.at(mail_ended_++).done);
    done(std::move(outcome));
    Drive();
  }

  const RoadParts& parts() const { return *parts_; }

  void StopDispatcher() { dispatcher_->Stop(); }
  // As after a crash: nothing in memory is left of it.
  void RestartConsentExpiry() {
    consent_expiry_ = std::make_unique<ConsentExpiry>(*parts_);
    consent_expiry_->Start();
  }
  void RestartBatchWork() {
    batch_work_ = std::make_unique<BatchWork>(*parts_);
    batch_work_->Start();
  }

  std::vector<v1::AuditEvent> Events() {
    std::vector<v1::AuditEvent> events;
    const std::vector<AuditRecord> records = *store->AuditRecords("chain", 1, 10'000);
    for (const AuditRecord& record : records) events.emplace_back().ParseFromString(record.event);
    return events;
  }
  size_t CountEvents(v1::AuditCode code) {
    size_t count = 0;
    for (const v1::AuditEvent& event : Events()) count += event.code() == code;
    return count;
  }

  TestClock clock;
  TestRandom random;
  TestRandom dispatcher_random{0x9e3779b97f4a7c15};  // of its own: what becomes of one message moves no other's back-off
  ManualExecutor executor;
  std::ostringstream log;
  std::shared_ptr<const identity::Enrolment> enrolment;
  std::unique_ptr<identity::KeyRing> keys;
  std::unique_ptr<policy::Engine> engine;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<telemetry::Ledger> ledger;
  TestOutbound outbound;
  std::unique_ptr<Road> road;
  std::unique_ptr<BatchDesk> batches;

 private:
  static config::v1::Enrolment PartiesOfEde(MunicipalityBy route) {
    config::v1::Enrolment document;
    Enrol("opella", "agb", "00000001", "", &document);
    Enrol("gemeente-ede", "cbs", "0228", route == MunicipalityBy::kMail ? "wmo@ede.example" : "", &document);
    Enrol("menzis", "uzovi", "0000", "", &document);
    return document;
  }

  Doorbell doorbell_;
  std::optional<RoadParts> parts_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<BatchWork> batch_work_;
  std::unique_ptr<ConsentExpiry> consent_expiry_;
  size_t mail_ended_ = 0;
};

// Rule ids of an answer's errors.
inline std::vector<std::string> Rules(const policy::Answer& answer) {
  std::vector<std::string> rules;
  for (const Issue& issue : answer.issues) rules.push_back(issue.rule);
  return rules;
}

// Rule and place of each, for a test's message.
inline std::string Told(const policy::Answer& answer) {
  std::string told;
  for (const Issue& issue : answer.issues) told += issue.rule + " at " + issue.path + "\n";
  return told;
}

}  // namespace schotvrij::exchange
