// Request and Response: what an HTTP exchange is, without any library's types, so that HTTP/1.1 and
// HTTP/2 can stand behind the same handlers.
//
//   Response response{200, encoded};                 // policy::Encoded or policy::EncodedAnswer,
//   nothing else response.fields.push_back({"cache-control", "no-store"});
//
// A Response to a partner has no form that holds a string. AdminResponse has one; it never reaches
// a partner's listener.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "gateway/identity/enrolment.h"
#include "policy/disclosure/answer.h"
#include "policy/disclosure/encoded.h"

namespace schotvrij::http {

// Before the path of a socket that stands where an address may.
inline constexpr std::string_view kUnixScheme = "unix:";

// Name in lower case.
struct Field {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // as sent: methods are case-sensitive (RFC 9110 §9.1)
  std::string path;    // origin form, without the query; not decoded
  std::string query;   // behind the '?'; never to be logged
  std::vector<Field> fields;
  std::string body;
  // Whom the connection's certificate proves. Empty on the admin listener.
  identity::Caller caller;

  // Value of the first field of that lower-case name, or empty. What a proxy would vouch for
  // (x-forwarded-*, x-ssl-*) is there as anything else is; nothing may rest on it.
  std::string_view Header(std::string_view name) const {
    for (const Field& field : fields) {
      if (field.name == name) return field.value;
    }
    return {};
  }
};

using PartnerBody = std::variant<policy::Encoded, policy::EncodedAnswer>;

struct Response {
  Response(int status, PartnerBody body) : status(status), body(std::move(body)) {}

  int status;
  std::vector<Field>
      fields;  // beside content-type, content-length, date and connection, which the server writes
  PartnerBody body;
};

// Text about the gateway itself: metrics, health, the outcome of a reload. Never about a person.
struct AdminResponse {
  int status = 200;
  std::string text;
  std::string media_type = "text/plain; charset=utf-8";
  std::vector<Field> fields = {};
};

// Called once, from any thread. One that is dropped uncalled is answered as Refusal::kFailed.
using Reply = absl::AnyInvocable<void(Response)>;
using AdminReply = absl::AnyInvocable<void(AdminResponse)>;

// Called by several threads at a time; must not block.
using Handler = absl::AnyInvocable<void(Request, Reply) const>;
using AdminHandler = absl::AnyInvocable<void(Request, AdminReply) const>;

// Why the server itself refuses a request that no handler saw. It closes the connection after the
// answer.
enum class Refusal {
  kMalformed,     // 400: not HTTP as RFC 9112 has it, or two readings of it are possible
  kSlow,          // 408: begun and not finished in time
  kBodyTooLarge,  // 413
  kExpectation,   // 417: Expect with anything but 100-continue
  kHeadTooLarge,  // 431
  kFailed,        // 500: a handler gave no answer
  kBusy,          // 503: too many connections of one peer, or no answer in time
};

// The status line's number for a refusal.
int Status(Refusal refusal);

// Gives a refusal the edge's own words; the caller is whom the connection's certificate proves. Called by several threads at a time; must not block.
using Refuser = absl::AnyInvocable<Response(Refusal, const identity::Caller&) const>;

}  // namespace schotvrij::http
