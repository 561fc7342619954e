#include "gateway/cli/demo_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gateway/cli/audit_command.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/format_tools.h"
#include "gateway/cli/home.h"
#include "gateway/cli/init.h"
#include "gateway/cli/report.h"
#include "gateway/cli/serving.h"
#include "gateway/identity/config.h"
#include "gateway/transport/http/client.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/embedded.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

constexpr const char* kNetwork = "ede";
constexpr const char* kProvider = "opella";
constexpr const char* kMunicipality = "gemeente-ede";
// Days that stand in the example; the demonstration moves them so that the check of the criteria is recent.
constexpr const char* kExampleDay = "2026-11-16";
constexpr const char* kExampleConsentEnd = "2027-11-15";
constexpr int kConsentDays = 365;

// A directory that goes when this goes, unless it was named by the user.
class Place {
 public:
  explicit Place(const std::string& keep) : keep_(!keep.empty()), directory_(keep) {
    if (keep_) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "schotvrij-demo-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) directory_ = pattern;
  }
  ~Place() {
    std::error_code ignored;
    if (!keep_ && !directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }
  std::string home() const { return keep_ ? directory_ : directory_ + "/home"; }
  bool made() const { return !directory_.empty(); }

 private:
  const bool keep_;
  std::string directory_;
};

class Demo {
 public:
  Demo(std::string home, std::ostream& out, std::ostream& err) : home_(std::move(home)), out_(out), err_(err) {}

  absl::Status Play() {
    RETURN_IF_ERROR(MakeHome({.directory = home_.Directory(), .https_port = 0, .grpc_port = 0, .admin_port = 0},
                             random_, clock_)
                        .status());
    ASSIGN_OR_RETURN(serving_, Serving::Start(home_.ConfigFile(), home_.Directory() + "/log"));
    RETURN_IF_ERROR(WriteExample());

    Title("The provider sends");
    out_ << example_;
    ASSIGN_OR_RETURN(http::ClientResponse received, As(kProvider, "POST", "/fhir", example_));
    RETURN_IF_ERROR(Expect(received, 200, "the registration"));
    Title("The gateway answers");
    out_ << PrettyJson(received.body) << '\n';

    Title("The municipality gets");
    ASSIGN_OR_RETURN(http::ClientResponse patients, As(kMunicipality, "POST", "/fhir/Patient/_search", ""));
    RETURN_IF_ERROR(Expect(patients, 200, "the municipality's mailbox"));
    out_ << PrettyJson(patients.body) << '\n';

    Title("What was withheld, and why");
    RunExplain({.from = "fhir-json",
                .files = {example_file_},
                .network = kNetwork,
                .purpose = "registration",
                .to_role = "municipality"},
               out_, err_);

    ASSIGN_OR_RETURN(std::string id, TaskOf(kMunicipality));
    Title("The municipality accepts");
    const std::string verdict = absl::StrCat(
        R"({"resourceType":"Task","id":")", id,
        R"(","status":"accepted","intent":"order","code":{"coding":[{"system":"urn:schotvrij:codesystem:task","code":"register"}]}})");
    ASSIGN_OR_RETURN(http::ClientResponse answered,
                     As(kMunicipality, "PUT", absl::StrCat("/fhir/Task/", id), verdict));
    RETURN_IF_ERROR(Expect(answered, 200, "the municipality's answer"));
    Title("The provider finds the answer in its own mailbox");
    ASSIGN_OR_RETURN(http::ClientResponse receipts, As(kProvider, "POST", "/fhir/Task/_search", ""));
    RETURN_IF_ERROR(Expect(receipts, 200, "the provider's mailbox"));
    out_ << PrettyJson(receipts.body) << '\n';
    serving_->Stop();

    Title("The audit trail");
    const int verified = RunAuditVerify({.home = home_.Directory()}, out_, err_);
    return verified == kGood ? absl::OkStatus() : absl::InternalError("the audit trail does not verify");
  }

 private:
  void Title(std::string_view text) { out_ << "\n== " << text << "\n\n"; }

  absl::Status WriteExample() {
    const CivilDate today = TodayInAmsterdam(clock_.Now());
    example_ = std::string(EmbeddedText("deploy/examples/registration.json"));
    example_ = absl::StrReplaceAll(example_, {{kExampleDay, today.ToString()},
                                              {kExampleConsentEnd, today.PlusDays(kConsentDays).ToString()}});
    example_file_ = home_.Directory() + "/example.json";
    std::ofstream file(example_file_);
    file << example_;
    file.close();
    return file ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", example_file_));
  }

  absl::StatusOr<http::ClientResponse> As(const std::string& party, const std::string& method,
                                          const std::string& path, const std::string& body) {
    const bool search = path.ends_with("_search");
    return http::Call({.base = absl::StrCat("https://localhost:", serving_->https_port()),
                       .ca_file = home_.CaCertificateFile(),
                       .certificate_file = home_.PartyCertificateFile(party),
                       .key_file = home_.PartyKeyFile(party)},
                      {.method = method,
                       .path = path,
                       .fields = {{"content-type", search ? "application/x-www-form-urlencoded" : "application/fhir+json"}},
                       .body = body});
  }

  absl::Status Expect(const http::ClientResponse& response, int hundreds, std::string_view what) {
    if (response.status / 100 == hundreds / 100) return absl::OkStatus();
    err_ << response.body << '\n';
    return absl::InternalError(absl::StrCat(std::string(what), " was answered with ", response.status));
  }

  // Id of the one Task in the mailbox of `party`.
  absl::StatusOr<std::string> TaskOf(const std::string& party) {
    ASSIGN_OR_RETURN(http::ClientResponse tasks, As(party, "POST", "/fhir/Task/_search", ""));
    RETURN_IF_ERROR(Expect(tasks, 200, "the mailbox"));
    const std::string mark = R"("id":")";
    const size_t at = tasks.body.find(mark, tasks.body.find(R"("resourceType":"Task")"));
    if (at == std::string::npos) return absl::NotFoundError("the mailbox holds no Task");
    const size_t begin = at + mark.size();
    return tasks.body.substr(begin, tasks.body.find('"', begin) - begin);
  }

  const Home home_;
  std::ostream& out_;
  std::ostream& err_;
  runtime::SystemClock clock_;
  runtime::SystemRandom random_;
  std::unique_ptr<Serving> serving_;
  std::string example_;
  std::string example_file_;
};

}  // namespace

int RunDemo(const DemoOptions& options, std::ostream& out, std::ostream& err) {
  Place place(options.keep);
  if (!place.made()) {
    err << "schotvrij: cannot make a temporary directory\n";
    return kSystemFailed;
  }
  absl::Status played = Demo(place.home(), out, err).Play();
  if (!played.ok()) {
    err << "schotvrij: " << played.message() << '\n';
    return absl::IsAlreadyExists(played) ? kWrongUse : kSystemFailed;
  }
  if (!options.keep.empty()) out << "\nThe home is in " << options.keep << "; go on with: schotvrij serve --home " << options.keep << '\n';
  return kGood;
}

}  // namespace schotvrij::cli
