// Structure: elements and text of one document held against its Grammar, and the Trees that they make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/wire/findings.h"
#include "adapters/iwmo/wire/namespaces.h"
#include "adapters/iwmo/wire/tree.h"

namespace schotvrij::iwmo {

class Structure {
 public:
  Structure(const Grammar& grammar, Findings* findings);

  // Each is told what stands in the document, in order; Bericht first. False: nothing more is wanted.
  bool Open(Space space, std::string_view name, uint32_t line, TreeSink& sink);
  bool Text(std::string_view text, bool cdata);
  bool Close(TreeSink& sink);

  // The child that came in this place last time, or is the next by the grammar, if it is a leaf and may come; kNoElement: there is none.
  ElementId LikelyLeaf() const;
  // It came, with this text.
  bool TakeLikelyLeaf(std::string_view text, uint32_t line);

  // The document is at its end.
  void End(TreeSink& sink) const;

  // The element that was opened last; kNoElement: it is passed over.
  ElementId element() const { return skipped_ > 0 ? kNoElement : open_.back().id; }
  // Tells what is wrong with it.
  bool Tell(std::string_view rule, std::string_view detail = "");
  // Its path, or that of the one in which what is passed over stands; empty: none is open.
  std::string Path() const;

 private:
  struct OpenElement {
    ElementId id;
    NodeIndex node;
    size_t next = 0;        // place of the child that came last
    uint64_t seen = 0;      // children that came, by their place
    ElementId last = kNoElement;   // child that came last
    bool told = false;      // that text stands in it
  };

  bool Adopt(Space space, std::string_view name, uint32_t line, TreeSink& sink);
  // Why the child cannot stand here.
  bool Refuse(Space space, std::string_view name);
  void Push(ElementId id, uint32_t line);
  bool CheckValue(const Element& element, std::string_view text, NodeIndex node);
  bool TellAt(NodeIndex node, std::string_view rule, std::string_view detail);
  // What is likely to come behind the last child of `above`, or as its first.
  ElementId& Follower(const OpenElement& above) { return above.last == kNoElement ? first_[above.id] : next_[above.last]; }
  bool TellMissing(OpenElement& open, size_t before);
  bool BeginPart(TreeSink& sink);
  void EndPart(TreeSink& sink);
  Tree& tree() { return in_part_ ? part_ : frame_; }

  const Grammar& grammar_;
  Findings* const findings_;
  Tree frame_, part_;
  std::vector<OpenElement> open_;
  std::vector<ElementId> first_;  // child with which each is likely to begin
  std::vector<ElementId> next_;   // sibling that is likely to come behind each
  size_t skipped_ = 0;         // elements that are open and passed over
  uint64_t parts_ = 0;         // that came before this one
  bool in_part_ = false;
  bool part_broken_ = false;
  bool frame_broken_ = false;
  bool head_come_ = false;
  bool head_given_ = false;
};

}  // namespace schotvrij::iwmo
