#include "gateway/audit/event.h"

#include "gateway/audit/audit.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace schotvrij::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Event Complete(v1::AuditCode code) {
  return Event(code, 'E', {1'767'225'600'000'000}, "gateway.example")
      .By("opella", "care-provider", "vendor")
      .About("exchange", "0123456789abcdef0123456789abcdef")
      .Policy("0123456789abcdef");
}

TEST(Event, EveryCodeCanBeBuiltComplete) {
  const auto* codes = v1::AuditCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    auto code = static_cast<v1::AuditCode>(codes->value(i)->number());
    if (code == v1::AUDIT_CODE_UNSPECIFIED) continue;
    Event event = Complete(code);
    EXPECT_THAT(MissingFields(event.event()), IsEmpty()) << codes->value(i)->name();
    v1::AuditEvent read;
    ASSERT_TRUE(read.ParseFromString(event.Bytes()));
    EXPECT_EQ(read.code(), code);
    EXPECT_TRUE(read.users(0).requestor());
    EXPECT_EQ(read.users(0).on_behalf_of(), "vendor");
  }
}

TEST(Event, TheSameEventHasTheSameBytes) {
  EXPECT_EQ(Complete(v1::AUDIT_READ).Bytes(), Complete(v1::AUDIT_READ).Bytes());
}

TEST(MissingFields, NamesWhatNen7513MakesMandatory) {
  EXPECT_THAT(MissingFields({}), ElementsAre("code", "action", "recorded_us", "outcome", "users", "objects",
                                             "authorisation_protocol", "source"));
  v1::AuditEvent event = Complete(v1::AUDIT_READ).event();
  event.set_action("X");
  event.mutable_users(0)->clear_role();
  event.add_users();
  event.add_objects()->set_type("client");
  EXPECT_THAT(MissingFields(event),
              ElementsAre("action", "users[0].role", "users[1].id", "users[1].role", "objects[1].id"));
}

TEST(EventDeathTest, AnIncompleteEventEndsTheProgram) {
  EXPECT_DEATH(Event(v1::AUDIT_READ, 'R', {1}, "gateway.example").Bytes(), "lacks users");
}

}  // namespace
}  // namespace schotvrij::audit
