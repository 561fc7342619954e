#include "gateway/cli/breach_command.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/cli/breach_form.h"
#include "gateway/cli/breach_view.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/policy_in_force.h"
#include "gateway/cli/report.h"
#include "gateway/exchange/events.h"
#include "gateway/identity/config.h"
#include "gateway/store/engines.h"
#include "gateway/transport/runtime/executor.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::cli {
namespace {

constexpr const char* kNotes = "schemas/codes/breach_note.csv";

struct BreachBook {
  identity::LoadedConfig config;
  std::unique_ptr<store::Store> store;
};

absl::StatusOr<BreachBook> OpenBook(const std::string& home) {
  ASSIGN_OR_RETURN(identity::LoadedConfig config, identity::LoadConfig(Home(home).ConfigFile()));
  const std::string& database = config.config.store().sqlite_file();
  if (!std::filesystem::exists(database)) return absl::NotFoundError("there is no database yet: " + database);
  runtime::SystemRandom random;
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenSqlite(database, NewId(random), {}));
  return BreachBook{std::move(config), std::move(store)};
}

absl::StatusOr<BreachSeen> FindBreach(const BreachBook& book, const std::string& id) {
  ASSIGN_OR_RETURN(std::optional<store::Breach> row, book.store->BreachById(id));
  if (!row.has_value()) {
    return absl::InvalidArgumentError("no breach record has the id " + id + "; `schotvrij breach list --all` shows them");
  }
  return ReadBreach(*std::move(row));
}

// Those that are open, or all of them, the oldest first: it has the fewest hours left.
absl::StatusOr<std::vector<BreachSeen>> ReadAll(const BreachListOptions& options) {
  ASSIGN_OR_RETURN(const BreachBook book, OpenBook(options.home));
  ASSIGN_OR_RETURN(std::vector<store::Breach> rows, book.store->Breaches(!options.all, limits::kBacklogCountMax));
  std::vector<BreachSeen> breaches;
  for (store::Breach& row : rows) {
    ASSIGN_OR_RETURN(breaches.emplace_back(), ReadBreach(std::move(row)));
  }
  std::reverse(breaches.begin(), breaches.end());
  return breaches;
}

int Say(const absl::Status& status, std::ostream& err) {
  err << "schotvrij: " << status.message() << '\n';
  return absl::IsInvalidArgument(status) ? kWrongUse : kSystemFailed;
}

std::string FormJson(const std::string& controller, const std::vector<FormLine>& form) {
  std::vector<std::string> lines;
  for (const FormLine& line : form) {
    lines.push_back(absl::StrCat("{\"field\":", JsonString(line.field), ",\"clause\":", JsonString(line.clause), ",\"status\":",
                                 JsonString(line.status), ",\"question\":", JsonString(line.question), ",\"answer\":",
                                 line.answer.empty() ? "null" : JsonString(line.answer), "}"));
  }
  return absl::StrCat("{\"controller\":", JsonString(controller), ",\"fields\":[", absl::StrJoin(lines, ","), "]}");
}

void PrintForm(const std::string& controller, const std::vector<FormLine>& form, std::ostream& out) {
  out << "\nform of the Autoriteit Persoonsgegevens for " << controller << ", its fields as recalled:\n";
  for (const FormLine& line : form) {
    out << "  " << line.question << (line.clause.empty() ? "" : absl::StrCat(" [", ToAbsl(line.clause), "]")) << ": "
        << (line.answer.empty() ? "(in te vullen)" : line.answer) << '\n';
  }
}

absl::StatusOr<store::CommitResult> CommitAlone(store::Store& store, store::Unit unit) {
  runtime::ThreadExecutor executor(1);
  absl::StatusOr<store::CommitResult> outcome = absl::InternalError("the store did not answer");
  RETURN_IF_ERROR(store.Commit(std::move(unit), &executor,
                               [&](absl::StatusOr<store::CommitResult> result) { outcome = std::move(result); }));
  while (store.Flush() > 0) {
  }
  executor.Stop();
  return outcome;
}

