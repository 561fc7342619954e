#include "adapters/fhir/wire/xml_reader.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "adapters/fhir/wire/structure.h"
#include "adapters/fhir/wire/utf8.h"
#include "adapters/fhir/wire/xml_names.h"
#include "schemas/base/limits.h"

namespace schotvrij::fhir {
namespace {

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

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A number as JSON writes one (RFC 8259): FHIR R4 takes no other form.
bool IsNumber(std::string_view text) {
  const auto digits = [&] {
    const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.size() > 1 && text[0] == '0' && IsDigit(text[1])) return false;
  if (!digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!digits()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (!digits()) return false;
  }
  return text.empty();
}

// As JSON would write the value of a primitive: what is none of its type stays a text.
Kind KindOf(const ElementType& type, std::string_view value) {
  if (type.kind == Kind::kNumber && IsNumber(value)) return Kind::kNumber;
  if (type.kind == Kind::kBoolean && (value == "true" || value == "false")) return Kind::kBoolean;
  return Kind::kString;
}

// Whether some tag may have more attributes than allowed; told before the parser sees them, since it holds each against all
// others. Within a tag no '<' can stand, and each attribute has its '='.
bool HasTooManyAttributes(std::string_view body) {
  size_t equals = 0;
  for (const char c : body) {
    if (c == '<') equals = 0;
    if (c == '=' && ++equals > limits::kJsonKeysMax) return true;
  }
  return false;
}

// Builds the Tree from the parser's events. The first thing that is wrong ends the parse.
class Builder {
 public:
  // `values` has room for all that is kept of the message: it may not move.
  Builder(Tree* tree, std::string* values) : tree_(tree), values_(values) { open_.reserve(limits::kJsonDepthMax); }

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

  static Builder& Of(void* context) { return *static_cast<Builder*>(context); }
  static xmlSAXHandler Handler();

  void OnStart();
  void OnElement(std::string_view name, std::string_view space, std::span<const Attribute> attributes);
  void OnEnd();
  void OnText(std::string_view text);
  void OnError(const xmlError& error);

