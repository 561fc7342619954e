// Issue: what is wrong with somebody's message. One type for every edge; an adapter renders it as OperationOutcome, HL7 ERR,
// return code or gRPC BadRequest. Its text never holds a value from the message.
//
//   issues.push_back(MakeIssue("BSN-ELEVEN-TEST", "Patient.identifier[0].value"));
//
// Rules stand in schemas/codes/issue.csv: rule id, severity, code, text, remedy. One that is not there ends the program.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace schotvrij {

enum class Severity { kInformation, kWarning, kError };

// What kind of trouble, as every edge must be able to say it. HTTP and gRPC status follow from it (issue_code.csv).
enum class IssueCode {
  kStructure,     // cannot be read
  kRequired,      // something is missing
  kValue,         // a value is not allowed
  kCode,          // a code is unknown
  kBusinessRule,  // readable and complete, but against a rule
  kForbidden,     // this caller may not
  kNotFound,
  kConflict,      // against something that is already there
  kTooLarge,
  kTransient,     // try again later; nothing is wrong with the message
  kGone,
  kNotSupported,
};

struct Issue {
  Severity severity = Severity::kError;
  IssueCode code = IssueCode::kStructure;
  std::string rule;  // stable id
  std::string path;  // where, in the words of the edge it came in by; empty: the message as a whole
  std::string text;  // what is wrong, and how to mend it
};

// `detail` says more about the place or the limit, never a value from the message.
Issue MakeIssue(std::string_view rule, std::string_view path, std::string_view detail = "");

bool HasError(std::span<const Issue> issues);

// Name as issue.csv and --json show it: "business-rule".
std::string_view Name(IssueCode code);
std::string_view Name(Severity severity);

}  // namespace schotvrij
