#include "adapters/fhir/map/observation_reader.h"

#include <charconv>
#include <string>
#include <vector>

#include "adapters/fhir/map/systems.h"
#include "adapters/fhir/map/value_form.h"
#include "schemas/base/limits.h"
#include "schemas/base/table.h"

namespace schotvrij::fhir {
namespace {

struct Range {
  std::string instrument;
  int minimum = 0;
  int maximum = 0;
};

int Number(std::string_view cell) {
  int value = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

const Range* RangeOf(std::string_view instrument) {
  static const auto* ranges = new std::vector<Range>([] {
    std::vector<Range> read;
    for (const Table::Row& row : Table::Embedded("schemas/codes/instrument.csv").rows()) {
      read.push_back({std::string(row["key"]), Number(row["minimum"]), Number(row["maximum"])});
    }
    return read;
  }());
  for (const Range& range : *ranges) {
    if (range.instrument == instrument) return &range;
  }
  return nullptr;
}

bool IsLocalComponent(Node component) {
  return component.Child("code").Child("coding").Child("system").value() == kAttestationComponentSystem;
}

bool ReadItem(Node component, v1::AssessmentItem* item) {
  const Node value = component.Child("valueInteger");
  const std::string_view code = component.Child("code").Child("coding").Child("code").value();
  int32_t score = 0;
  const std::string_view text = value.value();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (!IsKey(code) || value.kind() != Kind::kNumber || error != std::errc() || end != text.data() + text.size()) {
    return false;
  }
  item->set_item(std::string(code));
  item->set_score(score);
  return true;
}

// The items, one component each; their sum when all are sound.
void ReadItems(Node observation, Findings* findings, v1::Assessment* score) {
  int64_t sum = 0;
  bool sound = true;
  for (Node component : observation.Children("component")) {
    if (IsLocalComponent(component)) continue;
    if (static_cast<size_t>(score->items_size()) >= limits::kListItemsMax) return findings->Add("TEXT-SIZE", component);
    if (ReadItem(component, score->add_items())) {
      sum += score->items().rbegin()->score();
    } else {
      findings->Add("FHIR-VALUE", component);
      sound = false;
    }
  }
  if (sound && score->items_size() > 0 && score->has_score() && sum != score->score()) {
    findings->Add("SCORE-SUM", observation, "valueInteger");
  }
}

}  // namespace

bool IsAttestation(Node observation) {
  for (Node coding : observation.Child("code").Children("coding")) {
    if (coding.Child("system").value() == kAttestationSystem) return true;
  }
  return false;
}

v1::Attestation ReadAttestation(Node observation, PartReader* parts) {
  v1::Attestation attestation;
  parts->Read(Part::kAttestation, observation, &attestation);
  return attestation;
}

v1::Assessment ReadScore(Node observation, Findings* findings, PartReader* parts) {
  v1::Assessment score;
  parts->Read(Part::kScore, observation, &score);
  const Range* range = RangeOf(score.instrument());
  if (range != nullptr && score.has_score() && (score.score() < range->minimum || score.score() > range->maximum)) {
    findings->Add("SCORE-RANGE", observation, "valueInteger");
  }
  ReadItems(observation, findings, &score);
  return score;
}

}  // namespace schotvrij::fhir
