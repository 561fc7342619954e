// The generator: what it makes is taken by the gateway's own decoder, and no two are alike.
#include "tests/bench/registrations.h"

#include <gtest/gtest.h>

#include <set>

#include "adapters/canonical/canonical.h"
#include "adapters/fhir/fhir.h"
#include "schemas/base/bsn.h"

namespace schotvrij::bench {
namespace {

const CivilDate kToday = *CivilDate::FromYmd(2026, 11, 20);

TEST(Registrations, HaveAsManyClientsAsTheySayEachWithANumberThatIsOne) {
  std::set<std::string> seen;
  for (uint64_t number = 0; number < Registrations::kClients; ++number) {
    const std::string text = Registrations::Bsn(number);
    const std::optional<Bsn> bsn = Bsn::Parse(text);
    ASSERT_TRUE(bsn.has_value() && bsn->InTestRange()) << number;
    EXPECT_TRUE(seen.insert(text).second) << number;
  }
}

TEST(Registrations, AreOfTheSameClientsInTheNextNetworkWhenThereAreNoMore) {
  EXPECT_EQ(Registrations::Network(Registrations::kClients - 1), "ede");
  EXPECT_EQ(Registrations::Network(Registrations::kClients), "ede-2");
  EXPECT_EQ(Registrations::Bsn(Registrations::kClients), Registrations::Bsn(0));
}

TEST(Registrations, AreTakenByTheDecoderAndSayTheSameOnBothEdges) {
  const Registrations registrations(kToday);
  std::set<std::string> keys;
  for (uint64_t number : {0, 1, 2, 500, 8'999, 9'000, 100'000}) {
    const std::string bundle = registrations.Bundle(number);
    EXPECT_GE(bundle.size(), 4u << 10);
    EXPECT_LE(bundle.size(), 6u << 10);
    std::unique_ptr<Decoder> decoder = fhir::NewDecoder({});
    DecodedParts parts;
    if (decoder->Feed(bundle, parts)) decoder->Finish(parts);
    ASSERT_EQ(parts.exchanges.size(), 1u) << number;
    const v1::Exchange& exchange = parts.exchanges.front();
    EXPECT_TRUE(canonical::CheckForm(exchange).empty());
    EXPECT_TRUE(keys.insert(exchange.envelope().request_key()).second);
    const v1::RegisterRequest request = registrations.Request(number);
    EXPECT_EQ(request.network(), exchange.envelope().network());
    EXPECT_EQ(request.client().bsn(), exchange.client().bsn());
    EXPECT_EQ(request.client().birth_date(), exchange.client().birth_date());
    EXPECT_EQ(request.client().name().own_name(), exchange.client().name().own_name());
    EXPECT_EQ(request.registration().SerializeAsString(), exchange.registration().SerializeAsString());
  }
}

}  // namespace
}  // namespace schotvrij::bench
