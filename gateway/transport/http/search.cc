#include "gateway/transport/http/search.h"

#include <array>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "schemas/base/bsn.h"
#include "schemas/base/limits.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::http {
namespace {

using exchange::Road;
using Query = Road::MailboxRequest;

constexpr std::string_view kBsnSystem = "http://fhir.nl/fhir/NamingSystem/bsn";

// FHIR token "system|code"; `system` is nullopt when there is no bar.
struct Token {
  std::optional<std::string_view> system;
  std::string_view code;
};

Token ParseToken(std::string_view value) {
  size_t bar = value.find('|');
  if (bar == std::string_view::npos) return {std::nullopt, value};
  return {value.substr(0, bar), value.substr(bar + 1)};
}

bool IsOpaqueId(std::string_view value) {
  return !value.empty() && value.size() <= limits::kKeyBytesMax &&
         value.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._") ==
             std::string_view::npos;
}

// Each reader returns the rule that is broken, or an empty text.
std::string_view ReadId(std::string_view value, Query* query) {
  query->delivery_id = value;
  return IsOpaqueId(value) ? "" : "SEARCH-VALUE";
}

std::string_view ReadAfter(std::string_view value, Query* query) {
  query->after = value;
  return IsOpaqueId(value) ? "" : "SEARCH-VALUE";
}

std::string_view ReadCount(std::string_view value, Query* query) {
  uint32_t count = 0;
  if (!absl::SimpleAtoi(ToAbsl(value), &count) || count == 0) return "SEARCH-VALUE";
  query->most = std::min<size_t>(count, limits::kSearchResultsMax);
  return "";
}

// Asks nothing of the mailbox: see media_type.h.
std::string_view ReadFormat(std::string_view, Query*) { return ""; }

std::string_view ReadBsn(std::string_view value, Query* query) {
  Token token = ParseToken(value);
  if (token.system != kBsnSystem) return "FHIR-UNKNOWN-SYSTEM";
  std::optional<Bsn> bsn = Bsn::Parse(token.code);
  if (!bsn) return "SEARCH-VALUE";
  query->bsn = bsn->digits();
  return "";
}

std::string_view ReadCode(std::string_view value, Query* query) {
  Token token = ParseToken(value);
  if (token.system && *token.system != "urn:schotvrij:codesystem:task")
    return "FHIR-UNKNOWN-SYSTEM";
  const Table::Row* row = Table::Embedded("schemas/codes/task.csv").Find("code", token.code);
  if (row == nullptr) return "FHIR-CODE";
  query->content_type = (*row)["content"];
  return "";
}

// The only state one can ask for: what was not acknowledged yet.
std::string_view ReadStatus(std::string_view value, Query* query) {
  query->unacknowledged_only = true;
  return value == "requested" ? "" : "SEARCH-VALUE";
}

std::string_view ReadOwner(std::string_view value, Query* query) {
  Token token = ParseToken(value);
  const Table::Row* row =
      token.system
          ? Table::Embedded("schemas/codes/party_identifier.csv").Find("fhir_system", *token.system)
          : nullptr;
  if (row == nullptr) return "FHIR-UNKNOWN-SYSTEM";
  query->participant.set_system(std::string((*row)["key"]));
  query->participant.set_value(std::string(token.code));
  return "";
}

struct Known {
  std::string_view resource;  // empty: both
  std::string_view name;
  bool in_url;
  std::string_view (*read)(std::string_view value, Query* query);
};

constexpr std::array<Known, 10> kKnown = {{
    {"", "_id", false, ReadId},
    {"", "_after", true, ReadAfter},
    {"", "_count", true, ReadCount},
    {"", "_format", true, ReadFormat},
    // For a caller that speaks for several participants: in whose mailbox.
    {"", "owner:identifier", false, ReadOwner},
    {"Task", "code", false, ReadCode},
    {"Task", "status", false, ReadStatus},
    {"Task", "patient.identifier", false, ReadBsn},
    {"Task", "patient:identifier", false, ReadBsn},
    {"Patient", "identifier", false, ReadBsn},
}};

const Known* Find(std::string_view resource, std::string_view name, bool in_url) {
  for (const Known& known : kKnown) {
    bool fits = (known.resource.empty() || known.resource == resource) && (known.in_url || !in_url);
    if (fits && known.name == name) return &known;
  }
  return nullptr;
}

}  // namespace

std::vector<Issue> ReadSearch(std::string_view resource, const std::vector<Parameter>& parameters,
                              bool in_url, Query* request) {
  std::vector<Issue> issues;
  std::set<const Known*> seen;
  for (const Parameter& parameter : parameters) {
    const Known* known = Find(resource, parameter.name, in_url);
    if (known == nullptr) {
      issues.push_back(MakeIssue("SEARCH-PARAMETER", ""));
    } else if (!seen.insert(known).second) {
      issues.push_back(MakeIssue("SEARCH-VALUE", known->name, "given twice"));
    } else if (std::string_view rule = known->read(parameter.value, request); !rule.empty()) {
      issues.push_back(MakeIssue(rule, known->name));
    }
  }
  return issues;
}

}  // namespace schotvrij::http
