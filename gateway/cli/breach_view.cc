#include "gateway/cli/breach_view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/cli/report.h"
#include "gateway/exchange/exposure.h"
#include "policy/leaf_path.h"
#include "schemas/base/table.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::cli {
namespace {

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;

std::string CauseOf(const BreachSeen& breach) {
  return std::string(exchange::BreachCode(v1::BreachCause_Name(breach.record.cause())));
}

std::string ExposureCode(const v1::BreachPlace& place) {
  return std::string(exchange::BreachCode(v1::BreachExposure_Name(place.exposure())));
}

std::string Described(std::string_view table, std::string_view code) {
  const Table::Row* const row = Table::Embedded(table).Find("code", code);
  return row == nullptr ? "" : std::string((*row)["description"]);
}

std::string ClockText(const BreachSeen& breach, Instant now) {
  if (breach.row.closed) return absl::StrCat("closed ", UtcText(*breach.row.closed), " (", breach.row.note, ")");
  const int64_t hours = breach.HoursLeft(now);
  if (breach.IsOverdue(now)) return absl::StrCat("OVERDUE by ", -hours, -hours == 1 ? " hour" : " hours");
  return absl::StrCat(hours, " of 72 hours left");
}

void AddOnce(std::string text, std::vector<std::string>& list) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

std::vector<std::string> Kinds(const BreachSeen& breach, bool special_only) {
  std::vector<std::string> kinds;
  for (const v1::BreachPlace& place : breach.record.places()) {
    for (const std::string& path : place.paths()) {
      const std::optional<policy::LeafPath> leaf = policy::ResolveLeaf(*v1::Exchange::descriptor(), path);
      const v1::Sensitive sensitive = leaf ? policy::SensitiveOf(leaf->leaf()) : v1::SENSITIVE_UNSPECIFIED;
      if (special_only && sensitive != v1::BSN && sensitive != v1::HEALTH) continue;
      const std::string term = leaf ? leaf->leaf().options().GetExtension(v1::term) : "";
      AddOnce(term.empty() ? path : absl::StrCat(term, " (", path, ")"), kinds);
    }
  }
  return kinds;
}

std::string PlaceText(const BreachSeen& breach, int number) {
  const v1::BreachPlace& place = breach.record.places(number);
  const std::optional<Instant>& contained = breach.row.places[static_cast<size_t>(number)].contained;
  return absl::StrCat(place.recipient(), ": ", ExposureCode(place),
                      place.sent_us() > 0 ? absl::StrCat(", sent ", UtcText({place.sent_us()})) : "",
                      contained ? absl::StrCat(", contained ", UtcText(*contained)) : ", STILL OPEN");
}

std::string StringsJson(const std::vector<std::string>& texts) {
  return absl::StrCat("[", absl::StrJoin(texts, ",", [](std::string* out, const std::string& text) { out->append(JsonString(text)); }),
                      "]");
}

std::string OptionalInstantJson(const std::optional<Instant>& at) { return at ? JsonString(UtcText(*at)) : "null"; }

std::string PlaceJson(const BreachSeen& breach, int number) {
  const v1::BreachPlace& place = breach.record.places(number);
  return absl::StrCat(
      "{\"recipient\":", JsonString(place.recipient()), ",\"exchange\":", JsonString(place.exchange_id()), ",\"delivery\":",
      JsonString(place.delivery_id()), ",\"sent\":", place.sent_us() > 0 ? JsonString(UtcText({place.sent_us()})) : "null",
      ",\"exposure\":", JsonString(ExposureCode(place)), ",\"fields\":",
      StringsJson({place.paths().begin(), place.paths().end()}), ",\"contained\":",
      OptionalInstantJson(breach.row.places[static_cast<size_t>(number)].contained), "}");
}

}  // namespace

Instant BreachSeen::NoticeDue() const { return {record.discovered_us() + exchange::kBreachNoticeUs}; }

int64_t BreachSeen::HoursLeft(Instant now) const {
  const int64_t left = NoticeDue().us - now.us;
  return left >= 0 ? left / kHourUs : -((-left + kHourUs - 1) / kHourUs);
}

bool BreachSeen::IsOverdue(Instant now) const { return !row.closed && now > NoticeDue(); }

