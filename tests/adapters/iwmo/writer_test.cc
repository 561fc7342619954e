// What is written says what was read.
#include "adapters/iwmo/wire/writer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <utility>

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

Tree OneRequest(std::string_view comment) {
  const Grammar& grammar = Grammar::Of("WMO319");
  Tree tree(grammar);
  tree.Open(0);
  tree.Open(grammar.Find("Antwoord"));
  tree.Leaf(grammar.Find("Antwoord/ReferentieAanbieder"), comment);
  tree.Leaf(grammar.Find("Antwoord/VerzoekAntwoord"), "2");
  tree.Close();
  tree.Close();
  return tree;
}

TEST(IwmoWriter, WritesLineEndsTabsAndPrefixesAsTheExamplesOfTheStandardHaveThem) {
  std::string bytes;
  Writer(&bytes).Whole(OneRequest("R1"));
  EXPECT_EQ(bytes,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
            "<wmo319:Bericht xmlns:iwmo=\"http://www.istandaarden.nl/iwmo/3_2/basisschema/schema\" "
            "xmlns:wmo319=\"http://www.istandaarden.nl/iwmo/3_2/wmo319/schema\">\r\n"
            "\t<wmo319:Antwoord>\r\n"
            "\t\t<wmo319:ReferentieAanbieder>R1</wmo319:ReferentieAanbieder>\r\n"
            "\t\t<wmo319:VerzoekAntwoord>2</wmo319:VerzoekAntwoord>\r\n"
            "\t</wmo319:Antwoord>\r\n"
            "</wmo319:Bericht>\r\n");
}

// What a value says to libxml2 and to our reader, after it was written.
TEST(IwmoWriter, AnyValueComesBackAsItWas) {
  const Grammar& grammar = Grammar::Of("WMO315");
  std::mt19937_64 random(4);
  ReadTrees read;
  while (read.whole.empty() || read.whole[0].Below(0, grammar.Find("Client/Commentaar")) == kNoNode) {
    read = ReadDocument(test::RandomDocument(grammar, random));
  }
  const Tree& old = read.whole[0];
  for (std::string_view value : {" a ", "\ra\r\n", "\na\t", "]]>", "<a>&amp;</a>", "'\"", "&#13;", "\xF0\x9F\x98\x80\xC2\x85\xE2\x80\xA8"}) {
    Tree tree(grammar);
    std::vector<NodeIndex> ends;
    for (NodeIndex i = 0; i < old.nodes().size(); ++i) {
      for (; !ends.empty() && ends.back() == i; ends.pop_back()) tree.Close();
      if (old.ElementOf(i).type == nullptr) {
        tree.Open(old.at(i).element);
        ends.push_back(old.at(i).end);
      } else {
        tree.Leaf(old.at(i).element, old.ElementOf(i).path == "Client/Commentaar" ? value : old.Text(i));
      }
    }
    for (; !ends.empty(); ends.pop_back()) tree.Close();
    std::string bytes;
    Writer(&bytes).Whole(tree);
    const ReadTrees again = ReadDocument(bytes);
    ASSERT_EQ(again.Rules(), std::vector<std::string>()) << bytes;
    EXPECT_EQ(again.whole[0].Value(0, grammar.Find("Client/Commentaar")), value);
    EXPECT_TRUE(test::Oracle::Own(grammar).Takes(bytes));
  }
}

TEST(IwmoWriter, AFileIsTheSameWhateverIsTakenFromItMeanwhile) {
  std::mt19937_64 random(5);
  for (const char* message : {"WMO323", "WMO325"}) {
    for (int i = 0; i < 10; ++i) {
      const ReadTrees read = ReadDocument(test::RandomDocument(Grammar::Of(message), random));
      std::string bytes, taken;
      Writer writer(&bytes);
      const auto take = [&] { taken.append(std::exchange(bytes, "")); };
      writer.Head(read.whole.front());
      take();
      for (const Tree& part : read.parts) {
        writer.Part(part);
        take();
      }
      writer.End();
      take();
      EXPECT_EQ(taken, Rewritten(read));
    }
  }
}

TEST(IwmoWriter, TheExamplesOfTheStandardComeBackAsTheyWere) {
  for (const char* message : {"WMO301", "WMO305", "WMO323"}) {
    std::ifstream file(test::OfficialFolder(SOURCE_DIR) + "/examples/" + message + ".xml", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (text.empty()) continue;  // they are not ours to publish; RandomDocument writes as they do
    EXPECT_EQ(test::Canonical(Rewritten(ReadDocument(text))), test::Canonical(text)) << message;
  }
}

}  // namespace
}  // namespace schotvrij::iwmo
