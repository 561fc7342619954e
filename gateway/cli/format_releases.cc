#include "gateway/cli/format_releases.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/cli/formats.h"
#include "gateway/cli/report.h"
#include "schemas/base/table.h"

namespace schotvrij::cli {
namespace {

constexpr std::string_view kReleases = "schemas/formats/releases.csv";

std::span<const Table::Row> MessagesOf(const Table::Row& release) {
  if (release["messages"].empty()) return {};
  return Table::Embedded(release["messages"]).rows();
}

const char* Uses(const FormatTool& tool) {
  if (tool.decoder == nullptr && tool.encode == nullptr) return "not yet read or written";
  if (tool.decoder == nullptr) return "written";
  return tool.encode == nullptr ? "read" : "read and written";
}

// " official: WMO301 WMO305 …".
void PrintMessages(const Table::Row& release, std::string_view source, std::ostream& out) {
  std::string named;
  for (const Table::Row& message : MessagesOf(release)) {
    if (message["source"] == source) named.append(" ").append(message["message"]);
  }
  if (!named.empty()) out << "  " << source << ':' << named << '\n';
}

std::string MessagesJson(const Table::Row& release) {
  std::string list;
  for (const Table::Row& message : MessagesOf(release)) {
    list.append(list.empty() ? "{" : ",{");
    for (const char* column : {"message", "code", "name", "source"}) {
      if (list.back() != '{') list.push_back(',');
      list.append(JsonString(column)).append(":").append(JsonString(message[column]));
    }
    list.push_back('}');
  }
  return "[" + list + "]";
}

}  // namespace

void PrintFormatReleases(std::ostream& out) {
  for (const FormatTool& tool : FormatTools()) {
    const Table::Row* release = Table::Embedded(kReleases).Find("format", tool.name);
    out << tool.name << ": ";
    if (release != nullptr) out << (*release)["standard"] << ", release " << (*release)["release"] << "; ";
    out << Uses(tool) << '\n';
    if (release == nullptr) continue;
    out << "  source: " << (*release)["source"] << '\n';
    for (const char* source : {"official", "derived"}) PrintMessages(*release, source, out);
  }
}

void PrintFormatReleasesJson(std::ostream& out) {
  out << '[';
  const char* before = "";
  for (const FormatTool& tool : FormatTools()) {
    out << std::exchange(before, ",") << "{\"format\":" << JsonString(tool.name)
        << ",\"reads\":" << (tool.decoder != nullptr ? "true" : "false")
        << ",\"writes\":" << (tool.encode != nullptr ? "true" : "false");
    if (const Table::Row* release = Table::Embedded(kReleases).Find("format", tool.name)) {
      for (const char* column : {"standard", "release", "source"}) {
        out << ',' << JsonString(column) << ':' << JsonString((*release)[column]);
      }
      out << ",\"messages\":" << MessagesJson(*release);
    }
    out << '}';
  }
  out << ']';
}

}  // namespace schotvrij::cli
