// Period: inclusive civil dates, compiled from the text of a document; an open end is no end.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "schemas/base/civil_date.h"

namespace schotvrij::policy {

struct Period {
  CivilDate from;
  std::optional<CivilDate> until;

  // Nothing when a date is none, `from` is missing or the end lies before the beginning.
  static std::optional<Period> Parse(std::string_view from, std::string_view until) {
    std::optional<CivilDate> first = CivilDate::Parse(from);
    std::optional<CivilDate> last = CivilDate::Parse(until);
    if (!first || (!last && !until.empty()) || (last && *last < *first)) return std::nullopt;
    return Period{*first, last};
  }

  bool Holds(CivilDate day) const { return from <= day && (!until || day <= *until); }
  bool Overlaps(const Period& other) const {
    return (!until || other.from <= *until) && (!other.until || from <= *other.until);
  }
};

}  // namespace schotvrij::policy
