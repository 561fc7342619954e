// Documents of iWmo for tests, in short form: name{...} for a class, name=value; for what has a value.
//
//   const std::string bytes = BytesOf(TreeOf("WMO305", HeaderOf("WMO305") + "Client{Bsn=999900006;...}"));
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/iwmo/wire/tree.h"
#include "adapters/iwmo/wire/writer.h"

namespace schotvrij::iwmo {

class TreeText {
 public:
  TreeText(const Grammar& grammar, std::string_view text) : grammar_(grammar), text_(text), tree_(grammar) {}

  Tree Read(ElementId root) {
    tree_.Open(root);
    ReadBelow(root);
    tree_.Close();
    EXPECT_TRUE(text_.empty()) << text_;
    return std::move(tree_);
  }

 private:
  void ReadBelow(ElementId parent) {
    while (!text_.empty() && text_.front() != '}') {
      const size_t end = text_.find_first_of("={");
      const std::string& outer = grammar_.at(parent).path;
      const std::string path = (outer.empty() ? "" : outer + "/") + std::string(text_.substr(0, end));
      const ElementId element = grammar_.Find(path);
      if (element == kNoElement || end == text_.npos) {
        ADD_FAILURE() << path;
        text_ = {};
        return;
      }
      const bool leaf = text_[end] == '=';
      text_.remove_prefix(end + 1);
      leaf ? ReadValue(element) : ReadClass(element);
    }
  }

  void ReadValue(ElementId element) {
    const size_t end = text_.find(';');
    tree_.Leaf(element, text_.substr(0, end), 1);
    text_.remove_prefix(end + 1);
  }

  void ReadClass(ElementId element) {
    tree_.Open(element, 1);
    ReadBelow(element);
    tree_.Close();
    text_.remove_prefix(1);
  }

  const Grammar& grammar_;
  std::string_view text_;
  Tree tree_;
};

inline Tree TreeOf(std::string_view message, std::string_view text) {
  return TreeText(Grammar::Of(message), text).Read(0);
}

// One client of a 323 or 325, from what stands below it.
inline Tree PartOf(std::string_view message, std::string_view text) {
  return TreeText(Grammar::Of(message), text).Read(Grammar::Of(message).part());
}

// Without what a return or a 325 adds to it.
inline std::string HeaderText(std::string_view message) {
  const Grammar& grammar = Grammar::Of(message);
  const bool by_municipality = grammar.at(grammar.Find("Header/Afzender")).type->name == "LDT_Gemeente";
  const std::string parties =
      by_municipality ? "Afzender=0228;Ontvanger=12345678;" : "Afzender=12345678;Ontvanger=0228;";
  return "BerichtCode=" + std::string(grammar.message_code()) + ";BerichtVersie=3;BerichtSubversie=2;" + parties +
         "BerichtIdentificatie{Identificatie=kenmerk-1;Dagtekening=2026-03-02;}"
         "XsdVersie{BasisschemaXsdVersie=1.0.0;BerichtXsdVersie=1.0.0;}";
}

inline std::string HeaderOf(std::string_view message) { return "Header{" + HeaderText(message) + "}"; }

inline std::string BytesOf(const Tree& whole) {
  std::string bytes;
  Writer(&bytes).Whole(whole);
  return bytes;
}

inline std::string BytesOf(const Tree& frame, const std::vector<Tree>& parts) {
  std::string bytes;
  Writer writer(&bytes);
  writer.Head(frame);
  for (const Tree& part : parts) writer.Part(part);
  writer.End();
  return bytes;
}

}  // namespace schotvrij::iwmo
