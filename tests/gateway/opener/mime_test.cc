#include "gateway/opener/mime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/opener/open_mail.h"
#include "schemas/base/limits.h"

namespace schotvrij::opener {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Entity::Kind;

std::string EntityOf(const std::string& type, const std::string& body, const std::string& more = "") {
  return "Content-Type: " + type + "\r\n" + more + "\r\n" + body;
}

std::string MultipartOf(const std::string& kind, const std::vector<std::string>& parts, const std::string& boundary = "grens") {
  std::string body;
  for (const std::string& part : parts) body += "--" + boundary + "\r\n" + part + "\r\n";
  return EntityOf("multipart/" + kind + "; boundary=" + boundary, body + "--" + boundary + "--\r\n");
}

class MimeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { Prepare(); }

  static std::string TextOf(const std::string& entity) {
    const Entity read = ReadEntity(entity);
    EXPECT_TRUE(read.refused.empty() || read.text.empty());
    return read.refused.empty() ? read.text : read.refused;
  }
  static mail::v1::OpenedMail HeadOf(const std::string& fields) {
    mail::v1::OpenedMail opened;
    EXPECT_EQ(ReadHead(fields + "\r\nAkkoord\r\n", &opened), "");
    return opened;
  }
};

const std::string kPlain = EntityOf("text/plain; charset=utf-8", "Akkoord");
const std::string kPage = EntityOf("text/html", "<p>Akkoord</p>");
const std::string kSigned =
    EntityOf("application/pkcs7-mime; smime-type=signed-data", "AAAA", "Content-Transfer-Encoding: base64\r\n");

TEST_F(MimeTest, TheTextsOfAllPartsAreTaken) {
  EXPECT_EQ(TextOf(kPlain), "Akkoord\n");
  EXPECT_EQ(TextOf(MultipartOf("mixed", {kPlain, kPage, kPlain})), "Akkoord\nAkkoord\n");
  EXPECT_EQ(TextOf(MultipartOf("alternative", {kPage, kPlain, kPlain})), "Akkoord\n");
  EXPECT_EQ(TextOf(EntityOf("text/plain", "a\r\nb\r\n")), "a\nb\n");
}

TEST_F(MimeTest, AnotherPartIsAnAttachment) {
  for (const char* type : {"application/pdf", "message/rfc822", "audio/basic", "text/calendar", "application/octet-stream"}) {
    EXPECT_EQ(TextOf(MultipartOf("mixed", {kPlain, EntityOf(type, "x")})), "MAIL-ATTACHMENT") << type;
  }
  EXPECT_EQ(TextOf(EntityOf("text/plain", "x", "Content-Transfer-Encoding: eigen\r\n")), "MAIL-ATTACHMENT");
}

TEST_F(MimeTest, NothingIsReadBesideWhatIsSigned) {
  for (const char* kind : {"mixed", "alternative", "related"}) {
    EXPECT_EQ(TextOf(MultipartOf(kind, {kPlain, kSigned})), "MAIL-SIGNATURE") << kind;
    EXPECT_EQ(TextOf(MultipartOf(kind, {kPlain, MultipartOf("signed", {kPlain, kPlain}, "b")})), "MAIL-SIGNATURE") << kind;
  }
}

TEST_F(MimeTest, NoTextIsNoText) {
  EXPECT_EQ(TextOf(kPage), "MAIL-NO-TEXT");
  EXPECT_EQ(TextOf(EntityOf("text/plain", "")), "MAIL-NO-TEXT");
  EXPECT_EQ(TextOf(MultipartOf("mixed", {})), "MAIL-NO-TEXT");
}

TEST_F(MimeTest, PartsAndTheirDepthHaveABound) {
  const auto beside = [](int count) { return MultipartOf("mixed", std::vector<std::string>(static_cast<size_t>(count), kPlain)); };
  EXPECT_EQ(ReadEntity(beside(limits::kMailPartsMax - 1)).refused, "");
  EXPECT_EQ(ReadEntity(beside(limits::kMailPartsMax)).refused, "MAIL-PARTS");
  EXPECT_EQ(ReadEntity(beside(limits::kMailPartsMax + 1)).refused, "MAIL-PARTS");
  std::string deep = kPlain;
  for (int depth = 1; depth <= limits::kMailDepthMax + 1; ++depth) {
    deep = MultipartOf("mixed", {deep}, "grens" + std::string(1, static_cast<char>('a' + depth)));
    EXPECT_EQ(ReadEntity(deep).refused, depth <= limits::kMailDepthMax ? "" : "MAIL-PARTS") << depth;
  }
}

