#include "adapters/fhir/wire/tree.h"

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"

namespace schotvrij::fhir {
namespace {

// About one element to so many bytes of FHIR JSON without white space.
constexpr size_t kBytesPerElement = 16;

// Longest name and most digits of an element that FHIR defines, with room; a name beyond is the sender's own text.
constexpr size_t kNameBytesMax = 64;
constexpr int kNameDigitsMax = 2;

// The name as a path may show it: paths reach logs, and a sender can put anything in the place of a name.
std::string_view Shown(std::string_view name) {
  int digits = 0;
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) return "unknown";
    digits += absl::ascii_isdigit(static_cast<unsigned char>(c)) ? 1 : 0;
  }
  return !name.empty() && name.size() <= kNameBytesMax && digits <= kNameDigitsMax ? name : "unknown";
}

}  // namespace

std::string Node::Path() const {
  absl::InlinedVector<Node, 16> steps;
  for (Node at = *this; at; at = at.Parent()) steps.push_back(at);
  if (steps.empty()) return "";
  std::string path;
  path.reserve(steps.size() * 16);
  path = Shown(ResourceType(steps.back()));
  for (auto step = steps.rbegin() + 1; step != steps.rend(); ++step) {
    path.append(".").append(Shown(step->name()));
    if (step->element().repeats) path.append("[").append(std::to_string(step->element().index)).append("]");
  }
  return path;
}

void Tree::Clear(size_t bytes) {
  elements_.clear();
  elements_.reserve(bytes / kBytesPerElement + 1);
}

void Tree::Unlink(uint32_t child, uint32_t before) {
  Element& above = elements_[elements_[child].parent];
  (before == Element::kNone ? above.first_child : elements_[before].next) = elements_[child].next;
  if (above.last_child == child) above.last_child = before;
}

void Tree::MoveChildren(uint32_t from, uint32_t to) {
  for (uint32_t at = elements_[from].first_child; at != Element::kNone; at = elements_[at].next) {
    elements_[at].parent = to;
  }
  elements_[to].first_child = elements_[from].first_child;
  elements_[to].last_child = elements_[from].last_child;
  elements_[from].first_child = elements_[from].last_child = Element::kNone;
}

}  // namespace schotvrij::fhir
