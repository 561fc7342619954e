#include "gateway/telemetry/counters.h"

#include <array>
#include <cstddef>
#include <sstream>

#include "prometheus/text_serializer.h"
#include "schemas/base/table.h"

namespace schotvrij::telemetry {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;

constexpr double kSecondsPerUs = 1e-6;

constexpr std::array<const char*, 4> kBacklogs = {"queued-units", "queued-bytes", "due-deliveries", "unvouched-records"};
constexpr std::array<const char*, 4> kPartSteps = {"received", "judged", "finished", "removed"};
constexpr std::array<const char*, 3> kUses = {"server", "mail-signing", "mail-recipient"};

Histogram::BucketBoundaries Latencies() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

// Rules of issue.csv are few and ours; any other (a policy document's) is counted together.
std::string KnownRule(const RuleId& rule) {
  static const Table& issues = Table::Embedded("schemas/codes/issue.csv");
  return issues.Find("rule", rule.text()) == nullptr ? "other" : rule.text();
}

auto& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

auto& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

Counters::Counters()
    : events_(Counter(registry_, "schotvrij_events_total", "Log events by name")),
      intake_(Counter(registry_, "schotvrij_intake_total", "Messages that could be read, by edge and content")),
      decisions_(Counter(registry_, "schotvrij_decisions_total", "Messages in effect, by network")),
      refusals_(Counter(registry_, "schotvrij_refusals_total", "Refusals, by rule; a message may break several")),
      deliveries_(Counter(registry_, "schotvrij_deliveries_total", "Deliveries, by the stage they reached")),
      failures_(Counter(registry_, "schotvrij_failures_total", "Failures of the gateway itself, by place")),
      batch_parts_(Counter(registry_, "schotvrij_batch_parts_total", "Registrations in batches, by what was done to them")),
      batches_(Gauge(registry_, "schotvrij_batches", "Batches that something is left to do for, by state")),
      backlog_(Gauge(registry_, "schotvrij_backlog", "What waits")),
      networks_(Gauge(registry_, "schotvrij_networks", "Networks, by whether all their parties are enrolled")),
      policy_set_(Gauge(registry_, "schotvrij_policy_set", "1 for the policy set in force")),
      certificates_(Gauge(registry_, "schotvrij_certificate_expiry_seconds", "When a certificate expires, since 1970")),
      answers_(BuildHistogram()
                   .Name("schotvrij_answer_seconds")
                   .Help("From the whole message to its answer, by edge and outcome")
                   .Register(registry_)),
      commits_(BuildHistogram()
                   .Name("schotvrij_commit_seconds")
                   .Help("From a unit's queueing to its being on disk")
                   .Register(registry_)
                   .Add({}, Latencies())) {}

void Counters::Count(const Event& event) {
  std::visit(
      [this](const auto& one) {
        events_.Add({{"event", std::string(one.kName)}}).Increment();
        Add(one);
      },
      event);
}

void Counters::Add(const Started& event) { ShowPolicySet(event.policy_set); }

void Counters::Add(const PolicyLoaded& event) {
  ShowPolicySet(event.policy_set);
  networks_.Add({{"state", "active"}}).Set(static_cast<double>(event.networks_active));
  networks_.Add({{"state", "inactive"}}).Set(static_cast<double>(event.networks_inactive));
}

void Counters::Add(const Received& event) {
  intake_.Add({{"edge", event.edge.text()}, {"content", event.content.text()}}).Increment();
}

void Counters::Add(const Accepted& event) {
  decisions_.Add({{"network", event.network.text()}}).Increment();
  answers_.Add({{"edge", event.edge.text()}, {"outcome", "accepted"}}, Latencies())
      .Observe(static_cast<double>(event.duration_us) * kSecondsPerUs);
}

void Counters::Add(const Refused& event) {
  for (const RuleId& rule : event.rules) refusals_.Add({{"rule", KnownRule(rule)}}).Increment();
  answers_.Add({{"edge", event.edge.text()}, {"outcome", "refused"}}, Latencies())
      .Observe(static_cast<double>(event.duration_us) * kSecondsPerUs);
}

void Counters::Add(const DeliveryMoved& event) {
  deliveries_.Add({{"stage", std::string(Name(event.stage))}}).Increment();
}

void Counters::Add(const Failed& event) { failures_.Add({{"place", std::string(event.place.text())}}).Increment(); }

void Counters::ShowPolicySet(const PolicySet& set) {
  absl::MutexLock lock(&policy_mutex_);
  if (policy_set_shown_ != nullptr) policy_set_.Remove(policy_set_shown_);
  policy_set_shown_ = &policy_set_.Add({{"set", set.text()}});
  policy_set_shown_->Set(1);
}

void Counters::SetBacklog(Backlog what, uint64_t count) {
  backlog_.Add({{"what", kBacklogs[static_cast<size_t>(what)]}}).Set(static_cast<double>(count));
}

void Counters::ObserveCommit(int64_t duration_us) {
  commits_.Observe(static_cast<double>(duration_us) * kSecondsPerUs);
}

void Counters::CountParts(PartStep step, uint64_t parts) {
  batch_parts_.Add({{"step", kPartSteps[static_cast<size_t>(step)]}}).Increment(static_cast<double>(parts));
}

void Counters::SetBatches(BatchStage stage, uint64_t count) {
  batches_.Add({{"state", std::string(Name(stage))}}).Set(static_cast<double>(count));
}

void Counters::SetCertificateExpiry(CertificateUse use, const ParticipantKey& owner, Instant not_after) {
  certificates_.Add({{"use", kUses[static_cast<size_t>(use)]}, {"owner", owner.text()}})
      .Set(static_cast<double>(not_after.us) * kSecondsPerUs);
}

std::string Counters::Text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_.Collect());
  return out.str();
}

}  // namespace schotvrij::telemetry