TEST_F(MimeTest, TextHasABound) {
  const std::string most(limits::kMailTextBytesMax - 1, 'x');  // and the end of its line
  EXPECT_EQ(ReadEntity(EntityOf("text/plain", most)).refused, "");
  EXPECT_EQ(ReadEntity(EntityOf("text/plain", most + "x")).refused, "TEXT-SIZE");
  EXPECT_EQ(ReadEntity(EntityOf("text/plain", most + "xx")).refused, "TEXT-SIZE");
  EXPECT_EQ(ReadEntity(MultipartOf("mixed", {EntityOf("text/plain", most), kPlain})).refused, "TEXT-SIZE");
  const std::string wide(limits::kMailTextBytesMax / 2, '\xeb');  // twice as many in UTF-8
  EXPECT_EQ(ReadEntity(EntityOf("text/plain; charset=iso-8859-1", wide)).refused, "TEXT-SIZE");
}

TEST_F(MimeTest, WhatIsOfTwoKindsIsOfNone) {
  EXPECT_EQ(TextOf("Content-Type: text/html\r\n" + kPlain), "MAIL-SYNTAX");
  EXPECT_EQ(TextOf(MultipartOf("mixed", {"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n" + kPlain})),
            "MAIL-SYNTAX");
}

TEST_F(MimeTest, TheKindIsTold) {
  EXPECT_EQ(ReadEntity(kPlain).kind, Kind::kContent);
  EXPECT_EQ(ReadEntity(kSigned).kind, Kind::kCms);
  EXPECT_EQ(ReadEntity(kSigned).cms, std::string(3, '\0'));
  EXPECT_EQ(ReadEntity(MultipartOf("signed", {kPlain})).kind, Kind::kMultipartSigned);
  EXPECT_EQ(ReadEntity(MultipartOf("report", {kPlain})).kind, Kind::kReport);
}

TEST_F(MimeTest, AReportIsRead) {
  const std::string status = EntityOf("message/delivery-status",
                                      "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; p@ede.example\r\n"
                                      "Action: Failed\r\nStatus: 5.1.1\r\n");
  const std::string original = EntityOf("text/rfc822-headers", "Message-ID: <a@b.example>\r\n");
  const Entity read = ReadEntity(MultipartOf("report", {kPlain, status, original}));
  EXPECT_EQ(read.report.action(), "failed");
  EXPECT_EQ(read.report.status(), "5.1.1");
  EXPECT_EQ(read.report.recipient(), "p@ede.example");
  EXPECT_EQ(read.report.message_id(), "a@b.example");
}

TEST_F(MimeTest, WhatIsNoWordIsNotReported) {
  const std::string fields = "\r\nFinal-Recipient: rfc822; p\xeb@ede.example\r\nAction: a b\r\nStatus: ";
  const std::string digits(limits::kMailAddressBytesMax + 1, '5');
  const Entity read = ReadEntity(MultipartOf("report", {EntityOf("message/delivery-status", fields + digits + "\r\n")}));
  EXPECT_THAT(read.report.recipient() + read.report.action() + read.report.status(), IsEmpty());
}

TEST_F(MimeTest, TheHeadOfAMailIsRead) {
  const std::string id = "0123456789abcdef0123456789abcdef";
  const mail::v1::OpenedMail opened =
      HeadOf("From: P. Proefje <P@EDE.example>\r\nMessage-ID: <a@b.example>\r\nSubject: Re: Bericht " + id +
             "\r\nIn-Reply-To: <" + id + "@zorgnet.example>\r\nAuto-Submitted: no\r\n");
  EXPECT_EQ(opened.from(), "p@ede.example");
  EXPECT_EQ(opened.message_id(), "a@b.example");
  EXPECT_THAT(opened.about(), ElementsAre(id));
  EXPECT_FALSE(opened.automatic());
  EXPECT_TRUE(HeadOf("Auto-Submitted: auto-replied\r\n").automatic());
}

TEST_F(MimeTest, OnlyWholeIdsAreIdsAndNotAnyNumberOfThem) {
  EXPECT_THAT(HeadOf("Subject: 0123456789abcdef0123456789abcdef0 0123456789ABCDEF0123456789ABCDEF 0123\r\n").about(), IsEmpty());
  std::string many = "In-Reply-To:";
  for (int i = 10; i < 99; ++i) many.append(" ").append(std::to_string(i)).append(30, 'a');
  EXPECT_EQ(HeadOf(many + "\r\n").about_size(), limits::kMailAboutMax);
}

TEST_F(MimeTest, AHeadThatIsReadInTwoWaysIsRefused) {
  mail::v1::OpenedMail opened;
  EXPECT_EQ(ReadHead("From: p@ede.example\r\nFrom: q@ede.example\r\n\r\nx", &opened), "MAIL-SYNTAX");
  EXPECT_EQ(opened.from(), "");
  EXPECT_EQ(ReadHead(std::string("From: p@ede.example\0x\r\n\r\nx", 25), &opened), "MAIL-SYNTAX");
  EXPECT_EQ(opened.from(), "");
}

}  // namespace
}  // namespace schotvrij::opener
