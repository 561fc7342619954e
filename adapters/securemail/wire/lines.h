// The text of a mail as lines.
//
//   TextLines text = SplitLines("Akkoord\n> Bericht: ...\n");   // text.lines[1].quoted
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::securemail {

struct TextLine {
  int number = 0;         // from 1
  bool quoted = false;    // begins with ">"
  std::string_view text;  // without what marks it as quoted, and without white space at its ends
};

struct TextLines {
  std::vector<TextLine> lines;
  int broken = 0;  // number of the first line that is not UTF-8, behind which nothing was read; 0: none
};

// Lines end in "\n"; a "\r" before it is white space. The lines point into `text`.
TextLines SplitLines(std::string_view text);

// Without white space at its ends. `text` is UTF-8.
std::string_view Trim(std::string_view text);

// A line by its number, as an Issue names it: "regel 7".
std::string PlaceOf(int line);

// Whether `text` can stand within one line: it holds no control character.
bool IsOneLine(std::string_view text);

}  // namespace schotvrij::securemail
