#include "gateway/cli/seed_command.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/party_access.h"
#include "gateway/identity/config.h"
#include "gateway/transport/http/client.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/bsn.h"
#include "schemas/base/embedded.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::cli {
namespace {

constexpr int kWeeks = 52;
constexpr int kFirstBsn = 999'940'000;
constexpr const char* kSeedProvider = "opella";
// What the examples say, which the year says otherwise.
constexpr const char* kDayInExample = "2026-11-16";
constexpr const char* kConsentEndInExample = "2027-11-15";
constexpr const char* kKeyInExample = "ede-2026-000001";
constexpr const char* kBsnInExample = "999900006";
constexpr const char* kNameInExample = "Testmeer";
constexpr const char* kStatusInExample = R"("status": "requested",)";

struct SeedClient {
  int number = 0;  // 0 to kWeeks - 1
  std::string bsn;
  CivilDate start;
};

std::vector<SeedClient> SeedClients(CivilDate today) {
  std::vector<SeedClient> clients;
  for (int next = kFirstBsn; clients.size() < kWeeks; ++next) {
    const std::string digits = absl::StrCat(next);
    if (!Bsn::Parse(digits).has_value()) continue;
    const int number = static_cast<int>(clients.size());
    clients.push_back({number, digits, today.PlusDays(-7 * (kWeeks - number))});
  }
  return clients;
}

bool Becomes(const SeedClient& client, const Table::Row& row) {
  int every = 0;
  int rest = 0;
  return absl::SimpleAtoi(ToAbsl(row["every"]), &every) && absl::SimpleAtoi(ToAbsl(row["rest"]), &rest) && client.number % every == rest;
}

// A registration, or a step that says all of it anew.
std::string Whole(const SeedClient& client, CivilDate today, const std::string& step) {
  const std::string code = absl::StrCat(R"("code": ")", step, "\"");
  const std::string start = absl::StrCat(kStatusInExample, R"( "executionPeriod": {"start": ")", client.start.ToString(), R"("},)");
  return absl::StrReplaceAll(std::string(EmbeddedText("deploy/examples/registration.json")),
                             {{R"("code": "register")", code},
                              {kStatusInExample, start},
                              {kDayInExample, today.ToString()},
                              {kConsentEndInExample, today.PlusDays(365).ToString()},
                              {kKeyInExample, absl::StrCat("seed-", client.number, "-", step)},
                              {"consent-2026-000001", absl::StrCat("seed-consent-", client.number)},
                              {kBsnInExample, client.bsn},
                              {kNameInExample, step == "amend" ? "Oefenwijziging" : "Oefenmeer"}});
}

// A step by which the client leaves.
std::string Leaving(const SeedClient& client, CivilDate today, const std::string& step, const std::string& reason) {
  const CivilDate half = client.start.PlusDays((today.DayNumber() - client.start.DayNumber()) / 2);
  std::string ending(EmbeddedText("deploy/examples/ending.json"));
  const auto cut = [&](std::string_view from, std::string_view until) {
    const size_t at = ending.find(from);
    ending.erase(at, ending.find(until, at) - at);
  };
  cut(R"("basedOn")", R"("status")");
  if (step != "end") cut(R"("executionPeriod")", R"("for")");
  return absl::StrReplaceAll(ending, {{R"("code": "end")", absl::StrCat(R"("code": ")", step, "\"")},
                                      {R"("code": "moved")", absl::StrCat(R"("code": ")", reason, "\"")},
                                      {"ede-2026-000001-einde", absl::StrCat("seed-", client.number, "-", step)},
                                      {kDayInExample, half.ToString()},
                                      {kBsnInExample, client.bsn}});
}

// Sends, and counts what came of it.
class Seeder {
 public:
  explicit Seeder(PartyAccess access) : access_(std::move(access)) {}

  absl::Status Send(const std::string& message) {
    ASSIGN_OR_RETURN(const http::ClientResponse response,
                     http::Call(access_.https, {.method = "POST",
                                                .path = "/fhir",
                                                .fields = {{"content-type", "application/fhir+json"}},
                                                .body = message}));
    // On another day the same message says another day.
    const bool before = response.status == 409 && response.body.find("KEY-REUSED") != std::string::npos;
    if (response.status / 100 != 2 && !before) {
      return absl::InternalError(absl::StrCat("answered with ", response.status, ": ", response.body));
    }
    ++(before ? there_ : taken_);
    return absl::OkStatus();
  }

  int taken() const { return taken_; }
  int there() const { return there_; }

 private:
  const PartyAccess access_;
  int taken_ = 0;
  int there_ = 0;
};

absl::Status SeedOne(Seeder& seeder, const SeedClient& client, CivilDate today, std::ostream& out) {
  std::vector<std::string> said = {"register"};
  RETURN_IF_ERROR(seeder.Send(Whole(client, today, "register")));
  for (const Table::Row& row : Table::Embedded("schemas/codes/seed_step.csv").rows()) {
    if (!Becomes(client, row)) continue;
    const std::string step(row["step"]);
    const bool leaves = step == "end" || step == "withdraw";
    RETURN_IF_ERROR(seeder.Send(leaves ? Leaving(client, today, step, std::string(row["reason"])) : Whole(client, today, step)));
    said.push_back(step);
  }
  out << "week " << client.number + 1 << " of " << kWeeks << ", from " << client.start.ToString() << ": " << absl::StrJoin(said, ", ")
      << std::endl;
  return absl::OkStatus();
}

absl::Status SeedRegion(const SeedOptions& options, std::ostream& out) {
  ASSIGN_OR_RETURN(const config::v1::Config config, identity::ReadConfig(Home(options.home).ConfigFile()));
  if (config.environment() != config::v1::TEST) {
    return absl::InvalidArgumentError("this is no test home: synthetic clients have no place in it");
  }
  ASSIGN_OR_RETURN(PartyAccess access, AccessAs(options.home, kSeedProvider));
  Seeder seeder(std::move(access));
  const CivilDate today = TodayInAmsterdam(runtime::SystemClock().Now());
  for (const SeedClient& client : SeedClients(today)) RETURN_IF_ERROR(SeedOne(seeder, client, today, out));
  out << kWeeks << " clients: " << seeder.taken() << " messages taken, " << seeder.there() << " there since another day\n";
  return absl::OkStatus();
}

}  // namespace

int RunSeedRegion(const SeedOptions& options, std::ostream& out, std::ostream& err) {
  const absl::Status seeded = SeedRegion(options, out);
  if (seeded.ok()) return kGood;
  err << "schotvrij: " << seeded.message() << '\n';
  return absl::IsInvalidArgument(seeded) || absl::IsNotFound(seeded) ? kWrongUse : kSystemFailed;
}

}  // namespace schotvrij::cli
