#include "adapters/fhir/wire/xml_reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "adapters/fhir/wire/structure.h"
#include "adapters/fhir/wire/utf8.h"
#include "adapters/fhir/wire/xml_names.h"
#include "adapters/fhir/wire/xml_scan.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {
namespace {

// An '&' within an attribute's value as the parser hands it on: it leaves that one reference to be undone.
constexpr std::string_view kAmpersand = "&#38;";

// libxml2 gives five pointers to an attribute.
struct Attribute {
  const xmlChar* name;
  const xmlChar* prefix;
  const xmlChar* space;
  const xmlChar* begin;
  const xmlChar* end;

  std::string_view value() const { return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)}; }
};

std::string_view View(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// A number as JSON writes one (RFC 8259).
bool IsNumber(std::string_view text) {
  const auto digits = [&] {
    const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero = text.starts_with('0');
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

// As JSON would write the value of a primitive: what is none of its type stays a text.
Kind KindOf(const ElementType& type, std::string_view value) {
  if (type.kind == Kind::kNumber && IsNumber(value)) return Kind::kNumber;
  if (type.kind == Kind::kBoolean && (value == "true" || value == "false")) return Kind::kBoolean;
  return Kind::kString;
}

// What the library has to say without a parser at hand would go to standard error, with pieces of the message.
void SayNothing(void*, const char*, ...) {}

// Builds the Tree from the parser's events. The first thing that is wrong ends the parse.
class XmlBuilder {
 public:
  // `values` has room for all that is kept of the message: it may not move.
  XmlBuilder(Tree* tree, std::string* values) : tree_(tree), values_(values) { open_.reserve(limits::kJsonDepthMax); }

  std::optional<Issue> Parse(const std::string& body);

 private:
  // An element that is not yet closed.
  struct Open {
    uint32_t element;
    const ElementType* type;
    int32_t place = -1;          // of the child that came last; of a holder of a resource: 0 when it has one
    std::string_view name = {};  // of that child
    uint32_t index = 0;
  };

  static XmlBuilder& Of(void* context) { return *static_cast<XmlBuilder*>(context); }
  static xmlSAXHandler Handler();

  void OnElement(std::string_view name, std::string_view space, size_t namespaces, std::span<const Attribute> attributes);
  void OnEnd();
  void OnText(std::string_view text);
  void OnError(const xmlError& error);

  void StartResource(std::string_view name, std::span<const Attribute> attributes);
  void StartChild(std::string_view name, std::string_view space, std::span<const Attribute> attributes);
  bool TakePlace(const Slot& slot);
  // What FHIR keeps of an element's attributes: its value, and what JSON has as a property.
  void ReadAttributes(std::span<const Attribute> attributes, const ElementType& type);
  bool IsForeign(const Attribute& attribute);
  bool Counts(size_t nodes);
  std::string_view Kept(std::string_view text);

  std::string Place() const { return open_.empty() ? "" : Node(tree_, open_.back().element).Path(); }
  void Refuse(std::string_view rule, std::string_view path);

  Tree* tree_;
  std::string* values_;
  xmlParserCtxtPtr parser_ = nullptr;
  std::optional<Issue> issue_;
  std::vector<Open> open_;
  size_t nodes_ = 0;
  size_t in_narrative_ = 0;  // elements of XHTML that are open
};

xmlSAXHandler XmlBuilder::Handler() {
  xmlSAXHandler handler = {};
  handler.initialized = XML_SAX2_MAGIC;
  handler.internalSubset = [](void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    Of(context).Refuse("XML-DOCTYPE", "");
  };
  handler.processingInstruction = [](void* context, const xmlChar*, const xmlChar*) {
    Of(context).Refuse("XML-DOCTYPE", Of(context).Place());
  };
  handler.startElementNs = [](void* context, const xmlChar* name, const xmlChar*, const xmlChar* space, int namespaces,
                              const xmlChar**, int count, int, const xmlChar** attributes) {
    Of(context).OnElement(View(name), View(space), static_cast<size_t>(namespaces),
                          {reinterpret_cast<const Attribute*>(attributes), static_cast<size_t>(count)});
  };
  handler.endElementNs = [](void* context, const xmlChar*, const xmlChar*, const xmlChar*) { Of(context).OnEnd(); };
  handler.characters = [](void* context, const xmlChar* text, int size) {
    Of(context).OnText({reinterpret_cast<const char*>(text), static_cast<size_t>(size)});
  };
  handler.cdataBlock = [](void* context, const xmlChar*, int) {
    if (Of(context).in_narrative_ == 0) Of(context).Refuse("XML-TEXT", Of(context).Place());
  };
  handler.serror = [](void* context, xmlErrorPtr error) { Of(context).OnError(*error); };
  return handler;
}

std::optional<Issue> XmlBuilder::Parse(const std::string& body) {
  static const bool ready = (xmlInitParser(), true);  // the library asks for this once, before threads share it
  static_cast<void>(ready);
  xmlSetGenericErrorFunc(nullptr, &SayNothing);  // of this thread
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(
      xmlCreateMemoryParserCtxt(body.data(), static_cast<int>(body.size())), &xmlFreeParserCtxt);
  if (parser == nullptr) return MakeIssue("XML-SYNTAX", "");  // an empty body
  parser_ = parser.get();
  xmlCtxtUseOptions(parser_, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
  *parser_->sax = Handler();
  parser_->userData = this;
  xmlParseDocument(parser_);
  if (!issue_ && parser_->wellFormed == 0) return MakeIssue("XML-SYNTAX", "");
  return std::move(issue_);
}

void XmlBuilder::Refuse(std::string_view rule, std::string_view path) {
  if (issue_) return;
  issue_ = MakeIssue(rule, path, "at byte " + std::to_string(xmlByteConsumed(parser_)));
  xmlStopParser(parser_);
}

void XmlBuilder::OnError(const xmlError& error) {
  if (error.level != XML_ERR_WARNING) Refuse("XML-SYNTAX", "");
}

bool XmlBuilder::Counts(size_t nodes) {
  nodes_ += nodes;
  if (nodes_ > limits::kJsonNodesMax) Refuse("XML-NODES", "");
  return !issue_;
}

std::string_view XmlBuilder::Kept(std::string_view text) {
  const size_t from = values_->size();
  for (size_t at; (at = text.find(kAmpersand)) != text.npos; text.remove_prefix(at + kAmpersand.size())) {
    values_->append(text.substr(0, at + 1));
  }
  values_->append(text);
  return std::string_view(*values_).substr(from);
}

void XmlBuilder::OnElement(std::string_view name, std::string_view space, size_t namespaces,
                        std::span<const Attribute> attributes) {
  if (issue_ || !Counts(1 + namespaces + attributes.size())) return;
  if (open_.size() + in_narrative_ >= static_cast<size_t>(limits::kJsonDepthMax)) return Refuse("XML-DEPTH", "");
  if (in_narrative_ > 0) {
    ++in_narrative_;
  } else if (open_.empty() || open_.back().type->holds_resource) {
    if (space != kFhirNamespace) return Refuse("XML-NAMESPACE", Place());
    StartResource(name, attributes);
  } else {
    StartChild(name, space, attributes);
  }
}

void XmlBuilder::StartResource(std::string_view name, std::span<const Attribute> attributes) {
  uint32_t element;
  if (open_.empty()) {
    element = tree_->Add(Element::kNone, {});
  } else {
    Open& holder = open_.back();
    if (std::exchange(holder.place, 0) == 0) return Refuse("XML-ORDER", Place());
    element = holder.element;
  }
  tree_->Add(element, {.name = "resourceType", .value = Kept(name), .kind = Kind::kString});
  open_.push_back({element, &ResourceNamed(name)});
  for (const Attribute& attribute : attributes) {
    if (IsForeign(attribute)) return;
  }
}

bool XmlBuilder::TakePlace(const Slot& slot) {
  Open& above = open_.back();
  const bool again = slot.list && above.name == slot.name;
  if (slot.place < above.place || (slot.place == above.place && !again)) {
    Refuse("XML-ORDER", Place().append(".").append(slot.name));
    return false;
  }
  above.index = again ? above.index + 1 : 0;
  above.place = slot.place;
  above.name = slot.name;
  return true;
}

void XmlBuilder::StartChild(std::string_view name, std::string_view space, std::span<const Attribute> attributes) {
  Open& above = open_.back();
  const Slot* slot = above.type->Find(name);
  const bool narrative = slot != nullptr && slot->type->is_xhtml;
  if (space != (narrative ? kXhtmlNamespace : kFhirNamespace)) return Refuse("XML-NAMESPACE", Place());
  Element element;
  if (slot != nullptr) {
    if (!TakePlace(*slot)) return;
    element.name = slot->name;
    element.repeats = slot->list;
    element.index = above.index;
  } else {
    element.name = Kept(name);
    // A primitive that has elements of its own is as an object to JSON.
    if (tree_->at(above.element).kind == Kind::kNull) tree_->at(above.element).kind = Kind::kObject;
  }
  const ElementType& type = slot != nullptr ? *slot->type : UnknownType();
  if (type.kind != Kind::kObject) element.kind = Kind::kNull;
  const uint32_t added = tree_->Add(above.element, element);
  if (narrative) {
    in_narrative_ = 1;
  } else {
    open_.push_back({added, &type});
    ReadAttributes(attributes, type);
  }
}

// Of a namespace in which FHIR XML has no attributes, and refused: it has them in none, and XML Schema's own.
bool XmlBuilder::IsForeign(const Attribute& attribute) {
  const std::string_view space = View(attribute.space);
  if (space.empty() || space == kSchemaInstanceNamespace) return false;
  Refuse("XML-NAMESPACE", Place());
  return true;
}

void XmlBuilder::ReadAttributes(std::span<const Attribute> attributes, const ElementType& type) {
  const uint32_t at = open_.back().element;
  for (const Attribute& attribute : attributes) {
    if (IsForeign(attribute)) return;
    if (attribute.space != nullptr) continue;
    const std::string_view name = View(attribute.name);
    if (const std::string* known = type.FindAttribute(name)) {
      tree_->Add(at, {.name = *known, .value = Kept(attribute.value()), .kind = Kind::kString});
    } else if (name == "value") {
      const std::string_view value = Kept(attribute.value());
      tree_->at(at).value = value;
      tree_->at(at).kind = KindOf(type, value);
    }
  }
}

void XmlBuilder::OnEnd() {
  if (issue_) return;
  if (in_narrative_ > 0) {
    --in_narrative_;
  } else {
    open_.pop_back();
  }
}

void XmlBuilder::OnText(std::string_view text) {
  if (in_narrative_ == 0 && text.find_first_not_of(" \t\r\n") != text.npos) Refuse("XML-TEXT", Place());
}

}  // namespace

std::optional<Issue> ReadXml(std::string* body, Tree* tree) {
  tree->Clear(body->size());
  // The parser would also take other encodings that it recognises by their first bytes; none of them is UTF-8 without NUL.
  if (!IsUtf8(*body) || body->find('\0') != std::string::npos || NamesOtherEncoding(*body)) return MakeIssue("XML-UTF8", "");
  if (const std::optional<size_t> at = FindAttributeFlood(*body)) {
    return MakeIssue("XML-NODES", "", "at byte " + std::to_string(*at));
  }
  // No value or name is longer than what stands for it in the message; a text so short that it lies in the string itself would
  // move with it.
  std::string values;
  values.reserve(std::max(body->size(), sizeof(std::string)));
  std::optional<Issue> issue = XmlBuilder(tree, &values).Parse(*body);
  *body = std::move(values);
  return issue;
}

}  // namespace schotvrij::fhir
