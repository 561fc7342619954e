#include "policy/check_criterion.h"

#include <algorithm>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "policy/instrument.h"

namespace schotvrij::policy {
namespace {

void CheckAttested(const v1::Criterion& criterion, const Place& place, FaultList& faults) {
  if (!criterion.instrument().empty() || criterion.at_least() != 0) {
    faults.Add("POLICY-CRITERION-BASIS", place.In("basis"), criterion.key());
  }
  if (criterion.version().empty()) {
    faults.Add("POLICY-CRITERION-VERSION", place.In("version", 0), criterion.key());
  }
  absl::flat_hash_set<std::string> versions;
  for (int i = 0; i < criterion.version_size(); ++i) {
    const Place here = place.In("version", i);
    if (criterion.version(i).empty()) faults.Add("POLICY-CRITERION-VERSION", here, criterion.key());
    if (!versions.insert(criterion.version(i)).second) {
      faults.Add("POLICY-DOUBLE-KEY", here, criterion.version(i));
    }
  }
}

void CheckScored(const v1::Criterion& criterion, const Place& place, FaultList& faults) {
  if (!criterion.version().empty()) {
    faults.Add("POLICY-CRITERION-BASIS", place.In("basis"), criterion.key());
  }
  std::optional<Instrument> instrument = FindInstrument(criterion.instrument());
  if (!instrument) {
    faults.Add("POLICY-UNKNOWN-INSTRUMENT", place.In("instrument"), criterion.instrument());
  } else if (!instrument->InRange(criterion.at_least())) {
    faults.Add("POLICY-THRESHOLD", place.In("at_least"), criterion.key());
  }
}

}  // namespace

void CheckCriteria(const v1::TargetGroup& group, const Place& place, FaultList& faults) {
  absl::flat_hash_set<std::string> keys;
  for (int i = 0; i < group.criterion_size(); ++i) {
    const v1::Criterion& criterion = group.criterion(i);
    const Place here = place.In("criterion", i);
    RequireKey(criterion.key(), here, "key", faults);
    Require(criterion.title(), here, "title", faults);
    if (!keys.insert(criterion.key()).second) {
      faults.Add("POLICY-DOUBLE-KEY", here.In("key"), criterion.key());
    }
    switch (criterion.basis()) {
      case v1::Criterion::ATTESTED:
        CheckAttested(criterion, here, faults);
        break;
      case v1::Criterion::SCORED:
        CheckScored(criterion, here, faults);
        break;
      default:
        faults.Add("POLICY-CRITERION-BASIS", here.In("basis"), criterion.key());
    }
  }
}

void CheckCriterionConditions(const v1::TargetGroup& group, const v1::Rule& rule,
                              const Place& place, FaultList& faults) {
  for (int i = 0; i < rule.leaf_size(); ++i) {
    const v1::Where& where = rule.leaf(i).where();
    auto names = [&](const v1::Criterion& criterion) {
      return where.sibling() == "criterion"
                 ? criterion.key() == where.equals()
                 : std::find(criterion.version().begin(), criterion.version().end(),
                             where.equals()) != criterion.version().end();
    };
    if (where.sibling() != "criterion" && where.sibling() != "criteria_version") continue;
    if (!std::any_of(group.criterion().begin(), group.criterion().end(), names)) {
      faults.Add("POLICY-UNKNOWN-CRITERION", place.In("leaf", i).In("where").In("equals"),
                 where.equals());
    }
  }
}

}  // namespace schotvrij::policy
