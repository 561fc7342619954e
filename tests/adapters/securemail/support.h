// Reading the text of a mail in tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/securemail/securemail.h"
#include "gtest/gtest.h"

namespace schotvrij::securemail {

inline constexpr std::string_view kId = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view kOtherId = "fedcba9876543210fedcba9876543210";

inline DecodedParts DecodeText(std::string_view text, DecodeOptions options = {.fallback_key = "mail-1"}) {
  DecodedParts parts;
  const std::unique_ptr<Decoder> decoder = NewDecoder(std::move(options));
  if (decoder->Feed(text, parts)) decoder->Finish(parts);
  EXPECT_EQ(parts.exchanges.size(), HasError(parts.issues) ? 0u : 1u);
  return parts;
}

// The one message of `text`; empty after a failure of the test.
inline v1::Exchange Decoded(std::string_view text, DecodeOptions options = {.fallback_key = "mail-1"}) {
  DecodedParts parts = DecodeText(text, std::move(options));
  for (const Issue& issue : parts.issues) ADD_FAILURE() << issue.rule << " " << issue.path;
  return parts.exchanges.empty() ? v1::Exchange() : parts.exchanges.front();
}

// "DATE-FORM regel 3 (Einddatum)" for each issue.
inline std::vector<std::string> IssuesOf(std::string_view text, DecodeOptions options = {.fallback_key = "mail-1"}) {
  std::vector<std::string> issues;
  for (const Issue& issue : DecodeText(text, std::move(options)).issues) {
    issues.push_back(issue.path.empty() ? issue.rule : issue.rule + " " + issue.path);
  }
  return issues;
}

}  // namespace schotvrij::securemail
