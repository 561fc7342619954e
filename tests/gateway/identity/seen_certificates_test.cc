#include "gateway/identity/seen_certificates.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace schotvrij::identity {
namespace {

using testing::UnorderedElementsAre;

PeerCertificate Until(const std::string& sha256, int64_t us) {
  PeerCertificate certificate;
  certificate.sha256 = sha256;
  certificate.not_after = Instant{us};
  return certificate;
}

TEST(SeenCertificates, R54_OfCertificatesThatOverlapTheOneThatEndsLastCounts) {
  SeenCertificates seen;
  const Caller system{"opella", {"opella"}}, desk{"opella", {"opella"}, "wmo"};
  EXPECT_TRUE(seen.Note(system, Until("a", 10)));
  EXPECT_FALSE(seen.Note(system, Until("a", 10))) << "it is known";
  EXPECT_TRUE(seen.Note(system, Until("b", 20)));
  EXPECT_FALSE(seen.Note(system, Until("a", 10))) << "the old one is still used";
  EXPECT_TRUE(seen.Note(desk, Until("c", 5))) << "who else is in the organisation has one of its own";
  std::vector<std::string> all;
  for (const SeenCertificates::Seen& each : seen.All()) all.push_back(each.participant + " " + each.sha256);
  EXPECT_THAT(all, UnorderedElementsAre("opella b", "opella c"));
}

}  // namespace
}  // namespace schotvrij::identity
