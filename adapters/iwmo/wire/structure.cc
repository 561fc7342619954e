#include "adapters/iwmo/wire/structure.h"

#include <algorithm>
#include <utility>

#include "adapters/iwmo/wire/characters.h"
#include "adapters/iwmo/wire/place.h"
#include "adapters/iwmo/wire/value.h"

namespace schotvrij::iwmo {
namespace {

bool IsIn(const Element& element, Space space) { return space == (element.in_base_namespace ? Space::kBase : Space::kMessage); }

}  // namespace

std::string Structure::Path() const {
  if (open_.empty()) return "";
  return PathOf(in_part_ ? part_ : frame_, open_.back().node, parts_);
}

bool Structure::Tell(std::string_view rule, std::string_view detail) {
  (in_part_ ? part_broken_ : frame_broken_) = true;
  return findings_->Tell(rule, PlaceOf(tree(), open_.back().node, parts_), detail);
}

void Structure::Push(ElementId id, uint32_t line) { open_.push_back({id, tree().Open(id, line)}); }

bool Structure::Open(Space space, std::string_view name, uint32_t line, TreeSink& sink) {
  if (skipped_ > 0) {
    ++skipped_;
    return true;
  }
  if (open_.empty()) {
    Push(0, line);
    return true;
  }
  return Adopt(space, name, line, sink);
}

bool Structure::Adopt(Space space, std::string_view name, uint32_t line, TreeSink& sink) {
  OpenElement& above = open_.back();
  const std::vector<ElementId>& children = grammar_.at(above.id).children;
  size_t at = above.next;
  while (at < children.size() && (grammar_.at(children[at]).name != name || !IsIn(grammar_.at(children[at]), space))) ++at;
  if (at == children.size()) return Refuse(space, name);
  const Element& child = grammar_.at(children[at]);
  const uint64_t bit = uint64_t{1} << at;
  if ((above.seen & bit) != 0 && !child.repeats) {
    ++skipped_;
    return Tell("IWMO-REPEATED", child.name);
  }
  above.next = at;
  if (child.part && !BeginPart(sink)) return false;
  above.seen |= bit;
  Push(children[at], line);
  return true;
}

bool Structure::Refuse(Space space, std::string_view name) {
  ++skipped_;
  OpenElement& above = open_.back();
  const Element& parent = grammar_.at(above.id);
  for (size_t at = 0; at < parent.children.size(); ++at) {
    const Element& child = grammar_.at(parent.children[at]);
    if (child.name != name) continue;
    above.seen |= uint64_t{1} << at;
    return Tell(IsIn(child, space) ? "IWMO-ORDER" : "IWMO-NAMESPACE", child.name);
  }
  return Tell(space == Space::kUnknown ? "IWMO-PREFIX" : "IWMO-ELEMENT");
}

bool Structure::TellMissing(OpenElement& open, size_t before) {
  const std::vector<ElementId>& children = grammar_.at(open.id).children;
  for (size_t at = 0; at < before; ++at) {
    const uint64_t bit = uint64_t{1} << at;
    const Element& child = grammar_.at(children[at]);
    if (!child.required || (open.seen & bit) != 0) continue;
    open.seen |= bit;
    (in_part_ ? part_broken_ : frame_broken_) = true;
    if (!findings_->Tell("IWMO-MISSING", PlaceOf(tree(), open.node, parts_), child.name)) return false;
  }
  return true;
}

bool Structure::BeginPart(TreeSink& sink) {
  if (parts_ == limits::kBatchPartsMax) {
    Tell("IWMO-PARTS");
    return false;
  }
  for (OpenElement& open : open_) {
    if (!TellMissing(open, open.next)) return false;
  }
  if (!std::exchange(head_come_, true) && !frame_broken_) {
    Tree head = frame_;
    while (head.depth() > 0) head.Close();
    sink.OnHead(head);
    head_given_ = true;
  }
  in_part_ = true;
  part_broken_ = false;
  part_.Clear();
  return true;
}

void Structure::EndPart(TreeSink& sink) {
  if (head_given_ && !part_broken_) sink.OnPart(part_);
  in_part_ = false;
  ++parts_;
}

bool Structure::Text(std::string_view text, bool cdata) {
  if (skipped_ > 0) return true;
  OpenElement& open = open_.back();
  if (grammar_.at(open.id).type == nullptr) {
    if (open.told || (!cdata && std::all_of(text.begin(), text.end(), IsBlank))) return true;
    open.told = true;
    return Tell("IWMO-TEXT");
  }
  if (text.size() > limits::kIwmoValueBytesMax - tree().at(open.node).text_bytes) {
    Tell("IWMO-VALUE-SIZE");
    return false;
  }
  tree().Append(text);
  return true;
}

bool Structure::Close(TreeSink& sink) {
  if (skipped_ > 0) {
    --skipped_;
    return true;
  }
  OpenElement& open = open_.back();
  const Element& element = grammar_.at(open.id);
  if (element.type == nullptr) {
    if (!TellMissing(open, element.children.size())) return false;
  } else if (const char* rule = ValueFault(element, tree().Text(open.node))) {
    if (!Tell(rule, Expected(element, rule))) return false;
  }
  tree().Close();
  open_.pop_back();
  if (element.part) EndPart(sink);
  return true;
}

void Structure::End(TreeSink& sink) const {
  if (frame_broken_) return;
  if (grammar_.part() != kNoElement && !head_come_) sink.OnHead(frame_);
  sink.OnEnd(frame_);
}

}  // namespace schotvrij::iwmo
