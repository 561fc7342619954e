#include "gateway/cli/report.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "absl/time/time.h"

namespace schotvrij::cli {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Member(Writer& writer, const char* name, std::string_view value) {
  writer.Key(name);
  writer.String(value.data(), value.size());
}

}  // namespace

void PrintIssues(std::ostream& out, std::string_view prefix, std::span<const Issue> issues) {
  for (const Issue& issue : issues) {
    out << prefix << Name(issue.severity) << ' ' << issue.rule;
    if (!issue.path.empty()) out << ' ' << issue.path;
    out << ": " << issue.text << '\n';
  }
}

std::string IssuesJson(std::span<const Issue> issues, std::string_view (*return_code)(std::string_view rule)) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartArray();
  for (const Issue& issue : issues) {
    writer.StartObject();
    Member(writer, "severity", Name(issue.severity));
    Member(writer, "code", Name(issue.code));
    Member(writer, "rule", issue.rule);
    Member(writer, "path", issue.path);
    Member(writer, "text", issue.text);
    const std::string_view returned = return_code == nullptr ? "" : return_code(issue.rule);
    if (!returned.empty()) Member(writer, "return_code", returned);
    writer.EndObject();
  }
  writer.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string PrettyJson(std::string_view json) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::Reader reader;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (reader.Parse<kFlags>(stream, writer).IsError()) return std::string(json);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string UtcText(Instant instant) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(instant.us), absl::UTCTimeZone());
}

std::string JsonString(std::string_view text) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.String(text.data(), text.size());
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace schotvrij::cli
