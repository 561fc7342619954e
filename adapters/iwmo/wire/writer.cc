#include "adapters/iwmo/wire/writer.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// A text so that a reader has it back as it is: it would take a carriage return for the end of a line.
void AppendEscaped(std::string_view text, std::string* out) {
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && text[plain] != '&' && text[plain] != '<' && text[plain] != '>' && text[plain] != '\r') ++plain;
    out->append(text.substr(0, plain));
    if (plain == text.size()) return;
    switch (text[plain]) {
      case '&':
        out->append("&amp;");
        break;
      case '<':
        out->append("&lt;");
        break;
      case '>':
        out->append("&gt;");
        break;
      default:
        out->append("&#13;");
    }
    text.remove_prefix(plain + 1);
  }
}

size_t DepthOf(const Grammar& grammar, const Element& element) {
  size_t depth = 0;
  for (ElementId above = element.parent; above != kNoElement; above = grammar.at(above).parent) ++depth;
  return depth;
}

// Writes nodes of one tree, each with the tabs of its depth.
class NodeWriter {
 public:
  NodeWriter(const Tree& tree, std::string* out) : tree_(tree), grammar_(tree.grammar()), out_(out) {}

  void Whole(NodeIndex node, size_t depth) {
    StartTag(node, depth);
    if (tree_.ElementOf(node).type != nullptr) {
      AppendEscaped(tree_.Text(node), out_);
      return EndTag(node, 0);
    }
    out_->append(kLineEnd);
    for (NodeIndex child = node + 1; child < tree_.at(node).end; child = tree_.at(child).end) Whole(child, depth + 1);
    EndTag(node, depth);
  }
  // What stands before the insides of `holder`, which is `node` or below it; and what stands behind them.
  void Before(NodeIndex holder, NodeIndex node, size_t depth) {
    StartTag(node, depth);
    out_->append(kLineEnd);
    if (node == holder) return;
    NodeIndex child = node + 1;
    for (; tree_.at(child).end <= holder; child = tree_.at(child).end) Whole(child, depth + 1);
    Before(holder, child, depth + 1);
  }
  void Behind(NodeIndex holder, NodeIndex node, size_t depth) {
    for (NodeIndex child = node + 1; node != holder && child < tree_.at(node).end; child = tree_.at(child).end) {
      if (child > holder) {
        Whole(child, depth + 1);
      } else if (tree_.at(child).end > holder) {
        Behind(holder, child, depth + 1);
      }
    }
    EndTag(node, depth);
  }

 private:
  void Name(NodeIndex node) {
    const Element& element = tree_.ElementOf(node);
    out_->append(element.in_base_namespace ? "iwmo" : grammar_.prefix()).append(":").append(element.name);
  }
  void StartTag(NodeIndex node, size_t depth) {
    out_->append(depth, '\t').append("<");
    Name(node);
    if (tree_.at(node).element == 0) {
      out_->append(" xmlns:iwmo=\"").append(kBaseNamespace).append("\" xmlns:").append(grammar_.prefix());
      out_->append("=\"").append(grammar_.message_namespace()).append("\"");
    }
    out_->append(">");
  }
  void EndTag(NodeIndex node, size_t depth) {
    out_->append(depth, '\t').append("</");
    Name(node);
    out_->append(">").append(kLineEnd);
  }

  const Tree& tree_;
  const Grammar& grammar_;
  std::string* out_;
};

void AppendDeclaration(std::string* out) { out->append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").append(kLineEnd); }

}  // namespace

void Writer::Whole(const Tree& tree) {
  AppendDeclaration(out_);
  NodeWriter(tree, out_).Whole(0, 0);
}

void Writer::Head(const Tree& frame) {
  frame_ = &frame;
  const Grammar& grammar = frame.grammar();
  holder_ = frame.Below(0, grammar.at(grammar.part()).parent);
  AppendDeclaration(out_);
  if (holder_ != kNoNode) NodeWriter(frame, out_).Before(holder_, 0, 0);
}

void Writer::Part(const Tree& part) { NodeWriter(part, out_).Whole(0, DepthOf(part.grammar(), part.ElementOf(0))); }

void Writer::End() {
  NodeWriter writer(*frame_, out_);
  if (holder_ == kNoNode) {
    writer.Whole(0, 0);
  } else {
    writer.Behind(holder_, 0, 0);
  }
}

}  // namespace schotvrij::iwmo
