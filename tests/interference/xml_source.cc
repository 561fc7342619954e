// FHIR XML: the message that JSON makes, with all its changes, written as XML; and XML's own ways to say the same.
#include <cctype>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/fhir/wire/message.h"
#include "tests/interference/source.h"

namespace schotvrij::interference {
namespace {

using Kind = Change::Kind;

// The letters and digits of each attribute's value as character references.
std::string Referenced(const std::string& xml) {
  std::string referenced;
  bool inside = false, reference = false;  // in a value; in one that is a reference already
  for (const char c : xml) {
    if (c == '"') inside = !inside;
    reference = c == '&' || (reference && c != ';');
    if (inside && !reference && std::isalnum(static_cast<unsigned char>(c))) {
      absl::StrAppend(&referenced, "&#x", absl::Hex(static_cast<unsigned char>(c)), ";");
    } else {
      referenced += c;
    }
  }
  return referenced;
}

class XmlSource final : public Source {
 public:
  XmlSource(const std::string& format, const std::string& text) : json_(NewJsonSource(format, text)) {}

  std::vector<Change> Changes() const override {
    std::vector<Change> changes = json_->Changes();
    std::erase_if(changes, [](const Change& change) { return change.kind == Kind::kWrite; });
    for (const char* how : {"undeclared", "spaced", "commented", "quoted", "referenced"}) {
      changes.push_back({.kind = Kind::kWrite, .field = "", .place = "", .value = how, .old = "", .taken = true});
    }
    return changes;
  }

  std::string With(std::span<const Change* const> changes) const override {
    std::vector<const Change*> of_json;
    std::string how;
    for (const Change* change : changes) {
      if (change->kind == Kind::kWrite) {
        how = change->value;
      } else {
        of_json.push_back(change);
      }
    }
    return Written(fhir::InSyntax(fhir::Syntax::kXml, json_->With(of_json)), how);
  }

 private:
  static std::string Written(std::string xml, const std::string& how) {
    const size_t content = xml.find("?>") + 2;  // behind the declaration
    if (how == "undeclared") return xml.substr(content);
    if (how == "spaced") return absl::StrReplaceAll(xml, {{"/><", "\n  /> \t<"}});
    if (how == "commented") return absl::StrReplaceAll(xml, {{"/><", "/><!-- 999900183 --><"}});
    if (how == "quoted") return absl::StrReplaceAll(xml, {{"'", "&apos;"}, {"\"", "'"}});
    return how == "referenced" ? xml.substr(0, content) + Referenced(xml.substr(content)) : xml;
  }

  const std::unique_ptr<Source> json_;
};

}  // namespace

std::unique_ptr<Source> NewXmlSource(const std::string& format, const std::string& text) {
  return std::make_unique<XmlSource>(format, text);
}

}  // namespace schotvrij::interference
