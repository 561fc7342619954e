#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "adapters/canonical/canonical.h"
#include "google/protobuf/text_format.h"
#include "schemas/base/limits.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::canonical {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void FillConsent(v1::Consent* consent) {
  consent->set_consent_id("consent-1");
  consent->set_scope(v1::PRIVACY);
  consent->set_state(v1::CONSENT_ACTIVE);
  consent->set_decision(v1::PERMIT);
  consent->set_given_on("2026-02-01");
  consent->set_given_by(v1::CLIENT_SELF);
  consent->add_purposes(v1::REGISTRATION);
}

v1::Exchange FullRegistration() {
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_request_key("aanmelding-17");
  exchange.mutable_envelope()->mutable_recipient_identifier()->set_system("cbs");
  exchange.mutable_envelope()->mutable_recipient_identifier()->set_value("0228");
  exchange.mutable_client()->set_bsn("999900006");
  exchange.mutable_client()->mutable_name()->set_own_name("Étoile-Proefpersoon");
  exchange.mutable_client()->mutable_name()->set_own_prefix("van der");
  v1::Registration& registration = *exchange.mutable_registration();
  registration.set_step(v1::REGISTER);
  registration.set_start_date("2026-03-01");
  v1::Attestation& attestation = *registration.add_attestations();
  attestation.set_criterion("kwetsbaar");
  attestation.set_verdict(v1::MET);
  attestation.set_criteria_version("2024");
  attestation.set_checked_on("2026-02-20");
  attestation.set_checker_function("wijkverpleegkundige");
  FillConsent(registration.add_consents());
  return exchange;
}

v1::Exchange Receipt() {
  v1::Exchange exchange;
  exchange.mutable_envelope()->set_request_key("antwoord-1");
  exchange.mutable_receipt()->set_about("0123456789abcdef");
  exchange.mutable_receipt()->set_state(v1::REJECTED);
  exchange.mutable_receipt()->set_reason("not-resident");
  return exchange;
}

v1::Exchange Assessment() {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900018");
  v1::Assessment& assessment = *exchange.mutable_assessment();
  assessment.set_instrument("gfi");
  assessment.set_score(5);
  v1::AssessmentItem& first = *assessment.add_items();
  first.set_item("1");
  first.set_score(2);
  v1::AssessmentItem& second = *assessment.add_items();
  second.set_item("2");
  second.set_score(3);
  assessment.set_assessed_on("2026-02-20");
  return exchange;
}

v1::Exchange Consent() {
  v1::Exchange exchange;
  exchange.mutable_client()->set_bsn("999900031");
  FillConsent(exchange.mutable_consent());
  return exchange;
}

// A message of the Wmo by the name of its file.
template <size_t kSize>
struct Name {
  constexpr Name(const char (&text)[kSize]) { std::copy_n(text, kSize, name); }
  char name[kSize];
};
template <Name kName>
v1::Exchange Wmo() {
  std::ifstream file(std::string(SOURCE_DIR) + "/tests/support/wmo/" + kName.name + ".txtpb");
  v1::Exchange exchange;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString({std::istreambuf_iterator<char>(file), {}}, &exchange)) << kName.name;
  return exchange;
}

struct Case {
  std::string name;
  v1::Exchange (*start)();
  std::function<void(v1::Exchange&)> edit;
  std::string rule;  // empty: nothing is wrong
  std::string path;
};
void PrintTo(const Case& test_case, std::ostream* out) { *out << test_case.name; }

class CheckFormTest : public ::testing::TestWithParam<Case> {};

TEST_P(CheckFormTest, SaysRuleAndPathOnce) {
  const Case& test_case = GetParam();
  v1::Exchange exchange = test_case.start();
  test_case.edit(exchange);
  std::vector<std::string> found;
  for (const Issue& issue : CheckForm(exchange)) found.push_back(issue.rule + " " + issue.path);
  if (test_case.rule.empty()) {
    EXPECT_THAT(found, IsEmpty());
  } else {
    EXPECT_THAT(found, ElementsAre(test_case.rule + " " + test_case.path));
  }
}

