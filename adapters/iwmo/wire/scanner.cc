#include "adapters/iwmo/wire/scanner.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/match.h"
#include "adapters/iwmo/wire/markup.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"

namespace schotvrij::iwmo {
namespace {

// Read at one go: what is looked at twice is still near.
constexpr size_t kSliceBytes = 32 << 10;
static_assert(kSliceBytes + limits::kIwmoTagBytesMax <= limits::kIwmoValueBytesMax);  // a likely leaf needs not be measured
constexpr size_t kMarkBytes = 4;  // by which other encodings and the byte order mark are known

constexpr std::string_view kComment = "<!--", kCdata = "<![CDATA[", kDoctype = "<!DOCTYPE", kDeclaration = "<?xml";
constexpr std::string_view kCdataEnd = "]]>";

// Bytes that stand for themselves in a text, those that a run of it may have besides, and those of a name in a tag.
constexpr auto kPlainText = [] {
  std::array<bool, 256> plain = {};
  for (int c = 0; c < 256; ++c) plain[static_cast<size_t>(c)] = c != '<' && c != '&' && c != ']' && c != '\r' && c != '\n';
  return plain;
}();
constexpr auto kLineText = [] {
  std::array<bool, 256> text = kPlainText;
  text['\r'] = text['\n'] = true;
  return text;
}();
constexpr auto kNameBytes = [] {
  std::array<bool, 256> name = {};
  for (int c = 0x21; c < 256; ++c) {
    name[static_cast<size_t>(c)] = c != '<' && c != '>' && c != '/' && c != '=' && c != '"' && c != '\'' && c != '&';
  }
  return name;
}();
bool Is(const std::array<bool, 256>& set, char c) { return set[static_cast<unsigned char>(c)]; }

// Why a document that begins so is no UTF-8 without byte order mark; null: it may be.
const char* FaultOfMark(std::string_view bytes) {
  using std::literals::operator""sv;
  if (bytes.starts_with("\xEF\xBB\xBF")) return "IWMO-BOM";
  for (std::string_view mark : {"\xFE\xFF"sv, "\xFF\xFE"sv, "\0<"sv, "<\0"sv, "\0\0"sv}) {
    if (bytes.starts_with(mark)) return "IWMO-ENCODING";
  }
  return nullptr;
}

// The rest of a tag from `at` on, quotes minded: where its '>' is, or the '<' that may not stand in it; npos: neither came.
size_t EndOfTag(std::string_view bytes, size_t at) {
  char quote = '\0';
  for (; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (c == '<') return at;
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at;
    }
  }
  return bytes.npos;
}

bool IsVersion(std::string_view text) {
  return text.size() > 2 && text.starts_with("1.") && std::all_of(text.begin() + 2, text.end(), IsDigit);
}

bool IsEncodingName(std::string_view text) {
  return !text.empty() && IsLetter(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '.' || c == '_' || c == '-';
  });
}

// What is wrong with the insides of an XML declaration; null: nothing.
const char* FaultOfDeclaration(std::string_view insides) {
  std::vector<Attribute> words;
  if (!ReadAttributes(insides, &words)) return "IWMO-SYNTAX";
  size_t next = 0;
  const auto take = [&](std::string_view name) -> const Attribute* {
    return next < words.size() && words[next].name == name ? &words[next++] : nullptr;
  };
  const Attribute* version = take("version");
  if (version == nullptr || !IsVersion(version->value)) return "IWMO-SYNTAX";
  const Attribute* encoding = take("encoding");
  const Attribute* standalone = take("standalone");
  if (next < words.size()) return "IWMO-SYNTAX";
  if (standalone != nullptr && standalone->value != "yes" && standalone->value != "no") return "IWMO-SYNTAX";
  if (encoding == nullptr) return nullptr;
  if (!IsEncodingName(encoding->value)) return "IWMO-SYNTAX";
  return absl::EqualsIgnoreCase(ToAbsl(encoding->value), "UTF-8") ? nullptr : "IWMO-ENCODING";
}

}  // namespace

bool Scanner::Feed(std::string_view bytes, Tokens& tokens) {
  const bool too_many = bytes.size() > bytes_max_ - bytes_;
  if (too_many) bytes = bytes.substr(0, bytes_max_ - bytes_);
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const std::string_view slice = bytes.substr(0, kSliceBytes);
    if (!FeedSlice(slice, tokens)) return false;
    bytes.remove_prefix(slice.size());
  }
  return !too_many || Fault("IWMO-SIZE", tokens) != Step::kStop;
}

