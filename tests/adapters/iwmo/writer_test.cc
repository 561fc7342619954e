// What is written says what was read.
#include "adapters/iwmo/wire/writer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/adapters/iwmo/support.h"
#include "tests/support/iwmo/oracle.h"
#include "tests/support/iwmo/random_document.h"

namespace schotvrij::iwmo {
namespace {

std::string Rewritten(const ReadTrees& read) {
  std::string bytes;
  Writer writer(&bytes);
  if (read.whole.empty()) return bytes;
  if (read.head.empty()) {
    writer.Whole(read.whole.front());
    return bytes;
  }
  writer.Head(read.whole.front());
  for (const Tree& part : read.parts) writer.Part(part);
  writer.End();
  return bytes;
}

TEST(IwmoWriter, RandomMessagesOfAllTypesComeBackAsTheyWere) {
  std::mt19937_64 random(20260302);
  for (const Grammar* grammar : Grammar::All()) {
    for (int i = 0; i < 20; ++i) {
      const std::string document = test::RandomDocument(*grammar, random);
      const ReadTrees read = ReadDocument(document);
      ASSERT_EQ(read.Rules(), std::vector<std::string>()) << read.issues[0].path << " " << read.issues[0].text << "\n" << document;
      EXPECT_EQ(test::Canonical(Rewritten(read)), test::Canonical(document));
    }
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
