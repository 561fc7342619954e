#include "policy/shared_value.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "policy/minimiser.h"
#include "policy/unknown_value.h"
#include "schemas/base/civil_date.h"

namespace schotvrij::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using PseudonymOf = std::function<std::string(std::string_view)>;

constexpr size_t kYearSize = 4;   // "2026"
constexpr size_t kMonthSize = 7;  // "2026-02"

// The first `size` characters of a date of day, month or year form; a date coarser than that stays
// as it is.
std::optional<std::string> Coarsen(std::string_view date, size_t size) {
  constexpr std::string_view kFirstDay = "0001-01-01";
  if (date.size() != kYearSize && date.size() != kMonthSize && date.size() != kFirstDay.size()) {
    return std::nullopt;
  }
  std::string whole = std::string(date) + std::string(kFirstDay.substr(date.size()));
  if (!CivilDate::Parse(whole)) return std::nullopt;
  return std::string(date.substr(0, std::min(size, date.size())));
}

std::optional<std::string> SharedText(const std::string& text, v1::As as,
                                      const PseudonymOf& pseudonym_of) {
  if (text.empty()) return std::nullopt;
  switch (as) {
    case v1::ITSELF:
      return text;
    case v1::MONTH:
      return Coarsen(text, kMonthSize);
    case v1::YEAR:
      return Coarsen(text, kYearSize);
    case v1::PSEUDONYM:
      if (pseudonym_of == nullptr) return std::nullopt;
      return pseudonym_of(text);
    case v1::PRESENT:
      return std::string(kPresent);
    default:
      return std::nullopt;
  }
}

bool CopyText(const FieldDescriptor& field, v1::As as, const Message& from,
              const PseudonymOf& pseudonym_of, Message& to) {
  const Reflection& read = *from.GetReflection();
  const Reflection& write = *to.GetReflection();
  std::string scratch;
  if (!field.is_repeated()) {
    std::optional<std::string> shared =
        SharedText(read.GetStringReference(from, &field, &scratch), as, pseudonym_of);
    if (shared) write.SetString(&to, &field, *std::move(shared));
    return shared.has_value();
  }
  bool any = false;
  for (int i = 0; i < read.FieldSize(from, &field); ++i) {
    std::optional<std::string> shared =
        SharedText(read.GetRepeatedStringReference(from, &field, i, &scratch), as, pseudonym_of);
    if (!shared) continue;
    write.AddString(&to, &field, *std::move(shared));
    any = true;
  }
  return any;
}

// Lower bound of the band that `number` lies in, below zero too; the lowest band ends at the lowest
// number.
template <typename Number>
Number Band(Number number, Grain grain) {
  if (grain.as != v1::GROUP || grain.group_width == 0) return number;
  const Number width = static_cast<Number>(grain.group_width);
  const Number rest = number % width;
  if (rest >= 0) return number - rest;
  const Number above = number - rest;
  return above < std::numeric_limits<Number>::min() + width ? std::numeric_limits<Number>::min()
                                                            : above - width;
}

bool Band(bool value, Grain) { return value; }

// How protobuf reads and writes a field whose values are plain numbers.
template <typename Value>
struct Access {
  Value (Reflection::*get)(const Message&, const FieldDescriptor*) const;
  void (Reflection::*set)(Message*, const FieldDescriptor*, Value) const;
  Value (Reflection::*get_repeated)(const Message&, const FieldDescriptor*, int) const;
  void (Reflection::*add)(Message*, const FieldDescriptor*, Value) const;
};

template <typename Value>
bool CopyValues(const FieldDescriptor& field, Grain grain, const Message& from, Message& to,
                Access<Value> access) {
  const Reflection& read = *from.GetReflection();
  const Reflection& write = *to.GetReflection();
  if (!field.is_repeated()) {
    (write.*access.set)(&to, &field, Band((read.*access.get)(from, &field), grain));
    return true;
  }
  for (int i = 0; i < read.FieldSize(from, &field); ++i) {
    (write.*access.add)(&to, &field, Band((read.*access.get_repeated)(from, &field, i), grain));
  }
  return true;
}

}  // namespace

bool CopyShared(const FieldDescriptor& field, Grain grain, const Message& from,
                const PseudonymOf& pseudonym_of, Message& to) {
  using R = Reflection;
  if (grain.as == v1::UNKNOWN) {
    const UnknownValue unknown = UnknownValueOf(field);
    if (unknown.says == nullptr) return false;
    to.GetReflection()->SetEnumValue(&to, unknown.says, unknown.number);
    return true;
  }
  const R& read = *from.GetReflection();
  const bool there =
      field.is_repeated() ? read.FieldSize(from, &field) > 0 : read.HasField(from, &field);
  if (!there || !Fits(grain.as, field)) return false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return CopyText(field, grain.as, from, pseudonym_of, to);
    case FieldDescriptor::CPPTYPE_INT32:
      return CopyValues<int32_t>(field, grain, from, to,
                                 {&R::GetInt32, &R::SetInt32, &R::GetRepeatedInt32, &R::AddInt32});
    case FieldDescriptor::CPPTYPE_INT64:
      return CopyValues<int64_t>(field, grain, from, to,
                                 {&R::GetInt64, &R::SetInt64, &R::GetRepeatedInt64, &R::AddInt64});
    case FieldDescriptor::CPPTYPE_UINT32:
      return CopyValues<uint32_t>(
          field, grain, from, to,
          {&R::GetUInt32, &R::SetUInt32, &R::GetRepeatedUInt32, &R::AddUInt32});
    case FieldDescriptor::CPPTYPE_UINT64:
      return CopyValues<uint64_t>(
          field, grain, from, to,
          {&R::GetUInt64, &R::SetUInt64, &R::GetRepeatedUInt64, &R::AddUInt64});
    case FieldDescriptor::CPPTYPE_ENUM:
      return CopyValues<int>(
          field, grain, from, to,
          {&R::GetEnumValue, &R::SetEnumValue, &R::GetRepeatedEnumValue, &R::AddEnumValue});
    case FieldDescriptor::CPPTYPE_BOOL:
      return CopyValues<bool>(field, grain, from, to,
                              {&R::GetBool, &R::SetBool, &R::GetRepeatedBool, &R::AddBool});
    default:
      return false;
  }
}

}  // namespace schotvrij::policy
