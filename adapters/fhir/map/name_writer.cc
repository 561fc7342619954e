#include "adapters/fhir/map/name_writer.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/fhir/map/code_list.h"
#include "adapters/fhir/map/resource_writer.h"
#include "adapters/fhir/map/systems.h"

namespace schotvrij::fhir {
namespace {

// A name part when it was disclosed as itself, else nothing.
std::string_view NamePart(const policy::Disclosure& disclosure, const std::string& value, std::string_view path) {
  return SharedAs(disclosure, path) == policy::v1::ITSELF ? std::string_view(value) : std::string_view();
}

std::string Joined(std::string_view first, std::string_view separator, std::string_view second) {
  if (first.empty() || second.empty()) return std::string(first.empty() ? second : first);
  return std::string(first).append(separator).append(second);
}

std::string Assemble(v1::NameUsage usage, const std::string& own, const std::string& partner) {
  switch (usage) {
    case v1::PARTNER:
      return partner.empty() ? own : partner;
    case v1::PARTNER_THEN_OWN:
      return Joined(partner, "-", own);
    case v1::OWN_THEN_PARTNER:
      return Joined(own, "-", partner);
    default:
      return own.empty() ? partner : own;
  }
}

void WriteExtension(std::string_view url, std::string_view type, std::string_view value, JsonWriter* json) {
  json->Object().Member("url", url).Member(type, value).End();
}

void WriteGiven(std::string_view names, std::string_view initials, JsonWriter* json) {
  std::vector<std::pair<std::string_view, std::string_view>> given;
  if (!names.empty()) given.emplace_back(names, "BR");
  if (!initials.empty()) given.emplace_back(initials, "IN");
  if (given.empty()) return;
  json->ArrayIn("given");
  for (const auto& [text, qualifier] : given) json->String(text);
  json->End().ArrayIn("_given");
  for (const auto& [text, qualifier] : given) {
    json->Object().ArrayIn("extension");
    WriteExtension(kNameQualifierUrl, "valueCode", qualifier, json);
    json->End().End();
  }
  json->End();
}

void WriteFamily(const std::string& family, const std::vector<std::pair<std::string_view, std::string_view>>& parts,
                 JsonWriter* json) {
  if (family.empty()) return;
  json->Member("family", family).ObjectIn("_family").ArrayIn("extension");
  for (const auto& [url, value] : parts) {
    if (!value.empty()) WriteExtension(url, "valueString", value, json);
  }
  json->End().End();
}

}  // namespace

void WriteNames(const policy::Disclosure& disclosure, JsonWriter* json) {
  const v1::PersonName& name = disclosure.exchange().client().name();
  const std::string_view own_name = NamePart(disclosure, name.own_name(), "client.name.own_name");
  const std::string_view own_prefix = NamePart(disclosure, name.own_prefix(), "client.name.own_prefix");
  const std::string_view partner_name = NamePart(disclosure, name.partner_name(), "client.name.partner_name");
  const std::string_view partner_prefix = NamePart(disclosure, name.partner_prefix(), "client.name.partner_prefix");
  const std::string_view given_names = NamePart(disclosure, name.given_names(), "client.name.given_names");
  const std::string_view initials = NamePart(disclosure, name.initials(), "client.name.initials");
  const std::string_view call_name = NamePart(disclosure, name.call_name(), "client.name.call_name");
  const std::string own = Joined(own_prefix, " ", own_name);
  const std::string partner = Joined(partner_prefix, " ", partner_name);
  const bool official = !own.empty() || !partner.empty() || !given_names.empty() || !initials.empty();
  if (!official && call_name.empty()) return;

  json->ArrayIn("name");
  if (official) {
    json->Object();
    const CodeList::Entry* order = CodeList::Named("assembly-order").FindWord(v1::NameUsage_Name(name.usage()));
    if (order != nullptr) {
      json->ArrayIn("extension");
      WriteExtension(kAssemblyOrderUrl, "valueCode", order->code, json);
      json->End();
    }
    json->Member("use", "official");
    WriteFamily(Assemble(name.usage(), own, partner),
                {{kOwnPrefixUrl, own_prefix},
                 {kOwnNameUrl, own_name},
                 {kPartnerPrefixUrl, partner_prefix},
                 {kPartnerNameUrl, partner_name}},
                json);
    WriteGiven(given_names, initials, json);
    json->End();
  }
  if (!call_name.empty()) {
    json->Object().Member("use", "usual").ArrayIn("given").String(call_name).End().End();
  }
  json->End();
}

}  // namespace schotvrij::fhir
