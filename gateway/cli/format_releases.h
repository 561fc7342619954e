// `schotvrij version --formats`: of each format the release, what our tables of it were made from, and what of that was derived.
#pragma once

#include <ostream>

namespace schotvrij::cli {

void PrintFormatReleases(std::ostream& out);
// [{"format":…,"standard":…,"release":…,"source":…,"reads":…,"writes":…,"messages":[{"message":…,"code":…,"name":…,"source":…}]}]
void PrintFormatReleasesJson(std::ostream& out);

}  // namespace schotvrij::cli
