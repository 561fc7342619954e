#include "gateway/cli/outcome_text.h"

#include <rapidjson/document.h>

#include <initializer_list>
#include <string_view>

namespace schotvrij::cli {
namespace {

using rapidjson::Value;

constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

const Value* Member(const Value* value, const char* name) {
  if (value == nullptr || !value->IsObject()) return nullptr;
  const auto found = value->FindMember(name);
  return found == value->MemberEnd() ? nullptr : &found->value;
}

const Value* First(const Value* value) {
  return value != nullptr && value->IsArray() && !value->Empty() ? &(*value)[0] : nullptr;
}

std::string Text(const Value* value) {
  return value != nullptr && value->IsString() ? std::string(value->GetString(), value->GetStringLength()) : "";
}

Severity SeverityOf(const std::string& name) {
  for (Severity severity : {Severity::kInformation, Severity::kWarning}) {
    if (name == Name(severity)) return severity;
  }
  return Severity::kError;
}

void AddIssues(const Value* outcome, std::vector<Issue>& issues) {
  const Value* list = Member(outcome, "issue");
  if (list == nullptr || !list->IsArray()) return;
  for (const Value& one : list->GetArray()) {
    Issue issue;
    issue.severity = SeverityOf(Text(Member(&one, "severity")));
    issue.rule = Text(Member(First(Member(Member(&one, "details"), "coding")), "code"));
    issue.path = Text(First(Member(&one, "expression")));
    issue.text = Text(Member(&one, "diagnostics"));
    issues.push_back(std::move(issue));
  }
}

}  // namespace

std::vector<Issue> IssuesOf(std::string_view body) {
  std::vector<Issue> issues;
  rapidjson::Document document;
  document.Parse<kParseFlags>(body.data(), body.size());
  if (document.HasParseError()) return issues;
  AddIssues(&document, issues);
  const Value* entries = Member(&document, "entry");
  if (entries == nullptr || !entries->IsArray()) return issues;
  for (const Value& entry : entries->GetArray()) {
    AddIssues(Member(&entry, "resource"), issues);
    AddIssues(Member(Member(&entry, "response"), "outcome"), issues);
  }
  return issues;
}

std::string ResourceTypeOf(std::string_view body) {
  rapidjson::Document document;
  document.Parse<kParseFlags>(body.data(), body.size());
  return document.HasParseError() ? "" : Text(Member(&document, "resourceType"));
}

}  // namespace schotvrij::cli
