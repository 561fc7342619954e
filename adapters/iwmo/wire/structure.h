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
  Structure(const Grammar& grammar, Findings* findings) : grammar_(grammar), findings_(findings), frame_(grammar), part_(grammar) {}

  // Each is told what stands in the document, in order; Bericht first. False: nothing more is wanted.
  bool Open(Space space, std::string_view name, uint32_t line, TreeSink& sink);
  bool Text(std::string_view text, bool cdata);
  bool Close(TreeSink& sink);
  // The document is at its end.
  void End(TreeSink& sink) const;

  // The element that was opened last; null: it is passed over.
  const Element* element() const { return skipped_ > 0 ? nullptr : &grammar_.at(open_.back().id); }
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
    bool told = false;      // that text stands in it
  };

  bool Adopt(Space space, std::string_view name, uint32_t line, TreeSink& sink);
  // Why the child cannot stand here.
  bool Refuse(Space space, std::string_view name);
  void Push(ElementId id, uint32_t line);
  bool TellMissing(OpenElement& open, size_t before);
  bool BeginPart(TreeSink& sink);
  void EndPart(TreeSink& sink);
  Tree& tree() { return in_part_ ? part_ : frame_; }
  bool IsBroken() const { return in_part_ ? part_broken_ : frame_broken_; }

  const Grammar& grammar_;
  Findings* const findings_;
  Tree frame_, part_;
  std::vector<OpenElement> open_;
  size_t skipped_ = 0;         // elements that are open and passed over
  uint64_t parts_ = 0;         // that came before this one
  bool in_part_ = false;
  bool part_broken_ = false;
  bool frame_broken_ = false;
  bool head_come_ = false;
  bool head_given_ = false;
};

}  // namespace schotvrij::iwmo
