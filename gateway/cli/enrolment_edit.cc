#include "gateway/cli/enrolment_edit.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gateway/cli/files.h"
#include "gateway/cli/home.h"
#include "gateway/cli/policy_in_force.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::cli {
namespace {

namespace fs = std::filesystem;
using identity::EnrolmentText;

// "12:3: ..." cut into its numbers and the rest; nothing when it is of another form.
struct FaultPlace {
  int line = 0;
  int column = 0;
  std::string_view rest;  // from the colon behind the column
};
std::optional<FaultPlace> ReadPlace(std::string_view text) {
  FaultPlace place;
  const char* end = text.data() + text.size();
  auto [after_line, bad_line] = std::from_chars(text.data(), end, place.line);
  if (bad_line != std::errc() || after_line == end || *after_line != ':') return std::nullopt;
  auto [after_column, bad_column] = std::from_chars(after_line + 1, end, place.column);
  if (bad_column != std::errc()) return std::nullopt;
  place.rest = text.substr(after_column - text.data());
  return place;
}

}  // namespace

absl::StatusOr<EnrolmentEdit> EnrolmentEdit::Begin(const std::string& home, Instant now) {
  const std::string config_file = Home(home).ConfigFile();
  ASSIGN_OR_RETURN(const config::v1::Config config, identity::ReadConfig(config_file));
  if (config.enrolment_file().empty()) return absl::InvalidArgumentError(config_file + ":1:1: enrolment_file: name the file");
  const fs::path file = (fs::absolute(config_file).parent_path() / config.enrolment_file()).lexically_normal();
  ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(file.parent_path().string()));
  ASSIGN_OR_RETURN(std::string text, ReadFile(file.string(), limits::kConfigFileBytesMax));
  ASSIGN_OR_RETURN(EnrolmentText before, EnrolmentText::Parse(file.string(), std::move(text)));
  return EnrolmentEdit(config_file, std::move(lock), std::move(before), now);
}

std::string EnrolmentEdit::NameInEnrolment(const std::string& file) const {
  const fs::path folder = fs::path(before_.name()).parent_path();
  return fs::absolute(file).lexically_normal().lexically_relative(folder).string();
}

absl::StatusOr<identity::LoadedConfig> EnrolmentEdit::Check(const EnrolmentText& after) const {
  ASSIGN_OR_RETURN(identity::LoadedConfig loaded, identity::LoadConfigWith(config_file_, after.text()));
  const PolicyOutcome policy = LoadPolicy(loaded, now_);
  if (policy.rules != nullptr) return loaded;
  const absl::StatusOr<identity::LoadedConfig> present = identity::LoadConfigWith(config_file_, before_.text());
  if (present.ok() && LoadPolicy(*present, now_).faults < policy.faults) return absl::InvalidArgumentError(policy.report);
  return loaded;
}

absl::Status EnrolmentEdit::Write(const EnrolmentText& after) const {
  return ReplaceFile(before_.name(), before_.text(), after.text());
}

std::string FaultsInFile(std::string_view faults, const EnrolmentText& after, std::string_view key, const EnrolmentText& file) {
  const std::optional<EnrolmentText::Place> made = after.PlaceOf(key);
  const std::optional<EnrolmentText::Place> given = file.PlaceOf(key);
  if (!made || !given) return std::string(faults);
  const std::string prefix = after.name() + ":";
  std::vector<std::string> lines = absl::StrSplit(ToAbsl(faults), '\n');
  for (std::string& line : lines) {
    if (!line.starts_with(prefix)) continue;
    const std::optional<FaultPlace> place = ReadPlace(std::string_view(line).substr(prefix.size()));
    if (!place || place->line < made->line || place->line > made->last_line) continue;
    const int column = place->line == made->line ? place->column - made->column + given->column : place->column;
    line = absl::StrCat(file.name(), ":", place->line - made->line + given->line, ":", column, ToAbsl(place->rest));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace schotvrij::cli
