#include "gateway/cli/breach_form.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/cli/report.h"
#include "schemas/base/table.h"

namespace schotvrij::cli {
namespace {

// Its name and its numbers; the key of one that is enrolled no more.
std::string Organisation(const std::string& key, const identity::Enrolment& enrolment) {
  const config::v1::Participant* const participant = enrolment.Find(key);
  if (participant == nullptr) return key;
  std::string text = participant->name();
  for (const config::v1::Identifier& held : participant->identifier()) {
    absl::StrAppend(&text, ", ", held.system(), " ", held.value());
  }
  return text;
}

std::string InDutch(std::string_view value) {
  const Table::Row* const row = Table::Embedded("schemas/codes/breach.csv").Find("value", value);
  return row == nullptr ? "" : std::string((*row)["dutch"]);
}

std::string Happened(const BreachSeen& breach) {
  int64_t first = breach.record.discovered_us();
  int64_t last = first;
  for (const v1::BreachPlace& place : breach.record.places()) {
    if (place.sent_us() > 0) first = std::min(first, place.sent_us());
  }
  for (const store::BreachPlace& place : breach.row.places) {
    if (place.contained) last = std::max(last, place.contained->us);
  }
  return absl::StrCat("van ", UtcText({first}), breach.OpenPlaces() > 0 ? ", duurt voort" : absl::StrCat(" tot ", UtcText({last})));
}

std::string Recipients(const BreachSeen& breach, const identity::Enrolment& enrolment) {
  std::vector<std::string> names;
  for (const v1::BreachPlace& place : breach.record.places()) {
    std::string name = Organisation(place.recipient(), enrolment);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return absl::StrJoin(names, "; ");
}

std::string Containment(const BreachSeen& breach) {
  std::vector<std::string> places;
  for (int i = 0; i < breach.record.places_size(); ++i) {
    const v1::BreachPlace& place = breach.record.places(i);
    const std::optional<Instant>& contained = breach.row.places[static_cast<size_t>(i)].contained;
    places.push_back(absl::StrCat(place.recipient(), ": ", InDutch(v1::BreachExposure_Name(place.exposure())), ", ",
                                  contained ? "teruggehaald " + UtcText(*contained) : "nog niet teruggehaald"));
  }
  return absl::StrJoin(places, "; ");
}

// By the column `known`.
std::map<std::string_view, std::string> Answers(const BreachSeen& breach, const std::string& controller,
                                                const identity::Enrolment& enrolment, const std::string& gateway_id) {
  return {{"controller", Organisation(controller, enrolment)},
          {"processor", "de gateway " + gateway_id},
          {"cause", InDutch(v1::BreachCause_Name(breach.record.cause()))},
          {"nature", "vertrouwelijkheid"},
          {"happened", Happened(breach)},
          {"discovered", UtcText({breach.record.discovered_us()})},
          {"persons", absl::StrCat(breach.record.persons())},
          {"kinds", absl::StrJoin(KindsOfData(breach), "; ")},
          {"special", absl::StrJoin(SpecialKindsOfData(breach), "; ")},
          {"recipients", Recipients(breach, enrolment)},
          {"containment", Containment(breach)}};
}

}  // namespace

std::vector<FormLine> BreachForm(const BreachSeen& breach, const std::string& controller, const identity::Enrolment& enrolment,
                                 const std::string& gateway_id) {
  const std::map<std::string_view, std::string> answers = Answers(breach, controller, enrolment, gateway_id);
  std::vector<FormLine> lines;
  for (const Table::Row& row : Table::Embedded("schemas/codes/breach_form.csv").rows()) {
    const auto known = answers.find(row["known"]);
    lines.push_back({row["field"], row["clause"], row["status"], row["question"], known == answers.end() ? "" : known->second});
  }
  return lines;
}

}  // namespace schotvrij::cli
