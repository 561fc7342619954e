#include "gateway/identity/text_fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "schemas/base/strings.h"

namespace schotvrij::identity {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsWordPart(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-' || c == '+'; }

// Walks the tokens of a text: words, strings and single signs.
class FieldScanner {
 public:
  explicit FieldScanner(std::string_view text) : text_(text) {}

  // Up to `close`, which is passed; '\0': up to the end. False: it is not of that form.
  bool Fields(char close, std::vector<TextField>* fields) {
    for (;;) {
      SkipSpace();
      if (at_ == text_.size()) return close == '\0';
      if (text_[at_] == close) {
        ++at_;
        return true;
      }
      TextField field;
      if (!One(&field)) return false;
      fields->push_back(std::move(field));
    }
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (absl::ascii_isspace(text_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool One(TextField* field) {
    field->begin = at_;
    if (!Name(&field->name)) return false;
    SkipSpace();
    if (Peek() == ':') ++at_;
    SkipSpace();
    field->value.begin = at_;
    if (!Value(field)) return false;
    field->value.end = at_;
    SkipSpace();
    if (Peek() == ',' || Peek() == ';') {
      field->separator = at_++;
    } else {
      at_ = field->value.end;
    }
    return true;
  }

  bool Name(std::string* name) {
    const size_t begin = at_;
    if (Peek() == '[') {
      if (!Balanced()) return false;
    } else {
      while (IsWordPart(Peek())) ++at_;
    }
    *name = text_.substr(begin, at_ - begin);
    return at_ > begin;
  }

  bool Value(TextField* field) {
    const char first = Peek();
    if (first == '{' || first == '<') {
      field->is_message = true;
      ++at_;
      return Fields(first == '{' ? '}' : '>', &field->fields);
    }
    field->is_list = first == '[';
    if (field->is_list) return Balanced();
    if (first == '"' || first == '\'') return Strings();
    const size_t begin = at_;
    while (IsWordPart(Peek())) ++at_;
    return at_ > begin;
  }

  bool String() {
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  // One string, or several that stand side by side.
  bool Strings() {
    size_t end = at_;
    while (Peek() == '"' || Peek() == '\'') {
      if (!String()) return false;
      end = at_;
      SkipSpace();
    }
    at_ = end;
    return true;
  }

  // From an opening bracket to what closes it.
  bool Balanced() {
    int depth = 0;
    do {
      SkipSpace();
      const char c = Peek();
      if (c == '\0') return false;
      if (c == '"' || c == '\'') {
        if (!String()) return false;
        continue;
      }
      if (c == '[' || c == '{' || c == '<') ++depth;
      if (c == ']' || c == '}' || c == '>') --depth;
      ++at_;
    } while (depth > 0);
    return true;
  }

  const std::string_view text_;
  size_t at_ = 0;
};

size_t LineStart(std::string_view text, size_t at) {
  const size_t line_end = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return line_end == std::string_view::npos ? 0 : line_end + 1;
}

bool BeginsItsLine(std::string_view text, size_t at) {
  const size_t start = LineStart(text, at);
  return std::all_of(text.begin() + start, text.begin() + at, IsBlank);
}

// Where the line that `at` is in ends, when nothing but blanks (and, if asked, a comment) stands behind `at`.
std::optional<size_t> EndOfLineBehind(std::string_view text, size_t at, bool pass_comment) {
  while (at < text.size() && (IsBlank(text[at]) || text[at] == '\r')) ++at;
  if (pass_comment && at < text.size() && text[at] == '#') at = std::min(text.find('\n', at), text.size());
  if (at < text.size() && text[at] != '\n') return std::nullopt;
  return at;
}

// Behind the separator when nothing but space is before it; else behind the value.
size_t EndOf(std::string_view text, const TextField& field) {
  if (!field.separator) return field.value.end;
  const std::string_view between = text.substr(field.value.end, *field.separator - field.value.end);
  return std::all_of(between.begin(), between.end(), absl::ascii_isspace) ? *field.separator + 1 : field.value.end;
}

TextSpan CutOf(std::string_view text, TextSpan field) {
  if (BeginsItsLine(text, field.begin)) {
    if (const std::optional<size_t> line_end = EndOfLineBehind(text, field.end, false)) {
      size_t start = LineStart(text, field.begin);
      if (*line_end < text.size()) return {start, *line_end + 1};
      // The last line has no end: that of the one before goes.
      if (start > 0) --start;
      if (start > 0 && text[start - 1] == '\r') --start;
      return {start, text.size()};
    }
  }
  const bool space_behind = field.end == text.size() || absl::ascii_isspace(text[field.end]) || text[field.end] == '}' ||
                            text[field.end] == '>';
  if (space_behind && field.begin > 0 && IsBlank(text[field.begin - 1])) --field.begin;
  return field;
}

std::string Inserted(std::string_view text, size_t at, std::string_view what) {
  return absl::StrCat(ToAbsl(text.substr(0, at)), ToAbsl(what), ToAbsl(text.substr(at)));
}

// A line of its own behind the line end at `line_end`, indented as the line that `like` begins.
std::string WithLine(std::string_view text, size_t line_end, size_t like, std::string_view body) {
  const size_t start = LineStart(text, like);
  const bool crlf = line_end > 0 && text[line_end - 1] == '\r';
  return Inserted(text, line_end + 1,
                  absl::StrCat(ToAbsl(text.substr(start, like - start)), ToAbsl(body), crlf ? "\r\n" : "\n"));
}

}  // namespace

const TextField* TextField::Last(std::string_view field) const {
  const auto found = std::find_if(fields.rbegin(), fields.rend(), [&](const TextField& each) { return each.name == field; });
  return found == fields.rend() ? nullptr : &*found;
}

std::optional<std::vector<TextField>> ScanTextFields(std::string_view text) {
  std::vector<TextField> fields;
  if (!FieldScanner(text).Fields('\0', &fields)) return std::nullopt;
  return fields;
}

std::string WithoutField(std::string_view text, const TextField& field) {
  std::string left(text);
  const size_t end = EndOf(text, field);
  if (field.separator && *field.separator >= end) left.erase(*field.separator, 1);  // a comment stands before it
  const TextSpan cut = CutOf(left, {field.begin, end});
  return left.erase(cut.begin, cut.end - cut.begin);
}

std::string WithFieldBehind(std::string_view text, const TextField& field, std::string_view body) {
  const size_t end = field.separator ? *field.separator + 1 : field.value.end;
  if (BeginsItsLine(text, field.begin)) {
    const std::optional<size_t> line_end = EndOfLineBehind(text, end, true);
    if (line_end && *line_end < text.size()) return WithLine(text, *line_end, field.begin, body);
  }
  return Inserted(text, end, absl::StrCat(" ", ToAbsl(body)));
}

std::string WithFieldFirst(std::string_view text, const TextField& message, std::string_view body) {
  const size_t inside = message.value.begin + 1;
  if (const std::optional<size_t> line_end = EndOfLineBehind(text, inside, true)) {
    const size_t like = message.fields.front().begin;
    if (BeginsItsLine(text, like)) return WithLine(text, *line_end, like, body);
  }
  const bool space_behind = absl::ascii_isspace(text[inside]);
  return Inserted(text, inside, space_behind ? absl::StrCat(" ", ToAbsl(body)) : absl::StrCat(ToAbsl(body), ";"));
}

std::string_view LineEndOf(std::string_view text) {
  const size_t first = text.find('\n');
  return first != text.npos && first > 0 && text[first - 1] == '\r' ? "\r\n" : "\n";
}

}  // namespace schotvrij::identity
