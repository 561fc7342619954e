// ClassView: one class of a message and what is below it, by element. Filled anew for each class; keeps its memory.
#pragma once

#include <vector>

#include "adapters/iwmo/wire/tree.h"

namespace schotvrij::iwmo {

class ClassView {
 public:
  void Fill(const Tree& tree, NodeIndex node) {
    tree_ = &tree;
    node_ = node;
    first_ = tree.at(node).element;
    nodes_.assign(tree.ElementOf(node).end - first_, kNoNode);
    for (NodeIndex at = node + 1; at < tree.at(node).end;) {
      NodeIndex& place = nodes_[tree.at(at).element - first_];
      if (place == kNoNode) place = at;
      at = tree.ElementOf(at).repeats ? tree.at(at).end : at + 1;
    }
  }

  const Tree& tree() const { return *tree_; }
  NodeIndex node() const { return node_; }
  // The first node of an element below the class, or kNoNode. Not for an element that stands in another that repeats: see Any.
  NodeIndex Find(ElementId element) const { return nodes_[element - first_]; }
  // `element`, or the nearest above it that is there: the class at last.
  NodeIndex Nearest(ElementId element) const {
    while (element > first_ && Find(element) == kNoNode) element = tree_->grammar().at(element).parent;
    return element > first_ ? Find(element) : node_;
  }
  // Whether `holds` is true of a node of `element` below the class, at whatever depth.
  template <typename Holds>
  bool Any(ElementId element, Holds holds) const {
    for (NodeIndex at = node_ + 1; at < tree_->at(node_).end; ++at) {
      if (tree_->at(at).element == element && holds(at)) return true;
    }
    return false;
  }

 private:
  const Tree* tree_ = nullptr;
  NodeIndex node_ = 0;
  ElementId first_ = 0;
  std::vector<NodeIndex> nodes_;  // by element, from that of the class on
};

}  // namespace schotvrij::iwmo
