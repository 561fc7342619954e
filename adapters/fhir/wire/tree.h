// Tree: the elements of one FHIR message, whatever syntax carried them. A primitive's value is the text as sent: decimals stay
// text, dates stay text. What FHIR JSON says of a primitive in a `_name` property stands as children of that primitive, as FHIR
// XML has it; the type of a resource is its child `resourceType`.
//
//   for (Node name : patient.Children("name")) Use(name.Child("family").value(), name.Child("family").Path());
//
// Elements lie in one array in the order they were sent; values are views into the text the Tree was read from, which must
// outlive it. Nothing here recurses over the message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::fhir {

enum class Kind : uint8_t { kObject, kString, kNumber, kBoolean, kNull };

struct Element {
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  std::string_view name;
  std::string_view value;  // of a primitive; empty for an object
  uint32_t parent = kNone;
  uint32_t first_child = kNone;
  uint32_t last_child = kNone;
  uint32_t next = kNone;   // sibling
  uint32_t index = 0;      // among siblings of that name
  Kind kind = Kind::kObject;
  bool repeats = false;    // sent as one of a list: its path shows the index
};

class Tree;

// A place in a Tree; cheap to copy. A Node that is nowhere is false, has no value and no children.
class Node {
 public:
  class Siblings;

  Node() = default;
  Node(const Tree* tree, uint32_t id) : tree_(tree), id_(id) {}

  explicit operator bool() const { return id_ != Element::kNone; }
  uint32_t id() const { return id_; }
  std::string_view name() const;
  std::string_view value() const;
  Kind kind() const;
  bool IsObject() const { return *this && kind() == Kind::kObject; }

  Node Parent() const;
  // First child of that name.
  Node Child(std::string_view name) const;
  // Children of that name, in order; with an empty name: all.
  Siblings Children(std::string_view name = "") const;

  // Whether `is` holds of some element that was read, wherever it hangs; may be told of one that was taken out.
  template <typename Is>
  bool AnyInTree(Is is) const;

  // FHIRPath from the root: "Bundle.entry[1].resource.identifier[0].value".
  std::string Path() const;

  friend bool operator==(const Node&, const Node&) = default;

 private:
  friend class Siblings;
  const Element& element() const;

  const Tree* tree_ = nullptr;
  uint32_t id_ = Element::kNone;
};

class Node::Siblings {
 public:
  class Iterator {
   public:
    Iterator(Node at, std::string_view name) : at_(at), name_(name) { Skip(); }
    Node operator*() const { return at_; }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return at_.id_ != other.at_.id_; }

   private:
    void Skip();
    Node at_;
    std::string_view name_;
  };

  Siblings(Node first, std::string_view name) : first_(first), name_(name) {}
  Iterator begin() const { return {first_, name_}; }
  Iterator end() const { return {Node(), name_}; }
  bool empty() const { return !(begin() != end()); }

 private:
  Node first_;
  std::string_view name_;
};

class Tree {
 public:
  // Drops what was there and makes room for a message of that many bytes.
  void Clear(size_t bytes);
  // Adds an element below `parent`, behind its other children; the first element is the root.
  uint32_t Add(uint32_t parent, const Element& element);
  // Takes `child`, which stands behind `before` (kNone: is the first), out of its parent's list with all below it.
  void Unlink(uint32_t child, uint32_t before);
  // Hangs the children of `from` below `to`.
  void MoveChildren(uint32_t from, uint32_t to);

  // The first of `from` and the siblings behind it that has that name; kNone: none.
  uint32_t Named(uint32_t from, std::string_view name) const;

  Node Root() const { return elements_.empty() ? Node() : Node(this, 0); }
  size_t size() const { return elements_.size(); }
  const Element& at(uint32_t id) const { return elements_[id]; }
  Element& at(uint32_t id) { return elements_[id]; }

 private:
  std::vector<Element> elements_;
};

inline const Element& Node::element() const { return tree_->at(id_); }
inline std::string_view Node::name() const { return *this ? element().name : std::string_view(); }
inline std::string_view Node::value() const { return *this ? element().value : std::string_view(); }
inline Kind Node::kind() const { return *this ? element().kind : Kind::kNull; }
inline Node Node::Parent() const { return *this ? Node(tree_, element().parent) : Node(); }
inline Node::Siblings Node::Children(std::string_view name) const {
  return {*this ? Node(tree_, element().first_child) : Node(), name};
}
template <typename Is>
bool Node::AnyInTree(Is is) const {
  for (uint32_t id = 0; tree_ != nullptr && id < tree_->size(); ++id) {
    if (is(tree_->at(id))) return true;
  }
  return false;
}
inline Node Node::Child(std::string_view name) const { return *Children(name).begin(); }

inline Node::Siblings::Iterator& Node::Siblings::Iterator::operator++() {
  at_.id_ = at_.element().next;
  Skip();
  return *this;
}
inline void Node::Siblings::Iterator::Skip() {
  if (at_ && !name_.empty()) at_.id_ = at_.tree_->Named(at_.id_, name_);
}

inline uint32_t Tree::Named(uint32_t from, std::string_view name) const {
  const Element* const all = elements_.data();
  while (from != Element::kNone && all[from].name != name) from = all[from].next;
  return from;
}

inline uint32_t Tree::Add(uint32_t parent, const Element& element) {
  const auto id = static_cast<uint32_t>(elements_.size());
  elements_.push_back(element);
  elements_[id].parent = parent;
  if (parent != Element::kNone) {
    Element& above = elements_[parent];
    (above.first_child == Element::kNone ? above.first_child : elements_[above.last_child].next) = id;
    above.last_child = id;
  }
  return id;
}

// `resourceType` of a resource.
inline std::string_view ResourceType(Node resource) { return resource.Child("resourceType").value(); }

}  // namespace schotvrij::fhir
