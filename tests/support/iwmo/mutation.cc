#include "tests/support/iwmo/mutation.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace schotvrij::test {
namespace {

// Bytes of an element in a document.
struct Span {
  size_t begin = 0, content = 0, content_end = 0, end = 0;
  size_t parent = 0;  // place in the list; of the root its own
  bool leaf = true;
};

std::vector<Span> SpansOf(const std::string& document) {
  std::vector<Span> spans;
  std::vector<size_t> open;
  for (size_t at = document.find('<', 1); at != document.npos; at = document.find('<', at + 1)) {
    if (document[at + 1] == '/') {
      spans[open.back()].content_end = at;
      spans[open.back()].end = document.find('>', at) + 1;
      open.pop_back();
      continue;
    }
    Span& span = spans.emplace_back();
    span.begin = at;
    span.content = document.find('>', at) + 1;
    if (!open.empty()) spans[open.back()].leaf = false;
    span.parent = open.empty() ? 0 : open.back();
    open.push_back(spans.size() - 1);
  }
  return spans;
}

class Mutator {
 public:
  Mutator(std::string document, std::mt19937_64& random)
      : text_(std::move(document)), spans_(SpansOf(text_)), random_(random) {}

  std::string Mutate() {
    constexpr void (Mutator::*kWays[])() = {
        &Mutator::Drop,      &Mutator::Repeat,  &Mutator::SwapWithNext, &Mutator::Move,      &Mutator::Rename,  &Mutator::ChangeSpace,
        &Mutator::Retype,    &Mutator::Retype,  &Mutator::Retype,       &Mutator::Lengthen,  &Mutator::Shorten, &Mutator::ChangeCode,
        &Mutator::AddBlanks, &Mutator::AddText, &Mutator::AddComment,   &Mutator::WrapValue, &Mutator::AddAttribute};
    (this->*kWays[Below(std::size(kWays))])();
    return std::move(text_);
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }
  std::string_view One(std::initializer_list<std::string_view> of) { return of.begin()[Below(of.size())]; }
  // Any but the root.
  const Span& Any() { return spans_[1 + Below(spans_.size() - 1)]; }
  const Span& AnyLeaf() {
    for (;;) {
      if (const Span& span = Any(); span.leaf) return span;
    }
  }
  std::string Whole(const Span& span) const { return text_.substr(span.begin, span.end - span.begin); }
  void SetValue(const Span& span, std::string_view value) { text_.replace(span.content, span.content_end - span.content, value); }
  size_t NameEnd(const Span& span) const { return text_.find_first_of(" >", span.begin); }

