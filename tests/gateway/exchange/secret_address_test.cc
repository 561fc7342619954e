// R24: a secret address leaves in no format, though every rule shares everything.
#include <string>
#include <vector>

#include "adapters/canonical/canonical.h"
#include "adapters/fhir/fhir.h"
#include "adapters/securemail/securemail.h"
#include "gtest/gtest.h"
#include "tests/support/disclosures.h"

namespace schotvrij::exchange {
namespace {

constexpr const char* kStreet = "Geheimstraat";
constexpr const char* kShelter = "Opvanghuis";
constexpr const char* kEmail = "proef@example.org";

v1::Exchange LivingAt(bool secret) {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900006");
  exchange.mutable_client()->mutable_name()->set_own_name("Testmeer");
  v1::Contact& own = *exchange.mutable_client()->add_contacts();
  own.mutable_address()->set_street(kStreet);
  own.set_organisation(kShelter);
  own.set_email(kEmail);
  own.set_address_secret(secret);
  exchange.mutable_registration()->set_step(v1::REGISTER);
  return exchange;
}

std::vector<std::string> InEveryFormat(const v1::Exchange& exchange) {
  const policy::Disclosure disclosure = test::DiscloseAll(exchange);
  std::vector<std::string> formats;
  for (const absl::StatusOr<policy::Encoded>& encoded :
       {canonical::EncodeMailboxItem(disclosure), canonical::EncodeJson(disclosure), fhir::EncodeTask(disclosure, {}),
        fhir::EncodePatient(disclosure, {}), fhir::EncodePatient(disclosure, {}, fhir::Syntax::kXml), securemail::Encode(disclosure)}) {
    EXPECT_TRUE(encoded.ok()) << encoded.status();
    formats.push_back(encoded.ok() ? encoded->bytes() : "");
  }
  return formats;
}

bool Says(const std::vector<std::string>& formats, const std::string& text) {
  for (const std::string& bytes : formats) {
    if (bytes.find(text) != bytes.npos) return true;
  }
  return false;
}

TEST(SecretAddress, R24_LeavesInNoFormatThoughEveryRuleSharesIt) {
  const std::vector<std::string> open = InEveryFormat(LivingAt(/*secret=*/false));
  EXPECT_TRUE(Says(open, kStreet) && Says(open, kShelter));
  const std::vector<std::string> secret = InEveryFormat(LivingAt(/*secret=*/true));
  for (const char* hidden : {kStreet, kShelter, "address_secret", "addressSecret"}) EXPECT_FALSE(Says(secret, hidden)) << hidden;
  EXPECT_TRUE(Says(secret, kEmail)) << "only the address is hidden";
}

}  // namespace
}  // namespace schotvrij::exchange
