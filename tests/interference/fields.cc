#include "tests/interference/fields.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/strings.h"
#include "tests/gateway/exchange/world.h"
#include "tests/interference/tables.h"

namespace schotvrij::interference {
namespace {

constexpr char kFieldsFile[] = "fields.csv";

Treatment TreatmentNamed(std::string_view word) {
  if (word == "verdict") return Treatment::kVerdict;
  if (word == "shared") return Treatment::kShared;
  if (word == "linked") return Treatment::kLinked;
  EXPECT_EQ(word, "free") << kFieldsFile;
  return Treatment::kFree;
}

To ToNamed(std::string_view word) {
  if (word == "speaker") return To::kSpeaker;
  if (word == "listener") return To::kListener;
  EXPECT_EQ(word, "") << kFieldsFile;
  return To::kNobody;
}

// A name that ends in ".*" stands for all below it.
bool Names(std::string_view name, std::string_view field) {
  return name.ends_with(".*") ? field.starts_with(name.substr(0, name.size() - 1)) : name == field;
}

constexpr std::string_view kXml = "-xml";

// Whether a row is of `format`: by its name, "*" for all, "wmo-*" for all that begin so, "*-xml" for all XML. What is said of a format holds of the same in XML.
bool IsOf(std::string_view row, std::string_view format) {
  if (row == "*" || row == format) return true;
  if (row.ends_with("-*")) return format.starts_with(row.substr(0, row.size() - 1));
  if (!format.ends_with(kXml)) return false;
  return row == "*-xml" || row == format.substr(0, format.size() - kXml.size());
}

bool IsBeside(std::string_view field) { return field == "target" || field.starts_with("header("); }

// "@today-3" in a table is the day three days before the one on which a play takes place.
std::string WithDays(std::string text) {
  if (text.find('@') == text.npos) return text;
  const CivilDate today = TodayInAmsterdam(exchange::TestClock().Now());
  for (int days = 400; days >= 0; --days) {
    const std::string number = std::to_string(days);
    text = absl::StrReplaceAll(text, {{"@today-" + number, today.PlusDays(-days).ToString()},
                                      {"@today+" + number, today.PlusDays(days).ToString()}});
  }
  return text;
}

char OtherCharacter(char c) {
  if (c >= '0' && c <= '8') return static_cast<char>(c + 1);
  if (c >= 'a' && c <= 'y') return static_cast<char>(c + 1);
  if (c >= 'A' && c <= 'Y') return static_cast<char>(c + 1);
  if (c == '9') return '0';
  if (c == 'z') return 'a';
  return c == 'Z' ? 'A' : c;
}

}  // namespace

const Table::Row* FindRow(std::string_view format, std::string_view field) {
  for (const Table::Row& row : ReadTable(kFieldsFile).rows()) {
    if (Names(row["field"], field) && IsOf(row["format"], format)) return &row;
  }
  return nullptr;
}

FieldRow RowOf(std::string_view format, std::string_view field) {
  const Table::Row* row = FindRow(format, field);
  if (row == nullptr) return {};
  FieldRow found{TreatmentNamed((*row)["treatment"]), {}, ToNamed((*row)["to"])};
  if (!(*row)["values"].empty())
    found.values = absl::StrSplit(WithDays(std::string((*row)["values"])), '|');
  return found;
}

std::vector<std::string> FieldsBeside(std::string_view format) {
  std::vector<std::string> fields;
  for (const Table::Row& row : ReadTable(kFieldsFile).rows()) {
    const std::string field(row["field"]);
    if (IsBeside(field) && FindRow(format, field) == &row) fields.push_back(field);
  }
  return fields;
}

std::vector<std::string> OtherTexts(std::string_view text) {
  if (CivilDate::Parse(text)) return {"1950-02-03", "2001-12-31"};
  std::string as_long(text);
  for (char& c : as_long) c = OtherCharacter(c);
  return {as_long, "999900183 is Änders, en langer dan wat er eerst stond"};
}

}  // namespace schotvrij::interference
