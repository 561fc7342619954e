// iWmo to canonical.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "tests/adapters/iwmo/messages.h"

namespace schotvrij::iwmo {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string With(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

// Of a document that must come to nothing: what is wrong with it.
std::string Refused(std::string_view bytes, int level = 2) {
  const Said said = Decoded(bytes, level);
  EXPECT_THAT(said.order, Not(HasSubstr("exchange")));
  EXPECT_THAT(said.order, Not(HasSubstr("trailer")));
  return TextOf(said.issues);
}

TEST(IwmoDecoder, GivesNothingOfWhatIsNoIwmo) {
  EXPECT_NE(Refused(""), "");
  EXPECT_NE(Refused("{}"), "");
  EXPECT_NE(Refused("<Bericht/>"), "");
}

TEST(IwmoDecoder, GivesNothingOfADocumentThatBrokeOff) {
  const std::string whole = DocumentOf("WMO305", kStart);
  for (size_t bytes = 0; bytes + 1 < whole.size(); bytes += 97) EXPECT_NE(Refused(whole.substr(0, bytes)), "") << bytes;
}

TEST(IwmoDecoder, GivesNothingOfADocumentThatSomethingStandsBehind) {
  EXPECT_NE(Refused(DocumentOf("WMO305", kStart) + "x"), "");
  EXPECT_NE(Refused(DocumentOf("WMO305", kStart) + DocumentOf("WMO305", kStart)), "");
  EXPECT_THAT(Decoded(DeclarationOf(kDeclarationFrame, kDeclarationParts) + "x").order, Not(HasSubstr("trailer")));
}

TEST(IwmoDecoder, GivesNothingOfADocumentWithAnErrorOfLevelOne) {
  EXPECT_NE(Refused(DocumentOf("WMO305", With(kStart, "Geslacht=2", "Geslacht=9"))), "");
}

TEST(IwmoDecoder, GivesNothingOfADocumentWithAnErrorOfLevelTwoButWhereOnlyLevelOneIsAsked) {
  const std::string early = DocumentOf("WMO307", With(kStop, "Einddatum=2026-02-27", "Einddatum=2026-02-08"));
  EXPECT_THAT(Refused(early), HasSubstr("TR018"));
  EXPECT_EQ(ExchangeOf(early, 1).delivery_event().products(0).until(), "2026-02-08");
}

TEST(IwmoDecoder, RefusesANameUsageThatWeHaveNoCounterpartOf) {
  for (const char* code : {"NaamGebruik=5", "NaamGebruik=6"}) {
    const std::string issues = Refused(DocumentOf("WMO301", With(kAllocation, "NaamGebruik=3", code)), 1);
    EXPECT_THAT(issues, HasSubstr("IWMO-NO-COUNTERPART at Bericht/Client/Naam/NaamGebruik"));
  }
}

TEST(IwmoDecoder, RefusesADayOrTimeThatWeHaveNoCounterpartOf) {
  EXPECT_THAT(Refused(DocumentOf("WMO305", With(kStart, "Begindatum=2026-02-10", "Begindatum=12026-02-10")), 1),
              HasSubstr("IWMO-NO-COUNTERPART at Bericht/Client/StartProducten/StartProduct[2]/Begindatum"));
  EXPECT_THAT(Refused(DocumentOf("WMO301", With(kAllocation, "10:20:30", "24:00:00")), 1),
              HasSubstr("IWMO-NO-COUNTERPART at Bericht/Client/ToegewezenProducten/ToegewezenProduct[1]/Toewijzingstijd"));
}

TEST(IwmoDecoder, ADeclarationIsABatchOfItsClients) {
  const Said said = Decoded(DeclarationOf(kDeclarationFrame, kDeclarationParts));
  EXPECT_EQ(TextOf(said.issues), "");
  EXPECT_EQ(said.order,
            "header(batch_key: \"kenmerk-1\" sender { system: \"agb\" value: \"12345678\" }) exchange part exchange part "
            "trailer(exchanges: 2) ");
  ASSERT_EQ(said.exchanges.size(), 2u);
  EXPECT_EQ(said.exchanges[0].client().bsn(), "999900006");
  EXPECT_EQ(said.exchanges[1].client().bsn(), "999900018");
  EXPECT_EQ(Shown(said.exchanges[0].envelope()), Shown(said.exchanges[1].envelope()));
  EXPECT_EQ(Shown(said.exchanges[0].declaration()), Shown(Written(R"(declaration {
    declaration_number: "D2026" from: "2026-02-01" until: "2026-02-28" declared_on: "2026-03-01" scheme: "484"
    lines { line_reference: "L1" allocation_number: 123 product { category: "02" code: "02A01" } from: "2026-02-02"
            until: "2026-02-28" volume { amount: 16 unit: "04" } rate_cents: 1500 amount_cents: 24000 side: DEBIT } })").declaration()));
  EXPECT_EQ(Shown(said.exchanges[1].declaration()), Shown(Written(R"(declaration {
    declaration_number: "D2026" from: "2026-02-01" until: "2026-02-28" declared_on: "2026-03-01" scheme: "484"
    lines { line_reference: "L2" previous_line_reference: "L0" allocation_number: 124
            product { category: "07" code: "07A12" } from: "2026-02-02" until: "2026-02-28"
            volume { amount: 5000 unit: "83" } amount_cents: 5000 side: CREDIT } })").declaration()));
}

TEST(IwmoDecoder, ADeclarationWithAnErrorHasNoTrailerWhateverWasGivenBeforeIt) {
  const std::vector<std::string> second_wrong = {kDeclarationParts[0], With(kDeclarationParts[1], "999900018", "999900019")};
  const Said late = Decoded(DeclarationOf(kDeclarationFrame, second_wrong));
  EXPECT_THAT(late.order, HasSubstr("exchange part issue part"));
  EXPECT_THAT(late.order, Not(HasSubstr("trailer")));

  const std::vector<std::string> first_wrong = {With(kDeclarationParts[0], "GeleverdVolume=16", "GeleverdVolume=many"),
                                                kDeclarationParts[1]};
  EXPECT_NE(Refused(DeclarationOf(kDeclarationFrame, first_wrong)), "");

  const Said total = Decoded(DeclarationOf(With(kDeclarationFrame, "=19000", "=19001"), kDeclarationParts));
  EXPECT_THAT(TextOf(total.issues), HasSubstr("TR358"));
  EXPECT_THAT(total.order, Not(HasSubstr("trailer")));
}

TEST(IwmoDecoder, ADeclarationThatBrokeOffHasNoTrailer) {
  const std::string whole = DeclarationOf(kDeclarationFrame, kDeclarationParts);
  for (size_t bytes = 0; bytes + 1 < whole.size(); bytes += 61) {
    const Said said = Decoded(whole.substr(0, bytes));
    EXPECT_NE(TextOf(said.issues), "") << bytes;
    EXPECT_THAT(said.order, Not(HasSubstr("trailer"))) << bytes;
  }
}

TEST(IwmoDecoder, SaysNoMoreThanTheMostFindings) {
  std::string products;
  for (int i = 0; i < 300; ++i) products += "StartProduct{Begindatum=never;StatusAanlevering=1;}";
  const Said said = Decoded(DocumentOf("WMO305", "Client{" + kPerson + "StartProducten{" + products + "}}"));
  EXPECT_FALSE(said.issues.empty());
  EXPECT_LE(said.issues.size(), 100u);
}

TEST(IwmoDecoder, TellsTheMessageAsTheShapeOfItsAnswer) {
  DecodedParts parts;
  const std::unique_ptr<Decoder> decoder = NewDecoder({});
  EXPECT_EQ(decoder->Shape(), "");
  decoder->Feed(DocumentOf("WMO305", kStart), parts);
  EXPECT_EQ(decoder->Shape(), "WMO305");
}

TEST(IwmoDecoder, ReadsAnAllocation) {
  const v1::Exchange exchange = ExchangeOf(DocumentOf("WMO301", kAllocation));
  EXPECT_EQ(Shown(exchange), Shown(Written(R"(
    envelope { request_key: "kenmerk-1" recipient_identifier { system: "agb" value: "12345678" }
               sender_identifier { system: "cbs" value: "0228" } sent_on: "2026-03-02" }
    client {
      bsn: "999900006" birth_date: "1950-02" birth_date_use: DAY_UNKNOWN gender: FEMALE
      name { own_name: "Jansen" own_prefix: "van der" partner_name: "Smit" partner_prefix: "de" usage: PARTNER_THEN_OWN
             given_names: "Anna Maria" initials: "AM" }
      communication_form: "1" language: "Pools" legal_status: "04" representation: "09"
      relations { number: "1" rank: 1 kind: "12" birth_date_use: ALL_UNKNOWN gender: MALE name { own_name: "Smit" usage: OWN }
                  contacts { kind: CORRESPONDENCE_ADDRESS phones { number: "0612345678" country_code: "+31" } } }
      contacts { kind: REGISTERED_ADDRESS
                 address { street: "Dorpsstraat" house_number: 12 house_letter: "a" house_number_addition: "bis"
                           house_indication: "TO" postal_code: "1234AB" city: "Ede" country: "NL" }
                 organisation: "Huis Ede" phones { number: "0318123456" country_code: "+31" }
                 phones { number: "0612345678" country_code: "+31" } email: "anna@example.nl" }
      contacts { kind: TEMPORARY_ADDRESS address { house_number: 3 postal_code: "1234AC" country: "NL" }
                 from: "2026-01-01" until: "2026-06-30" }
    }
    wire { iwmo { version: 3 subversion: 2 base_xsd_version: "1.0.0" message_xsd_version: "1.0.0" } }
    allocation {
      products { allocation_number: 123 provider_reference: "ref-1" product { category: "02" code: "02A01" }
                 allocated_on: "2026-02-01" allocated_at: "10:20:30" from: "2026-02-02" until: "2026-12-31" change_reason: "04"
                 volume { amount: 3 unit: "04" frequency: "2" } }
      products { allocation_number: 124 product { category: "07" } allocated_on: "2026-02-01" allocated_at: "10:20:30"
                 from: "2026-02-02" until: "2026-12-31" budget_cents: 100000 }
    })")));
}

TEST(IwmoDecoder, ReadsHowMuchOfABirthDateIsKnown) {
  const std::pair<const char*, const char*> cases[] = {{"Datum=1950-02-03;", "birth_date: \"1950-02-03\""},
                                                       {"Datum=1950-02-01;DatumGebruik=1;", "birth_date: \"1950-02\""},
                                                       {"Datum=1950-01-01;DatumGebruik=2;", "birth_date: \"1950\""},
                                                       {"Datum=1900-01-01;DatumGebruik=3;", "gender: FEMALE"}};
  for (const auto& [element, said] : cases) {
    const v1::Exchange exchange = ExchangeOf(DocumentOf("WMO305", With(kStart, "Datum=1950-02-03;", element)));
    EXPECT_THAT(Shown(exchange.client()), HasSubstr(said));
  }
}

TEST(IwmoDecoder, ReadsAStartAndAStop) {
  EXPECT_EQ(Shown(ExchangeOf(DocumentOf("WMO305", kStart)).delivery_event()), Shown(Written(R"(delivery_event {
    kind: DELIVERY_STARTED
    products { allocation_number: 123 product { category: "02" code: "02A01" } allocation_from: "2026-02-02" from: "2026-02-09"
               delivery_status: "1" }
    products { allocation_number: 124 product { category: "07" } from: "2026-02-10" delivery_status: "3" } })").delivery_event()));
  EXPECT_EQ(Shown(ExchangeOf(DocumentOf("WMO307", kStop)).delivery_event()), Shown(Written(R"(delivery_event {
    kind: DELIVERY_STOPPED
    products { allocation_number: 123 product { category: "02" code: "02A01" } allocation_from: "2026-02-02" from: "2026-02-09"
               until: "2026-02-27" end_reason: "39" delivery_status: "1" } })").delivery_event()));
}

TEST(IwmoDecoder, ReadsARequestForAnAllocationAndForAChange) {
  EXPECT_EQ(Shown(ExchangeOf(DocumentOf("WMO315", kRequest)).support_request()), Shown(Written(R"(support_request {
    kind: REQUEST_ALLOCATION
    products { action: ADD_PRODUCT provider_reference: "ref-1" decision_number: 77 decision_from: "2026-02-01"
               product { category: "02" code: "02A01" } from: "2026-03-01" until: "2026-12-31"
               volume { amount: 3 unit: "04" frequency: "2" } referrer { kind: "02" agb: "01234567" }
               framework_contract: "1" } })").support_request()));
  EXPECT_EQ(Shown(ExchangeOf(DocumentOf("WMO317", kChange)).support_request()), Shown(Written(R"(support_request {
    kind: REQUEST_CHANGE provider_reference: "ref-2" change_reason: "1"
    products { action: KEEP_PRODUCT allocation_number: 123 }
    products { action: KEEP_PRODUCT allocation_number: 125 }
    products { action: CHANGE_PRODUCT allocation_number: 124 from: "2026-04-01" until: "2026-12-31" budget_cents: 50000 }
    products { action: ADD_PRODUCT product { category: "07" code: "07A12" } from: "2026-04-01" until: "2026-12-31"
               volume { amount: 2 unit: "16" frequency: "2" } } })").support_request()));
}

TEST(IwmoDecoder, ReadsAnAnswerToARequest) {
  const v1::Exchange exchange = ExchangeOf(DocumentOf("WMO319", kRequestAnswer));
  EXPECT_EQ(ShownShort(exchange.request_answer()),
            "provider_reference: \"ref-1\" verdict: REQUEST_REFUSED refusal_reason: \"3\"");
  EXPECT_FALSE(exchange.has_client());
}

}  // namespace
}  // namespace schotvrij::iwmo
