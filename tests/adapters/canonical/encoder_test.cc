#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "adapters/canonical/canonical.h"
#include "schotvrij/v1/mailbox.pb.h"
#include "tests/support/disclosures.h"

namespace schotvrij::canonical {
namespace {

using ::testing::ElementsAre;

v1::Exchange Registration() {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900006");
  exchange.mutable_client()->set_birth_date("1940-05-06");
  exchange.mutable_client()->mutable_name()->set_own_name("Proef \"aan\\halingsteken\"");
  exchange.mutable_registration()->set_step(v1::REGISTER);
  exchange.mutable_registration()->set_start_date("2026-03-01");
  return exchange;
}

TEST(CanonicalEncoder, AMailboxItemIsTheDisclosureUnderItsDeliveryId) {
  const policy::Disclosure disclosure = test::DiscloseAll(Registration());
  const policy::Encoded encoded = *EncodeMailboxItem(disclosure);
  v1::MailboxItem item;
  ASSERT_TRUE(item.ParseFromString(encoded.bytes()));
  EXPECT_EQ(item.delivery_id(), disclosure.evidence().disclosure_id);
  EXPECT_EQ(item.exchange().SerializeAsString(), disclosure.exchange().SerializeAsString());
  EXPECT_FALSE(item.repeat() || item.has_takes_part());
  ASSERT_TRUE(item.ParseFromString(EncodeMailboxItem(disclosure, {.repeat = true, .client_key = "c", .takes_part = false})->bytes()));
  EXPECT_TRUE(item.repeat());
  EXPECT_EQ(item.client_key(), "c");
  EXPECT_TRUE(item.has_takes_part() && !item.takes_part());
  EXPECT_EQ(encoded.media_type(), kProtobufMediaType);
  EXPECT_THAT(encoded.disclosure_ids(), ElementsAre(disclosure.evidence().disclosure_id));
}

TEST(CanonicalEncoder, WhatNoRuleSharesIsNotInTheItem) {
  const policy::Disclosure disclosure =
      test::Disclose(Registration(), test::ShareOnly({"client.bsn", "envelope.sender"}));
  v1::MailboxItem item;
  ASSERT_TRUE(item.ParseFromString(EncodeMailboxItem(disclosure)->bytes()));
  v1::Exchange expected;
  expected.mutable_client()->set_bsn("999900006");
  expected.mutable_envelope()->set_sender(std::string(test::kProvider));
  expected.mutable_registration();
  EXPECT_EQ(item.exchange().SerializeAsString(), expected.SerializeAsString());
}

TEST(CanonicalEncoder, JsonIsReadBackAsTheSameMessage) {
  const policy::Disclosure disclosure = test::DiscloseAll(Registration());
  const policy::Encoded encoded = *EncodeJson(disclosure);
  EXPECT_EQ(encoded.media_type(), kJsonMediaType);
  DecodedParts parts;
  std::unique_ptr<Decoder> decoder = NewJsonDecoder();
  ASSERT_TRUE(decoder->Feed(encoded.bytes(), parts));
  decoder->Finish(parts);
  ASSERT_EQ(parts.exchanges.size(), 1u);
  EXPECT_FALSE(HasError(parts.issues));
  EXPECT_EQ(parts.exchanges[0].client().SerializeAsString(),
            disclosure.exchange().client().SerializeAsString());
  EXPECT_EQ(parts.exchanges[0].registration().SerializeAsString(),
            disclosure.exchange().registration().SerializeAsString());
}

}  // namespace
}  // namespace schotvrij::canonical
