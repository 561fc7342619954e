// iWmo to canonical, through what a policy that shares everything discloses, and back: all that not_carried.csv does not name is as it
// was. The documents are random, so that nobody chose what they hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "adapters/iwmo/map/tree_builder.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"
#include "tests/adapters/iwmo/carried_text.h"
#include "tests/adapters/iwmo/messages.h"
#include "tests/adapters/iwmo/support.h"
#include "tests/support/disclosures.h"
#include "tests/support/iwmo/random_document.h"

namespace schotvrij::iwmo {
namespace {

constexpr size_t kDocuments = 300;  // of each message

// A document as its trees, and those that came of it again.
struct RoundTrip {
  std::vector<Tree> before, after;
};

// The same with numbers, days and times in other forms that XML Schema has for them.
std::string LooseValue(const Element& element, std::string value, std::mt19937_64& random) {
  if (!element.value.empty() || element.type->base == Base::kString || random() % 2 == 0) return value;
  return element.type->base == Base::kInteger ? "\t+0" + value + " " : " " + value + "\n";
}

void Loosen(const Tree& tree, NodeIndex node, std::mt19937_64& random, Tree* loose) {
  const Element& element = tree.ElementOf(node);
  loose->Open(tree.at(node).element);
  if (element.type != nullptr) loose->Append(LooseValue(element, std::string(tree.Text(node)), random));
  for (NodeIndex child = node + 1; child < tree.at(node).end; child = tree.at(child).end) Loosen(tree, child, random, loose);
  loose->Close();
}

Tree Loosened(const Tree& tree, std::mt19937_64& random) {
  Tree loose(tree.grammar());
  Loosen(tree, 0, random, &loose);
  return loose;
}

std::string LooseDocument(const Grammar& grammar, std::mt19937_64& random) {
  const ReadTrees read = ReadDocument(test::RandomDocument(grammar, random));
  const Tree whole = Loosened(read.whole.at(0), random);
  if (grammar.part() == kNoElement) return BytesOf(whole);
  std::vector<Tree> parts;
  for (const Tree& part : read.parts) parts.push_back(Loosened(part, random));
  return BytesOf(whole, parts);
}

bool IsHeen(const Grammar& grammar) { return grammar.answers().empty(); }

Given TotalOf(const Tree& frame) {
  Given given;
  for (const char* path : {"Declaratie/TotaalIngediendBedrag/TotaalBedrag", "Declaratie/TotaalIngediendBedrag/DebetCredit"}) {
    const ElementId element = frame.grammar().Find(path);
    if (element != kNoElement) given[element] = std::string(frame.Value(0, element));
  }
  return given;
}

// Nullopt: it holds a value that we have no counterpart of.
std::optional<RoundTrip> Travel(const Grammar& grammar, const std::string& document) {
  const ReadTrees read = ReadDocument(document);
  EXPECT_EQ(TextOf(read.issues), "") << document;
  const Said said = Decoded(document, /*level=*/1);
  for (const Issue& issue : said.issues) EXPECT_EQ(issue.rule, "IWMO-NO-COUNTERPART") << issue.path;
  if (!said.issues.empty()) return std::nullopt;
  RoundTrip trip{read.parts, {}};
  trip.before.push_back(read.whole.at(0));
  const Given given = TotalOf(read.whole.at(0));
  std::optional<Tree> whole;
  for (const v1::Exchange& exchange : said.exchanges) {
    const policy::Disclosure disclosure = test::DiscloseAll(exchange);
    TreeBuilder builder(Plan::Of(grammar), disclosure.exchange(), given);
    whole = builder.Whole();
    if (grammar.part() != kNoElement) trip.after.push_back(builder.Part());
    builder.CheckPlaces();
    EXPECT_EQ(TextOf(builder.issues()), "") << document;
  }
  if (whole.has_value()) trip.after.push_back(*whole);
  return trip;
}

const std::vector<RoundTrip>& TripsOf(const Grammar& grammar) {
  static auto* done = new std::map<const Grammar*, std::vector<RoundTrip>>();
  std::mt19937_64 random(20261128);
  std::vector<RoundTrip>& trips = (*done)[&grammar];
  while (trips.size() < kDocuments) {
    std::optional<RoundTrip> trip = Travel(grammar, LooseDocument(grammar, random));
    if (trip.has_value()) trips.push_back(*std::move(trip));
    if (testing::Test::HasFailure()) break;
  }
  return trips;
}

bool Same(const RoundTrip& trip, const std::vector<const Table::Row*>& rows) {
  if (trip.before.size() != trip.after.size()) return false;
  for (size_t i = 0; i < trip.before.size(); ++i) {
    if (CarriedText(trip.before[i], rows).Write() != CarriedText(trip.after[i], rows).Write()) return false;
  }
  return true;
}

class IwmoRoundTrip : public testing::TestWithParam<const Grammar*> {};

TEST_P(IwmoRoundTrip, KeepsAllThatNoRowOfNotCarriedNames) {
  const std::vector<const Table::Row*> rows = RowsBut(nullptr);
  for (const RoundTrip& trip : TripsOf(*GetParam())) {
    ASSERT_EQ(trip.before.size(), trip.after.size());
    for (size_t i = 0; i < trip.before.size(); ++i) {
      ASSERT_EQ(CarriedText(trip.before[i], rows).Write(), CarriedText(trip.after[i], rows).Write());
    }
  }
}

TEST_P(IwmoRoundTrip, NeedsEveryRowOfNotCarried) {
  const std::vector<RoundTrip>& trips = TripsOf(*GetParam());
  for (const Table::Row& row : NotCarried().rows()) {
    if (!HoldsWord(row["in"], GetParam()->message().substr(3))) continue;
    const std::vector<const Table::Row*> others = RowsBut(&row);
    EXPECT_FALSE(std::all_of(trips.begin(), trips.end(), [&](const RoundTrip& trip) { return Same(trip, others); }))
        << row["element"] << " is carried after all";
  }
}

std::vector<const Grammar*> HeenMessages() {
  std::vector<const Grammar*> messages;
  for (const Grammar* grammar : Grammar::All()) {
    if (IsHeen(*grammar)) messages.push_back(grammar);
  }
  return messages;
}

INSTANTIATE_TEST_SUITE_P(Messages, IwmoRoundTrip, testing::ValuesIn(HeenMessages()),
                         [](const auto& info) { return std::string(info.param->message()); });

}  // namespace
}  // namespace schotvrij::iwmo
