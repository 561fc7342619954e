#include "adapters/iwmo/wire/reader.h"

#include <algorithm>
#include <optional>

#include "adapters/iwmo/wire/findings.h"
#include "adapters/iwmo/wire/markup.h"
#include "adapters/iwmo/wire/namespaces.h"
#include "adapters/iwmo/wire/scanner.h"
#include "adapters/iwmo/wire/structure.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kStandards = "http://www.istandaarden.nl/";

// "3.1" of "iwmo/3_1/wmo301/schema"; empty: no number stands there.
std::string ReleaseIn(std::string_view below) {
  std::string release(below.substr(0, below.find('/')));
  std::replace(release.begin(), release.end(), '_', '.');
  return release.find_first_not_of("0123456789.") == release.npos && release.size() < 8 ? release : "";
}

}  // namespace

class Reader::Impl final : public Tokens {
 public:
  explicit Impl(ReaderOptions options) : scanner_(std::min(options.bytes_max, limits::kIwmoLiftedBytesMax)) {}

  bool Feed(std::string_view bytes, TreeSink& sink) {
    SetSink(sink);
    return scanner_.Feed(bytes, *this);
  }
  void Finish(TreeSink& sink) {
    SetSink(sink);
    if (scanner_.Finish(*this)) structure_->End(sink);
  }
  const Grammar* grammar() const { return grammar_; }

  Wants OnStart(std::string_view name, std::string_view attributes) override;
  bool OnEnd() override {
    namespaces_.Leave(depth_--);
    return structure_->Close(*sink_);
  }
  bool OnText(std::string_view text, bool cdata) override { return structure_->Text(text, cdata); }
  void OnFault(const char* rule) override { Stop(rule); }

 private:
  void SetSink(TreeSink& sink) {
    sink_ = &sink;
    findings_.SetSink(&sink);
  }
  // Tells why the document is not read further.
  bool Stop(std::string_view rule, std::string_view detail = "") {
    findings_.Tell(rule, AtLine(structure_ ? structure_->Path() : "", scanner_.line()), detail);
    return false;
  }
  bool TakeAttributes(std::string_view text);
  bool OpenRoot(std::string_view name);
  bool RefuseRoot(std::string_view uri);
  bool Declare();
  bool CheckAttributes();
  bool IsAllowed(const Attribute& attribute);
  bool IsItsType(std::string_view value);

  Scanner scanner_;
  Findings findings_;
  Namespaces namespaces_;
  std::optional<Structure> structure_;
  const Grammar* grammar_ = nullptr;
  TreeSink* sink_ = nullptr;
  size_t depth_ = 0;  // elements that are open
  std::vector<Attribute> attributes_;
  std::string value_;
};

Tokens::Wants Reader::Impl::OnStart(std::string_view name, std::string_view attributes) {
  if (depth_ == limits::kIwmoDepthMax) return Stop("IWMO-DEPTH"), Wants::kStop;
  ++depth_;
  attributes_.clear();
  if (!attributes.empty() && !TakeAttributes(attributes)) return Wants::kStop;
  if (grammar_ == nullptr && !OpenRoot(name)) return Wants::kStop;
  if (!attributes_.empty() && !Declare()) return Wants::kStop;
  const QName qname = Split(name);
  if (!structure_->Open(namespaces_.Of(qname.prefix), qname.local, scanner_.line(), *sink_)) return Wants::kStop;
  if (!attributes_.empty() && !CheckAttributes()) return Wants::kStop;
  const Element* element = structure_->element();
  return element != nullptr && element->type != nullptr ? Wants::kText : Wants::kElements;
}

bool Reader::Impl::TakeAttributes(std::string_view text) {
  if (!ReadAttributes(text, &attributes_)) return Stop("IWMO-SYNTAX");
  if (attributes_.size() > limits::kIwmoAttributesMax) return Stop("IWMO-ATTRIBUTES");
  for (size_t at = 0; at < attributes_.size(); ++at) {
    for (size_t before = 0; before < at; ++before) {
      if (attributes_[before].name == attributes_[at].name) return Stop("IWMO-SYNTAX");
    }
  }
  return true;
}