bool Scanner::Finish(Tokens& tokens) {
  const bool whole = where_ == Where::kEpilog && within_ == Within::kNothing && held_.empty();
  return whole || Fault("IWMO-TRUNCATED", tokens) != Step::kStop;
}

bool Scanner::FeedSlice(std::string_view slice, Tokens& tokens) {
  if (!held_.empty()) held_.append(slice);
  const std::string_view bytes = held_.empty() ? slice : std::string_view(held_);
  size_t at = 0;
  CheckedText checked;
  if (where_ != Where::kStart || bytes.size() >= kMarkBytes) {
    if (where_ == Where::kStart) {
      if (const char* rule = FaultOfMark(bytes)) return Fault(rule, tokens) != Step::kStop;
    }
    checked = CheckCharacters(bytes.substr(held_good_));
    checked.good += held_good_;
    if (Scan(bytes.substr(0, checked.good), &at, tokens) == Step::kStop) return false;
    if (checked.then == Characters::kNotUtf8) return Fault("IWMO-UTF8", tokens) != Step::kStop;
    if (checked.then == Characters::kNotXml) return Fault("IWMO-CHARACTER", tokens) != Step::kStop;
  }
  held_good_ = checked.good - at;
  if (held_.empty()) {
    held_.assign(bytes.substr(at));
  } else {
    held_.erase(0, at);
  }
  return true;
}

Scanner::Step Scanner::Scan(std::string_view bytes, size_t* at, Tokens& tokens) {
  Step step = Step::kTaken;
  while (step == Step::kTaken && *at < bytes.size()) step = Token(bytes, at, tokens);
  return step;
}

Scanner::Step Scanner::Token(std::string_view bytes, size_t* at, Tokens& tokens) {
  if (within_ == Within::kComment) return Comment(bytes, at, tokens);
  if (within_ == Within::kCdata) return Cdata(bytes, at, tokens);
  if (bytes[*at] != '<') return Text(bytes, at, tokens);
  if (*at + 1 == bytes.size()) return Step::kCut;
  switch (bytes[*at + 1]) {
    case '/':
      return EndTag(bytes, at, tokens);
    case '?':
      return Declaration(bytes, at, tokens);
    case '!':
      return Mark(bytes, at, tokens);
    default:
      return StartTag(bytes, at, tokens);
  }
}

Scanner::Step Scanner::Declaration(std::string_view bytes, size_t* at, Tokens& tokens) {
  if (where_ != Where::kStart) return Fault("IWMO-INSTRUCTION", tokens);
  const std::string_view window = bytes.substr(*at, limits::kIwmoTagBytesMax);
  const size_t end = window.find("?>");
  if (end == window.npos) return window.size() == limits::kIwmoTagBytesMax ? Fault("IWMO-TAG-SIZE", tokens) : Step::kCut;
  const std::string_view insides = window.substr(0, end).substr(std::min(end, kDeclaration.size()));
  if (!window.starts_with(kDeclaration) || insides.empty() || !IsBlank(insides[0])) return Fault("IWMO-INSTRUCTION", tokens);
  if (const char* rule = FaultOfDeclaration(insides)) return Fault(rule, tokens);
  CountLines(insides);
  *at += end + 2;
  where_ = Where::kProlog;
  return Step::kTaken;
}

Scanner::Step Scanner::Mark(std::string_view bytes, size_t* at, Tokens& tokens) {
  const std::string_view rest = bytes.substr(*at, kCdata.size());
  if (rest.starts_with(kComment)) {
    within_ = Within::kComment;
    *at += kComment.size();
  } else if (rest == kCdata && !opens_.empty()) {
    within_ = Within::kCdata;
    *at += kCdata.size();
    if (!tokens.OnText("", true)) return Step::kStop;
  } else if (rest == kDoctype) {
    return Fault("IWMO-DOCTYPE", tokens);
  } else if (kComment.starts_with(rest) || kCdata.starts_with(rest) || kDoctype.starts_with(rest)) {
    return rest == kCdata ? Fault("IWMO-SYNTAX", tokens) : Step::kCut;
  } else {
    return Fault("IWMO-SYNTAX", tokens);
  }
  if (where_ == Where::kStart) where_ = Where::kProlog;
  return Step::kTaken;
}

