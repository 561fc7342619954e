// Tree: what one part of an iWmo message says: elements in document order in one list, their values in one text.
//
//   Tree tree(Grammar::Of("WMO305"));
//   tree.Open(0, 1); tree.Open(client, 2); tree.Leaf(bsn, "999900006", 3); tree.Close(); tree.Close();
//   for (NodeIndex product : tree.Children(products)) Use(tree.Value(product, begindatum));
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/wire/grammar.h"

namespace schotvrij::iwmo {

// Place of a node in its Tree.
using NodeIndex = uint32_t;
inline constexpr NodeIndex kNoNode = std::numeric_limits<NodeIndex>::max();

struct Node {
  ElementId element = kNoElement;
  uint32_t line = 0;         // where it begins in the document, from 1; 0: not read from one
  NodeIndex end = 0;         // behind the last node below it
  uint32_t text = 0;         // of a leaf: where its value begins in the texts, and its bytes
  uint32_t text_bytes = 0;
};

class Tree {
 public:
  explicit Tree(const Grammar& grammar) : grammar_(&grammar) {}

  const Grammar& grammar() const { return *grammar_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  bool empty() const { return nodes_.empty(); }
  const Node& at(NodeIndex index) const { return nodes_[index]; }
  const Element& ElementOf(NodeIndex index) const { return grammar_->at(nodes_[index].element); }
  // UTF-8, as it stands in the document without escapes; empty for a class.
  std::string_view Text(NodeIndex index) const {
    return std::string_view(texts_).substr(nodes_[index].text, nodes_[index].text_bytes);
  }

  // The first child of `parent` that is `element`, or kNoNode. `element` is a child of that element in the grammar.
  NodeIndex Child(NodeIndex parent, ElementId element) const {
    for (NodeIndex at = parent + 1; at < nodes_[parent].end; at = nodes_[at].end) {
      if (nodes_[at].element == element) return at;
    }
    return kNoNode;
  }
  // The first node below `from` that is `element`, at whatever depth, or kNoNode.
  NodeIndex Below(NodeIndex from, ElementId element) const {
    for (NodeIndex at = from + 1; at < nodes_[from].end; ++at) {
      if (nodes_[at].element == element) return at;
    }
    return kNoNode;
  }
  // Its value; empty when it is not there.
  std::string_view Value(NodeIndex from, ElementId element) const {
    const NodeIndex found = Below(from, element);
    return found == kNoNode ? std::string_view() : Text(found);
  }

  // Building, in document order. Each Open has its Close.
  NodeIndex Open(ElementId element, uint32_t line = 0) {
    open_.push_back(static_cast<NodeIndex>(nodes_.size()));
    nodes_.push_back({element, line, 0, static_cast<uint32_t>(texts_.size()), 0});
    return open_.back();
  }
  // To the value of the node that was opened last.
  void Append(std::string_view text) {
    texts_.append(text);
    nodes_[open_.back()].text_bytes += static_cast<uint32_t>(text.size());
  }
  void Close() {
    nodes_[open_.back()].end = static_cast<NodeIndex>(nodes_.size());
    open_.pop_back();
  }
  NodeIndex Leaf(ElementId element, std::string_view value, uint32_t line = 0) {
    const auto made = static_cast<NodeIndex>(nodes_.size());
    nodes_.push_back({element, line, made + 1, static_cast<uint32_t>(texts_.size()), static_cast<uint32_t>(value.size())});
    texts_.append(value);
    return made;
  }
  size_t depth() const { return open_.size(); }
  void Clear() {
    nodes_.clear();
    texts_.clear();
    open_.clear();
  }

 private:
  const Grammar* grammar_;
  std::vector<Node> nodes_;
  std::vector<NodeIndex> open_;
  std::string texts_;
};

}  // namespace schotvrij::iwmo
