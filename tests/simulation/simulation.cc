#include "tests/simulation/simulation.h"

#include <memory>
#include <sstream>
#include <utility>

#include "gateway/exchange/consent_due.h"
#include "gateway/store/engines.h"
#include "tests/simulation/municipality.h"
#include "tests/simulation/observer.h"
#include "tests/simulation/operations.h"
#include "tests/gateway/audit/audit_fixture.h"

namespace schotvrij::simulation {
namespace {

constexpr Instant kBegin{1'795'176'000'000'000};  // 2026-11-20T12:00:00Z
constexpr int kRoundsMax = 80;
constexpr int kQuietRounds = 2;
constexpr int64_t kHalfDayUs = 43'200'000'000;

class Run {
 public:
  Run(uint64_t seed, const Workload& workload, Mutant mutant) : workload_(workload), dice_(seed), mutant_(mutant) {
    for (uint32_t i = 0; i < workload.persons(); ++i) record_.persons.push_back(MakePerson(i, dice_));
    for (const char* name : std::span(kProviders).first(workload.providers())) {
      providers_.push_back(std::make_unique<Provider>(name, stage_, workload_, dice_.Split()));
    }
    for (const char* name : std::span(kMunicipalities).first(workload.municipalities())) {
      municipalities_.emplace(name, std::make_unique<Municipality>(name, stage_, workload_, dice_.Split()));
    }
  }

  Outcome Go() {
    operations_.Begin();
    for (const auto& provider : providers_) provider->Begin();
    for (const auto& [name, municipality] : municipalities_) municipality->Begin();
    RunUntil(static_cast<int64_t>(workload_.duration_ms()) * kMs);
    journal_.Tell("the faults end");
    operations_.Finish();
    post_.Finish();
    if (ComeToRest() && Close()) Judge();
    return {journal_.text(), journal_.violations(), journal_.counts()};
  }

 private:
  void Step() {
    if (!scheduler_.Step()) journal_.Violation("nothing is left to happen");
    ReadLog();
    operations_.Look();
  }

  void RunUntil(int64_t us) {
    while (scheduler_.now_us() < us && journal_.violations().empty()) Step();
  }

  // What the gateway logs is a part of the trace; an error without a reason in the simulated world breaks the run.
  void ReadLog() {
    if (log_.view().empty()) return;
    std::istringstream lines(std::exchange(log_, std::ostringstream()).str());
    for (std::string line; std::getline(lines, line);) {
      journal_.Tell("log ", line);
      if (line.find(R"("level":"error")") == std::string::npos) continue;
      journal_.Count("failure logged");
      if (!operations_.HasExcuse()) journal_.Violation("the gateway logs an error of its own");
    }
  }

  size_t Progress() const {
    const auto accepted = journal_.counts().find("accepted");
    return (accepted == journal_.counts().end() ? 0 : accepted->second) + record_.acknowledgements.size() +
           record_.letters.size();
  }

  bool IsAtRest() {
    if (!operations_.running() || talkers_.open() > 0) return false;
    store::Store& store = operations_.gateway().store();
    const auto next = store.NextDue();
    const auto run_out = store.DueTimers(exchange::kConsentTimer, clock_.Now(), 1);
    return next.ok() && !next->has_value() && run_out.ok() && run_out->empty();
  }

  // Everybody finishes what was begun, until nothing changes any more.
  bool ComeToRest() {
    int quiet = 0;  // rounds on end; what came in the last moment of one is taken over in the next
    for (int round = 0; round < kRoundsMax; ++round) {
      const size_t before = Progress();
      for (const auto& provider : providers_) provider->Finish();
      for (const auto& [name, municipality] : municipalities_) municipality->Finish();
      RunUntil(scheduler_.now_us() + workload_.rests_ms() * kMs);
      if (!journal_.violations().empty()) return false;
      quiet = IsAtRest() && Progress() == before ? quiet + 1 : 0;
      if (quiet == kQuietRounds) return true;
    }
    journal_.Violation("the gateway does not come to rest: ", talkers_.open(), " wait for an answer");
    return false;
  }

  bool Close() {
    while (!operations_.Close() && journal_.violations().empty()) Step();
    return journal_.violations().empty();
  }

  void Judge() {
    auto store = store::OpenSqlite(kStoreFile, "observer", {}, {.vfs = DiskVfs::kName, .readers = 1});
    if (!store.ok()) return journal_.Violation("the store does not open");
    Observer(record_, journal_, **store, *MakeKeys(&random_)).Judge(CheckpointLines::Read(&disk_), audit::kPublicKey);
  }

  const Workload& workload_;
  Dice dice_;
  const Mutant mutant_;
  Scheduler scheduler_{dice_.Split()};
  Journal journal_{&scheduler_};
  WallClock clock_{&scheduler_, Instant{kBegin.us + dice_.Between(-kHalfDayUs, kHalfDayUs)}};
  Disk disk_{dice_.Split()};
  DiskVfs vfs_{&disk_, dice_.Split()};
  DiceRandom random_{dice_.Split()};
  Dice machine_dice_ = dice_.Split();
  std::ostringstream log_;
  std::unique_ptr<telemetry::Ledger> ledger_ = *telemetry::Ledger::Create({.clock = &clock_, .stream = &log_});
  std::unique_ptr<audit::Signer> signer_ = *audit::Signer::FromPem(audit::kPrivateKey);
  Record record_;
  Edge edge_{&disk_, &scheduler_, &journal_, &record_, dice_.Split()};
  Talkers talkers_{&edge_, &scheduler_, &journal_, dice_.Split()};
  const Stage stage_{&scheduler_, &clock_, &journal_, &record_, &edge_, &talkers_};
  Post post_{stage_, &disk_, workload_.mail(),
             [this](const std::string& recipient, const std::string& delivery_id, const std::string& text) {
               municipalities_.at(recipient)->Receive(delivery_id, text);
             },
             dice_.Split()};
  std::vector<std::unique_ptr<Provider>> providers_;
  std::map<std::string, std::unique_ptr<Municipality>> municipalities_;
  Operations operations_{stage_,
                         {&disk_, &scheduler_, &clock_, &random_, ledger_.get(), &post_, signer_.get(), &machine_dice_,
                          &workload_.operations(), mutant_},
                         &post_,
                         workload_,
                         dice_.Split()};
};

}  // namespace

Outcome Simulate(uint64_t seed, const Workload& workload, Mutant mutant) { return Run(seed, workload, mutant).Go(); }

}  // namespace schotvrij::simulation
