// The border between std and Abseil text types. Debian's Abseil is built with its own string_view, so that
// absl::string_view does not convert to or from std::string_view; inside the project only std types stand.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace schotvrij {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromAbsl(absl::string_view text) { return {text.data(), text.size()}; }

// Whether `word` stands in `list`, whose words are separated by one space; an empty list holds every word.
inline bool HoldsWord(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const size_t space = list.find(' ');
    if (list.substr(0, space) == word) return true;
    if (space == list.npos) return false;
    list.remove_prefix(space + 1);
  }
  return true;
}

}  // namespace schotvrij
