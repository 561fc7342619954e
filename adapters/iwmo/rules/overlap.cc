#include "adapters/iwmo/rules/overlap.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace schotvrij::iwmo {
namespace {

// The last days that were seen so far.
class LastDays {
 public:
  // The last day of what `period` may not share a day with.
  Day Of(const ProductPeriod& period) const {
    if (period.category.empty()) return any_;
    if (period.code.empty()) return std::max(generic_, In(of_category_, period.category));
    return std::max({generic_, In(without_code_, period.category), In(of_code_, std::pair(period.category, period.code))});
  }
  void Add(const ProductPeriod& period) {
    const Day end = period.end == kNoDay ? std::numeric_limits<Day>::max() : period.end;
    Raise(any_, end);
    if (period.category.empty()) return Raise(generic_, end);
    Raise(of_category_.try_emplace(period.category, kNoDay).first->second, end);
    Raise(period.code.empty() ? without_code_.try_emplace(period.category, kNoDay).first->second
                              : of_code_.try_emplace(std::pair(period.category, period.code), kNoDay).first->second,
          end);
  }

 private:
  static void Raise(Day& day, Day to) { day = std::max(day, to); }
  template <typename Map, typename Key>
  static Day In(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? kNoDay : found->second;
  }

  Day any_ = kNoDay, generic_ = kNoDay;
  absl::flat_hash_map<std::string_view, Day> of_category_, without_code_;
  absl::flat_hash_map<std::pair<std::string_view, std::string_view>, Day> of_code_;
};

}  // namespace

std::vector<NodeIndex> FindOverlaps(std::vector<ProductPeriod> periods) {
  std::stable_sort(periods.begin(), periods.end(),
                   [](const ProductPeriod& a, const ProductPeriod& b) { return a.begin < b.begin; });
  std::vector<NodeIndex> found;
  LastDays last;
  for (const ProductPeriod& period : periods) {
    if (last.Of(period) >= period.begin) found.push_back(period.node);
    last.Add(period);
  }
  return found;
}

}  // namespace schotvrij::iwmo
