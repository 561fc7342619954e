#include "gateway/transport/http/media_type.h"

#include <string_view>

#include "gtest/gtest.h"

namespace schotvrij::http {
namespace {

TEST(MediaType, AnAbsentFieldNamesNoType) {
  EXPECT_FALSE(IsFhirJson(std::string_view()));
  EXPECT_FALSE(IsForm(std::string_view()));
  EXPECT_TRUE(AcceptsFhirJson(std::string_view()));
}

TEST(MediaType, AnEmptyFieldNamesNoType) {
  EXPECT_FALSE(IsFhirJson(""));
  EXPECT_FALSE(IsForm(""));
  EXPECT_FALSE(IsForm(";"));
}

}  // namespace
}  // namespace schotvrij::http
