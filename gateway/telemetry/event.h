// What can be told of the gateway at work. A closed list: each event is a struct of Words, numbers and names of states, so that
// no text about a person has a field to go into.
//
//   ledger.Record(Refused{.edge = EdgeName("grpc"), .peer = ParticipantKey("opella"), .rules = {RuleId("BSN-ZEROS")}});
//
// Each names itself (kName), how bad it is (kLevel) and its fields in order (Visit).
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/telemetry/word.h"

namespace schotvrij::telemetry {

enum class Level { kInfo, kWarning, kError };

struct Started {
  static constexpr std::string_view kName = "started";
  static constexpr Level kLevel = Level::kInfo;
  ReleaseNumber release = {};
  PolicySet policy_set = {};
  uint64_t participants = 0;
  void Visit(auto&& visit) const {
    visit("release", release);
    visit("policy_set", policy_set);
    visit("participants", participants);
  }
};

// No new work is taken from here on; what was begun may take this long.
struct Stopping {
  static constexpr std::string_view kName = "stopping";
  static constexpr Level kLevel = Level::kInfo;
  int64_t grace_us = 0;
  void Visit(auto&& visit) const { visit("grace_us", grace_us); }
};

// Told a second time to stop: what was begun is cut off.
struct Hurried {
  static constexpr std::string_view kName = "hurried";
  static constexpr Level kLevel = Level::kWarning;
  void Visit(auto&&) const {}
};

// All is written. Deliveries that wait are taken up at the next start; the count stops at limits::kBacklogCountMax.
struct Stopped {
  static constexpr std::string_view kName = "stopped";
  static constexpr Level kLevel = Level::kInfo;
  uint64_t waiting_deliveries = 0;
  void Visit(auto&& visit) const { visit("waiting_deliveries", waiting_deliveries); }
};

struct PolicyLoaded {
  static constexpr std::string_view kName = "policy-loaded";
  static constexpr Level kLevel = Level::kInfo;
  PolicySet policy_set = {};
  uint64_t networks_active = 0;
  uint64_t networks_inactive = 0;
  uint64_t warnings = 0;
  void Visit(auto&& visit) const {
    visit("policy_set", policy_set);
    visit("networks_active", networks_active);
    visit("networks_inactive", networks_inactive);
    visit("warnings", warnings);
  }
};

// A reload that changed nothing; the report went to whoever asked for it.
struct ReloadRefused {
  static constexpr std::string_view kName = "reload-refused";
  static constexpr Level kLevel = Level::kWarning;
  uint64_t faults = 0;
  void Visit(auto&& visit) const { visit("faults", faults); }
};

// A message came in and could be read.
struct Received {
  static constexpr std::string_view kName = "received";
  static constexpr Level kLevel = Level::kInfo;
  EdgeName edge = {};
  ParticipantKey sender = {};
  ContentType content = {};
  ExchangeId exchange = {};
  TraceId trace = {};
  void Visit(auto&& visit) const {
    visit("edge", edge);
    visit("sender", sender);
    visit("content", content);
    visit("exchange", exchange);
    visit("trace", trace);
  }
};

// Durable, and in effect.
struct Accepted {
  static constexpr std::string_view kName = "accepted";
  static constexpr Level kLevel = Level::kInfo;
  EdgeName edge = {};
  ParticipantKey sender = {};
  NetworkKey network = {};
  ExchangeId exchange = {};
  PolicySet policy_set = {};
  uint64_t recipients = 0;
  uint64_t decided_again = 0;  // times a concurrent change made it stale
  int64_t duration_us = 0;     // from whole message to answer
  TraceId trace = {};
  void Visit(auto&& visit) const {
    visit("edge", edge);
    visit("sender", sender);
    visit("network", network);
    visit("exchange", exchange);
    visit("policy_set", policy_set);
    visit("recipients", recipients);
    visit("decided_again", decided_again);
    visit("duration_us", duration_us);
    visit("trace", trace);
  }
};

// The same message again; it got the same answer.
struct Repeated {
  static constexpr std::string_view kName = "repeated";
  static constexpr Level kLevel = Level::kInfo;
  EdgeName edge = {};
  ParticipantKey sender = {};
  TraceId trace = {};
  void Visit(auto&& visit) const {
    visit("edge", edge);
    visit("sender", sender);
    visit("trace", trace);
  }
};

struct Refused {
  static constexpr std::string_view kName = "refused";
  static constexpr Level kLevel = Level::kInfo;
  EdgeName edge = {};
  ParticipantKey peer = {};
  ContentType content = {};
  std::vector<RuleId> rules = {};
  int64_t duration_us = 0;
  TraceId trace = {};
  void Visit(auto&& visit) const {
    visit("edge", edge);
    visit("peer", peer);
    visit("content", content);
    visit("rules", rules);
    visit("duration_us", duration_us);
    visit("trace", trace);
  }
};

enum class DeliveryStage { kAvailable, kDelivered, kRetry, kDeadLetter, kWithheld, kHeld };

struct DeliveryMoved {
  static constexpr std::string_view kName = "delivery";
  static constexpr Level kLevel = Level::kInfo;
  DeliveryStage stage = DeliveryStage::kRetry;
  DeliveryId delivery = {};
  ParticipantKey recipient = {};
  NetworkKey network = {};
  uint64_t attempts = 0;
  ReasonCode reason = {};
  void Visit(auto&& visit) const {
    visit("stage", stage);
    visit("delivery", delivery);
    visit("recipient", recipient);
    visit("network", network);
    visit("attempts", attempts);
    visit("reason", reason);
  }
};

enum class BatchStage { kReceiving, kStaged, kJudged, kInEffect, kRefused };

struct BatchMoved {
  static constexpr std::string_view kName = "batch";
  static constexpr Level kLevel = Level::kInfo;
  BatchStage stage = BatchStage::kReceiving;
  BatchId batch = {};
  ParticipantKey sender = {};
  uint64_t parts = 0;
  TraceId trace = {};
  void Visit(auto&& visit) const {
    visit("stage", stage);
    visit("batch", batch);
    visit("sender", sender);
    visit("parts", parts);
    visit("trace", trace);
  }
};

struct MailboxRead {
  static constexpr std::string_view kName = "mailbox-read";
  static constexpr Level kLevel = Level::kInfo;
  ParticipantKey participant = {};
  uint64_t items = 0;
  TraceId trace = {};
  void Visit(auto&& visit) const {
    visit("participant", participant);
    visit("items", items);
    visit("trace", trace);
  }
};

enum class MailOutcome { kTaken, kRefused, kReport, kSetAside };

// A mail that came in was handled. Its sender is named where it was proved, or where it was told something.
struct MailIn {
  static constexpr std::string_view kName = "mail-in";
  static constexpr Level kLevel = Level::kInfo;
  MailOutcome outcome = MailOutcome::kTaken;
  ParticipantKey sender = {};
  ReasonCode reason = {};
  void Visit(auto&& visit) const {
    visit("outcome", outcome);
    visit("sender", sender);
    visit("reason", reason);
  }
};

// A look into an inbox failed; the next one comes by itself.
struct InboxTrouble {
  static constexpr std::string_view kName = "inbox-trouble";
  static constexpr Level kLevel = Level::kWarning;
  ReasonCode reason = {};
  void Visit(auto&& visit) const { visit("reason", reason); }
};

// No more work is taken at this moment.
struct Busy {
  static constexpr std::string_view kName = "busy";
  static constexpr Level kLevel = Level::kWarning;
  EdgeName edge = {};
  void Visit(auto&& visit) const { visit("edge", edge); }
};

struct CheckpointWritten {
  static constexpr std::string_view kName = "checkpoint";
  static constexpr Level kLevel = Level::kInfo;
  uint64_t chains = 0;
  void Visit(auto&& visit) const { visit("chains", chains); }
};

// We failed: `place` in our code, absl::StatusCode as a number. The status text stays out: it may quote a peer.
struct Failed {
  static constexpr std::string_view kName = "failed";
  static constexpr Level kLevel = Level::kError;
  Place place;
  int64_t status_code = 0;
  TraceId trace = {};
  void Visit(auto&& visit) const {
    visit("place", place);
    visit("status_code", status_code);
    visit("trace", trace);
  }
};

using Event = std::variant<Started, Stopping, Hurried, Stopped, PolicyLoaded, ReloadRefused, Received, Accepted, Repeated, Refused,
                           DeliveryMoved, BatchMoved, MailboxRead, MailIn, InboxTrouble, Busy, CheckpointWritten, Failed>;

// "available", "delivered", "retry", "dead-letter", "withheld", "held" (its recipient is closed or suspended, or its turn is to come).
std::string_view Name(DeliveryStage stage);
// "receiving", "staged", "judged", "in-effect", "refused".
std::string_view Name(BatchStage stage);
// "taken", "refused", "report", "set-aside".
std::string_view Name(MailOutcome outcome);
std::string_view Name(Level level);

}  // namespace schotvrij::telemetry
