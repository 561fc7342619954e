// iWmo, wire: any bytes are read or refused, in pieces of any size; verdicts are those of libxml2 with a schema of our tables but for what
// is refused on purpose; what is read is the same after it was written.
//
// The first byte says how the rest is cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "adapters/iwmo/wire/reader.h"
#include "adapters/iwmo/wire/writer.h"
#include "tests/support/iwmo/oracle.h"

namespace {

using schotvrij::Issue;
using schotvrij::iwmo::Grammar;
using schotvrij::iwmo::NodeIndex;
using schotvrij::iwmo::Reader;
using schotvrij::iwmo::Tree;
using schotvrij::iwmo::Writer;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Text(const Tree& tree) {
  std::string text;
  for (NodeIndex i = 0; i < tree.nodes().size(); ++i) {
    text.append(std::to_string(tree.at(i).element)).append("/").append(std::to_string(tree.at(i).end)).append(":");
    text.append(tree.Text(i)).push_back('\0');
  }
  return text;
}

// What a document says, and the same written again.
struct Said final : schotvrij::iwmo::TreeSink {
  void OnHead(const Tree&) override { ++heads; }
  void OnPart(const Tree& part) override {
    parts.push_back(part);
    said.append(Text(part)).push_back('|');
  }
  void OnEnd(const Tree& whole) override {
    Writer writer(&written);
    if (heads == 0) {
      writer.Whole(whole);
    } else {
      writer.Head(whole);
      for (const Tree& part : parts) writer.Part(part);
      writer.End();
    }
    said.append(Text(whole));
    ended = true;
  }
  void OnIssue(Issue issue) override {
    rules.insert(issue.rule);
    issues.append(issue.rule).append(issue.path).append(issue.text).push_back('\n');
  }

  int heads = 0;
  bool ended = false;
  std::vector<Tree> parts;
  std::string said, issues, written;
  std::set<std::string> rules;
};

const Grammar* Read(std::string_view bytes, uint64_t seed, Said* said) {
  std::mt19937_64 random(seed);
  Reader reader;
  while (!bytes.empty()) {
    const size_t size = seed == 0 ? bytes.size() : std::min<size_t>(bytes.size(), 1 + random() % (seed < 128 ? 8 : 200));
    if (!reader.Feed(bytes.substr(0, size), *said)) return reader.grammar();
    bytes.remove_prefix(size);
  }
  reader.Finish(*said);
  return reader.grammar();
}

// Refused whatever a schema would say.
bool IsRefusedOnPurpose(const std::set<std::string>& rules) {
  static const std::set<std::string> purpose = {"IWMO-BOM",      "IWMO-ENCODING",   "IWMO-DOCTYPE",    "IWMO-INSTRUCTION", "IWMO-SIZE", "IWMO-DEPTH",
                                                "IWMO-TAG-SIZE", "IWMO-ATTRIBUTES", "IWMO-VALUE-SIZE", "IWMO-PARTS"};
  for (const std::string& rule : rules) {
    if (purpose.contains(rule)) return true;
  }
  return false;
}

const schotvrij::test::Oracle& OracleOf(const Grammar& grammar) {
  static std::map<const Grammar*, schotvrij::test::Oracle>& all = *new std::map<const Grammar*, schotvrij::test::Oracle>;
  auto found = all.find(&grammar);
  if (found == all.end()) found = all.emplace(&grammar, schotvrij::test::Oracle::Own(grammar)).first;
  return found->second;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Said whole, pieces;
  const Grammar* grammar = Read(bytes, 0, &whole);
  Read(bytes, data[0] + 1u, &pieces);
  Require(whole.said == pieces.said && whole.issues == pieces.issues && whole.ended == pieces.ended);
  Require(whole.ended || !whole.rules.empty());

  if (grammar != nullptr && !IsRefusedOnPurpose(whole.rules)) {
    Require(OracleOf(*grammar).Takes(bytes) == whole.rules.empty());
  }
  if (whole.rules.empty()) {
    Said again;
    Read(whole.written, 0, &again);
    Require(again.rules.empty() && again.said == whole.said && again.written == whole.written);
    Require(OracleOf(*grammar).Takes(whole.written));
  }
  return 0;
}
