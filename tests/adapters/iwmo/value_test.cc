// Values, held against what XML Schema makes of the same types in libxml2.
#include "adapters/iwmo/wire/value.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/adapters/iwmo/support.h"
#include "tests/support/iwmo/oracle.h"
#include "tests/support/iwmo/random_document.h"

namespace schotvrij::iwmo {
namespace {

// Line of the first `element` in a document; 0: it has none.
uint32_t LineOf(const ReadTrees& read, ElementId element) {
  std::vector<Tree> trees = read.whole;
  trees.insert(trees.end(), read.parts.begin(), read.parts.end());
  for (const Tree& tree : trees) {
    if (const NodeIndex node = tree.Below(0, element); node != kNoNode) return tree.at(node).line;
  }
  return 0;
}

// A valid document, in two halves between which the value of one `element` belongs.
struct ValueDocument {
  std::string before, behind;

  ValueDocument(const Grammar& grammar, const Element& element) {
    std::mt19937_64 random(1);
    uint32_t line = 0;
    for (; line == 0; line = LineOf(ReadDocument(before), grammar.Find(element.path))) before = test::RandomDocument(grammar, random);
    size_t from = 0;
    for (uint32_t i = 1; i < line; ++i) from = before.find('\n', from) + 1;
    from = before.find('>', from) + 1;
    behind = before.substr(before.find("</", from));
    before.resize(from);
  }
  std::string With(std::string_view value) const {
    std::string text = before;
    for (char c : value) text.append(c == '\r' ? "&#13;" : c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c));
    return text + behind;
  }
};

constexpr std::string_view kTryouts[] = {
    "", " ", "a", "1", "01", "12", "123", "1234", "12345678", "123456789", "0", "-0", "+0", "+1", "-1", "+ 1", "--1", "1.0", "1e3", " 1 ",
    "\n3\t", "\r3", "3", "03", "+3", "2", "2 ", "000000000000000000000000000000000000002", "99", "100", "99999999", "100000000",
    "999999999999", "1000000000000", "99999999999999999999", "9999999999999999999999999999", "2023-02-28", "2023-02-29", "2024-02-29",
    "1900-02-29", "2000-02-29", "2023-04-31", "2023-13-01", "2023-00-10", "2023-01-00", "2023-1-1", "0000-01-01", "0001-01-01", "-0001-01-01",
    "-0004-02-29", "12023-01-01", "02023-01-01", "2023-01-01Z", "2023-01-01+01:00", "2023-01-01-01:00", "2023-01-01-01", " 2023-01-01 ",
    "2023-01-01\n", "20230101", "+2023-01-01", "999999999999999999-01-01", "9999999999999999999-01-01", "123456789012345678901-01-01",
    "2023-01-01T00:00:00", "2023 -01-01", "-2023-01-01", "--01-01", "00:00:00", "23:59:59", "24:00:00", "24:00:01", "24:01:00", "24:00:00.0",
    "24:00:00.001", "25:00:00", "12:60:00", "12:00:60", "12:00:59.999", "12:00:00.", "12:00:00.5 ", " 12:00:00", "12:00", "12:00:00Z",
    "12:00:00+01:00", "12:00:00-01:00", "1:00:00", "12:0:00", "12:00:0", "1.0.0", "01.0.0", "1.0", "1.0.0.0", "10.20.30", " 1.0.0", "0.0.0",
    "a\nb", "a\rb", "a b", " a", "a ", "\na", "\t", "\n", "\xC2\xA0", "\xE2\x80\xA8", "\xE2\x80\xA8" "a", "\xC2\x85", "\xC3\xA9",
    "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", "\xF0\x9F\x98\x80", "\xC3\x97", "\xC3\x80", "\xE1\xBB\xB3", "\xE1\xBB\xB4", "\xC2\xBF",
    "abcdef", "abcdefg", "ABC123", "A-1", "D", "C", "X", "d", "NL", "nl", "AB", "0001", "8001", "414", "418", "484", "04", "\xD9\xA1",
    "12345678901234567890", "123456789012345678901", "a;&<>\"'"};

TEST(IwmoValue, IsTakenWhereXmlSchemaTakesIt) {
  std::set<std::string_view> seen;
  for (const Grammar* grammar : Grammar::All()) {
    const test::Oracle oracle = test::Oracle::Own(*grammar);
    for (const Element& element : grammar->elements()) {
      if (element.type == nullptr || (!element.is_narrowed() && !seen.insert(element.type->name).second)) continue;
      const ValueDocument document(*grammar, element);
      for (std::string_view value : kTryouts) {
        EXPECT_EQ(ValueFault(element, value) == nullptr, oracle.Takes(document.With(value)))
            << grammar->message() << " " << element.path << " " << element.type->name << " '" << value << "'";
      }
    }
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
