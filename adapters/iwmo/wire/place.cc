#include "adapters/iwmo/wire/place.h"

namespace schotvrij::iwmo {
namespace {

NodeIndex EndOf(const Tree& tree, NodeIndex node) {
  return tree.at(node).end == 0 ? static_cast<NodeIndex>(tree.nodes().size()) : tree.at(node).end;
}

void AppendName(const Element& element, uint64_t number, std::string* place) {
  place->append("/").append(element.name);
  if (element.repeats) place->append("[").append(std::to_string(number)).append("]");
}

// What stands above the part that `tree` is.
std::string Frame(const Tree& tree) {
  const Element& root = tree.ElementOf(0);
  std::string place = "Bericht";
  if (root.part) place.append("/").append(tree.grammar().at(root.parent).path);
  return place;
}

}  // namespace

std::string PathOf(const Tree& tree, NodeIndex node, uint64_t parts_before) {
  std::string place = Frame(tree);
  if (tree.ElementOf(0).part) AppendName(tree.ElementOf(0), parts_before + 1, &place);
  for (NodeIndex above = 0; above != node;) {
    NodeIndex child = above + 1;
    uint64_t number = 1;
    for (NodeIndex end; (end = EndOf(tree, child)) <= node; child = end) {
      number = tree.at(child).element != tree.at(end).element ? 1 : number + 1;
    }
    AppendName(tree.ElementOf(child), number, &place);
    above = child;
  }
  return place;
}

std::string PlaceOf(const Tree& tree, NodeIndex node, uint64_t parts_before) {
  return AtLine(PathOf(tree, node, parts_before), tree.at(node).line);
}

std::string AtLine(std::string path, uint32_t line) {
  if (line != 0) path.append(path.empty() ? "line " : ", line ").append(std::to_string(line));
  return path;
}

}  // namespace schotvrij::iwmo
