#include "gateway/exchange/events.h"

#include "gtest/gtest.h"
#include "schotvrij/v1/audit.pb.h"

namespace schotvrij::exchange {
namespace {

TEST(Events, NameThePolicySetThatRuledAlsoWhenAReloadCameBetween) {
  const EventFrame frame{{1}, "gateway.example", "before", "opella", "opella", "care-provider", "trace"};
  policy::Evidence evidence;
  evidence.recipient = "gemeente-ede";
  evidence.recipient_role = "municipality";
  evidence.purpose = v1::REGISTRATION;
  evidence.rule = "rule";
  evidence.policy_set = "after";
  for (const auto make : {&DecideEvent, &DiscloseEvent, &ReadEvent}) {
    v1::AuditEvent event;
    ASSERT_TRUE(event.ParseFromString(make(frame, {"client", "exchange", "delivery"}, evidence)));
    EXPECT_EQ(event.authorisation_protocol(), "after");
  }
  v1::AuditEvent received;
  ASSERT_TRUE(received.ParseFromString(ReceiveEvent(frame, {"client", "exchange", ""})));
  EXPECT_EQ(received.authorisation_protocol(), "before");
}

}  // namespace
}  // namespace schotvrij::exchange