absl::Status Close(const BreachCloseOptions& options) {
  ASSIGN_OR_RETURN(const BreachBook book, OpenBook(options.home));
  ASSIGN_OR_RETURN(const BreachSeen breach, FindBreach(book, options.id));
  const Instant now = runtime::SystemClock().Now();
  const PolicyOutcome policy = LoadPolicy(book.config, now);
  if (policy.rules == nullptr) return absl::FailedPreconditionError("the home's policy does not load:\n" + policy.report);
  const exchange::EventFrame frame{now, book.config.config.gateway_id(), policy.rules->name(), "", "", "privacy-officer", ""};
  store::Unit unit;
  unit.closed_breaches = {{options.id, now, options.note}};
  unit.audit = {exchange::BreachEvent(v1::AUDIT_BREACH_CLOSED, frame, {"", breach.record.discovered_by(), "", "", options.id},
                                      options.note)};
  ASSIGN_OR_RETURN(const store::CommitResult result, CommitAlone(*book.store, std::move(unit)));
  if (std::holds_alternative<store::Committed>(result)) return absl::OkStatus();
  return absl::InvalidArgumentError("it is closed already; `schotvrij breach show` says why");
}

std::string NoteCodes() {
  std::vector<std::string> codes;
  for (const Table::Row& row : Table::Embedded(kNotes).rows()) codes.push_back(absl::StrCat(ToAbsl(row["code"]), ": ", ToAbsl(row["description"])));
  return absl::StrJoin(codes, "\n  ");
}

}  // namespace

int RunBreachList(const BreachListOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<std::vector<BreachSeen>> breaches = ReadAll(options);
  if (!breaches.ok()) return Say(breaches.status(), err);
  const Instant now = runtime::SystemClock().Now();
  std::vector<std::string> objects;
  int64_t overdue = 0;
  for (const BreachSeen& breach : *breaches) {
    overdue += breach.IsOverdue(now) ? 1 : 0;
    options.json ? objects.push_back(absl::StrCat("{", BreachJson(breach, now, /*whole=*/false), "}"))
                 : PrintBreachLine(breach, now, out);
  }
  if (options.json) out << "[" << absl::StrJoin(objects, ",") << "]\n";
  if (!options.json && breaches->empty()) out << (options.all ? "no breach record\n" : "no breach record is open\n");
  if (overdue == 0) return kGood;
  err << "schotvrij: OVERDUE: of " << overdue << " the 72 hours to tell the supervisor are over\n";
  return kMessageAtFault;
}

int RunBreachShow(const BreachShowOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<BreachBook> book = OpenBook(options.home);
  if (!book.ok()) return Say(book.status(), err);
  const absl::StatusOr<BreachSeen> breach = FindBreach(*book, options.id);
  if (!breach.ok()) return Say(breach.status(), err);
  const Instant now = runtime::SystemClock().Now();
  if (!options.json) PrintBreach(*breach, now, out);
  std::vector<std::string> forms;
  for (const std::string& controller : ControllersOf(*breach)) {
    const std::vector<FormLine> form =
        BreachForm(*breach, controller, *book->config.enrolment, book->config.config.gateway_id());
    options.json ? forms.push_back(FormJson(controller, form)) : PrintForm(controller, form, out);
  }
  if (options.json) {
    out << "{" << BreachJson(*breach, now, /*whole=*/true) << ",\"forms\":[" << absl::StrJoin(forms, ",") << "]}\n";
  }
  return kGood;
}

int RunBreachClose(const BreachCloseOptions& options, std::ostream& out, std::ostream& err) {
  if (Table::Embedded(kNotes).Find("code", options.note) == nullptr) {
    err << "schotvrij: --note is one of\n  " << NoteCodes() << '\n';
    return kWrongUse;
  }
  if (const absl::Status closed = Close(options); !closed.ok()) return Say(closed, err);
  options.json ? out << "{\"breach\":" << JsonString(options.id) << ",\"note\":" << JsonString(options.note) << "}\n"
               : out << "breach " << options.id << " closed: " << options.note << '\n';
  return kGood;
}

}  // namespace schotvrij::cli
