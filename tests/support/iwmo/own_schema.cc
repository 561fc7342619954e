#include "tests/support/iwmo/own_schema.h"

#include <cstdlib>
#include <limits>
#include <set>
#include <string_view>

namespace schotvrij::test {
namespace {

using iwmo::Base;
using iwmo::Element;
using iwmo::Form;
using iwmo::Grammar;
using iwmo::SimpleType;

std::string_view NameOf(Base base) {
  constexpr std::string_view kNames[] = {"string", "integer", "date", "time"};
  return kNames[static_cast<size_t>(base)];
}

// What a form says, as a pattern of XML Schema.
std::string_view PatternOf(Form form, Base base) {
  switch (form) {
    case Form::kAny:
      return "";
    case Form::kDigits:
      return "[0-9]*";
    case Form::kOneLine:
      return ".*[^\\s].*";
    case Form::kAnyLine:
      return "[\\s\\S]*\\S[\\s\\S]*";
    case Form::kLetters:
      return "[a-zA-Z&#xC0;-&#x1EF3;]+";
    case Form::kLettersAndDigits:
      return "[a-zA-Z0-9]+";
    case Form::kVersion:
      return "(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)";
    case Form::kNoZone:
      return base == Base::kDate ? "[^:Z]*" : "[^Z+\\-]+";
  }
  std::abort();
}

void AppendFacet(std::string_view name, std::string_view value, std::string* out) {
  out->append("<xs:").append(name).append(" value=\"").append(value).append("\"/>");
}

void AppendBounds(const SimpleType& type, std::string* out) {
  const bool text = type.base == Base::kString;
  if (type.min > 0 || type.base == Base::kInteger) {
    AppendFacet(text ? "minLength" : "minInclusive", std::to_string(type.min), out);
  }
  if (type.max < std::numeric_limits<int64_t>::max()) {
    AppendFacet(text ? "maxLength" : "maxInclusive", std::to_string(type.max), out);
  }
}

void AppendSimpleType(const SimpleType& type, std::string* out) {
  out->append("<xs:simpleType name=\"").append(type.name).append("\"><xs:restriction base=\"xs:").append(NameOf(type.base)).append("\">");
  AppendBounds(type, out);
  for (std::string_view code : type.codes) AppendFacet("enumeration", code, out);
  if (type.form != Form::kAny) AppendFacet("pattern", PatternOf(type.form, type.base), out);
  out->append("</xs:restriction></xs:simpleType>\n");
}

class SchemaWriter {
 public:
  explicit SchemaWriter(const Grammar& grammar) : grammar_(grammar) {}

  OwnSchema Write() {
    Begin(grammar_.message_namespace(), &schema_.message);
    schema_.message.append("<xs:import namespace=\"").append(iwmo::kBaseNamespace).append("\" schemaLocation=\"basisschema.xsd\"/>\n");
    schema_.message.append("<xs:element name=\"Bericht\" type=\"m:Root\"/>\n");
    Begin(iwmo::kBaseNamespace, &schema_.base);
    for (const Element& element : grammar_.elements()) {
      if (!types_.insert(TypeName(element)).second) continue;
      if (element.type == nullptr) {
        AppendClass(element);
      } else {
        AppendSimpleType(*element.type, &schema_.base);
      }
    }
    schema_.message.append("</xs:schema>\n");
    schema_.base.append("</xs:schema>\n");
    return std::move(schema_);
  }

 private:
  static void Begin(std::string_view target, std::string* out) {
    out->append("<xs:schema targetNamespace=\"").append(target);
    out->append("\" elementFormDefault=\"qualified\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:m=\"").append(target);
    out->append("\" xmlns:iwmo=\"").append(iwmo::kBaseNamespace).append("\">\n");
  }
  bool HoldsBase(const Element& element) const { return grammar_.at(element.children.front()).in_base_namespace; }
  static std::string_view TypeName(const Element& element) { return element.type != nullptr ? element.type->name : element.class_name; }
  void AppendClass(const Element& element) {
    std::string& out = HoldsBase(element) ? schema_.base : schema_.message;
    out.append("<xs:complexType name=\"").append(TypeName(element)).append("\"><xs:sequence>\n");
    for (iwmo::ElementId id : element.children) AppendChild(grammar_.at(id), &out);
    out.append("</xs:sequence></xs:complexType>\n");
  }
  void AppendChild(const Element& child, std::string* out) {
    out->append("<xs:element name=\"").append(child.name).append("\"");
    if (!child.required) out->append(" minOccurs=\"0\"");
    if (child.repeats) out->append(" maxOccurs=\"unbounded\"");
    const std::string type = (child.type != nullptr || HoldsBase(child) ? "iwmo:" : "m:") + std::string(TypeName(child));
    if (!child.is_narrowed()) {
      out->append(" type=\"").append(type).append("\"/>\n");
      return;
    }
    out->append("><xs:simpleType><xs:restriction base=\"").append(type).append("\">");
    AppendFacet("pattern", child.value.empty() ? PatternOf(child.form, child.type->base) : child.value, out);
    out->append("</xs:restriction></xs:simpleType></xs:element>\n");
  }

  const Grammar& grammar_;
  OwnSchema schema_;
  std::set<std::string_view> types_;
};

}  // namespace

OwnSchema WriteOwnSchema(const Grammar& grammar) { return SchemaWriter(grammar).Write(); }

}  // namespace schotvrij::test
