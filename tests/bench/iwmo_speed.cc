// iWmo on one core: the reader with level 1; the decoder, which is that with level 2 and the map to canonical; the encoder from Disclosures;
// and what they are held against: libxml2's tree of the same documents, validated by a schema made of the same tables.
//
//   bench_iwmo --benchmark_filter=Declaration
#include <cstdlib>
#include <memory>
#include <vector>

#include <libxml/parser.h>

#include "adapters/iwmo/iwmo.h"
#include "adapters/iwmo/wire/reader.h"
#include "benchmark/benchmark.h"
#include "tests/bench/iwmo_documents.h"
#include "tests/support/disclosures.h"
#include "tests/support/iwmo/oracle.h"

namespace schotvrij::bench {
namespace {

void Must(bool good) {
  if (!good) std::abort();
}

// Documents of one message, and the lines that they have together: Prestaties, or products.
struct Documents {
  const iwmo::Grammar& grammar;
  std::vector<std::string> texts;
  int64_t bytes = 0;
  int64_t lines = 0;

  Documents(std::string_view message, std::vector<std::string> all, int64_t line_count)
      : grammar(iwmo::Grammar::Of(message)), texts(std::move(all)), lines(line_count) {
    for (const std::string& text : texts) bytes += static_cast<int64_t>(text.size());
  }
};

// One large file; ten lines to a client.
const Documents& Declarations() {
  static const Documents documents("WMO323", {Declaration(1'000, 10)}, 10'000);
  return documents;
}

const Documents& Starts() {
  static const Documents documents("WMO305", [] {
    std::vector<std::string> texts;
    for (uint64_t number = 0; number < 1'000; ++number) texts.push_back(Start(number));
    return texts;
  }(), 1'000);
  return documents;
}

template <typename Stage>
void Run(benchmark::State& state, const Documents& documents, Stage stage) {
  for (auto _ : state) {
    for (const std::string& text : documents.texts) stage(text);
  }
  state.SetBytesProcessed(state.iterations() * documents.bytes);
  state.SetItemsProcessed(state.iterations() * documents.lines);
}

// What a document says, looked at and forgotten.
struct Glance final : iwmo::TreeSink {
  void OnHead(const iwmo::Tree& head) override { nodes += head.nodes().size(); }
  void OnPart(const iwmo::Tree& part) override { nodes += part.nodes().size(); }
  void OnEnd(const iwmo::Tree& whole) override { nodes += whole.nodes().size(); }
  void OnIssue(Issue) override { Must(false); }
  size_t nodes = 0;
};

void Level1(benchmark::State& state, const Documents& documents) {
  Run(state, documents, [](const std::string& text) {
    Glance glance;
    iwmo::Reader reader;
    Must(reader.Feed(text, glance));
    reader.Finish(glance);
    Must(glance.nodes > 0);
  });
}

// Each Exchange, looked at and forgotten.
struct Weigh final : PartSink {
  void OnHeader(v1::BatchHeader) override {}
  void OnExchange(v1::Exchange exchange) override {
    lines += exchange.declaration().lines_size() + exchange.delivery_event().products_size();
  }
  void OnTrailer(v1::BatchTrailer) override {}
  void OnIssue(Issue) override { Must(false); }
  int lines = 0;
};

void Canonical(benchmark::State& state, const Documents& documents) {
  Run(state, documents, [](const std::string& text) {
    Weigh weigh;
    const std::unique_ptr<Decoder> decoder = iwmo::NewDecoder({});
    Must(decoder->Feed(text, weigh));
    decoder->Finish(weigh);
    Must(weigh.lines > 0);
  });
}

std::vector<policy::Disclosure> DisclosuresOf(const Documents& documents) {
  std::vector<policy::Disclosure> disclosures;
  for (const std::string& text : documents.texts) {
    DecodedParts parts;
    const std::unique_ptr<Decoder> decoder = iwmo::NewDecoder({});
    Must(decoder->Feed(text, parts));
    decoder->Finish(parts);
    for (const v1::Exchange& exchange : parts.exchanges) disclosures.push_back(test::DiscloseAll(exchange));
  }
  return disclosures;
}

void Libxml2(benchmark::State& state, const Documents& documents) {
  const test::Oracle oracle = test::Oracle::Own(documents.grammar);
  Run(state, documents, [&](const std::string& text) {
    const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> tree(
        xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NONET), &xmlFreeDoc);
    Must(tree != nullptr && oracle.Holds(tree.get()));
  });
}

void DeclarationByLevel1(benchmark::State& state) { Level1(state, Declarations()); }
BENCHMARK(DeclarationByLevel1);
void DeclarationByDecoding(benchmark::State& state) { Canonical(state, Declarations()); }
BENCHMARK(DeclarationByDecoding);
void DeclarationByLibxml2(benchmark::State& state) { Libxml2(state, Declarations()); }
BENCHMARK(DeclarationByLibxml2);
void StartsByLevel1(benchmark::State& state) { Level1(state, Starts()); }
BENCHMARK(StartsByLevel1);
void StartsByDecoding(benchmark::State& state) { Canonical(state, Starts()); }
BENCHMARK(StartsByDecoding);
void StartsByLibxml2(benchmark::State& state) { Libxml2(state, Starts()); }
BENCHMARK(StartsByLibxml2);

void DeclarationByEncoding(benchmark::State& state) {
  const std::vector<policy::Disclosure> clients = DisclosuresOf(Declarations());
  int64_t cents = 0;
  for (const policy::Disclosure& client : clients) {
    for (const v1::DeclarationLine& line : client.exchange().declaration().lines()) {
      cents += line.side() == v1::CREDIT ? -line.amount_cents() : line.amount_cents();
    }
  }
  for (auto _ : state) {
    const std::unique_ptr<iwmo::FileEncoder> file = iwmo::NewFileEncoder({}, cents);
    for (const policy::Disclosure& client : clients) Must(file->Next(client).ok());
    Must(file->Finish().ok());
  }
  state.SetBytesProcessed(state.iterations() * Declarations().bytes);
  state.SetItemsProcessed(state.iterations() * Declarations().lines);
}
BENCHMARK(DeclarationByEncoding);

void StartsByEncoding(benchmark::State& state) {
  const std::vector<policy::Disclosure> starts = DisclosuresOf(Starts());
  for (auto _ : state) {
    for (const policy::Disclosure& start : starts) Must(iwmo::Encode(start, {}).ok());
  }
  state.SetBytesProcessed(state.iterations() * Starts().bytes);
  state.SetItemsProcessed(state.iterations() * Starts().lines);
}
BENCHMARK(StartsByEncoding);

}  // namespace
}  // namespace schotvrij::bench

BENCHMARK_MAIN();
