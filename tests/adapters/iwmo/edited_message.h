// EditedMessage: an iWmo message of which a test changes something.
//
//   EditedMessage message(Grammar::Of("WMO305"), document);
//   message.Edit("StartProduct[2]/Begindatum=2026-03-01; -Client/Naam/Voornamen");
//   const std::string edited = message.Document();
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/wire/writer.h"
#include "gtest/gtest.h"
#include "tests/adapters/iwmo/support.h"

namespace schotvrij::iwmo {

class EditedMessage {
 public:
  // `document` keeps to the schema.
  EditedMessage(const Grammar& grammar, std::string_view document) : grammar_(&grammar) {
    const ReadTrees read = ReadDocument(document);
    EXPECT_TRUE(read.issues.empty()) << read.issues.front().rule << " " << read.issues.front().path;
    root_ = Copy(read.whole.at(0), 0);
    for (const Tree& part : read.parts) Reach(grammar.at(grammar.part()).parent, {}).children.push_back(Copy(part, 0));
  }

  // Separated by "; ": "a=b" gives an element that value, with those above it; "-a" takes it away; "+a" puts a copy of it behind it. An
  // element is the end of its path, the first in the grammar that ends so, with its number from 1 where there are several.
  void Edit(std::string_view edits) {
    while (!edits.empty()) {
      const size_t end = edits.find("; ");
      EditOne(edits.substr(0, end));
      edits.remove_prefix(end == edits.npos ? edits.size() : end + 2);
    }
  }

  // As trees, whether or not the schema takes them: the frame, and the parts.
  Tree Frame() const {
    Tree tree(*grammar_);
    Write(root_, true, &tree);
    return tree;
  }
  std::vector<Tree> Parts() const {
    std::vector<Tree> parts;
    AddParts(root_, &parts);
    return parts;
  }
  std::string Document() const {
    std::string bytes;
    Writer writer(&bytes);
    const Tree frame = Frame();
    if (grammar_->part() == kNoElement) {
      writer.Whole(frame);
      return bytes;
    }
    writer.Head(frame);
    for (const Tree& part : Parts()) writer.Part(part);
    writer.End();
    return bytes;
  }

 private:
  struct Item {
    ElementId element = 0;
    std::string value;
    std::vector<Item> children;
  };

  static Item Copy(const Tree& tree, NodeIndex node) {
    Item item = {tree.at(node).element, std::string(tree.Text(node)), {}};
    for (NodeIndex child = node + 1; child < tree.at(node).end; child = tree.at(child).end) item.children.push_back(Copy(tree, child));
    return item;
  }

  void Write(const Item& item, bool without_parts, Tree* tree) const {
    if (without_parts && grammar_->at(item.element).part) return;
    tree->Open(item.element);
    tree->Append(item.value);
    for (const Item& child : item.children) Write(child, without_parts, tree);
    tree->Close();
  }

  void AddParts(const Item& item, std::vector<Tree>* parts) const {
    if (grammar_->at(item.element).part) return Write(item, false, &parts->emplace_back(*grammar_));
    for (const Item& child : item.children) AddParts(child, parts);
  }

  // The element whose path ends with `path` without its numbers; the numbers by element, 0 for none.
  ElementId Find(std::string_view path, std::vector<size_t>* numbers) const {
    std::vector<std::pair<std::string, size_t>> names;
    for (std::string_view rest = path; !rest.empty();) {
      const std::string_view name = rest.substr(0, rest.find('/'));
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
      const size_t bracket = name.find('[');
      names.emplace_back(name.substr(0, bracket), bracket == name.npos ? 1 : std::stoul(std::string(name.substr(bracket + 1))));
    }
    for (ElementId id = 1; id < grammar_->elements().size(); ++id) {
      ElementId at = id;
      size_t left = names.size();
      for (; left > 0 && at != 0 && grammar_->at(at).name == names[left - 1].first; at = grammar_->at(at).parent) --left;
      if (left != 0) continue;
      numbers->assign(grammar_->elements().size(), 1);
      at = id;
      for (size_t name = names.size(); name-- > 0; at = grammar_->at(at).parent) (*numbers)[at] = names[name].second;
      return id;
    }
    ADD_FAILURE() << grammar_->message() << " has no " << path;
    return kNoElement;
  }

  // Made, with those above it, where it is not there. `numbers` empty: the first.
  Item& Reach(ElementId element, const std::vector<size_t>& numbers) {
    if (element == 0) return root_;
    Item& parent = Reach(grammar_->at(element).parent, numbers);
    return *ReachChild(&parent, element, numbers.empty() ? 1 : numbers[element]);
  }

  static Item* ReachChild(Item* parent, ElementId element, size_t number) {
    auto at = parent->children.begin();
    for (; at != parent->children.end() && at->element <= element; ++at) {
      if (at->element == element && --number == 0) return &*at;
    }
    return &*parent->children.insert(at, Item{element, "", {}});
  }

  void EditOne(std::string_view edit) {
    const size_t equals = edit.find('=');
    std::vector<size_t> numbers;
    const bool other = edit.starts_with('-') || edit.starts_with('+');
    const ElementId element = Find(edit.substr(other ? 1 : 0, equals), &numbers);
    if (element == kNoElement) return;
    Item& item = Reach(element, numbers);
    if (!other) {
      item.value = edit.substr(equals + 1);
      return;
    }
    std::vector<Item>& siblings = Reach(grammar_->at(element).parent, numbers).children;
    const auto at = siblings.begin() + (&item - siblings.data());
    if (edit.starts_with('-')) {
      siblings.erase(at);
    } else {
      const Item copy = item;
      siblings.insert(at + 1, copy);
    }
  }

  const Grammar* grammar_;
  Item root_;
};

}  // namespace schotvrij::iwmo
