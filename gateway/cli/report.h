// How the commands show Issues: a line each for people, one JSON array for programs.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "schemas/base/issue.h"
#include "schemas/base/runtime.h"

namespace schotvrij::cli {

// "error BSN-ELEVEN-TEST Patient.identifier[0].value: The BSN fails the eleven-test. Check …", each after `prefix`.
void PrintIssues(std::ostream& out, std::string_view prefix, std::span<const Issue> issues);

// [{"severity":…,"code":…,"rule":…,"path":…,"text":…}], and where `return_code` has one for the rule "return_code":….
std::string IssuesJson(std::span<const Issue> issues, std::string_view (*return_code)(std::string_view rule) = nullptr);

// The same JSON document, indented; as it is when it is none.
std::string PrettyJson(std::string_view json);

// "2026-11-28T05:00:00Z".
std::string UtcText(Instant instant);

// A JSON string literal.
std::string JsonString(std::string_view text);

}  // namespace schotvrij::cli
