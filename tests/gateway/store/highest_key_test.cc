#include "gateway/store/highest_key.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace schotvrij::store {
namespace {

constexpr unsigned kParking = 262'145;  // SQLite's PENDING_BYTE_PAGE for pages of 4 KiB

TEST(HighestKey, NeedsNoWalkAfterAPageWasParkedAndMovedBack) {
  HighestKey highest;
  for (unsigned key = 1; key <= 20; ++key) highest.Added(key);
  highest.Moved(7, kParking);
  EXPECT_TRUE(highest.Reaches(21));
  highest.Moved(9, 7);
  highest.Moved(kParking, 9);
  EXPECT_FALSE(highest.Reaches(21));
  EXPECT_TRUE(highest.Reaches(20));
}

// What it is asked for must never be missed; only what it is for need be told exactly.
TEST(HighestKey, MissesNoPageWhateverIsAddedMovedAndTruncated) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](unsigned most) { return 1 + static_cast<unsigned>(random() % most); };
    HighestKey highest;
    std::set<unsigned> there;
    for (int step = 0; step < 500; ++step) {
      const unsigned key = draw(8) == 1 ? kParking + draw(2) : draw(30);
      const unsigned kind = draw(4);
      if (kind <= 2 && !there.empty()) {
        const unsigned from = *std::next(there.begin(), static_cast<long>(draw(static_cast<unsigned>(there.size())) - 1));
        there.erase(from);
        there.insert(key);  // a page that had the number is dropped for it
        highest.Moved(from, key);
      } else if (kind == 3) {
        there.insert(key);
        highest.Added(key);
      } else {
        there.erase(there.lower_bound(key), there.end());
        highest.Truncated(key);
      }
      for (const unsigned limit : {1u, key, draw(30), kParking, kParking + 2}) {
        ASSERT_TRUE(highest.Reaches(limit) || there.lower_bound(limit) == there.end()) << "seed " << seed << " step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace schotvrij::store
