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

constexpr std::array<const char*, 5> kBacklogs = {"queued-units", "queued-bytes", "due-deliveries",
                                                  "postponed-deliveries", "unvouched-records"};
constexpr std::array<const char*, 4> kPartSteps = {"received", "judged", "finished", "removed"};
constexpr std::array<const char*, 9> kUses = {"https-server", "https-client-ca", "grpc-server",    "grpc-client-ca",
                                              "mail-signing", "mail-server-ca",  "mail-recipient",
                                              "mail-inbox",   "mail-sender"};
constexpr std::array<const char*, 3> kStoreFiles = {"database", "log", "free"};

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

Counters::Counters(const ReleaseNumber& release, Instant started)
    : events_(Counter(registry_, "schotvrij_events_total", "Log events by name")),
      intake_(Counter(registry_, "schotvrij_intake_total", "Messages that could be read, by edge and content")),
      decisions_(Counter(registry_, "schotvrij_decisions_total", "Messages in effect, by network")),
      refusals_(Counter(registry_, "schotvrij_refusals_total", "Refusals, by rule; a message may break several")),
      deliveries_(Counter(registry_, "schotvrij_deliveries_total", "Deliveries, by the stage they reached")),
      overdue_answers_(Counter(registry_, "schotvrij_overdue_answers_total",
                               "Messages that had no answer when the day for it was over, by network and recipient")),
      mails_in_(Counter(registry_, "schotvrij_mail_in_total", "Mail that came in and was handled, by outcome")),
      failures_(Counter(registry_, "schotvrij_failures_total", "Failures of the gateway itself, by place")),
      batch_parts_(Counter(registry_, "schotvrij_batch_parts_total", "Registrations in batches, by what was done to them")),
      batches_(Gauge(registry_, "schotvrij_batches", "Batches that something is left to do for, by state")),
      backlog_(Gauge(registry_, "schotvrij_backlog", "What waits; deliveries are counted up to 1000")),
      networks_(Gauge(registry_, "schotvrij_networks", "Networks, by whether all their parties are enrolled")),
      store_bytes_(Gauge(registry_, "schotvrij_store_bytes", "Size of the store's files, and what is free on their disk")),
      breaches_(Gauge(registry_, "schotvrij_breaches_open", "Breach records that are open, up to 1000").Add({})),
      breach_age_(Gauge(registry_, "schotvrij_breach_oldest_seconds", "How long the oldest of them has been open").Add({})),
      answers_(BuildHistogram()
                   .Name("schotvrij_answer_seconds")
                   .Help("From the whole message to its answer, by edge and outcome")
                   .Register(registry_)),
      commits_(BuildHistogram()
                   .Name("schotvrij_commit_seconds")
                   .Help("One flush: the units that waited, judged, written and on the disk")
                   .Register(registry_)
                   .Add({}, Latencies())),
      syncs_(BuildHistogram()
                 .Name("schotvrij_store_sync_seconds")
                 .Help("One sync of the store to the disk: of its log at each commit, of the database at a checkpoint")
                 .Register(registry_)
                 .Add({}, Latencies())),
      policy_set_(registry_, "schotvrij_policy_set", "1 for the policy set in force"),
      mailboxes_(registry_, "schotvrij_mailbox_waiting", "Deliveries that the recipient has not taken over, up to 1000"),
      mailbox_ages_(registry_, "schotvrij_mailbox_oldest_seconds", "How long the oldest of them has waited"),
      certificates_(registry_, "schotvrij_certificate_expiry_timestamp_seconds",
                    "When a certificate expires, since 1970; of several in one file the first"),
      process_(registry_, started) {
  ShowZeros(std::make_index_sequence<std::variant_size_v<Event>>());
  Gauge(registry_, "schotvrij_build_info", "1 for the release that runs").Add({{"release", release.text()}}).Set(1);
}