bool Scanner::LikelyLeaf(std::string_view bytes, size_t* at, Tokens& tokens, Step* step) {
  const Tokens::TagName likely = tokens.LikelyLeaf();
  if (likely.local.empty()) return false;
  const std::string_view rest = bytes.substr(*at + 1);
  const size_t size = likely.prefix.size() + likely.local.size();
  if (rest.size() <= size || rest[size] != '>' || !rest.starts_with(likely.prefix)) return false;
  if (rest.substr(likely.prefix.size(), likely.local.size()) != likely.local) return false;
  const size_t from = size + 1;
  size_t end = from;
  while (end < rest.size() && Is(kPlainText, rest[end])) ++end;
  const std::string_view tag = rest.substr(end);
  if (tag.size() < size + 3 || !tag.starts_with("</") || tag[size + 2] != '>' || tag.substr(2, size) != rest.substr(0, size)) return false;
  *at += end + size + 4;
  *step = tokens.OnLikelyLeaf(rest.substr(from, end - from)) ? Step::kTaken : Step::kStop;
  return true;
}

Scanner::Step Scanner::StartTag(std::string_view bytes, size_t* at, Tokens& tokens) {
  if (where_ == Where::kEpilog) return Fault("IWMO-TRAILING", tokens);
  if (Step step; where_ == Where::kElements && LikelyLeaf(bytes, at, tokens, &step)) return step;
  const std::string_view window = bytes.substr(*at, limits::kIwmoTagBytesMax);
  size_t name_end = 1;
  while (name_end < window.size() && Is(kNameBytes, window[name_end])) ++name_end;
  const size_t end = name_end < window.size() && window[name_end] == '>' ? name_end : EndOfTag(window, name_end);
  if (end == window.npos) return window.size() == limits::kIwmoTagBytesMax ? Fault("IWMO-TAG-SIZE", tokens) : Step::kCut;
  if (name_end == 1 || window[end] == '<') return Fault("IWMO-SYNTAX", tokens);

  const std::string_view name = window.substr(1, name_end - 1);
  std::string_view rest = window.substr(name_end, end - name_end);
  const bool empty = rest.ends_with('/');
  if (empty) rest.remove_suffix(1);
  opens_.push_back(static_cast<uint32_t>(names_.size()));
  names_.append(name);
  const Tokens::Wants wants = tokens.OnStart(name, rest);
  if (wants == Tokens::Wants::kStop) return Step::kStop;
  where_ = wants == Tokens::Wants::kText ? Where::kText : Where::kElements;
  if (!rest.empty()) CountLines(rest);
  *at += end + 1;
  return empty ? Close(tokens) : Step::kTaken;
}

Scanner::Step Scanner::EndTag(std::string_view bytes, size_t* at, Tokens& tokens) {
  if (opens_.empty()) return Fault("IWMO-SYNTAX", tokens);
  const std::string_view name = std::string_view(names_).substr(opens_.back());
  const std::string_view window = bytes.substr(*at, limits::kIwmoTagBytesMax);
  size_t end = name.size() + 2;
  const bool whole = end < window.size() && window[end] == '>';
  if (!whole && (end = window.find('>', std::min(window.size(), end))) == window.npos) {
    return window.size() == limits::kIwmoTagBytesMax ? Fault("IWMO-TAG-SIZE", tokens) : Step::kCut;
  }
  if (window.substr(2, name.size()) != name) return Fault("IWMO-SYNTAX", tokens);
  if (!whole) {
    const std::string_view blanks = window.substr(name.size() + 2, end - name.size() - 2);
    if (!std::all_of(blanks.begin(), blanks.end(), IsBlank)) return Fault("IWMO-SYNTAX", tokens);
    CountLines(blanks);
  }
  *at += end + 1;
  return Close(tokens);
}

Scanner::Step Scanner::Close(Tokens& tokens) {
  names_.resize(opens_.back());
  opens_.pop_back();
  where_ = opens_.empty() ? Where::kEpilog : Where::kElements;
  return tokens.OnEnd() ? Step::kTaken : Step::kStop;
}

