#include "gateway/cli/policy_command.h"

#include <optional>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/home.h"
#include "gateway/cli/report.h"
#include "gateway/identity/config.h"
#include "gateway/transport/runtime/system.h"
#include "policy/report.h"
#include "policy/rule_set.h"

namespace schotvrij::cli {
namespace {

// Nothing, after having said why, when a file cannot be read.
std::optional<policy::LoadResult> Load(const PolicyCommandOptions& options, std::ostream& err) {
  absl::StatusOr<std::vector<policy::PolicyFile>> files = ReadPolicyFiles(options.files);
  if (!files.ok()) {
    err << "schotvrij: " << files.status().message() << '\n';
    return std::nullopt;
  }
  return policy::LoadRuleSet(*files);
}

void PrintJson(const policy::LoadResult& loaded, std::ostream& out) {
  out << "{\"loads\":" << (loaded.rules != nullptr ? "true" : "false")
      << ",\"policy_set\":" << JsonString(loaded.rules != nullptr ? loaded.rules->name() : "") << ",\"faults\":[";
  bool first = true;
  for (const policy::Fault& fault : loaded.faults) {
    out << (first ? "" : ",") << "{\"warning\":" << (fault.warning ? "true" : "false")
        << ",\"file\":" << JsonString(fault.file) << ",\"line\":" << fault.line << ",\"column\":" << fault.column
        << ",\"path\":" << JsonString(fault.path) << ",\"rule\":" << JsonString(fault.rule)
        << ",\"text\":" << JsonString(fault.text) << "}";
    first = false;
  }
  out << "]}\n";
}

}  // namespace

int RunPolicyCheck(const PolicyCommandOptions& options, std::ostream& out, std::ostream& err) {
  std::optional<policy::LoadResult> loaded = Load(options, err);
  if (!loaded.has_value()) return kWrongUse;
  std::vector<std::string> enrolled;
  if (!options.home.empty()) {
    absl::StatusOr<identity::LoadedConfig> config = identity::LoadConfig(Home(options.home).ConfigFile());
    if (!config.ok()) {
      err << "schotvrij: " << config.status().message() << '\n';
      return kWrongUse;
    }
    enrolled = config->enrolment->keys();
  }
  if (options.json) {
    PrintJson(*loaded, out);
  } else {
    const CivilDate today = TodayInAmsterdam(runtime::SystemClock().Now());
    out << policy::RenderCheck(*loaded, options.home.empty() ? nullptr : &enrolled, today);
  }
  return loaded->rules != nullptr ? kGood : kMessageAtFault;
}

int RunPolicyShow(const PolicyCommandOptions& options, std::ostream& out, std::ostream& err) {
  std::optional<policy::LoadResult> loaded = Load(options, err);
  if (!loaded.has_value()) return kWrongUse;
  if (loaded->rules == nullptr) {
    err << policy::RenderFaults(loaded->faults);
    return kMessageAtFault;
  }
  out << policy::RenderShow(*loaded->rules);
  return kGood;
}

}  // namespace schotvrij::cli
