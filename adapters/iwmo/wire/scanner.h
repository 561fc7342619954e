// Scanner: bytes of a document in pieces, what XML 1.0 makes of them out: tags and text. It refuses what is not well-formed and what no
// iWmo message needs: another encoding than UTF-8, a byte order mark, DOCTYPE, processing instructions, entities.
//
//   Scanner scanner(limits::kIwmoBytesMax);
//   if (scanner.Feed(bytes, tokens)) scanner.Finish(tokens);
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/wire/characters.h"

namespace schotvrij::iwmo {

// Receives what a document is made of, in order. What is given is valid during the call.
class Tokens {
 public:
  virtual ~Tokens() = default;
  enum class Wants {
    kElements,  // within this element: white space need not be given
    kText,
    kStop,      // nothing more is wanted
  };
  // `name` as it stands in the tag, prefix included; `attributes` the rest of the tag (attributes.h).
  virtual Wants OnStart(std::string_view name, std::string_view attributes) = 0;
  virtual bool OnEnd() = 0;
  // A piece of a text within the root: line ends are \n, references undone. `cdata`: it stands in a CDATA section, perhaps an empty one.
  virtual bool OnText(std::string_view text, bool cdata) = 0;
  // The rule of issue.csv by which the document cannot be read further.
  virtual void OnFault(const char* rule) = 0;
};

class Scanner {
 public:
  explicit Scanner(size_t bytes_max) : bytes_max_(bytes_max) {}

  // False: a fault was told, or nothing more is wanted.
  bool Feed(std::string_view bytes, Tokens& tokens);
  bool Finish(Tokens& tokens);

  // Where the token that was given last begins, from 1.
  uint32_t line() const { return line_; }

 private:
  enum class Where { kStart, kProlog, kElements, kText, kEpilog };
  enum class Within { kNothing, kComment, kCdata };
  // What became of the token at the start of what is held.
  enum class Step { kTaken, kCut, kStop };

  bool FeedSlice(std::string_view slice, Tokens& tokens);
  // Takes tokens from `bytes`, whose characters are good; `at` is the first byte that is to be held.
  Step Scan(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Token(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Declaration(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Mark(std::string_view bytes, size_t* at, Tokens& tokens);
  Step StartTag(std::string_view bytes, size_t* at, Tokens& tokens);
  Step EndTag(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Close(Tokens& tokens);
  Step Text(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Reference(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Comment(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Cdata(std::string_view bytes, size_t* at, Tokens& tokens);
  Step Lines(std::string_view text, bool cdata, Tokens& tokens);
  Step Fault(const char* rule, Tokens& tokens);
  void CountLines(std::string_view text);

  const size_t bytes_max_;
  size_t bytes_ = 0;
  uint32_t line_ = 1;
  Where where_ = Where::kStart;
  Within within_ = Within::kNothing;
  std::string held_;             // the beginning of a token
  size_t held_good_ = 0;         // bytes of it whose characters were looked at
  std::string names_;            // of the elements that are open
  std::vector<uint32_t> opens_;  // where each begins in `names_`
};

}  // namespace schotvrij::iwmo