void Nothing(v1::Exchange&) {}
std::function<void(v1::Exchange&)> WithBsn(std::string bsn) {
  return [bsn](v1::Exchange& e) { e.mutable_client()->set_bsn(bsn); };
}
std::function<void(v1::Exchange&)> WithOwnName(std::string name) {
  return [name](v1::Exchange& e) { e.mutable_client()->mutable_name()->set_own_name(name); };
}
std::function<void(v1::Exchange&)> WithStart(std::string date) {
  return [date](v1::Exchange& e) { e.mutable_registration()->set_start_date(date); };
}
std::function<void(v1::Exchange&)> WithBirth(std::string date) {
  return [date](v1::Exchange& e) { e.mutable_client()->set_birth_date(date); };
}
std::function<void(v1::Exchange&)> WithKey(std::string key) {
  return [key](v1::Exchange& e) { e.mutable_envelope()->set_request_key(key); };
}
std::function<void(v1::Exchange&)> WithScore(int score) {
  return [score](v1::Exchange& e) {
    e.mutable_assessment()->clear_items();
    e.mutable_assessment()->set_score(score);
  };
}

const Case kCases[] = {
    {"Registration", &FullRegistration, &Nothing, "", ""},
    {"Receipt", &Receipt, &Nothing, "", ""},
    {"Assessment", &Assessment, &Nothing, "", ""},
    {"Consent", &Consent, &Nothing, "", ""},

    {"BsnAbsent", &FullRegistration, WithBsn(""), "BSN-MISSING", "client.bsn"},
    {"BsnShort", &FullRegistration, WithBsn("99990006"), "BSN-LENGTH", "client.bsn"},
    {"BsnLong", &FullRegistration, WithBsn("0999900006"), "BSN-LENGTH", "client.bsn"},
    {"BsnLetter", &FullRegistration, WithBsn("99990000O"), "BSN-DIGITS", "client.bsn"},
    {"BsnZeros", &FullRegistration, WithBsn("000000000"), "BSN-ZEROS", "client.bsn"},
    {"BsnElevenTest", &FullRegistration, WithBsn("999900007"), "BSN-ELEVEN-TEST", "client.bsn"},
    {"ClientAbsent", &FullRegistration, [](v1::Exchange& e) { e.clear_client(); }, "CLIENT-MISSING",
     "client"},
    {"ConsentWithoutClient", &Consent, [](v1::Exchange& e) { e.clear_client(); }, "CLIENT-MISSING",
     "client"},
    {"AssessmentWithoutBsn", &Assessment, WithBsn(""), "BSN-MISSING", "client.bsn"},

    {"SurnameAbsent", &FullRegistration, WithOwnName(""), "SURNAME-MISSING", "client.name.own_name"},
    {"SurnameBlank", &FullRegistration, WithOwnName(" \u00a0"), "SURNAME-MISSING",
     "client.name.own_name"},
    {"NameAbsent", &FullRegistration, [](v1::Exchange& e) { e.mutable_client()->clear_name(); },
     "SURNAME-MISSING", "client.name.own_name"},
    {"NameWithLineEnd", &FullRegistration, WithOwnName("Proef\r\nBcc: x"), "TEXT-CHARACTERS",
     "client.name.own_name"},
    {"NameWithZeroByte", &FullRegistration, WithOwnName(std::string("Pro\0ef", 6)), "TEXT-CHARACTERS",
     "client.name.own_name"},
    {"NameWithC1Control", &FullRegistration, WithOwnName("Proef\u0085"), "TEXT-CHARACTERS",
     "client.name.own_name"},
    {"NameTurnedAround", &FullRegistration, WithOwnName("Proef\u202e"), "TEXT-CHARACTERS",
     "client.name.own_name"},
    {"NameOnTwoLines", &FullRegistration, WithOwnName("Proef\u2028Persoon"), "TEXT-CHARACTERS",
     "client.name.own_name"},
    {"NameNotUtf8", &FullRegistration, WithOwnName("Proef\xff"), "TEXT-CHARACTERS",
     "client.name.own_name"},
    {"NameDecomposed", &FullRegistration, WithOwnName("Andre\u0301"), "TEXT-NFC",
     "client.name.own_name"},
    {"NameTooLong", &FullRegistration, WithOwnName(std::string(limits::kTextBytesMax + 1, 'x')),
     "TEXT-SIZE", "client.name.own_name"},
    {"NameJustNotTooLong", &FullRegistration, WithOwnName(std::string(limits::kTextBytesMax, 'x')), "",
     ""},

    {"DateOfNoDay", &FullRegistration, WithStart("2026-02-29"), "DATE-FORM", "registration.start_date"},
    {"DateOtherOrder", &FullRegistration, WithStart("01-03-2026"), "DATE-FORM",
     "registration.start_date"},
    {"DateOfAMonth", &FullRegistration, WithStart("2026-03"), "DATE-FORM", "registration.start_date"},
    {"BirthOfWhichTheDayIsUnknown", &FullRegistration, WithBirth("1940-05"), "", ""},
    {"BirthOfWhichTheMonthIsUnknown", &FullRegistration, WithBirth("1940"), "", ""},
    {"BirthInMonthThirteen", &FullRegistration, WithBirth("1940-13"), "DATE-FORM", "client.birth_date"},
    {"DateInList", &FullRegistration,
     [](v1::Exchange& e) {
       e.mutable_registration()->mutable_attestations(0)->set_checked_on("gisteren");
     },
     "DATE-FORM", "registration.attestations[0].checked_on"},

    {"KeyAbsent", &FullRegistration, WithKey(""), "KEY-FORM", "envelope.request_key"},
    {"KeyTooLong", &FullRegistration, WithKey(std::string(limits::kKeyBytesMax + 1, 'k')), "KEY-FORM",
     "envelope.request_key"},
    {"KeyJustNotTooLong", &FullRegistration, WithKey(std::string(limits::kKeyBytesMax, 'k')), "", ""},
    {"KeyWithControl", &FullRegistration, WithKey("a\tb"), "KEY-FORM", "envelope.request_key"},
    {"KeyWithSpaceBehind", &FullRegistration, WithKey("a "), "KEY-FORM", "envelope.request_key"},
    {"KeyWithBsn", &FullRegistration, WithKey("ede-999900006"), "KEY-FORM", "envelope.request_key"},
    {"ConsentIdWithBsn", &FullRegistration,
     [](v1::Exchange& e) {
       e.mutable_registration()->mutable_consents(0)->set_consent_id("999900006-1");
     },
     "KEY-FORM", "registration.consents[0].consent_id"},
    {"IdentifierSystemUnknown", &FullRegistration,
     [](v1::Exchange& e) {
       e.mutable_envelope()->mutable_recipient_identifier()->set_system("btw");
     },
     "FHIR-UNKNOWN-SYSTEM", "envelope.recipient_identifier.system"},

    {"StepAbsent", &FullRegistration, [](v1::Exchange& e) { e.mutable_registration()->clear_step(); },
     "FIELD-MISSING", "registration.step"},
    {"VerdictAbsentIsForThePolicy", &FullRegistration,
     [](v1::Exchange& e) { e.mutable_registration()->mutable_attestations(0)->clear_verdict(); },
     "", ""},
    {"ConsentWithoutGiver", &FullRegistration,
     [](v1::Exchange& e) { e.mutable_registration()->mutable_consents(0)->clear_given_by(); },
     "CONSENT-FORM", "registration.consents[0].given_by"},
    {"ConsentWithoutDate", &Consent, [](v1::Exchange& e) { e.mutable_consent()->clear_given_on(); },
     "CONSENT-FORM", "consent.given_on"},
    {"ConsentWithoutScope", &Consent, [](v1::Exchange& e) { e.mutable_consent()->clear_scope(); },
     "CONSENT-FORM", "consent.scope"},
    {"DirectiveIsForThePolicy", &Consent,
     [](v1::Exchange& e) {
       e.mutable_consent()->set_scope(v1::TREATMENT);
       e.mutable_consent()->clear_given_by();
     },
     "", ""},

    {"ScoreBelowRange", &Assessment, WithScore(-1), "SCORE-RANGE", "assessment.score"},
    {"ScoreAboveRange", &Assessment, WithScore(16), "SCORE-RANGE", "assessment.score"},
    {"ScoreZero", &Assessment, WithScore(0), "", ""},
    {"ScoreAtMaximum", &Assessment, WithScore(15), "", ""},
    {"ScoreAbsentIsNotZero", &Assessment,
     [](v1::Exchange& e) { e.mutable_assessment()->clear_score(); }, "SCORE-MISSING",
     "assessment.score"},
    {"ItemsDoNotAddUp", &Assessment,
     [](v1::Exchange& e) { e.mutable_assessment()->mutable_items(0)->set_score(1); }, "SCORE-SUM",
     "assessment.items"},
    {"ItemsWithHugeScores", &Assessment,
     [](v1::Exchange& e) {
       e.mutable_assessment()->mutable_items(0)->set_score(INT32_MAX);
       e.mutable_assessment()->mutable_items(1)->set_score(INT32_MAX);
     },
     "SCORE-SUM", "assessment.items"},
    {"ItemWithoutScoreIsNotAdded", &Assessment,
     [](v1::Exchange& e) { e.mutable_assessment()->mutable_items(0)->clear_score(); }, "", ""},
    {"InstrumentUnknown", &Assessment,
     [](v1::Exchange& e) { e.mutable_assessment()->set_instrument("iq"); }, "INSTRUMENT-UNKNOWN",
     "assessment.instrument"},
    {"InstrumentAbsent", &Assessment,
     [](v1::Exchange& e) { e.mutable_assessment()->clear_instrument(); }, "INSTRUMENT-UNKNOWN",
     "assessment.instrument"},
    {"ScoreInRegistration", &FullRegistration,
     [](v1::Exchange& e) {
       v1::Assessment& assessment = *e.mutable_registration()->add_assessments();
       assessment.set_instrument("mmse");
       assessment.set_score(31);
     },
     "SCORE-RANGE", "registration.assessments[0].score"},

    {"AnswerWithoutReason", &Receipt, [](v1::Exchange& e) { e.mutable_receipt()->clear_reason(); },
     "ANSWER-REASON", "receipt.reason"},
    {"AcceptedNeedsNoReason", &Receipt,
     [](v1::Exchange& e) {
       e.mutable_receipt()->set_state(v1::ACCEPTED);
       e.mutable_receipt()->clear_reason();
     },
     "", ""},
    {"AnswerWithTheGatewaysReason", &Receipt,
     [](v1::Exchange& e) { e.mutable_receipt()->set_reason("delivery-failed"); }, "ANSWER-REASON",
     "receipt.reason"},
    {"AnswerWithUnknownReason", &Receipt,
     [](v1::Exchange& e) { e.mutable_receipt()->set_reason("geen-zin"); }, "ANSWER-REASON",
     "receipt.reason"},
    {"AnswerWithTheGatewaysState", &Receipt,
     [](v1::Exchange& e) { e.mutable_receipt()->set_state(v1::UNDELIVERABLE); }, "ANSWER-STATE",
     "receipt.state"},
    {"AnswerWithoutState", &Receipt, [](v1::Exchange& e) { e.mutable_receipt()->clear_state(); },
     "ANSWER-STATE", "receipt.state"},
    {"AnswerAboutNothing", &Receipt, [](v1::Exchange& e) { e.mutable_receipt()->clear_about(); },
     "FIELD-MISSING", "receipt.about"},

    {"Allocation", &Wmo<"allocation">, Nothing, "", ""},
    {"Start", &Wmo<"start">, Nothing, "", ""},
    {"Stop", &Wmo<"stop">, Nothing, "", ""},
    {"Request", &Wmo<"request">, Nothing, "", ""},
    {"Change", &Wmo<"change">, Nothing, "", ""},
    {"RequestAnswer", &Wmo<"request_answer">, Nothing, "", ""},
    {"Declaration", &Wmo<"declaration">, Nothing, "", ""},
    {"DeclarationAnswer", &Wmo<"declaration_answer">, Nothing, "", ""},
    {"AnswerToARequestNeedsNoClient", &Wmo<"request_answer">, [](v1::Exchange& e) { e.clear_client(); }, "", ""},
    {"AllocationOfNobody", &Wmo<"allocation">, [](v1::Exchange& e) { e.clear_client(); }, "CLIENT-MISSING", "client"},
    {"AllocationOfNothing", &Wmo<"allocation">, [](v1::Exchange& e) { e.mutable_allocation()->clear_products(); }, "FIELD-MISSING",
     "allocation.products"},
    {"AllocationNumberZero", &Wmo<"allocation">,
     [](v1::Exchange& e) { e.mutable_allocation()->mutable_products(0)->set_allocation_number(0); }, "", ""},
    {"AllocationWithoutNumber", &Wmo<"allocation">,
     [](v1::Exchange& e) { e.mutable_allocation()->add_products()->MergeFrom(e.allocation().products(0));
                           e.mutable_allocation()->mutable_products(1)->clear_allocation_number(); },
     "FIELD-MISSING", "allocation.products[1].allocation_number"},
    {"StartNeedsNoEnd", &Wmo<"stop">,
     [](v1::Exchange& e) {
       e.mutable_delivery_event()->set_kind(v1::DELIVERY_STARTED);
       e.mutable_delivery_event()->mutable_products(0)->clear_until();
     },
     "", ""},
    {"StopNeedsAnEnd", &Wmo<"stop">, [](v1::Exchange& e) { e.mutable_delivery_event()->mutable_products(0)->clear_until(); },
     "FIELD-MISSING", "delivery_event.products[0].until"},
    {"EndReasonThatTheListDoesNotHave", &Wmo<"stop">,
     [](v1::Exchange& e) { e.mutable_delivery_event()->mutable_products(0)->set_end_reason("99"); }, "CODE-UNKNOWN",
     "delivery_event.products[0].end_reason"},
    {"ChangeWithoutAReason", &Wmo<"change">, [](v1::Exchange& e) { e.mutable_support_request()->clear_change_reason(); },
     "FIELD-MISSING", "support_request.change_reason"},
    {"RefusalWithoutAReason", &Wmo<"request_answer">, [](v1::Exchange& e) { e.mutable_request_answer()->clear_refusal_reason(); },
     "FIELD-MISSING", "request_answer.refusal_reason"},
    {"ResearchNeedsNoReason", &Wmo<"request_answer">,
     [](v1::Exchange& e) {
       e.mutable_request_answer()->clear_refusal_reason();
       e.mutable_request_answer()->set_verdict(v1::REQUEST_IN_RESEARCH);
     },
     "", ""},
    {"DeclarationLineWithoutAmount", &Wmo<"declaration">,
     [](v1::Exchange& e) { e.mutable_declaration()->mutable_lines(0)->clear_amount_cents(); }, "FIELD-MISSING",
     "declaration.lines[0].amount_cents"},
    {"DeclarationAnswerToNothing", &Wmo<"declaration_answer">,
     [](v1::Exchange& e) { e.mutable_declaration_answer()->clear_request_key(); }, "FIELD-MISSING", "declaration_answer.request_key"},
    {"DeclarationWithoutAKey", &Wmo<"declaration">, [](v1::Exchange& e) { e.mutable_envelope()->clear_request_key(); }, "KEY-FORM",
     "envelope.request_key"},

    {"NoContent", &FullRegistration, [](v1::Exchange& e) { e.clear_registration(); }, "FIELD-MISSING",
     "content"},
    {"ContentOfALaterRelease", &FullRegistration, [](v1::Exchange& e) { e.mutable_care_plan(); },
     "CONTENT-NOT-SUPPORTED", "content"},
    {"ContentOfALaterReleaseWithAllItNeeds", &FullRegistration,
     [](v1::Exchange& e) {
       e.mutable_client_event()->set_happened_on("2026-03-01");
     },
     "CONTENT-NOT-SUPPORTED", "content"},
    {"FieldOfAStandardIsCheckedByItsForm", &FullRegistration,
     [](v1::Exchange& e) { e.mutable_client()->add_contacts()->set_from("vandaag"); }, "DATE-FORM",
     "client.contacts[0].from"},
    {"UnknownEnumValue", &FullRegistration,
     [](v1::Exchange& e) {
       e.mutable_registration()->set_step(static_cast<v1::RegistrationStep>(77));
     },
     "UNKNOWN-FIELD", "registration.step"},
    {"UnknownField", &FullRegistration,
     [](v1::Exchange& e) {
       e.mutable_client()
           ->GetReflection()
           ->MutableUnknownFields(e.mutable_client())
           ->AddVarint(999, 1);
     },
     "UNKNOWN-FIELD", "client.#999"},
    {"TooManyElements", &FullRegistration,
     [](v1::Exchange& e) {
       for (size_t i = 0; i < limits::kListItemsMax; ++i)
         FillConsent(e.mutable_registration()->add_consents());
     },
     "LIST-SIZE", "registration.consents"},
};

