// Where the fields of a file of protobuf text format stand, byte for byte, so that one of them can be changed and all else left.
//
//   std::optional<std::vector<TextField>> fields = ScanTextFields(text);
//   text = WithoutField(text, fields->front());
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij::identity {

// Offsets in the text.
struct TextSpan {
  size_t begin = 0;
  size_t end = 0;
};

struct TextField {
  std::string name;
  size_t begin = 0;                  // of the name
  TextSpan value;                    // brackets and quotes included; strings that stand side by side are one value
  bool is_message = false;           // { ... } or < ... >
  bool is_list = false;              // [ ... ]: what is in it is not told apart
  std::optional<size_t> separator;   // the comma or semicolon behind it
  std::vector<TextField> fields;     // of a message

  // The last field of that name; null when there is none.
  const TextField* Last(std::string_view field) const;
};

// The fields of a text that protobuf parses; of another text nothing, or fields that it does not have.
std::optional<std::vector<TextField>> ScanTextFields(std::string_view text);

// `text` without the field and its separator. A field that has its lines for itself goes with them; comments stay.
std::string WithoutField(std::string_view text, const TextField& field);

// `text` with `body`, a whole field, behind `field`: on a line of its own where `field` has one.
std::string WithFieldBehind(std::string_view text, const TextField& field, std::string_view body);

// `text` with `body` as the first field of `message`, which has fields. WithoutField of it gives `text` again.
std::string WithFieldFirst(std::string_view text, const TextField& message, std::string_view body);

// How the lines of `text` end: "\n", or "\r\n" when its first one does.
std::string_view LineEndOf(std::string_view text);

}  // namespace schotvrij::identity
