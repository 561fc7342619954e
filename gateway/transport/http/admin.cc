#include "gateway/transport/http/admin.h"

#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_join.h"
#include "gateway/transport/http/form.h"
#include "gateway/transport/http/router.h"

namespace schotvrij::http {
namespace {

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

AdminResponse Metrics(const AdminParts& parts) {
  AdminResponse response{200, parts.metrics()};
  response.media_type = kMetricsType;
  return response;
}

AdminResponse Tell(const std::string& wrong, const std::string& good) {
  return wrong.empty() ? AdminResponse{200, good + "\n"} : AdminResponse{503, wrong + "\n"};
}

AdminResponse Health(const AdminParts& parts) { return Tell(parts.health(), "ok"); }

AdminResponse Ready(const AdminParts& parts) { return Tell(parts.ready(), "ready"); }

AdminResponse Reload(const AdminParts& parts) {
  ReloadOutcome outcome = parts.reload();
  return {outcome.ok ? 200 : 422, std::move(outcome.report)};
}

void Trial(const AdminParts& parts, const Request& request, AdminReply reply) {
  const std::optional<std::vector<Parameter>> form = ParseForm(request.body);
  if (!form) return reply({400, "no form\n"});
  TrialAsked asked;
  for (const Parameter& parameter : *form) {
    if (parameter.name == "participant") asked.participant = parameter.value;
    if (parameter.name == "begin") asked.begin = parameter.value == "yes";
    if (parameter.name == "heard") asked.heard = parameter.value;
  }
  parts.trial(std::move(asked), [reply = std::move(reply)](TrialTold told) mutable {
    reply({told.status, told.text + "\n"});
  });
}

// What is answered on the spot.
template <AdminResponse (*operation)(const AdminParts&)>
void AtOnce(const AdminParts& parts, const Request&, AdminReply reply) {
  reply(operation(parts));
}

constexpr std::array<Pattern, 5> kAdminPatterns = {{
    {"GET", "/metrics"},
    {"GET", "/health"},
    {"GET", "/ready"},
    {"POST", "/reload"},
    {"POST", "/trial"},
}};
constexpr std::array<void (*)(const AdminParts&, const Request&, AdminReply), kAdminPatterns.size()>
    kOperations = {AtOnce<Metrics>, AtOnce<Health>, AtOnce<Ready>, AtOnce<Reload>, Trial};

// "localhost", "127.0.0.1" or "[::1]", with or without a port.
bool IsLocalHost(std::string_view host) {
  size_t colon = host.ends_with(']') ? std::string_view::npos : host.rfind(':');
  host = host.substr(0, colon);
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

void Serve(const AdminParts& parts, const Request& request, AdminReply reply) {
  if (!IsLocalHost(request.Header("host"))) return reply({403, "this is not for other hosts\n"});
  Match match = FindRoute(kAdminPatterns, request.method, request.path);
  if (match.pattern) return kOperations[*match.pattern](parts, request, std::move(reply));
  if (match.allowed.empty()) return reply({404, "nothing here\n"});
  AdminResponse response{405, "another method\n"};
  response.fields.push_back(
      {"allow", absl::StrJoin(match.allowed, ", ", [](std::string* out, std::string_view method) {
         out->append(method);
       })});
  reply(std::move(response));
}

}  // namespace

AdminHandler NewAdmin(AdminParts parts) {
  return [parts = std::move(parts)](Request request, AdminReply reply) {
    Serve(parts, request, [reply = std::move(reply)](AdminResponse response) mutable {
      response.fields.push_back({"cache-control", "no-store"});
      reply(std::move(response));
    });
  };
}

}  // namespace schotvrij::http