Scanner::Step Scanner::Text(std::string_view bytes, size_t* at, Tokens& tokens) {
  if (where_ != Where::kText) {
    for (; *at < bytes.size() && IsBlank(bytes[*at]); ++*at) line_ += bytes[*at] == '\n';
    if (where_ == Where::kStart) where_ = Where::kProlog;
    if (*at == bytes.size() || bytes[*at] == '<') return Step::kTaken;
    if (where_ == Where::kProlog) return Fault("IWMO-NOT-IWMO", tokens);
    if (where_ == Where::kEpilog) return Fault("IWMO-TRAILING", tokens);
  }
  const size_t from = *at;
  size_t end = from;
  while (end < bytes.size() && Is(kPlainText, bytes[end])) ++end;
  if (end < bytes.size() && bytes[end] == '<') {
    *at = end;
    return tokens.OnText(bytes.substr(from, end - from), false) ? Step::kTaken : Step::kStop;
  }
  while (end < bytes.size() && Is(kLineText, bytes[end])) ++end;
  const bool cut = end == bytes.size() && bytes.ends_with('\r');  // what follows may be its line feed
  *at = cut ? end - 1 : end;
  if (Lines(bytes.substr(from, *at - from), false, tokens) == Step::kStop) return Step::kStop;
  if (cut) return Step::kCut;
  if (end == bytes.size() || bytes[end] == '<') return Step::kTaken;
  if (bytes[end] == '&') return Reference(bytes, at, tokens);
  const std::string_view rest = bytes.substr(end, kCdataEnd.size());
  if (rest == kCdataEnd) return Fault("IWMO-SYNTAX", tokens);
  if (kCdataEnd.starts_with(rest)) return Step::kCut;
  ++*at;
  return Lines(rest.substr(0, 1), false, tokens);
}

Scanner::Step Scanner::Reference(std::string_view bytes, size_t* at, Tokens& tokens) {
  const iwmo::Reference reference = ReadReference(bytes.substr(*at));
  if (reference.fault != nullptr) return Fault(reference.fault, tokens);
  if (reference.bytes == 0) return Step::kCut;
  *at += reference.bytes;
  std::string character;
  AppendUtf8(reference.code_point, &character);
  return tokens.OnText(character, false) ? Step::kTaken : Step::kStop;
}

Scanner::Step Scanner::Comment(std::string_view bytes, size_t* at, Tokens& tokens) {
  const size_t end = bytes.find("--", *at);
  if (end == bytes.npos) {
    const size_t until = bytes.size() - (bytes.ends_with('-') ? 1 : 0);
    CountLines(bytes.substr(*at, until - *at));
    *at = until;
    return Step::kCut;
  }
  CountLines(bytes.substr(*at, end - *at));
  *at = end;
  if (end + 2 == bytes.size()) return Step::kCut;
  if (bytes[end + 2] != '>') return Fault("IWMO-SYNTAX", tokens);
  *at += 3;
  within_ = Within::kNothing;
  return Step::kTaken;
}

Scanner::Step Scanner::Cdata(std::string_view bytes, size_t* at, Tokens& tokens) {
  const std::string_view rest = bytes.substr(*at);
  size_t end = rest.find(kCdataEnd);
  const bool whole = end != rest.npos;
  if (!whole) {
    end = rest.size();
    // The end of the section or of a line may follow.
    for (int held = 0; held < 2 && end > 0 && rest[end - 1] == ']'; ++held) --end;
    if (end == rest.size() && rest.ends_with('\r')) --end;
  }
  *at += end;
  if (Lines(rest.substr(0, end), true, tokens) == Step::kStop) return Step::kStop;
  if (!whole) return Step::kCut;
  *at += kCdataEnd.size();
  within_ = Within::kNothing;
  return Step::kTaken;
}

Scanner::Step Scanner::Lines(std::string_view text, bool cdata, Tokens& tokens) {
  CountLines(text);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\r'), text.size());
    if (end > 0 && !tokens.OnText(text.substr(0, end), cdata)) return Step::kStop;
    text.remove_prefix(end);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (!text.starts_with('\n') && !tokens.OnText("\n", cdata)) return Step::kStop;
  }
  return Step::kTaken;
}

void Scanner::CountLines(std::string_view text) { line_ += static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n')); }

Scanner::Step Scanner::Fault(const char* rule, Tokens& tokens) {
  tokens.OnFault(rule);
  return Step::kStop;
}

}  // namespace schotvrij::iwmo