// What is closed begins at nought: an increase from nothing to one would not be seen as one.
template <size_t... I>
void Counters::ShowZeros(std::index_sequence<I...>) {
  (events_.Add({{"event", std::string(std::variant_alternative_t<I, Event>::kName)}}), ...);
  for (int stage = 0; stage <= static_cast<int>(DeliveryStage::kHeld); ++stage) {
    deliveries_.Add({{"stage", std::string(Name(static_cast<DeliveryStage>(stage)))}});
  }
  for (int outcome = 0; outcome <= static_cast<int>(MailOutcome::kSetAside); ++outcome) {
    mails_in_.Add({{"outcome", std::string(Name(static_cast<MailOutcome>(outcome)))}});
  }
  for (const char* step : kPartSteps) batch_parts_.Add({{"step", step}});
}

void Counters::Count(const Event& event) {
  std::visit(
      [this](const auto& one) {
        events_.Add({{"event", std::string(one.kName)}}).Increment();
        Add(one);
      },
      event);
}

void Counters::Add(const Started& event) { policy_set_.Replace({{{{"set", event.policy_set.text()}}, 1}}); }

void Counters::Add(const PolicyLoaded& event) {
  policy_set_.Replace({{{{"set", event.policy_set.text()}}, 1}});
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

void Counters::Add(const AnswerOverdue& event) {
  overdue_answers_.Add({{"network", event.network.text()}, {"recipient", event.recipient.text()}}).Increment();
}

void Counters::Add(const MailIn& event) { mails_in_.Add({{"outcome", std::string(Name(event.outcome))}}).Increment(); }

void Counters::Add(const Failed& event) { failures_.Add({{"place", std::string(event.place.text())}}).Increment(); }

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

void Counters::ObserveSync(int64_t duration_us) {
  syncs_.Observe(static_cast<double>(duration_us) * kSecondsPerUs);
}

void Counters::ShowMailboxes(std::span<const MailboxBacklog> mailboxes) {
  std::vector<std::pair<prometheus::Labels, double>> waiting, ages;
  for (const MailboxBacklog& mailbox : mailboxes) {
    const prometheus::Labels labels = {{"recipient", mailbox.recipient.text()}};
    waiting.emplace_back(labels, static_cast<double>(mailbox.waiting));
    ages.emplace_back(labels, static_cast<double>(mailbox.oldest_us) * kSecondsPerUs);
  }
  mailboxes_.Replace(std::move(waiting));
  mailbox_ages_.Replace(std::move(ages));
}

void Counters::ShowCertificates(std::span<const CertificateExpiry> certificates) {
  std::vector<std::pair<prometheus::Labels, double>> values;
  for (const CertificateExpiry& certificate : certificates) {
    values.emplace_back(prometheus::Labels{{"use", kUses[static_cast<size_t>(certificate.use)]},
                                           {"owner", certificate.owner.text()}},
                        static_cast<double>(certificate.not_after.us) * kSecondsPerUs);
  }
  certificates_.Replace(std::move(values));
}

void Counters::SetStoreBytes(StoreFile file, uint64_t bytes) {
  store_bytes_.Add({{"file", kStoreFiles[static_cast<size_t>(file)]}}).Set(static_cast<double>(bytes));
}

void Counters::SetBreaches(uint64_t open, int64_t oldest_us) {
  breaches_.Set(static_cast<double>(open));
  breach_age_.Set(static_cast<double>(oldest_us) * kSecondsPerUs);
}

Counters::Shown::Shown(prometheus::Registry& registry, const char* name, const char* help)
    : family_(Gauge(registry, name, help)) {}

void Counters::Shown::Replace(std::vector<std::pair<prometheus::Labels, double>> values) {
  absl::MutexLock lock(&mutex_);
  for (prometheus::Gauge* gauge : gauges_) family_.Remove(gauge);
  gauges_.clear();
  for (auto& [labels, value] : values) {
    prometheus::Gauge* gauge = &family_.Add(labels);
    gauge->Set(value);
    gauges_.push_back(gauge);
  }
}

std::string Counters::Text() const {
  process_.Refresh();
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_.Collect());
  return out.str();
}

}  // namespace schotvrij::telemetry
