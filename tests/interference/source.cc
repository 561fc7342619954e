#include "tests/interference/source.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace schotvrij::interference {
namespace {

constexpr const char* kKinds[] = {"set",     "everywhere", "insert", "remove",
                                  "reverse", "write",      "header", "target"};

}  // namespace

std::string Told(const Change& change) {
  return absl::StrCat(kKinds[static_cast<size_t>(change.kind)], " ", change.field, " at ",
                      change.place, " to ", change.value);
}

void AddSettings(const FieldRow& row, Change change, const std::vector<std::string>& others,
                 std::vector<Change>* changes) {
  // Messages name their client in more than one place.
  const bool everywhere =
      row.treatment == Treatment::kLinked || row.treatment == Treatment::kShared;
  if (everywhere && change.kind == Change::Kind::kSet) change.kind = Change::Kind::kEverywhere;
  change.to = row.to;
  change.taken = true;
  const bool any = row.treatment == Treatment::kFree && row.values.empty();
  for (const std::string& value : any ? others : row.values) {
    if (value == change.old) continue;
    change.value = absl::StrReplaceAll(value, {{"{old}", change.old}});
    changes->push_back(change);
  }
  if (row.treatment == Treatment::kFree || row.treatment == Treatment::kShared) return;
  change.kind = Change::Kind::kSet;
  change.taken = false;
  for (const std::string& value : others) {
    change.value = value;
    if (value != change.old &&
        std::find(row.values.begin(), row.values.end(), value) == row.values.end()) {
      changes->push_back(change);
    }
  }
}

}  // namespace schotvrij::interference
