// When a participant may be sent something.
#include "gateway/identity/availability.h"

#include <gtest/gtest.h>

#include <limits>

namespace schotvrij::identity {
namespace {

void Close(config::v1::Participant* participant, const char* from, const char* until) {
  participant->add_closure()->set_from(from);
  participant->mutable_closure()->rbegin()->set_until(until);
}

TEST(Availability, AClosureLastsFromItsFirstMomentToItsLast) {
  config::v1::Participant participant;
  EXPECT_EQ(ClosedUntil(participant, Instant{0}), std::nullopt);
  Close(&participant, "2026-12-31T18:00:00+01:00", "2027-01-02T08:00:00+01:00");
  const Instant from = *ParseMoment("2026-12-31T17:00:00Z");
  const Instant until = *ParseMoment("2027-01-02T07:00:00Z");
  EXPECT_EQ(ClosedUntil(participant, Instant{from.us - 1}), std::nullopt);
  EXPECT_EQ(ClosedUntil(participant, from), until);
  EXPECT_EQ(ClosedUntil(participant, Instant{until.us - 1}), until);
  EXPECT_EQ(ClosedUntil(participant, until), std::nullopt);
}

TEST(Availability, OfTwoClosuresTheLastEndCounts) {
  config::v1::Participant participant;
  Close(&participant, "2026-12-31T18:00:00+01:00", "2027-01-02T08:00:00+01:00");
  Close(&participant, "2027-01-01T00:00:00+01:00", "2027-01-05T00:00:00+01:00");
  Close(&participant, "2027-01-01T00:00:00+01:00", "2027-01-03T00:00:00+01:00");
  EXPECT_EQ(ClosedUntil(participant, *ParseMoment("2027-01-01T12:00:00+01:00")), ParseMoment("2027-01-05T00:00:00+01:00"));
}

TEST(Availability, WhoIsSuspendedOpensAtNoMoment) {
  config::v1::Participant participant;
  participant.set_suspended(true);
  EXPECT_EQ(ClosedUntil(participant, Instant{5})->us, std::numeric_limits<int64_t>::max());
}

TEST(Availability, AMomentHasItsOffset) {
  for (const char* text : {"", "2026-12-31", "2026-12-31T18:00:00", "31-12-2026 18:00", "2026-13-31T18:00:00Z", "infinite-future"}) {
    EXPECT_EQ(ParseMoment(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace schotvrij::identity
