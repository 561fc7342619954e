#include "gateway/identity/text_file.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "schemas/base/strings.h"

namespace schotvrij::identity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

struct Step {
  std::string name;
  int index = -1;  // -1: not repeated
};

// Cuts the first step off `path`.
Step TakeStep(std::string_view& path) {
  std::string_view step = path.substr(0, path.find('.'));
  path.remove_prefix(std::min(path.size(), step.size() + 1));
  size_t bracket = step.find('[');
  Step taken{std::string(step.substr(0, bracket)), -1};
  if (bracket != std::string_view::npos) {
    std::from_chars(step.data() + bracket + 1, step.data() + step.size(), taken.index);
  }
  return taken;
}

// Offset of a place as protobuf's tokenizer counts it: from 0, tabs to the next multiple of eight.
size_t OffsetOf(std::string_view text, int line, int column) {
  size_t at = 0;
  for (; line > 0 && at < text.size(); ++at) line -= text[at] == '\n';
  for (int passed = 0; passed < column && at < text.size(); ++at) passed = text[at] == '\t' ? (passed + 8) & ~7 : passed + 1;
  return at;
}

// The parser reports an unknown field or value at the token behind it. Where the text before `offset` ends with a word that
// `error` quotes, that word's offset; else `offset`.
size_t OffsetOfQuoted(std::string_view text, size_t offset, std::string_view error) {
  std::string_view before = text.substr(0, offset);
  before = before.substr(0, before.find_last_not_of(" \t\r\n") + 1);
  for (absl::string_view word : absl::StrSplit(ToAbsl(error), '"')) {
    bool is_word = !word.empty() && word.find(' ') == word.npos;
    if (is_word && before.ends_with(FromAbsl(word))) return before.size() - word.size();
  }
  return offset;
}

}  // namespace

class TextFile::Collector final : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(TextFile* file) : file_(file) {}
  void AddError(int line, int column, const std::string& text) override {
    std::string_view all = file_->text_;
    std::string_view before = all.substr(0, OffsetOfQuoted(all, OffsetOf(all, line, column), text));
    int lines = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    file_->faults_.push_back({lines + 1, static_cast<int>(before.size() - (before.rfind('\n') + 1)) + 1, text});
  }

 private:
  TextFile* const file_;
};

TextFile::TextFile(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

bool TextFile::Parse(google::protobuf::Message* message) {
  type_ = message->GetDescriptor();
  Collector collector(this);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&places_);
  google::protobuf::io::ArrayInputStream in(text_.data(), static_cast<int>(text_.size()));
  return parser.Parse(&in, message);
}

void TextFile::Fault(std::string_view path, std::string_view text) {
  Located fault{1, 1, absl::StrCat(ToAbsl(path), path.empty() ? "" : ": ", ToAbsl(text))};
  const TextFormat::ParseInfoTree* places = &places_;
  const Descriptor* type = type_;
  while (!path.empty() && places != nullptr && type != nullptr) {
    Step step = TakeStep(path);
    const FieldDescriptor* field = type->FindFieldByName(step.name);
    if (field == nullptr || field->is_repeated() != (step.index >= 0)) break;
    TextFormat::ParseLocation place = places->GetLocation(field, step.index);
    if (place.line < 0) break;
    fault.line = place.line + 1;
    fault.column = place.column + 1;
    type = field->message_type();
    if (type != nullptr) places = places->GetTreeForNested(field, step.index);
  }
  faults_.push_back(std::move(fault));
}

std::vector<std::string> TextFile::faults() const {
  std::vector<Located> sorted = faults_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Located& a, const Located& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  std::vector<std::string> lines;
  for (const Located& fault : sorted) {
    lines.push_back(absl::StrCat(name_, ":", fault.line, ":", fault.column, ": ", fault.text));
  }
  return lines;
}

}  // namespace schotvrij::identity
