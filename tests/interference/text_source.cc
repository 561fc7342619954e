// Mail: the text of a form or of an answer, line by line; what its reader passes over; and the labels that the form could have as well.
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "schemas/base/table.h"
#include "tests/interference/source.h"

namespace schotvrij::interference {
namespace {

using Kind = Change::Kind;

constexpr std::string_view kColon = ": ";
constexpr std::string_view kGreeting = "Met vriendelijke groet,";  // behind which nothing is read

constexpr const char* kPassedOver[] = {"Mevrouw Anders belt graag in de ochtend", "> BSN: 999900183", "Opmerking:"};
constexpr const char* kBehindTheEnd[] = {"BSN: 999900183", "Anders: 999900183", "Verzonden vanaf mijn telefoon"};
constexpr const char* kUnknownLabel = "Anders: 999900183";

// A word that the form takes at `path`.
std::string WordAt(std::string_view path) {
  for (const Table::Row& row : Table::Embedded("schemas/formats/mail/form_words.csv").rows()) {
    if (row["of"] == path) return std::string(row["text"]);
  }
  return "anders-1";
}

std::string ValueFor(const Table::Row& label) {
  if (label["kind"] == "date") return "1950-02-03";
  if (label["kind"] == "bsn") return "999900183";
  return label["kind"] == "word" ? WordAt(label["path"]) : "anders-1";
}

class TextSource final : public Source {
 public:
  TextSource(const std::string& format, const std::string& text)
      : format_(format), is_answer_(format.ends_with("answer")), lines_(absl::StrSplit(text, '\n', absl::AllowEmpty())) {
    while (end_ < lines_.size() && lines_[end_] != kGreeting) ++end_;
    EXPECT_LT(end_, lines_.size()) << format_ << " has no greeting";
  }

  std::vector<Change> Changes() const override {
    std::vector<Change> changes;
    for (size_t i = 0; i < lines_.size(); ++i) {
      AddFields(i, &changes);
      AddInsertions(i, &changes);
    }
    if (!is_answer_) AddOtherLabels(&changes);
    for (const char* how : {"shouted", "spaced", "indented", "apart"}) {
      changes.push_back({.kind = Kind::kWrite, .field = "", .place = "", .value = how, .old = "", .taken = true});
    }
    return changes;
  }

  // A place begins with the number of the line as it stood.
  std::string With(std::span<const Change* const> changes) const override {
    std::vector<std::string> lines = lines_, before(lines_.size());
    std::set<size_t> removed;
    std::string how;
    for (const Change* change : changes) {
      size_t at = 0;
      (void)absl::SimpleAtoi(change->place.substr(0, change->place.find('/')), &at);
      if (change->kind == Kind::kWrite) how = change->value;
      if (change->kind == Kind::kInsert) absl::StrAppend(&before[at], change->value, "\n");
      if (change->kind == Kind::kRemove) removed.insert(at);
      if (change->kind == Kind::kEverywhere) {
        for (std::string& line : lines) line = absl::StrReplaceAll(line, {{change->old, change->value}});
      }
      if (change->kind == Kind::kSet) lines[at].replace(lines[at].rfind(change->old), change->old.size(), change->value);
    }
    std::string text;
    for (size_t i = 0; i < lines.size(); ++i) {
      absl::StrAppend(&text, before[i], removed.contains(i) ? "" : Written(lines[i], how) + "\n");
    }
    return text;
  }

 private:
  bool IsRead(size_t i) const { return i < end_ && (!is_answer_ || i == 0); }
  bool HasLabel(size_t i) const { return IsRead(i) && lines_[i].find(kColon) != std::string::npos; }

  void AddField(size_t i, const std::string& field, const std::string& old, std::vector<Change>* changes) const {
    Change change{.kind = Kind::kSet, .field = field, .place = absl::StrCat(i, "/", field), .value = "", .old = old};
    AddSettings(RowOf(format_, field), change, OtherTexts(old), changes);
  }

  // What stands on the line, and the message without it.
  void AddFields(size_t i, std::vector<Change>* changes) const {
    const std::string& line = lines_[i];
    if (line.empty() || i == end_) return;
    std::string field = "prose";
    if (is_answer_ && i == 0) {
      const size_t blank = line.find(' ');
      field = "answer(id)";
      AddField(i, "answer(word)", line.substr(0, blank), changes);
      AddField(i, field, line.substr(blank + 1), changes);
    } else if (HasLabel(i)) {
      const size_t colon = line.find(kColon);
      field = absl::StrCat("form(", line.substr(0, colon), ")");
      AddField(i, field, line.substr(colon + kColon.size()), changes);
    } else {
      AddField(i, field, line, changes);
    }
    changes->push_back({.kind = Kind::kRemove,
                        .field = field,
                        .place = absl::StrCat(i, "/"),
                        .value = "",
                        .old = "",
                        .taken = field == "prose",
                        .to = RowOf(format_, field).to});
  }

  void AddInsertions(size_t i, std::vector<Change>* changes) const {
    const auto insert = [&](const char* line, bool taken) {
      changes->push_back({.kind = Kind::kInsert,
                          .field = "a line more",
                          .place = absl::StrCat(i, "/", line),
                          .value = line,
                          .old = "",
                          .taken = taken});
    };
    if (is_answer_ && i == 0) return;  // whose first line says it
    if (i > end_) {
      for (const char* line : kBehindTheEnd) insert(line, true);
      return;
    }
    for (const char* line : kPassedOver) insert(line, true);
    insert(kUnknownLabel, false);
  }

  void AddOtherLabels(std::vector<Change>* changes) const {
    for (const Table::Row& row : Table::Embedded("schemas/formats/mail/form.csv").rows()) {
      const std::string line = absl::StrCat(std::string(row["label"]), std::string(kColon));
      bool stands = false;
      for (const std::string& each : lines_) stands = stands || each.starts_with(line);
      if (stands) continue;
      changes->push_back({.kind = Kind::kInsert,
                          .field = absl::StrCat("form(", std::string(row["label"]), ")"),
                          .place = absl::StrCat(end_, "/", line),
                          .value = line + ValueFor(row),
                          .old = ""});
    }
  }

  // The same in other bytes.
  std::string Written(const std::string& line, const std::string& how) const {
    const size_t colon = line.find(kColon);
    const bool labelled = colon != std::string::npos;
    if (how == "shouted" && labelled) return absl::AsciiStrToUpper(line.substr(0, colon)) + line.substr(colon);
    if (how == "shouted" && is_answer_) return absl::AsciiStrToUpper(line);
    if (how == "spaced" && labelled) return absl::StrCat(line.substr(0, colon), "\t :   ", line.substr(colon + kColon.size()), "  ");
    if (how == "indented") return "  " + line;
    return how == "apart" ? line + "\n\n" : line;
  }

  const std::string format_;
  const bool is_answer_;
  const std::vector<std::string> lines_;
  size_t end_ = 0;  // the line of the greeting
};

}  // namespace

std::unique_ptr<Source> NewTextSource(const std::string& format, const std::string& text) {
  return std::make_unique<TextSource>(format, text);
}

}  // namespace schotvrij::interference
