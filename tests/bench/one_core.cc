// One registration from its bytes to what the municipality may know, on one core, without store, keys and sockets: decode, check,
// decide, minimise, encode; and each of these by itself.
//
//   bench_one_core --benchmark_filter=Whole
#include <cstdlib>
#include <memory>
#include <utility>

#include "adapters/canonical/canonical.h"
#include "adapters/fhir/fhir.h"
#include "benchmark/benchmark.h"
#include "gateway/casefile/casefile.h"
#include "gateway/exchange/admission.h"
#include "gateway/transport/runtime/system.h"
#include "policy/engine.h"
#include "schemas/base/embedded.h"
#include "tests/bench/registrations.h"

namespace schotvrij::bench {
namespace {

constexpr uint64_t kMessages = 1'000;

void Must(bool good) {
  if (!good) std::abort();
}

config::v1::Participant& Enrol(const char* key, const char* system, const char* value, config::v1::Enrolment& enrolment) {
  config::v1::Participant& participant = *enrolment.add_participant();
  participant.set_key(key);
  participant.set_name(key);
  participant.add_identifier()->set_system(system);
  participant.mutable_identifier(0)->set_value(value);
  participant.add_peer()->set_subject(std::string("CN=") + key);
  participant.mutable_route()->mutable_mailbox();
  return participant;
}

std::shared_ptr<const identity::Enrolment> EnrolEde() {
  config::v1::Enrolment document;
  Enrol("opella", "agb", "00000001", document);
  Enrol("gemeente-ede", "cbs", "0228", document);
  Enrol("menzis", "uzovi", "0000", document);
  return *identity::Enrolment::Create(document);
}

std::shared_ptr<const policy::RuleSet> LoadEde() {
  const policy::PolicyFile files[] = {{"ede.txtpb", std::string(EmbeddedText("policy/documents/ede.txtpb"))}};
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  Must(loaded.rules != nullptr);
  return loaded.rules;
}

// What the road knows before a message comes, and each stage as the road runs it.
struct Road {
  CivilDate today = TodayInAmsterdam(runtime::SystemClock().Now());
  Registrations registrations{today};
  policy::Engine engine{LoadEde(), [](std::string_view, std::string_view) { return std::string(); }};
  exchange::Standing standing{engine.rules(), EnrolEde(), today};
  exchange::ActiveNetworks active;
  v1::Facts facts;
  std::vector<std::string> bundles;

  Road() {
    for (uint64_t number = 0; number < kMessages; ++number) bundles.push_back(registrations.Bundle(number));
  }

  v1::Exchange Decode(const std::string& bundle) const {
    std::unique_ptr<Decoder> decoder = fhir::NewDecoder({});
    DecodedParts parts;
    Must(decoder->Feed(bundle, parts));
    decoder->Finish(parts);
    Must(parts.exchanges.size() == 1);
    return std::move(parts.exchanges.front());
  }
  void Check(v1::Exchange* exchange) {
    Must(!HasError(canonical::CheckForm(*exchange)));
    exchange->mutable_envelope()->set_sender("opella");
    Must(exchange::Admit(standing, {"opella", {"opella"}}, active, exchange).empty());
    Must(!HasError(casefile::Check(*exchange, facts)));
  }
  policy::Decision Decide(const v1::Exchange& exchange) const {
    policy::Decision decision = engine.Decide({exchange, facts, today});
    Must(decision.recipients.size() == 1);
    return decision;
  }
  v1::Exchange Cut(const v1::Exchange& exchange, const policy::Decision& decision) const {
    return engine.CutToNeed({exchange, facts, today}, decision);
  }
  policy::Disclosure Disclose(const v1::Exchange& kept, const policy::Decision& decision) const {
    const policy::Recipient& recipient = decision.recipients.front();
    auto disclosed =
        engine.Disclose({{kept, facts, today}, "id", recipient.participant, "id", "2026-01-01", &recipient.paths});
    Must(std::holds_alternative<policy::Disclosure>(disclosed));
    return std::get<policy::Disclosure>(std::move(disclosed));
  }
};

Road& TheRoad() {
  static Road road;
  return road;
}

template <typename Stage>
void Run(benchmark::State& state, Stage stage) {
  uint64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(stage(number++ % kMessages));
  state.SetItemsProcessed(state.iterations());
}

void Whole(benchmark::State& state) {
  Road& road = TheRoad();
  Run(state, [&](uint64_t number) {
    v1::Exchange exchange = road.Decode(road.bundles[number]);
    road.Check(&exchange);
    const policy::Decision decision = road.Decide(exchange);
    const v1::Exchange kept = road.Cut(exchange, decision);
    return canonical::EncodeMailboxItem(road.Disclose(kept, decision)).ok();
  });
}
BENCHMARK(Whole);

void Decode(benchmark::State& state) {
  Road& road = TheRoad();
  Run(state, [&](uint64_t number) { return road.Decode(road.bundles[number]).ByteSizeLong(); });
}
BENCHMARK(Decode);

void Check(benchmark::State& state) {
  Road& road = TheRoad();
  std::vector<v1::Exchange> exchanges;
  for (const std::string& bundle : road.bundles) exchanges.push_back(road.Decode(bundle));
  for (v1::Exchange& exchange : exchanges) road.Check(&exchange);  // from here on each check finds what it set itself
  Run(state, [&](uint64_t number) {
    Must(!HasError(canonical::CheckForm(exchanges[number])));
    return casefile::Check(exchanges[number], road.facts).size();
  });
}
BENCHMARK(Check);

// Decide, minimise and encode on messages that were decoded and checked before.
struct Decided {
  v1::Exchange exchange;
  policy::Decision decision;
  v1::Exchange kept;
};
std::vector<Decided> DecideAll(Road& road) {
  std::vector<Decided> all(kMessages);
  for (uint64_t number = 0; number < kMessages; ++number) {
    all[number].exchange = road.Decode(road.bundles[number]);
    road.Check(&all[number].exchange);
    all[number].decision = road.Decide(all[number].exchange);
    all[number].kept = road.Cut(all[number].exchange, all[number].decision);
  }
  return all;
}

void Decide(benchmark::State& state) {
  Road& road = TheRoad();
  const std::vector<Decided> all = DecideAll(road);
  Run(state, [&](uint64_t number) { return road.Decide(all[number].exchange).recipients.size(); });
}
BENCHMARK(Decide);

void MinimiseToKeep(benchmark::State& state) {
  Road& road = TheRoad();
  const std::vector<Decided> all = DecideAll(road);
  Run(state, [&](uint64_t number) { return road.Cut(all[number].exchange, all[number].decision).ByteSizeLong(); });
}
BENCHMARK(MinimiseToKeep);

void MinimiseToDisclose(benchmark::State& state) {
  Road& road = TheRoad();
  const std::vector<Decided> all = DecideAll(road);
  Run(state, [&](uint64_t number) { return road.Disclose(all[number].kept, all[number].decision).evidence().fields.size(); });
}
BENCHMARK(MinimiseToDisclose);

void Encode(benchmark::State& state) {
  Road& road = TheRoad();
  const std::vector<Decided> all = DecideAll(road);
  const policy::Disclosure disclosure = road.Disclose(all[0].kept, all[0].decision);
  Run(state, [&](uint64_t) { return canonical::EncodeMailboxItem(disclosure).ok(); });
}
BENCHMARK(Encode);

}  // namespace
}  // namespace schotvrij::bench

BENCHMARK_MAIN();
