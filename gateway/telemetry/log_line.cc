#include "gateway/telemetry/log_line.h"

#include <array>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace schotvrij::telemetry {
namespace {

// Takes what an event may be made of, and nothing else: a field of another type does not compile. No value needs escaping.
class Fields {
 public:
  explicit Fields(std::string& out) : out_(out) {}

  template <typename Form, typename Kind>
  void operator()(std::string_view name, const Word<Form, Kind>& word) {
    if (!word.text().empty()) Text(name, word.text());
  }
  template <typename Form, typename Kind>
  void operator()(std::string_view name, const std::vector<Word<Form, Kind>>& words) {
    if (words.empty()) return;
    Begin(name);
    char separator = '[';
    for (const auto& word : words) {
      out_.append(1, separator).append(1, '"').append(word.text()).append(1, '"');
      separator = ',';
    }
    out_ += ']';
  }
  void operator()(std::string_view name, Place place) { Text(name, place.text()); }
  void operator()(std::string_view name, DeliveryStage stage) { Text(name, Name(stage)); }
  void operator()(std::string_view name, MailOutcome outcome) { Text(name, Name(outcome)); }
  void operator()(std::string_view name, BatchStage stage) { Text(name, Name(stage)); }
  void operator()(std::string_view name, uint64_t number) {
    Begin(name);
    out_ += std::to_string(number);
  }
  void operator()(std::string_view name, int64_t number) {
    Begin(name);
    out_ += std::to_string(number);
  }

  void Text(std::string_view name, std::string_view text) {
    Begin(name);
    out_.append(1, '"').append(text).append(1, '"');
  }

 private:
  void Begin(std::string_view name) {
    out_.append(out_.empty() ? "{\"" : ",\"").append(name).append("\":");
  }

  std::string& out_;
};

// "2026-01-01T00:00:00.000001Z". A format that is read at run time costs as much as the rest of a line.
std::string TimeText(Instant at) {
  const absl::TimeZone::CivilInfo time = absl::UTCTimeZone().At(absl::FromUnixMicros(at.us));
  const auto two = [](int number) { return absl::Dec(number, absl::kZeroPad2); };
  return absl::StrCat(absl::Dec(time.cs.year(), absl::kZeroPad4), "-", two(time.cs.month()), "-", two(time.cs.day()), "T",
                      two(time.cs.hour()), ":", two(time.cs.minute()), ":", two(time.cs.second()), ".",
                      absl::Dec(absl::ToInt64Microseconds(time.subsecond), absl::kZeroPad6), "Z");
}

constexpr std::array<std::string_view, 5> kBatchStages = {"receiving", "staged", "judged", "in-effect", "refused"};
constexpr std::array<std::string_view, 6> kStages = {"available", "delivered", "retry", "dead-letter", "withheld", "held"};
constexpr std::array<std::string_view, 4> kMailOutcomes = {"taken", "refused", "report", "set-aside"};
constexpr std::array<std::string_view, 3> kLevels = {"info", "warning", "error"};

}  // namespace

std::string_view Name(BatchStage stage) { return kBatchStages[static_cast<size_t>(stage)]; }
std::string_view Name(DeliveryStage stage) { return kStages[static_cast<size_t>(stage)]; }
std::string_view Name(MailOutcome outcome) { return kMailOutcomes[static_cast<size_t>(outcome)]; }
std::string_view Name(Level level) { return kLevels[static_cast<size_t>(level)]; }

std::string LogLine(Instant at, const Event& event) {
  std::string line;
  Fields fields(line);
  fields.Text("at", TimeText(at));
  std::visit(
      [&fields](const auto& one) {
        fields.Text("level", Name(one.kLevel));
        fields.Text("event", one.kName);
        one.Visit(fields);
      },
      event);
  line += '}';
  return line;
}

}  // namespace schotvrij::telemetry
