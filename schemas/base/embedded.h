// Data files that are compiled in: format tables, code lists and the national policy documents, by path in the repository.
#pragma once

#include <span>
#include <string_view>

namespace schotvrij {

struct EmbeddedFile {
  std::string_view path;
  std::string_view text;
};

std::span<const EmbeddedFile> EmbeddedFiles();

// The text of one file. Ends the program when there is none of that name: the name stands in our own code.
std::string_view EmbeddedText(std::string_view path);

}  // namespace schotvrij
