#include "gateway/cli/submit.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>
#include <utility>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/outcome_text.h"
#include "gateway/cli/party_access.h"
#include "gateway/cli/party_call.h"
#include "gateway/cli/report.h"
#include "gateway/cli/submit_batch.h"
#include "gateway/identity/enrolment.h"
#include "schemas/base/limits.h"

namespace schotvrij::cli {
namespace {

constexpr const char* kMediaType = "application/fhir+json";

// Where a resource is posted; a Bundle, and whatever is none of these, goes to the base.
std::string PathFor(std::string_view body) {
  static const std::set<std::string> kOwnPath = {"Consent", "Flag", "Patient", "Task"};
  const std::string type = ResourceTypeOf(body);
  return kOwnPath.contains(type) ? "/fhir/" + type : "/fhir";
}

int ExitCodeOfStatus(int status) {
  if (status / 100 == 2) return kGood;
  if (status == 401) return kWrongUse;  // the party's certificate is not enrolled
  const bool again = status == 408 || status == 429;
  return status / 100 == 4 && !again ? kMessageAtFault : kSystemFailed;
}

struct Submitted {
  std::string file;
  int status = 0;
  std::string answer;
};

void Print(const Submitted& submitted, std::ostream& out) {
  out << submitted.file << ": " << submitted.status << (submitted.status / 100 == 2 ? " received\n" : " refused\n");
  std::vector<Issue> issues = IssuesOf(submitted.answer);
  // A transaction says of each entry how it went; once is enough.
  std::set<std::pair<std::string, std::string>> said;
  std::erase_if(issues, [&](const Issue& issue) { return !said.emplace(issue.path, issue.text).second; });
  PrintIssues(out, "  ", issues);
}

void PrintJson(const std::vector<Submitted>& all, std::ostream& out) {
  out << "[";
  for (size_t i = 0; i < all.size(); ++i) {
    const bool json = !ResourceTypeOf(all[i].answer).empty();
    out << (i > 0 ? ",\n" : "\n") << "{\"file\":" << JsonString(all[i].file) << ",\"status\":" << all[i].status
        << ",\"answer\":" << (json ? all[i].answer : "null") << "}";
  }
  out << "\n]\n";
}

}  // namespace

void AddSubmitOptions(CLI::App* command, SubmitOptions* options) {
  command->add_option("--home", options->home, "directory that `schotvrij init` made")->required();
  command->add_option("--as", options->as, "key of the party that sends")->required();
  AddRole(command, &options->role);
  CLI::Option* files =
      command->add_option("FILE", options->files, "FHIR resource in JSON: a Bundle, Task, Consent or Flag; - is standard input");
  CLI::Option* batch = command->add_option(
      "--batch", options->batch, "Bundle (collection) of registrations, all of which come into effect or none; again: goes on");
  batch->excludes(files);
  command->add_option("--key", options->key, "key of the batch; made from the file when left out")->needs(batch);
  command->add_flag("--json", options->json, "for programs");
}

int RunSubmit(const SubmitOptions& options, std::ostream& out, std::ostream& err) {
  absl::StatusOr<PartyAccess> access = AccessAs(options.home, options.as);
  if (!access.ok()) {
    err << "schotvrij: " << access.status().message() << '\n';
    return ExitCodeOf(access.status());
  }
  if (!options.batch.empty()) {
    access->grpc.role = options.role;
    rpc::GrpcClient client(access->grpc);
    return RunSubmitBatch({options.batch, options.key, options.json}, client, out, err);
  }
  if (options.files.empty()) {
    err << "schotvrij: name a FILE, or --batch\n";
    return kWrongUse;
  }
  int exit_code = kGood;
  std::vector<Submitted> all;
  for (const std::string& file : options.files) {
    absl::StatusOr<std::string> body = ReadFile(file, limits::kBodyBytesMax);
    if (!body.ok()) {
      err << "schotvrij: " << body.status().message() << '\n';
      exit_code = std::max(exit_code, kWrongUse);
      continue;
    }
    http::ClientRequest request{.method = "POST",
                                .path = PathFor(*body),
                                .fields = {{"content-type", kMediaType}, {"accept", kMediaType}},
                                .body = *std::move(body)};
    if (!options.role.empty()) request.fields.push_back({std::string(identity::kRoleField), options.role});
    absl::StatusOr<http::ClientResponse> response = http::Call(access->https, request);
    if (!response.ok()) {
      err << "schotvrij: " << file << ": " << response.status().message() << '\n';
      exit_code = kSystemFailed;
      continue;
    }
    exit_code = std::max(exit_code, ExitCodeOfStatus(response->status));
    all.push_back({file, response->status, std::move(response->body)});
    if (!options.json) Print(all.back(), out);
  }
  if (options.json) PrintJson(all, out);
  return exit_code;
}

}  // namespace schotvrij::cli