  void StartResource(std::string_view name, std::span<const Attribute> attributes);
  void StartChild(std::string_view name, std::string_view space, std::span<const Attribute> attributes);
  bool TakePlace(const Slot& slot);
  // What FHIR keeps of an element's attributes: its value, and what JSON has as a property.
  void ReadAttributes(std::span<const Attribute> attributes, const ElementType& type);
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

xmlSAXHandler Builder::Handler() {
  xmlSAXHandler handler = {};
  handler.initialized = XML_SAX2_MAGIC;
  handler.startDocument = [](void* context) { Of(context).OnStart(); };
  handler.internalSubset = [](void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    Of(context).Refuse("XML-DOCTYPE", "");
  };
  handler.processingInstruction = [](void* context, const xmlChar*, const xmlChar*) {
    Of(context).Refuse("XML-DOCTYPE", Of(context).Place());
  };
  handler.startElementNs = [](void* context, const xmlChar* name, const xmlChar*, const xmlChar* space, int, const xmlChar**,
                              int count, int, const xmlChar** attributes) {
    Of(context).OnElement(View(name), View(space),
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

std::optional<Issue> Builder::Parse(const std::string& body) {
  static const bool ready = (xmlInitParser(), true);  // the library asks for this once, before threads share it
  static_cast<void>(ready);
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(
      xmlCreateMemoryParserCtxt(body.data(), static_cast<int>(body.size())), &xmlFreeParserCtxt);
  if (parser == nullptr) return MakeIssue("XML-SYNTAX", "");
  parser_ = parser.get();
  xmlCtxtUseOptions(parser_, XML_PARSE_NONET);
  *parser_->sax = Handler();
  parser_->userData = this;
  xmlParseDocument(parser_);
  if (!issue_ && (parser_->wellFormed == 0 || tree_->size() == 0)) return MakeIssue("XML-SYNTAX", "");
  return std::move(issue_);
}

void Builder::Refuse(std::string_view rule, std::string_view path) {
  if (issue_) return;
  const int line = parser_->input == nullptr ? 0 : parser_->input->line;
  issue_ = MakeIssue(rule, path, "at line " + std::to_string(line));
  xmlStopParser(parser_);
}

void Builder::OnError(const xmlError& error) {
  if (error.level == XML_ERR_WARNING || issue_) return;
  const bool encoding = error.code == XML_ERR_UNSUPPORTED_ENCODING || error.code == XML_ERR_UNKNOWN_ENCODING ||
                        error.code == XML_ERR_INVALID_ENCODING;
  issue_ = MakeIssue(encoding ? "XML-UTF8" : "XML-SYNTAX", "", "at line " + std::to_string(error.line));
  xmlStopParser(parser_);
}

// Comes after the declaration was read: another encoding than ours stands in the parser or in its input.
void Builder::OnStart() {
  const bool ours = parser_->encoding == nullptr || xmlStrcasecmp(parser_->encoding, BAD_CAST "UTF-8") == 0;
  if (!ours || parser_->input->encoding != nullptr) Refuse("XML-UTF8", "");
}

bool Builder::Counts(size_t nodes) {
  nodes_ += nodes;
  if (nodes_ > limits::kJsonNodesMax) Refuse("XML-NODES", "");
  return !issue_;
}

std::string_view Builder::Kept(std::string_view text) {
  const size_t at = values_->size();
  values_->append(text);
  return std::string_view(*values_).substr(at);
}

void Builder::OnElement(std::string_view name, std::string_view space, std::span<const Attribute> attributes) {
  if (issue_ || !Counts(1 + attributes.size())) return;
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

void Builder::StartResource(std::string_view name, std::span<const Attribute> attributes) {
  const ElementType& type = ResourceNamed(name);
  uint32_t element;
  if (open_.empty()) {
    element = tree_->Add(Element::kNone, {});
  } else {
    Open& holder = open_.back();
    if (std::exchange(holder.place, 0) == 0) return Refuse("XML-ORDER", Place());
    element = holder.element;
  }
  tree_->Add(element, {.name = "resourceType", .value = Kept(name), .kind = Kind::kString});
  open_.push_back({element, &type});
  for (const Attribute& attribute : attributes) {
    const std::string_view space = View(attribute.space);
    if (!space.empty() && space != kSchemaInstanceNamespace) return Refuse("XML-NAMESPACE", Place());
  }
}

bool Builder::TakePlace(const Slot& slot) {
  Open& above = open_.back();
  const bool again = slot.list && above.name == slot.name;
  if (slot.place < above.place || (slot.place == above.place && !again)) {
    Refuse("XML-ORDER", Place() + "." + std::string(slot.name));
    return false;
  }
  above.index = again ? above.index + 1 : 0;
  above.place = slot.place;
  above.name = slot.name;
  return true;
}

void Builder::StartChild(std::string_view name, std::string_view space, std::span<const Attribute> attributes) {
  Open& above = open_.back();
  const Slot* slot = above.type->Find(name);
  const bool narrative = slot != nullptr && slot->type->is_xhtml;
  if (space != (narrative ? kXhtmlNamespace : kFhirNamespace)) return Refuse("XML-NAMESPACE", Place());
  Element element;
  element.name = slot != nullptr ? slot->name : Kept(name);
  if (slot != nullptr) {
    if (!TakePlace(*slot)) return;
    element.repeats = slot->list;
    element.index = above.index;
  } else if (above.type->Find("@" + std::string(name)) != nullptr) {
    return Refuse("FHIR-VALUE", Place() + "." + std::string(name));
  } else if (tree_->at(above.element).kind == Kind::kNull) {
    tree_->at(above.element).kind = Kind::kObject;  // sent as if it were no primitive
  }
  const ElementType& type = slot != nullptr ? *slot->type : UnknownType();
  if (type.kind != Kind::kObject) element.kind = Kind::kNull;
  open_.push_back({tree_->Add(above.element, element), &type});
  if (narrative) {
    in_narrative_ = 1;
    open_.pop_back();
  } else {
    ReadAttributes(attributes, type);
  }
}

void Builder::ReadAttributes(std::span<const Attribute> attributes, const ElementType& type) {
  const uint32_t at = open_.back().element;
  for (const Attribute& attribute : attributes) {
    const std::string_view space = View(attribute.space);
    if (space == kSchemaInstanceNamespace) continue;
    if (!space.empty()) return Refuse("XML-NAMESPACE", Place());
    const std::string_view name = View(attribute.name);
    if (const Slot* slot = type.Find("@" + std::string(name))) {
      tree_->Add(at, {.name = slot->name.substr(1), .value = Kept(attribute.value()), .kind = Kind::kString});
    } else if (name == "value") {
      if (type.kind == Kind::kObject && &type != &UnknownType()) return Refuse("FHIR-VALUE", Place());
      tree_->at(at).value = Kept(attribute.value());
      tree_->at(at).kind = KindOf(type, attribute.value());
    }
  }
}

void Builder::OnEnd() {
  if (issue_) return;
  in_narrative_ > 0 ? static_cast<void>(--in_narrative_) : open_.pop_back();
}

void Builder::OnText(std::string_view text) {
  if (in_narrative_ == 0 && text.find_first_not_of(" \t\r\n") != text.npos) Refuse("XML-TEXT", Place());
}

}  // namespace

std::optional<Issue> ReadXml(std::string* body, Tree* tree) {
  tree->Clear(body->size());
  // The parser would also take other encodings that it recognises by their first bytes; none of them is UTF-8 without NUL.
  if (!IsUtf8(*body) || body->find('\0') != std::string::npos) return MakeIssue("XML-UTF8", "");
  if (HasTooManyAttributes(*body)) return MakeIssue("XML-NODES", "");
  // No value or name is longer than what stands for it in the message; a text so short that it lies in the string itself would
  // move with it.
  std::string values;
  values.reserve(std::max(body->size(), sizeof(std::string)));
  std::optional<Issue> issue = Builder(tree, &values).Parse(*body);
  *body = std::move(values);
  return issue;
}

}  // namespace schotvrij::fhir
