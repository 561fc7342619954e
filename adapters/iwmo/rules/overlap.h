// Overlap: products that are given twice for the same day. Without code a product is any of its category, without category any at all.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/iwmo/rules/compare.h"

namespace schotvrij::iwmo {

struct ProductPeriod {
  NodeIndex node = kNoNode;
  std::string_view category;   // empty: any
  std::string_view code;       // empty: any of the category
  Day begin = kNoDay;
  Day end = kNoDay;            // with that day; kNoDay: it goes on
};

// Those that have a day in common with one of the same product that begins before them, or on the same day and stands before them; in
// order of their begin. In n log n, whatever they are.
std::vector<NodeIndex> FindOverlaps(std::vector<ProductPeriod> periods);

}  // namespace schotvrij::iwmo
