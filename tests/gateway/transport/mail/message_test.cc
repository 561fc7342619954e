#include "gateway/transport/mail/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "schemas/base/limits.h"

namespace schotvrij::mail {
namespace {

MessageHead Head() {
  return {.from = "gateway@schotvrij.example",
          .to = "wmo@gemeente.example",
          .message_id = "0123456789abcdef",
          .mail_message_id = "<0123456789abcdef@schotvrij.example>",
          .sent_at = Instant{1'772'446'530'000'000}};
}

TEST(Message, HeaderTellsWhoWhenAndWhichAndNothingElse) {
  EXPECT_EQ(*WriteMessage(Head(), "Content-Type: x/y\r\n\r\nz"),
            "From: gateway@schotvrij.example\r\n"
            "To: wmo@gemeente.example\r\n"
            "Subject: Bericht 0123456789abcdef\r\n"
            "Date: Mon, 02 Mar 2026 10:15:30 +0000\r\n"
            "Message-ID: <0123456789abcdef@schotvrij.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: x/y\r\n\r\nz");
}

TEST(Message, MessageIdMayComeWithoutBrackets) {
  MessageHead head = Head();
  head.mail_message_id = "0123456789abcdef@schotvrij.example";
  EXPECT_EQ(*WriteMessage(head, ""), *WriteMessage(Head(), ""));
}

struct BadHead {
  std::string name;
  std::string MessageHead::*field;
  std::string value;
};
void PrintTo(const BadHead& bad, std::ostream* out) { *out << bad.name; }

class MessageRefuses : public ::testing::TestWithParam<BadHead> {};

TEST_P(MessageRefuses, WhatIsNotOfItsForm) {
  MessageHead head = Head();
  head.*GetParam().field = GetParam().value;
  EXPECT_EQ(WriteMessage(head, "").status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Heads, MessageRefuses,
    ::testing::Values(
        BadHead{"NoFrom", &MessageHead::from, ""}, BadHead{"NoTo", &MessageHead::to, ""},
        BadHead{"ToWithInjectedHeader", &MessageHead::to, "a@b.nl\r\nBcc: c@d.nl"},
        BadHead{"ToWithBareLineFeed", &MessageHead::to, "a@b.nl\nBcc:c@d.nl"},
        BadHead{"ToWithTwoAddresses", &MessageHead::to, "a@b.nl,c@d.nl"},
        BadHead{"ToWithSmtpParameter", &MessageHead::to, "a@b.nl> NOTIFY=NEVER"},
        BadHead{"ToWithName", &MessageHead::to, "Wmo <a@b.nl>"},
        BadHead{"ToQuoted", &MessageHead::to, "\"a b\"@c.nl"},
        BadHead{"ToNotAscii", &MessageHead::to, "caf\u00e9@b.nl"},
        BadHead{"ToWithoutHost", &MessageHead::to, "a@"},
        BadHead{"ToWithoutLocalPart", &MessageHead::to, "@b.nl"},
        BadHead{"ToWithTwoDots", &MessageHead::to, "a..b@c.nl"},
        BadHead{"ToWithDotAtTheEnd", &MessageHead::to, "a@b.nl."},
        BadHead{"ToTooLong", &MessageHead::to,
                std::string(limits::kMailAddressBytesMax - 4, 'a') + "@b.nl"},
        BadHead{"NoMessageId", &MessageHead::message_id, ""},
        BadHead{"MessageIdWithInjectedHeader", &MessageHead::message_id, "1\r\nBcc: c@d.nl"},
        BadHead{"MessageIdTooLong", &MessageHead::message_id,
                std::string(limits::kKeyBytesMax + 1, '1')},
        BadHead{"NoMailMessageId", &MessageHead::mail_message_id, ""},
        BadHead{"MailMessageIdBrokenOut", &MessageHead::mail_message_id, "<a@b>\r\nBcc: <c@d>"}),
    [](const auto& info) { return info.param.name; });

TEST(Message, AMessageWithoutDateIsRefused) {
  MessageHead head = Head();
  head.sent_at = Instant{};
  EXPECT_FALSE(WriteMessage(head, "").ok());
}

TEST(Message, AnAddressMayBeAsLongAsTheLimit) {
  EXPECT_TRUE(IsPlainAddress(std::string(limits::kMailAddressBytesMax - 5, 'a') + "@b.nl"));
}

}  // namespace
}  // namespace schotvrij::mail
