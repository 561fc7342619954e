#include "adapters/canonical/map/text_form.h"

#include <gtest/gtest.h>

namespace schotvrij::canonical {
namespace {

TEST(TextForm, ATimeIsOneOfADayWithoutZone) {
  for (const char* time : {"00:00:00", "23:59:59", "09:05:00.5", "09:05:00.123456"}) {
    EXPECT_TRUE(IsTime(time)) << time;
  }
  for (const char* other : {"", "9:05:00", "09:05", "24:00:00", "23:60:00", "23:59:60", "09:05:00Z",
                            "09:05:00+01:00", "09:05:00.", "09:05:00.5a", "09-05-00", "a9:05:00"}) {
    EXPECT_FALSE(IsTime(other)) << other;
  }
}

}  // namespace
}  // namespace schotvrij::canonical
