// Returns and answers in the short form of tree_text.h.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/iwmo/iwmo.h"
#include "tests/adapters/iwmo/messages.h"
#include "tests/adapters/iwmo/support.h"
#include "tests/support/iwmo/oracle.h"

namespace schotvrij::iwmo {

inline const HeaderIds kReturnIds = {"retour-1", "2026-03-05"};

inline void AppendShort(const Tree& tree, NodeIndex node, std::string* text) {
  const Element& element = tree.ElementOf(node);
  text->append(element.name);
  if (element.type != nullptr) {
    text->append("=").append(tree.Text(node)).append(";");
    return;
  }
  text->append("{");
  for (NodeIndex child = node + 1; child < tree.at(node).end; child = tree.at(child).end) AppendShort(tree, child, text);
  text->append("}");
}

// What stands below the root, in the form of TreeOf.
inline std::string ShortOf(const Tree& tree) {
  std::string text;
  for (NodeIndex child = 1; child < tree.at(0).end; child = tree.at(child).end) AppendShort(tree, child, &text);
  return text;
}

// What stands behind the versions at the end of its header: the codes, and the body.
inline std::string WithoutHeader(const std::string& text) {
  constexpr std::string_view kEnd = "BerichtXsdVersie=1.0.0;}";
  return text.substr(text.rfind(kEnd) + kEnd.size());
}

inline policy::Echo EchoOf(std::string wire, const std::vector<std::string>& rules = {}) {
  std::vector<Issue> issues;
  for (const std::string& rule : rules) issues.push_back({.severity = Severity::kError, .rule = rule});
  return {"proefaanbieder", std::move(wire), std::move(issues)};
}

inline v1::ReceiptFinding Finding(std::string_view code, std::string_view place) {
  v1::ReceiptFinding finding;
  finding.set_code(std::string(code));
  finding.set_place(std::string(place));
  return finding;
}

// By libxml2, with the schema that was derived of a return where it is at hand, else with one made of our tables.
inline bool LibxmlTakes(const Grammar& grammar, std::string_view bytes) {
  static auto& oracles = *new std::map<const Grammar*, test::Oracle>();
  auto found = oracles.find(&grammar);
  if (found == oracles.end()) {
    const std::optional<test::Oracle> official = test::Oracle::Official(grammar, test::OfficialFolder(SOURCE_DIR));
    found = oracles.emplace(&grammar, official.has_value() ? *official : test::Oracle::Own(grammar)).first;
  }
  return found->second.Takes(bytes);
}

// Keeps to the schema, or the test fails.
inline ReadTrees ReadGood(std::string_view bytes) {
  ReadTrees read = ReadDocument(bytes);
  for (const Issue& issue : read.issues) ADD_FAILURE() << issue.rule << " at " << issue.path;
  EXPECT_TRUE(read.whole.empty() || LibxmlTakes(read.whole.front().grammar(), bytes));
  return read;
}

// In short form, or the status.
inline std::string ReturnOf(const policy::Echo& echo, const std::vector<v1::ReceiptFinding>& findings) {
  const absl::StatusOr<policy::EncodedAnswer> encoded = EncodeReturn(echo, findings, kReturnIds);
  if (!encoded.ok()) return std::string(encoded.status().message().data(), encoded.status().message().size());
  const ReadTrees read = ReadGood(encoded->bytes());
  return read.whole.size() == 1 ? ShortOf(read.whole.front()) : "";
}

}  // namespace schotvrij::iwmo
