// Level 1 on changed messages: our verdict is that of the schema. The official schemas are not ours to publish: what they said of each
// mutation is kept in data/mutations.txt, and asked again where they lie beside the repository.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "adapters/iwmo/wire/reader.h"
#include "tests/adapters/iwmo/support.h"
#include "tests/support/iwmo/mutation.h"
#include "tests/support/iwmo/oracle.h"
#include "tests/support/iwmo/random_document.h"

namespace schotvrij::iwmo {
namespace {

constexpr size_t kMutations = 1432;  // of each of fourteen messages: 20,048, four to a hexadecimal digit

// The kept line of one message: its seed, and whether each mutation is taken, from the highest bit of the first digit on.
struct KeptVerdicts {
  std::string message;
  uint64_t seed = 0;
  std::string verdicts;
};

std::vector<KeptVerdicts> ReadKeptVerdicts() {
  std::vector<KeptVerdicts> kept;
  std::ifstream file(SOURCE_DIR "/tests/adapters/iwmo/data/mutations.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    KeptVerdicts& one = kept.emplace_back();
    std::istringstream(line) >> one.message >> one.seed >> one.verdicts;
  }
  return kept;
}

class Verdicts {
 public:
  void Add(bool taken) {
    digit_ = digit_ * 2 + (taken ? 1 : 0);
    if (++count_ % 4 == 0) digits_.push_back("0123456789abcdef"[std::exchange(digit_, 0u)]);
  }
  const std::string& digits() const { return digits_; }

 private:
  unsigned digit_ = 0;
  size_t count_ = 0;
  std::string digits_;
};

std::vector<std::string> MutationsOf(const Grammar& grammar, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::string> mutations;
  for (size_t i = 0; i < kMutations; ++i) mutations.push_back(test::Mutate(test::RandomDocument(grammar, random), random));
  return mutations;
}

TEST(IwmoMutations, OurVerdictIsThatOfTheSchemaOnEachOfTwentyThousand) {
  const std::vector<KeptVerdicts> kept = ReadKeptVerdicts();
  ASSERT_EQ(kept.size(), Grammar::All().size());
  for (const KeptVerdicts& one : kept) {
    const Grammar& grammar = Grammar::Of(one.message);
    const test::Oracle own = test::Oracle::Own(grammar);
    const std::optional<test::Oracle> official = test::Oracle::Official(grammar, test::OfficialFolder(SOURCE_DIR));
    Verdicts ours, theirs;
    for (const std::string& document : MutationsOf(grammar, one.seed)) {
      const ReadTrees read = ReadDocument(document);
      const bool taken = read.issues.empty();
      EXPECT_EQ(taken, own.Takes(document)) << (taken ? "" : read.issues[0].path + " " + read.issues[0].text) << "\n" << document;
      ours.Add(taken);
      if (official) theirs.Add(official->Takes(document));
    }
    EXPECT_EQ(ours.digits(), one.verdicts) << one.message;
    if (!official) continue;
    EXPECT_EQ(theirs.digits(), one.verdicts) << one.message << " by the official schema";
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