size_t BreachSeen::OpenPlaces() const {
  return static_cast<size_t>(
      std::count_if(row.places.begin(), row.places.end(), [](const store::BreachPlace& place) { return !place.contained; }));
}

absl::StatusOr<BreachSeen> ReadBreach(store::Breach row) {
  BreachSeen seen{std::move(row), {}};
  const bool whole = seen.record.ParseFromString(seen.row.record.bytes) &&
                     static_cast<size_t>(seen.record.places_size()) == seen.row.places.size();
  if (!whole) return absl::DataLossError("a breach record does not read: " + seen.row.breach_id);
  return seen;
}

std::vector<std::string> KindsOfData(const BreachSeen& breach) { return Kinds(breach, /*special_only=*/false); }
std::vector<std::string> SpecialKindsOfData(const BreachSeen& breach) { return Kinds(breach, /*special_only=*/true); }

std::vector<std::string> ControllersOf(const BreachSeen& breach) {
  std::vector<std::string> controllers = {breach.record.sender()};
  for (const v1::BreachPlace& place : breach.record.places()) {
    if (place.exposure() != v1::EXPOSED_UNREAD) AddOnce(place.recipient(), controllers);
  }
  return controllers;
}

void PrintBreachLine(const BreachSeen& breach, Instant now, std::ostream& out) {
  out << "breach " << breach.row.breach_id << "  " << ClockText(breach, now) << "  " << CauseOf(breach) << "  network "
      << breach.record.network() << "  sender " << breach.record.sender() << "  discovered " << UtcText(breach.row.opened) << "  "
      << breach.OpenPlaces() << " of " << breach.row.places.size() << " places still open\n";
}

void PrintBreach(const BreachSeen& breach, Instant now, std::ostream& out) {
  const v1::BreachRecord& record = breach.record;
  out << "breach " << breach.row.breach_id << '\n'
      << "cause " << CauseOf(breach) << ": " << Described("schemas/codes/breach.csv", CauseOf(breach)) << '\n'
      << "network " << record.network() << ", sent by " << record.sender() << '\n'
      << "registration " << record.exchange_id() << ", discovered by " << record.discovered_by() << '\n'
      << "discovered " << UtcText({record.discovered_us()}) << ", supervisor to be told before " << UtcText(breach.NoticeDue()) << ": "
      << ClockText(breach, now) << '\n'
      << "persons " << record.persons() << '\n';
  for (const std::string& kind : KindsOfData(breach)) out << "kind of data " << kind << '\n';
  for (int i = 0; i < record.places_size(); ++i) {
    out << "place " << PlaceText(breach, i) << " (exchange " << record.places(i).exchange_id() << ", delivery "
        << record.places(i).delivery_id() << ")\n";
  }
}

std::string BreachJson(const BreachSeen& breach, Instant now, bool whole) {
  const v1::BreachRecord& record = breach.record;
  std::string members = absl::StrCat(
      "\"breach\":", JsonString(breach.row.breach_id), ",\"cause\":", JsonString(CauseOf(breach)), ",\"network\":",
      JsonString(record.network()), ",\"sender\":", JsonString(record.sender()), ",\"discovered\":",
      JsonString(UtcText({record.discovered_us()})), ",\"notify_before\":", JsonString(UtcText(breach.NoticeDue())), ",\"hours_left\":",
      breach.HoursLeft(now), ",\"overdue\":", breach.IsOverdue(now) ? "true" : "false", ",\"persons\":", record.persons(),
      ",\"places\":", breach.row.places.size(), ",\"places_open\":", breach.OpenPlaces(), ",\"closed\":",
      OptionalInstantJson(breach.row.closed), ",\"note\":", breach.row.note.empty() ? "null" : JsonString(breach.row.note));
  if (!whole) return members;
  std::vector<std::string> places;
  for (int i = 0; i < record.places_size(); ++i) places.push_back(PlaceJson(breach, i));
  absl::StrAppend(&members, ",\"registration\":", JsonString(record.exchange_id()), ",\"discovered_by\":",
                  JsonString(record.discovered_by()), ",\"kinds\":", StringsJson(KindsOfData(breach)), ",\"went_to\":[",
                  absl::StrJoin(places, ","), "]");
  return members;
}

}  // namespace schotvrij::cli
