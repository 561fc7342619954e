#include "gateway/cli/day_sheet.h"

#include <CLI/CLI.hpp>

#include "gateway/cli/party_call.h"
#include "schemas/base/redact.h"
#include "schotvrij/v1/day_sheet.pb.h"

namespace schotvrij::cli {
namespace {

// "40 s", "12 min", "3 h", "2 d": whole ones.
std::string AgeText(uint32_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 86400) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " d";
}

void PrintLine(const v1::DaySheetLine& line, std::ostream& out) {
  out << (line.sent() ? "to " : "from ") << line.counterpart() << ", " << line.content_type() << ": " << line.messages()
      << (line.sent() ? " sent, " : " received, ") << line.delivered() << " delivered, " << line.answered() << " answered, "
      << line.under_way() << " under way";
  if (line.sent()) out << ", " << line.undeliverable() << " undeliverable, " << line.withheld() << " withheld";
  if (line.repeats() > 0) out << ", " << line.repeats() << " given again";
  out << '\n';
  for (const v1::DaySheetMissing& missing : line.missing()) {
    out << "  missing " << missing.message_id() << ", " << AgeText(missing.age_s()) << " old\n";
  }
}

void PrintSheet(const v1::DaySheetReply& sheet, std::ostream& out) {
  out << "day " << sheet.day() << '\n';
  for (const v1::DaySheetLine& line : sheet.lines()) PrintLine(line, out);
  if (sheet.lines().empty()) out << "nothing sent or received\n";
  if (sheet.more_missing()) out << "more is missing than is listed\n";
}

}  // namespace

void AddDaySheetOptions(CLI::App* command, DaySheetOptions* options) {
  command->add_option("--home", options->home, "directory that `schotvrij init` made")->required();
  command->add_option("--as", options->as, "key of the party whose day sheet it is")->required();
  command->add_option("--day", options->day, "YYYY-MM-DD; otherwise today");
  command->add_flag("--json", options->json, "for programs");
}

int RunDaySheet(const DaySheetOptions& options, std::ostream& out, std::ostream& err) {
  v1::DaySheetRequest request;
  request.set_day(options.day);
  return CallAsParty(
      options, out, err, [&](rpc::GrpcClient& client) { return client.DaySheet(request); },
      [&](const v1::DaySheetReply& sheet) {
        if (!options.json) return PrintSheet(sheet, out);
        const absl::StatusOr<std::string> text = ToJson(sheet, /*reveal=*/false);
        out << (text.ok() ? *text : "null") << '\n';
      });
}

}  // namespace schotvrij::cli
