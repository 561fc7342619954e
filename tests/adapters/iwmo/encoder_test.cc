// Canonical to iWmo: what the standard cannot carry is told, and what it can is what was read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "tests/adapters/iwmo/messages.h"
#include "tests/support/disclosures.h"

namespace schotvrij::iwmo {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

absl::StatusOr<policy::Encoded> Encoded(const v1::Exchange& exchange, const HeaderIds& ids = {}) {
  return Encode(test::DiscloseAll(exchange), ids);
}

std::string Bytes(const v1::Exchange& exchange, const HeaderIds& ids = {}) {
  const auto encoded = Encoded(exchange, ids);
  EXPECT_TRUE(encoded.ok()) << encoded.status();
  return encoded.ok() ? encoded->bytes() : "";
}

std::string Refused(const v1::Exchange& exchange) {
  const auto encoded = Encoded(exchange);
  EXPECT_EQ(encoded.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(encoded.status().message());
}

v1::Exchange Allocation() { return ExchangeOf(DocumentOf("WMO301", kAllocation)); }
v1::Exchange Start() { return ExchangeOf(DocumentOf("WMO305", kStart)); }
v1::Exchange Declared(size_t client = 0) { return Decoded(DeclarationOf(kDeclarationFrame, kDeclarationParts)).exchanges.at(client); }

TEST(IwmoEncoder, NamesTheLeafAndTheElementThatIsTooLong) {
  struct Case {
    std::string leaf, element;
    void (*set)(v1::Exchange&);
  };
  const Case cases[] = {
      {"client.contacts[0].address.street", "WMO301 Client/Contactgegevens/Contact/Adres/Straatnaam",
       [](v1::Exchange& e) { e.mutable_client()->mutable_contacts(0)->mutable_address()->set_street("Burgemeester Jansenstraat"); }},
      {"client.name.initials", "WMO301 Client/Naam/Voorletters",
       [](v1::Exchange& e) { e.mutable_client()->mutable_name()->set_initials("ABCDEFG"); }},
      {"client.name.initials", "WMO301 Client/Naam/Voorletters",
       [](v1::Exchange& e) { e.mutable_client()->mutable_name()->set_initials("A. B."); }},
      {"client.name.own_prefix", "WMO301 Client/Naam/Geslachtsnaam/Voorvoegsel",
       [](v1::Exchange& e) { e.mutable_client()->mutable_name()->set_own_prefix("in 't van de"); }},
      {"client.name.own_name", "WMO301 Client/Naam/Geslachtsnaam/Achternaam",
       [](v1::Exchange& e) { e.mutable_client()->mutable_name()->set_own_name("Jansen\nSmit"); }},
      {"client.contacts[0].address.country", "WMO301 Client/Contactgegevens/Contact/Adres/LandCode",
       [](v1::Exchange& e) { e.mutable_client()->mutable_contacts(0)->mutable_address()->set_country("XX"); }},
      {"client.contacts[0].phones[1].number", "WMO301 Client/Contactgegevens/Contact/Telefoon/Telefoon02/Telefoonnummer",
       [](v1::Exchange& e) { e.mutable_client()->mutable_contacts(0)->mutable_phones(1)->set_number("06-12345678"); }},
      {"allocation.products[1].provider_reference",
       "WMO301 Client/ToegewezenProducten/ToegewezenProduct/ReferentieAanbieder",
       [](v1::Exchange& e) { e.mutable_allocation()->mutable_products(1)->set_provider_reference(std::string(37, 'r')); }},
      {"allocation.products[0].volume.amount", "WMO301 Client/ToegewezenProducten/ToegewezenProduct/Omvang/Volume",
       [](v1::Exchange& e) { e.mutable_allocation()->mutable_products(0)->mutable_volume()->set_amount(100'000'000); }},
      {"allocation.products[1].budget_cents", "WMO301 Client/ToegewezenProducten/ToegewezenProduct/Budget",
       [](v1::Exchange& e) { e.mutable_allocation()->mutable_products(1)->set_budget_cents(-1); }},
      {"envelope.request_key", "WMO301 Header/BerichtIdentificatie/Identificatie",
       [](v1::Exchange& e) { e.mutable_envelope()->set_request_key("of-more-than-twelve"); }},
  };
  for (const Case& each : cases) {
    v1::Exchange exchange = Allocation();
    each.set(exchange);
    EXPECT_THAT(Refused(exchange), AllOf(StartsWith(each.leaf + ": "), HasSubstr(each.element)));
  }
}

TEST(IwmoEncoder, RefusesALineReferenceThatDoesNotFit) {
  v1::Exchange exchange = Declared();
  exchange.mutable_declaration()->mutable_lines(0)->set_line_reference("0123456789abcdef-0123");
  EXPECT_THAT(Refused(exchange), AllOf(StartsWith("declaration.lines[0].line_reference: "),
                                       HasSubstr("WMO323 Declaratie/Clienten/Client/Prestaties/Prestatie/ProductReferentie")));
}

TEST(IwmoEncoder, NamesWhatIsMissing) {
  struct Case {
    std::string leaf, element;
    void (*clear)(v1::Exchange&);
  };
  const Case cases[] = {
      {"client.bsn", "Client/Bsn", [](v1::Exchange& e) { e.mutable_client()->clear_bsn(); }},
      {"client.bsn", "Client/Bsn", [](v1::Exchange& e) { e.clear_client(); }},
      {"client.gender", "Client/Geslacht", [](v1::Exchange& e) { e.mutable_client()->clear_gender(); }},
      {"client.birth_date", "Client/Geboortedatum/Datum", [](v1::Exchange& e) { e.mutable_client()->clear_birth_date(); }},
      {"client.name.own_name", "Client/Naam/Geslachtsnaam/Achternaam", [](v1::Exchange& e) { e.mutable_client()->clear_name(); }},
      {"delivery_event.products[1].from", "Client/StartProducten/StartProduct/Begindatum",
       [](v1::Exchange& e) { e.mutable_delivery_event()->mutable_products(1)->clear_from(); }},
      {"delivery_event.products", "Client/StartProducten/StartProduct",
       [](v1::Exchange& e) { e.mutable_delivery_event()->clear_products(); }},
      {"envelope.sender_identifier.value", "Header/Afzender",
       [](v1::Exchange& e) { e.mutable_envelope()->clear_sender_identifier(); }},
      {"envelope.request_key", "Header/BerichtIdentificatie/Identificatie",
       [](v1::Exchange& e) { e.mutable_envelope()->clear_request_key(); }},
  };
  for (const Case& each : cases) {
    v1::Exchange exchange = Start();
    each.clear(exchange);
    EXPECT_THAT(Refused(exchange), AllOf(HasSubstr(each.leaf + ": "), HasSubstr("WMO305 " + each.element)));
  }
}

TEST(IwmoEncoder, RefusesWhatTheMessageHasNoPlaceFor) {
  v1::Exchange listed = Start();
  listed.mutable_delivery_event()->mutable_products(0)->mutable_product()->set_list("065");
  EXPECT_THAT(Refused(listed), StartsWith("delivery_event.products[0].product.list: "));

  v1::Exchange phones = Allocation();
  *phones.mutable_client()->mutable_contacts(0)->add_phones() = phones.client().contacts(0).phones(0);
  EXPECT_THAT(Refused(phones), StartsWith("client.contacts[0].phones[2]: "));

  v1::Exchange ended = Start();
  ended.mutable_delivery_event()->mutable_products(0)->set_end_reason("39");
  EXPECT_THAT(Refused(ended), StartsWith("delivery_event.products[0].end_reason: "));

  v1::Exchange system = Start();
  system.mutable_envelope()->mutable_recipient_identifier()->set_system("oin");
  EXPECT_THAT(Refused(system), StartsWith("envelope.recipient_identifier.system: "));

  v1::Exchange change = ExchangeOf(DocumentOf("WMO317", kChange));
  change.mutable_support_request()->mutable_products(1)->clear_action();
  EXPECT_THAT(Refused(change), StartsWith("support_request.products[1]: "));
}

TEST(IwmoEncoder, LeavesOutOfTheClientWhatTheMessageHasNoElementFor) {
  v1::Exchange exchange = Start();
  exchange.mutable_client()->mutable_name()->set_call_name("An");
  exchange.mutable_client()->add_contacts()->set_email("anna@example.nl");
  EXPECT_EQ(Bytes(exchange), Bytes(Start()));
}

TEST(IwmoEncoder, RefusesAKindThatNoMessageSays) {
  v1::Exchange exchange = Start();
  exchange.mutable_delivery_event()->clear_kind();
  EXPECT_THAT(Refused(exchange), StartsWith("delivery_event.kind: "));
  v1::Exchange registration;
  registration.mutable_client()->set_bsn("999900006");
  registration.mutable_registration()->set_step(v1::REGISTER);
  EXPECT_THAT(Refused(registration), StartsWith("registration: "));
  v1::Exchange receipt;
  receipt.mutable_receipt()->set_state(v1::ACCEPTED);
  EXPECT_THAT(Refused(receipt), StartsWith("receipt: "));
}

TEST(IwmoEncoder, RefusesWhatARuleWithinTheMessageForbids) {
  v1::Exchange stop = ExchangeOf(DocumentOf("WMO307", kStop));
  stop.mutable_delivery_event()->mutable_products(0)->set_until("2026-02-08");
  EXPECT_THAT(Refused(stop), AllOf(StartsWith("delivery_event.products"), HasSubstr("StopProduct[1]")));

  v1::Exchange declaration = Declared();
  declaration.mutable_declaration()->set_until("2026-02-27");
  EXPECT_THAT(Refused(declaration), AllOf(StartsWith("declaration"), HasSubstr("WMO323")));

  v1::Exchange bsn = Start();
  bsn.mutable_client()->set_bsn("999900007");
  EXPECT_THAT(Refused(bsn), StartsWith("client.bsn: "));
}

TEST(IwmoEncoder, WritesWhatWasReadAgain) {
  const std::pair<const char*, const std::string*> messages[] = {{"WMO301", &kAllocation}, {"WMO305", &kStart},
                                                                 {"WMO307", &kStop},       {"WMO315", &kRequest},
                                                                 {"WMO317", &kChange},     {"WMO319", &kRequestAnswer}};
  for (const auto& [message, body] : messages) {
    const std::string document = DocumentOf(message, *body);
    EXPECT_EQ(Bytes(ExchangeOf(document)), document);
  }
}

TEST(IwmoEncoder, WritesADeclarationOfManyClientsAsItComes) {
  const std::string document = DeclarationOf(kDeclarationFrame, kDeclarationParts);
  const std::unique_ptr<FileEncoder> file = NewFileEncoder({}, 19000);
  std::string bytes;
  for (const v1::Exchange& exchange : Decoded(document).exchanges) {
    const auto next = file->Next(test::DiscloseAll(exchange));
    ASSERT_TRUE(next.ok()) << next.status();
    bytes += next->bytes();
  }
  const auto rest = file->Finish();
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(bytes + rest->bytes(), document);
}

TEST(IwmoEncoder, RefusesADeclarationThatDoesNotComeToItsTotalOrHasNoClients) {
  EXPECT_FALSE(NewFileEncoder({}, 0)->Finish().ok());
  const std::unique_ptr<FileEncoder> file = NewFileEncoder({}, 24001);
  EXPECT_TRUE(file->Next(test::DiscloseAll(Declared())).ok());
  EXPECT_EQ(file->Finish().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(IwmoEncoder, RefusesClientsOfTwoDeclarationsInOneFile) {
  const std::unique_ptr<FileEncoder> file = NewFileEncoder({}, 19000);
  ASSERT_TRUE(file->Next(test::DiscloseAll(Declared(0))).ok());
  v1::Exchange other = Declared(1);
  other.mutable_declaration()->set_declaration_number("D2027");
  EXPECT_THAT(std::string(file->Next(test::DiscloseAll(other)).status().message()), StartsWith("declaration: "));
}

TEST(IwmoEncoder, ComesToTheTotalOfOneClientItself) {
  EXPECT_THAT(Bytes(Declared(0)), HasSubstr("TotaalBedrag>24000<"));
  EXPECT_THAT(Bytes(Declared(1)), AllOf(HasSubstr("TotaalBedrag>5000<"), HasSubstr("DebetCredit>C<")));
}

TEST(IwmoEncoder, TakesTheNumberAndDayThatWereFrozen) {
  EXPECT_THAT(Bytes(Start(), {.identification = "frozen-1", .dated = "2026-03-04"}),
              AllOf(HasSubstr("Identificatie>frozen-1<"), HasSubstr("Dagtekening>2026-03-04<")));
}

TEST(IwmoEncoder, SaysOfABirthDateHowMuchIsKnownAlsoWhereOnlyItsFormSaysIt) {
  const std::pair<const char*, std::string> cases[] = {{"1950-02", "Datum>1950-02-01<"}, {"1950", "Datum>1950-01-01<"}};
  for (const auto& [date, element] : cases) {
    v1::Exchange exchange = Start();
    exchange.mutable_client()->set_birth_date(date);
    EXPECT_THAT(Bytes(exchange), AllOf(HasSubstr(element), HasSubstr("DatumGebruik>")));
  }
}

TEST(IwmoEncoder, StripsTheDotsOfInitials) {
  v1::Exchange exchange = Start();
  exchange.mutable_client()->mutable_name()->set_initials("A.M.");
  EXPECT_THAT(Bytes(exchange), HasSubstr("Voorletters>AM<"));
}

TEST(IwmoEncoder, WritesAGenderThatTheStandardDoesNotHaveAsUnknown) {
  v1::Exchange exchange = Start();
  exchange.mutable_client()->set_gender(v1::OTHER);
  EXPECT_THAT(Bytes(exchange), HasSubstr("Geslacht>0<"));
}

}  // namespace
}  // namespace schotvrij::iwmo
