// The grammars as the tables make them.
#include "adapters/iwmo/wire/grammar.h"

#include <gtest/gtest.h>

namespace schotvrij::iwmo {
namespace {

TEST(Grammar, HasTheFourteenMessagesByNameAndNamespace) {
  ASSERT_EQ(Grammar::All().size(), 14u);
  for (const Grammar* grammar : Grammar::All()) {
    EXPECT_EQ(&Grammar::Of(grammar->message()), grammar);
    EXPECT_EQ(Grammar::OfNamespace(grammar->message_namespace()), grammar);
    EXPECT_EQ(grammar->at(grammar->Find("Header/BerichtCode")).value, grammar->message_code());
  }
  EXPECT_EQ(Grammar::OfNamespace(kBaseNamespace), nullptr);
}

TEST(Grammar, EveryElementStandsBelowItsParentAndEndsWhereTheNextBegins) {
  for (const Grammar* grammar : Grammar::All()) {
    for (ElementId id = 1; id < grammar->elements().size(); ++id) {
      const Element& element = grammar->at(id);
      const Element& parent = grammar->at(element.parent);
      EXPECT_LT(element.parent, id);
      EXPECT_LE(element.end, parent.end) << element.path;
      EXPECT_EQ(element.type == nullptr, !element.children.empty()) << element.path;
      EXPECT_EQ(grammar->Find(element.path), id) << element.path;
    }
  }
}

TEST(Grammar, OnlyDeclarationsAndTheirAnswersComeInParts) {
  for (const Grammar* grammar : Grammar::All()) {
    const bool many = grammar->message() == "WMO323" || grammar->message() == "WMO325";
    EXPECT_EQ(grammar->part() != kNoElement, many) << grammar->message();
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
