#include "gateway/cli/day_sheet.h"

#include <CLI/CLI.hpp>
#include <iomanip>
#include <string_view>

#include "gateway/cli/party_call.h"
#include "schemas/base/redact.h"
#include "schotvrij/v1/services.pb.h"

namespace schotvrij::cli {
namespace {

constexpr int kNumberWidth = 14;

constexpr std::string_view kColumns[] = {"sent", "under way", "delivered", "acknowledged", "answered", "withheld", "undeliverable"};

std::string_view DirectionWord(v1::DaySheetDirection direction) { return direction == v1::DAY_SHEET_SENT ? "to" : "from"; }

std::string_view StepWord(v1::DaySheetStep step) {
  switch (step) {
    case v1::DAY_SHEET_DELIVERY:
      return "not delivered";
    case v1::DAY_SHEET_ACKNOWLEDGEMENT:
      return "not acknowledged";
    default:
      return "not answered";
  }
}

// "2d 3h", "3h 10m", "10m".
std::string AgeText(int64_t seconds) {
  const int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  if (days > 0) return std::to_string(days) + "d " + std::to_string(hours % 24) + "h";
  if (hours > 0) return std::to_string(hours) + "h " + std::to_string(minutes % 60) + "m";
  return std::to_string(minutes) + "m";
}

std::string Heading(v1::DaySheetDirection direction, const std::string& counterpart, const std::string& content) {
  return std::string(DirectionWord(direction)) + " " + (counterpart.empty() ? "the gateway itself" : counterpart) + ", " + content;
}

void PrintRows(const v1::DaySheet& sheet, std::ostream& out) {
  for (const v1::DaySheetRow& row : sheet.rows()) {
    out << Heading(row.direction(), row.counterpart(), row.content()) << '\n';
    for (const std::string_view column : kColumns) out << std::setw(kNumberWidth) << column;
    out << '\n';
    for (const uint64_t count : {row.sent(), row.under_way(), row.delivered(), row.acknowledged(), row.answered(),
                                 row.withheld(), row.undeliverable()}) {
      out << std::setw(kNumberWidth) << count;
    }
    out << '\n';
  }
}

void PrintMissing(const v1::DaySheet& sheet, std::ostream& out) {
  out << "missing " << sheet.missing_total() << '\n';
  for (const v1::DaySheetMissing& missing : sheet.missing()) {
    out << "  " << missing.message_id() << "  " << StepWord(missing.lacks()) << "  " << AgeText(missing.age_seconds()) << "  "
        << Heading(missing.direction(), missing.counterpart(), missing.content()) << '\n';
  }
  const uint64_t unlisted = sheet.missing_total() - static_cast<uint64_t>(sheet.missing_size());
  if (unlisted > 0) out << "  and " << unlisted << " more\n";
}

}  // namespace

void AddDaySheetOptions(CLI::App* command, DaySheetOptions* options) {
  command->add_option("--home", options->home, "directory that `schotvrij init` made")->required();
  command->add_option("--as", options->as, "key of the party whose sheet it is")->required();
  command->add_option("--day", options->day, "day on which the gateway took the messages, YYYY-MM-DD; default: today");
  command->add_option("--with", options->with, "key of one other party; default: all");
  command->add_flag("--json", options->json, "for programs");
}

int RunDaySheet(const DaySheetOptions& options, std::ostream& out, std::ostream& err) {
  v1::DaySheetRequest request;
  request.set_day(options.day);
  request.set_counterpart(options.with);
  return CallAs(
      {options.home, options.as, options.json}, out, err, [&](rpc::GrpcClient& client) { return client.ReadDaySheet(request); },
      [&](const v1::DaySheet& sheet) {
        if (options.json) {
          out << ToJson(sheet, /*reveal=*/false).value_or("null") << '\n';
          return;
        }
        out << "day sheet of " << options.as << ", " << sheet.day() << '\n';
        PrintRows(sheet, out);
        PrintMissing(sheet, out);
      });
}

}  // namespace schotvrij::cli
