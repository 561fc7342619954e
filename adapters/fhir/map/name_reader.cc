#include "adapters/fhir/map/name_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/systems.h"
#include "adapters/fhir/map/value_form.h"

namespace schotvrij::fhir {
namespace {

// Parts of `family`, by the URL of their extension.
enum FamilyPart { kOwnName, kOwnPrefix, kPartnerName, kPartnerPrefix, kFamilyParts };
constexpr std::array<std::string_view, kFamilyParts> kPartUrls = {kOwnNameUrl, kOwnPrefixUrl, kPartnerNameUrl,
                                                                 kPartnerPrefixUrl};

// The family side of one HumanName.
struct Family {
  std::string_view text;  // as assembled by the sender
  std::array<std::string_view, kFamilyParts> parts;
  bool has_parts = false;
};

Node ExtensionOf(Node element, std::string_view url) {
  for (Node extension : element.Children("extension")) {
    if (extension.Child("url").value() == url) return extension;
  }
  return Node();
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(' ') == text.npos; }

// The text of `node`, or nothing after reporting what is wrong with it.
std::string_view SoundText(Node node, Findings* findings) {
  if (!node || node.kind() == Kind::kNull) return "";
  const std::string_view fault = node.kind() == Kind::kString ? TextFault(node.value()) : "FHIR-VALUE";
  if (fault.empty()) return node.value();
  findings->Add(fault, node);
  return "";
}

Family ReadFamily(Node human_name, Findings* findings) {
  const Node element = human_name.Child("family");
  Family family;
  family.text = SoundText(element, findings);
  for (size_t part = 0; part < kFamilyParts; ++part) {
    const Node extension = ExtensionOf(element, kPartUrls[part]);
    if (!extension) continue;
    family.has_parts = true;
    family.parts[part] = SoundText(extension.Child("valueString"), findings);
  }
  if (!family.has_parts) family.parts[kOwnName] = family.text;
  if (IsBlank(family.parts[kOwnName])) family.parts[kOwnName] = "";
  // nl-core zib-NameInformation-2: a partner's prefix needs the partner's name.
  if (!family.parts[kPartnerPrefix].empty() && family.parts[kPartnerName].empty()) findings->Add("FHIR-VALUE", element);
  return family;
}

bool Agree(const Family& a, const Family& b) {
  if (a.has_parts && b.has_parts) return a.parts == b.parts;
  return a.text == b.text;
}

void Append(std::string_view text, std::string_view separator, std::string* all) {
  if (!all->empty()) all->append(separator);
  all->append(text);
}

std::string_view QualifierOf(Node given) {
  return ExtensionOf(given, kNameQualifierUrl).Child("valueCode").value();
}

// Given names and initials of one official name; only where no earlier name had them.
void ReadGiven(Node human_name, Findings* findings, v1::PersonName* name) {
  std::string names;
  std::string initials;
  for (Node given : human_name.Children("given")) {
    const std::string_view text = SoundText(given, findings);
    if (text.empty()) continue;
    const std::string_view qualifier = QualifierOf(given);
    if (qualifier == "IN") {
      Append(text, "", &initials);
    } else if (qualifier == "CL") {
      if (name->call_name().empty()) name->set_call_name(std::string(text));
    } else {
      Append(text, " ", &names);
    }
  }
  if (name->given_names().empty()) name->set_given_names(std::move(names));
  if (name->initials().empty()) name->set_initials(std::move(initials));
}

void ReadCallName(Node human_name, Findings* findings, v1::PersonName* name) {
  const std::string_view text = SoundText(human_name.Child("given"), findings);
  if (!text.empty()) name->set_call_name(std::string(text));
}

void ReadUsage(Node human_name, Findings* findings, v1::PersonName* name) {
  const Node code = ExtensionOf(human_name, kAssemblyOrderUrl).Child("valueCode");
  if (!code) return;
  const CodeList::Entry* entry = CodeList::Named("assembly-order").Find("", code.value());
  if (entry == nullptr) return findings->Add("FHIR-CODE", code);
  v1::NameUsage usage;
  if (name->usage() == v1::NAME_USAGE_UNSPECIFIED && v1::NameUsage_Parse(entry->word, &usage)) name->set_usage(usage);
}

// Official names; where a sender gives no `use` at all, those without.
std::vector<Node> OfficialNames(const std::vector<Node>& patients) {
  for (const std::string_view use : {"official", ""}) {
    std::vector<Node> names;
    for (Node patient : patients) {
      for (Node human_name : patient.Children("name")) {
        if (human_name.Child("use").value() == use) names.push_back(human_name);
      }
    }
    if (!names.empty()) return names;
  }
  return {};
}

void SetFamily(const Family& family, v1::PersonName* name) {
  name->set_own_name(std::string(family.parts[kOwnName]));
  name->set_own_prefix(std::string(family.parts[kOwnPrefix]));
  name->set_partner_name(std::string(family.parts[kPartnerName]));
  name->set_partner_prefix(std::string(family.parts[kPartnerPrefix]));
}

}  // namespace

void ReadName(const std::vector<Node>& patients, bool surname_required, Findings* findings, v1::PersonName* name) {
  for (Node patient : patients) {
    for (Node human_name : patient.Children("name")) {
      if (human_name.Child("use").value() == "usual") ReadCallName(human_name, findings, name);
    }
  }
  const std::vector<Node> official = OfficialNames(patients);
  Family family;
  for (size_t i = 0; i < official.size(); ++i) {
    const Family next = ReadFamily(official[i], findings);
    if (i > 0 && !Agree(family, next)) findings->Add("NAME-DIFFERENT", official[i], "family");
    if (i == 0 || (next.has_parts && !family.has_parts)) family = next;
    ReadUsage(official[i], findings, name);
    ReadGiven(official[i], findings, name);
  }
  SetFamily(family, name);
  if (surname_required && name->own_name().empty()) {
    official.empty() ? findings->Add("SURNAME-MISSING", patients.front(), "name.family")
                     : findings->Add("SURNAME-MISSING", official.front(), "family");
  }
}

}  // namespace schotvrij::fhir
