// A breach record as people and programs see it: what happened, how many of the 72 hours are left, where it is contained and where it
// is still open.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/store/store.h"
#include "schotvrij/v1/breach.pb.h"

namespace schotvrij::cli {

struct BreachSeen {
  store::Breach row;
  v1::BreachRecord record;  // has as many places as the row

  Instant NoticeDue() const;  // the end of the 72 hours
  // Hours until then, rounded to what is the worse: negative once they are over.
  int64_t HoursLeft(Instant now) const;
  bool IsOverdue(Instant now) const;  // and open
  size_t OpenPlaces() const;
};

// kDataLoss when the row does not read.
absl::StatusOr<BreachSeen> ReadBreach(store::Breach row);

// What the paths mean: the terms of the schema, the path itself where it has none. Each once.
std::vector<std::string> KindsOfData(const BreachSeen& breach);
// Those among them that are a BSN or special data (AVG article 9).
std::vector<std::string> SpecialKindsOfData(const BreachSeen& breach);
// The controllers: who sent it, and who knows of it in its own system or has read it.
std::vector<std::string> ControllersOf(const BreachSeen& breach);
void PrintBreachLine(const BreachSeen& breach, Instant now, std::ostream& out);
void PrintBreach(const BreachSeen& breach, Instant now, std::ostream& out);
// Members of an object; with `whole` also the places and the kinds of data.
std::string BreachJson(const BreachSeen& breach, Instant now, bool whole);

}  // namespace schotvrij::cli