INSTANTIATE_TEST_SUITE_P(Cases, CheckFormTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(CheckForm, TellsAllThatIsWrongInOneGo) {
  v1::Exchange exchange = FullRegistration();
  exchange.mutable_client()->set_bsn("123");
  exchange.mutable_client()->mutable_name()->clear_own_name();
  exchange.mutable_registration()->set_start_date("x");
  EXPECT_EQ(CheckForm(exchange).size(), 3u);
}

// A peer may send the number of a field of ours with a value of another kind: the parser keeps it as unknown.
TEST(CheckForm, AFieldOfAnotherKindIsUnknown) {
  for (const int number : {v1::Client::kBsnFieldNumber, v1::Client::kNameFieldNumber, v1::Client::kContactsFieldNumber}) {
    v1::Exchange exchange = FullRegistration();
    v1::Client& client = *exchange.mutable_client();
    client.GetReflection()->MutableUnknownFields(&client)->AddVarint(number, 1);
    ASSERT_TRUE(exchange.ParseFromString(exchange.SerializeAsString()));
    const std::vector<Issue> found = CheckForm(exchange);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].rule, "UNKNOWN-FIELD");
    EXPECT_EQ(found[0].path, "client.#" + std::to_string(number));
  }
}

TEST(CheckForm, StopsAtTheLimitOfIssues) {
  v1::Exchange exchange = FullRegistration();
  for (size_t i = 1; i < limits::kListItemsMax; ++i) {
    v1::Attestation& attestation = *exchange.mutable_registration()->add_attestations();
    attestation.set_checked_on("x");
    attestation.set_criterion("\t");
  }
  EXPECT_EQ(CheckForm(exchange).size(), limits::kIssuesMax);
}

TEST(CheckForm, NeverRepeatsAValueOfTheMessage) {
  v1::Exchange exchange = FullRegistration();
  exchange.mutable_client()->set_bsn("999900007");
  exchange.mutable_client()->mutable_name()->set_own_name("Zwaluwstaart\t");
  exchange.mutable_registration()->set_start_date("Zwaluwstaart");
  for (const Issue& issue : CheckForm(exchange)) {
    const std::string all = issue.rule + issue.path + issue.text;
    EXPECT_THAT(all, ::testing::Not(::testing::AnyOf(::testing::HasSubstr("999900007"),
                                                     ::testing::HasSubstr("Zwaluwstaart"))));
  }
}

}  // namespace
}  // namespace schotvrij::canonical