  void Drop() {
    const Span& span = Any();
    text_.erase(span.begin, span.end - span.begin);
  }
  void Repeat() {
    const Span& span = Any();
    text_.insert(span.end, Whole(span));
  }
  void SwapWithNext() {
    const Span& span = Any();
    for (const Span& next : spans_) {
      if (next.begin < span.end || next.parent != span.parent) continue;
      const std::string between = text_.substr(span.end, next.begin - span.end);
      text_.replace(span.begin, next.end - span.begin, Whole(next) + between + Whole(span));
      return;
    }
    Repeat();
  }
  void Move() {
    const Span& from = Any();
    const Span& to = Any();
    if (to.begin < from.begin) {
      const std::string moved = Whole(from);
      text_.erase(from.begin, from.end - from.begin);
      text_.insert(to.begin, moved);
    } else {
      text_.insert(to.begin, Whole(from));
    }
  }
  void Rename() {
    const Span& span = Any();
    SetName(span, PrefixOf(span) + LocalOf(Any()));
  }
  void ChangeSpace() {
    const Span& span = Any();
    SetName(span, (PrefixOf(span) == "iwmo" ? PrefixOf(spans_[0]) : "iwmo") + LocalOf(span));
  }
  std::string PrefixOf(const Span& span) const { return text_.substr(span.begin + 1, text_.find(':', span.begin) - span.begin - 1); }
  std::string LocalOf(const Span& span) const {
    const size_t colon = text_.find(':', span.begin);
    return text_.substr(colon, NameEnd(span) - colon);
  }
  void SetName(const Span& span, const std::string& name) {
    const size_t old = NameEnd(span) - span.begin - 1;
    text_.replace(span.content_end + 2, old, name);
    text_.replace(span.begin + 1, old, name);
  }
  void Retype() {
    SetValue(AnyLeaf(), One({"", " ", "0", "7", "-1", "+1", "007", "1.5", "12345678", "123456789", "1234567890", "99999999", "100000000",
                             "999999999999", "1000000000000", "2026-02-28", "2026-02-29", "2024-02-29", "2026-03-02Z", "20260302",
                             "12026-01-01", "10:30:00", "24:00:00", "24:00:01", "10:30", "10:30:00Z", "10:30:00.25", "a", "Ab", "de Wit",
                             "\xC3\x89", "\xE1\xBB\xB4", "a\nb", "\n", "&#13;", "&#160;", "1.0.0", "1.00.0", "D", "C", "01", "14", "83",
                             "NL", "XX", "0001", "8001", "9999", "414", "418", "3", "2", "&amp;&lt;", "a]b", "\xF0\x9F\x98\x80"}));
  }
  void Lengthen() {
    const Span& span = AnyLeaf();
    text_.insert(span.content, std::string(1 + Below(Below(2) == 0 ? 4 : 220), One({"1", "a", "0", "Z", " "})[0]));
  }
  void Shorten() {
    const Span& span = AnyLeaf();
    const size_t size = span.content_end - span.content;
    const std::string_view value = std::string_view(text_).substr(span.content, size);
    if (std::any_of(value.begin(), value.end(), [](char c) { return c == '&' || static_cast<unsigned char>(c) >= 0x80; })) return;
    SetValue(span, std::string(value.substr(0, size == 0 ? 0 : Below(size))));
  }
  void ChangeCode() {
    std::string code;
    for (size_t i = 1 + Below(2); i-- > 0;) code.push_back("0123456789ABDNLTWX"[Below(18)]);
    SetValue(AnyLeaf(), code);
  }
  void AddBlanks() {
    const Span& span = Any();
    text_.insert(Below(2) == 0 ? span.content : span.content_end, One({" ", "\t", "\n", "\r\n  ", "&#32;", "&#9;", "&#10;", "&#13;"}));
  }
  void AddText() {
    const Span& span = Any();
    text_.insert(Below(2) == 0 ? span.begin : span.end, One({"x", "0", "&#160;", "&amp;", ".", "\xC3\xAB"}));
  }
  void AddComment() {
    const Span& span = Any();
    text_.insert(Below(2) == 0 ? span.content : span.end, One({"<!-- -->", "<!---->", "<!--\n<x>&y;-->"}));
  }
  void WrapValue() {
    const Span& span = Any();
    if (!span.leaf) {
      text_.insert(span.content, One({"<![CDATA[]]>", "<![CDATA[ ]]>", "<![CDATA[x]]>"}));
      return;
    }
    if (text_.substr(span.content, span.content_end - span.content).find('&') != text_.npos) return;
    text_.insert(span.content_end, "]]>");
    text_.insert(span.content, "<![CDATA[");
  }
  void AddAttribute() {
    if (Below(4) == 0) return AddOwnType();
    text_.insert(NameEnd(Any()),
                 One({" x=\"1\"", " xml:lang=\"nl\"", " xmlns:q=\"urn:q\"", " xmlns=\"urn:q\"", " xmlns=\"\"", " iwmo:Bsn=\"\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:schemaLocation=\"urn:q q.xsd\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:noNamespaceSchemaLocation=\"q.xsd\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"false\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:other=\"1\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"iwmo:LDT_Datum\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\" iwmo:LDT_Nummer \"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"i:LDT_Datum\"",
                      " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"iwmo:CDT_Product\""}));
  }

  // xsi:type with the name of the element, which is that of its class as often as not.
  void AddOwnType() {
    const Span& span = Any();
    text_.insert(NameEnd(span), " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"" + PrefixOf(span) + LocalOf(span) + "\"");
  }

  std::string text_;
  std::vector<Span> spans_;
  std::mt19937_64& random_;
};

}  // namespace

std::string Mutate(std::string document, std::mt19937_64& random) {
  return Mutator(std::move(document), random).Mutate();
}

}  // namespace schotvrij::test
