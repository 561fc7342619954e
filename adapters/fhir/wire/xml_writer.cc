#include "adapters/fhir/wire/xml_writer.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "adapters/fhir/wire/structure.h"
#include "adapters/fhir/wire/xml_names.h"

namespace schotvrij::fhir {
namespace {

constexpr std::string_view kDeclaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// What stands for `c` within an attribute; empty: itself. Blanks that are not spaces would be read as spaces.
std::string_view EscapeOf(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return static_cast<unsigned char>(c) < 0x20 ? kReplacement : std::string_view();
  }
}

// U+FFFE and U+FFFF, which XML 1.0 has not.
bool IsNoncharacter(std::string_view utf8) { return utf8 == "\xEF\xBF\xBE" || utf8 == "\xEF\xBF\xBF"; }

class Writer {
 public:
  std::string Write(Node root) {
    out_ = kDeclaration;
    OpenResource(root, /*is_root=*/true);
    while (!open_.empty()) {
      Open& innermost = open_.back();
      if (innermost.next == innermost.children.size()) {
        out_.append("</").append(innermost.name).append(">");
        open_.pop_back();
      } else {
        Begin(innermost.children[innermost.next++]);
      }
    }
    return std::move(out_);
  }

 private:
  struct Child {
    Node node;
    const ElementType* type;
    int32_t place;
  };
  struct Open {
    std::string_view name;
    std::vector<Child> children;  // in the order of XML
    size_t next = 0;
  };

  void OpenResource(Node resource, bool is_root) {
    const std::string_view name = ResourceType(resource);
    out_.append("<").append(name);
    if (is_root) Attribute("xmlns", kFhirNamespace);
    out_ += '>';
    open_.push_back({name, ChildrenOf(resource, ResourceNamed(name), "resourceType")});
  }

  void Begin(const Child& child) {
    const Node node = child.node;
    const ElementType& type = *child.type;
    out_.append("<").append(node.name());
    if (type.holds_resource && ResourceType(node).empty()) {
      out_ += "/>";
    } else if (type.holds_resource) {
      out_ += '>';
      open_.push_back({node.name(), {}});
      OpenResource(node, /*is_root=*/false);
    } else {
      for (const std::string& name : type.attributes) {
        if (const Node attribute = node.Child(name)) Attribute(name, attribute.value());
      }
      if (node.kind() != Kind::kObject && node.kind() != Kind::kNull) Attribute("value", node.value());
      std::vector<Child> children = ChildrenOf(node, type, "");
      out_ += children.empty() ? "/>" : ">";
      if (!children.empty()) open_.push_back({node.name(), std::move(children)});
    }
  }

  // What is written as elements below `node`. Elements that no table names come last.
  static std::vector<Child> ChildrenOf(Node node, const ElementType& type, std::string_view without) {
    std::vector<Child> children;
    for (Node child : node.Children()) {
      if (child.name() == without || type.FindAttribute(child.name()) != nullptr) continue;
      const Slot* slot = type.Find(child.name());
      if (slot == nullptr) {
        children.push_back({child, &UnknownType(), static_cast<int32_t>(type.slots.size())});
      } else if (slot->type->name != "Narrative") {
        children.push_back({child, slot->type, slot->place});
      }
    }
    std::stable_sort(children.begin(), children.end(), [](const Child& a, const Child& b) { return a.place < b.place; });
    return children;
  }

  void Attribute(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    for (size_t at = 0; at < value.size(); ++at) {
      const std::string_view escape = EscapeOf(value[at]);
      if (IsNoncharacter(value.substr(at, kReplacement.size()))) {
        out_.append(kReplacement);
        at += kReplacement.size() - 1;
      } else if (escape.empty()) {
        out_ += value[at];
      } else {
        out_.append(escape);
      }
    }
    out_ += '"';
  }

  std::string out_;
  std::vector<Open> open_;
};

}  // namespace

std::string WriteXml(Node root) { return Writer().Write(root); }

}  // namespace schotvrij::fhir
