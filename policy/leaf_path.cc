#include "policy/leaf_path.h"

#include <algorithm>
#include <utility>

#include "policy/unknown_value.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Of each form the next coarser ones. GROUP to a wider GROUP is arithmetic and stands below.
constexpr std::pair<v1::As, v1::As> kCoarser[] = {
    {v1::ITSELF, v1::MONTH},      {v1::ITSELF, v1::YEAR},    {v1::ITSELF, v1::GROUP},
    {v1::ITSELF, v1::PSEUDONYM},  {v1::ITSELF, v1::PRESENT}, {v1::MONTH, v1::YEAR},
    {v1::PSEUDONYM, v1::PRESENT}, {v1::ITSELF, v1::UNKNOWN},  {v1::MONTH, v1::UNKNOWN},
    {v1::YEAR, v1::UNKNOWN},
};

}  // namespace

std::optional<LeafPath> ResolveLeaf(const Descriptor& root, std::string_view path,
                                    std::string_view* fault, std::string* at) {
  auto refuse = [&](std::string_view rule, std::string_view part) -> std::optional<LeafPath> {
    if (fault != nullptr) *fault = rule;
    if (at != nullptr) *at = part;
    return std::nullopt;
  };
  if (path.find('*') != path.npos) return refuse("POLICY-WILDCARD", path);
  LeafPath resolved;
  const Descriptor* message = &root;
  for (size_t begin = 0; begin <= path.size();) {
    size_t end = std::min(path.find('.', begin), path.size());
    const FieldDescriptor* field =
        message == nullptr ? nullptr
                           : message->FindFieldByName(std::string(path.substr(begin, end - begin)));
    if (field == nullptr) return refuse("POLICY-UNKNOWN-PATH", path.substr(0, end));
    resolved.fields.push_back(field);
    message = field->message_type();
    begin = end + 1;
  }
  if (message != nullptr) return refuse("POLICY-PATH-TO-MESSAGE", path);
  return resolved;
}

schotvrij::v1::Sensitive SensitiveOf(const FieldDescriptor& field) {
  return field.options().GetExtension(schotvrij::v1::sensitive);
}

bool IsDate(const FieldDescriptor& field) {
  return field.options().GetExtension(schotvrij::v1::form) == schotvrij::v1::DATE;
}

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    default:
      return false;
  }
}

bool IsCoded(const FieldDescriptor& field) {
  schotvrij::v1::Form form = field.options().GetExtension(schotvrij::v1::form);
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM || form == schotvrij::v1::CODE ||
         form == schotvrij::v1::PARTY;
}

bool OfRelative(const LeafPath& path) {
  return std::any_of(path.fields.begin(), path.fields.end(), [](const FieldDescriptor* field) {
    return SensitiveOf(*field) == schotvrij::v1::RELATIVE;
  });
}

bool OfSenderOnly(const LeafPath& path) {
  return std::any_of(path.fields.begin(), path.fields.end(), [](const FieldDescriptor* field) {
    return field->options().GetExtension(schotvrij::v1::sender_only);
  });
}

const FieldDescriptor* HiddenBy(const FieldDescriptor& field) {
  const std::string& name = field.options().GetExtension(schotvrij::v1::hidden_by);
  return name.empty() ? nullptr : field.containing_type()->FindFieldByName(name);
}

v1::As AsOf(const v1::Leaf& leaf) {
  return leaf.as() == v1::AS_UNSPECIFIED ? v1::ITSELF : leaf.as();
}

bool CarriesBsn(const LeafPath& path, v1::As as) {
  return SensitiveOf(path.leaf()) == schotvrij::v1::BSN && as != v1::PSEUDONYM && as != v1::PRESENT;
}

bool Fits(v1::As as, const FieldDescriptor& field) {
  switch (as) {
    case v1::ITSELF:
      return true;
    case v1::MONTH:
    case v1::YEAR:
      return IsDate(field);
    case v1::GROUP:
      return IsNumber(field);
    case v1::PSEUDONYM:
    case v1::PRESENT:
      return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !IsDate(field);
    case v1::UNKNOWN:
      return UnknownValueOf(field).says != nullptr;
    default:
      return false;
  }
}

bool SameOrCoarser(Grain narrow, Grain wide) {
  if (narrow.as == v1::GROUP && wide.as == v1::GROUP) {
    return wide.group_width > 0 && narrow.group_width % wide.group_width == 0;
  }
  return narrow.as == wide.as || std::find(std::begin(kCoarser), std::end(kCoarser),
                                           std::pair(wide.as, narrow.as)) != std::end(kCoarser);
}

}  // namespace schotvrij::policy
