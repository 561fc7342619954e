// Fields: what fields.csv says of a field of a message, and the values it is tried with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/base/table.h"

namespace schotvrij::interference {

// free: no value of it is seen by anybody, and each is taken. verdict: it feeds a check; its
// `values` give the same verdict, any other may be refused, and then the message leaves no trace.
// shared: it is for `to` to see. linked: another value goes for all places that have it. A field
// without a row is free.
enum class Treatment { kFree, kVerdict, kShared, kLinked };

// Who may see a field that is shared.
enum class To { kNobody, kSpeaker, kListener };

struct FieldRow {
  Treatment treatment = Treatment::kFree;
  std::vector<std::string> values;
  To to = To::kNobody;
};

// Of `field` in messages of `format` (formats.csv), by the first row that names it; its format may
// be "*", "wmo-*" or "*-xml", and a name that ends in ".*" stands for all below it.
const Table::Row* FindRow(std::string_view format, std::string_view field);
FieldRow RowOf(std::string_view format, std::string_view field);

// Fields of fields.csv that stand beside a message, not in it: "header(accept)", "target".
std::vector<std::string> FieldsBeside(std::string_view format);

// Two texts that can stand for `text` where nothing is said of its form: one as long, one longer
// and of other characters. A day is replaced by a day.
std::vector<std::string> OtherTexts(std::string_view text);

}  // namespace schotvrij::interference
