// What the tests of the wire share.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/wire/reader.h"

namespace schotvrij::iwmo {

// Everything a document says.
struct ReadTrees final : TreeSink {
  void OnHead(const Tree& tree) override { head.push_back(tree); }
  void OnPart(const Tree& tree) override { parts.push_back(tree); }
  void OnEnd(const Tree& tree) override { whole.push_back(tree); }
  void OnIssue(Issue issue) override { issues.push_back(std::move(issue)); }

  std::vector<Tree> head, parts, whole;
  std::vector<Issue> issues;

  std::vector<std::string> Rules() const {
    std::vector<std::string> rules;
    for (const Issue& issue : issues) rules.push_back(issue.rule);
    return rules;
  }
};

// Fed in pieces of `piece` bytes.
inline ReadTrees ReadDocument(std::string_view bytes, size_t piece = std::string_view::npos, ReaderOptions options = {}) {
  ReadTrees read;
  Reader reader(options);
  while (!bytes.empty()) {
    if (!reader.Feed(bytes.substr(0, piece), read)) return read;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  reader.Finish(read);
  return read;
}

}  // namespace schotvrij::iwmo