bool Reader::Impl::OpenRoot(std::string_view name) {
  const QName qname = Split(name);
  std::string uri;
  for (const Attribute& attribute : attributes_) {
    const QName declared = Split(attribute.name);
    const bool is_it = qname.prefix.empty() ? attribute.name == "xmlns" : declared.prefix == "xmlns" && declared.local == qname.prefix;
    if (!is_it) continue;
    if (const char* rule = ReadAttributeValue(attribute.value, &uri)) return Stop(rule);
  }
  const Grammar* grammar = Grammar::OfNamespace(uri);
  if (grammar == nullptr) return RefuseRoot(uri);
  if (qname.local != "Bericht") return Stop("IWMO-NOT-IWMO", grammar->message());
  grammar_ = grammar;
  namespaces_.SetMessage(grammar->message_namespace());
  structure_.emplace(*grammar, &findings_);
  return true;
}

bool Reader::Impl::RefuseRoot(std::string_view uri) {
  if (!uri.starts_with(kStandards)) return Stop("IWMO-NOT-IWMO");
  uri.remove_prefix(kStandards.size());
  if (uri.starts_with("ijw/")) return Stop("IWMO-IJW");
  const std::string release = uri.starts_with("iwmo/") ? ReleaseIn(uri.substr(5)) : "";
  return release.empty() || release == "3.2" ? Stop("IWMO-NOT-IWMO") : Stop("IWMO-RELEASE", "this one is of release " + release);
}

bool Reader::Impl::Declare() {
  for (const Attribute& attribute : attributes_) {
    if (const char* rule = ReadAttributeValue(attribute.value, &value_)) return Stop(rule);
    const QName name = Split(attribute.name);
    const char* rule = nullptr;
    if (name.prefix == "xmlns") {
      rule = namespaces_.Declare(name.local, value_, depth_);
    } else if (attribute.name == "xmlns") {
      rule = namespaces_.Declare("", value_, depth_);
    }
    if (rule != nullptr) return Stop(rule);
  }
  return true;
}

bool Reader::Impl::CheckAttributes() {
  if (structure_->element() == nullptr) return true;
  for (const Attribute& attribute : attributes_) {
    if (!IsAllowed(attribute) && !structure_->Tell("IWMO-ATTRIBUTE")) return false;
  }
  return true;
}

// Namespace declarations, and those of XML Schema that say nothing of the element but where its schema is and which type it has anyhow.
bool Reader::Impl::IsAllowed(const Attribute& attribute) {
  const QName name = Split(attribute.name);
  if (name.prefix == "xmlns" || attribute.name == "xmlns") return true;
  if (name.prefix.empty() || namespaces_.Of(name.prefix) != Space::kSchemaInstance) return false;
  if (name.local == "schemaLocation" || name.local == "noNamespaceSchemaLocation") return true;
  return name.local == "type" && IsItsType(attribute.value);
}

// Whether `value` names the type that the element has in the schema; one without name cannot be named.
bool Reader::Impl::IsItsType(std::string_view value) {
  const Element& element = *structure_->element();
  if (element.is_narrowed()) return false;
  ReadAttributeValue(value, &value_);
  const QName said = Split(value_);
  const std::string_view type = element.type != nullptr ? element.type->name : element.class_name;
  const bool of_message = element.type == nullptr && !type.starts_with("CDT_");
  return said.local == type && namespaces_.Of(said.prefix) == (of_message ? Space::kMessage : Space::kBase);
}

Reader::Reader(ReaderOptions options) : impl_(std::make_unique<Impl>(options)) {}
Reader::~Reader() = default;
bool Reader::Feed(std::string_view bytes, TreeSink& sink) { return impl_->Feed(bytes, sink); }
void Reader::Finish(TreeSink& sink) { impl_->Finish(sink); }
const Grammar* Reader::grammar() const { return impl_->grammar(); }

}  // namespace schotvrij::iwmo
