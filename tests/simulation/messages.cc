#include "tests/simulation/messages.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "schemas/base/audit_chain.h"
#include "schemas/base/bsn.h"
#include "schemas/base/embedded.h"
#include "schemas/base/strings.h"
#include "tests/simulation/parties.h"

namespace schotvrij::simulation {
namespace {

constexpr const char* kBsnSystem = "http://fhir.nl/fhir/NamingSystem/bsn";
constexpr const char* kRegister = R"("code":{"coding":[{"system":"urn:schotvrij:codesystem:task","code":"register"}]})";

std::string Letters(size_t count, Dice& dice) {
  std::string word(1, static_cast<char>('A' + dice.Below(26)));
  while (word.size() < count) word += static_cast<char>('a' + dice.Below(26));
  return word;
}

std::string Recipient(const std::string& participant) {
  return absl::StrCat(R"({"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType",)",
                      R"("code":"IRCP"}]},"reference":{"type":"Organization","identifier":{"system":")",
                      "urn:schotvrij:identifier:cbs-gemeente", R"(","value":")", NumberOf(participant), R"("}}})");
}

}  // namespace

Person MakePerson(size_t number, Dice& dice) {
  Person person;
  constexpr size_t kApart = 99;  // so that no two of kPersonsMax have one number
  size_t digits = 999'900'000 + number * kApart + dice.Below(kApart / 2);
  while (!Bsn::Parse(absl::StrCat(digits)).has_value()) ++digits;
  person.bsn = absl::StrCat(digits);
  person.surname = Letters(12, dice);
  person.given = Letters(12, dice);
  person.partner = Letters(12, dice);
  person.birth_date = CivilDate::FromYmd(1930, 1, 1)->PlusDays(static_cast<int64_t>(dice.Below(7'000))).ToString();
  return person;
}

std::string Registration(const Person& person, std::string_view provider, std::string_view municipality,
                         const std::string& key, const ConsentSaid& consent, Fault fault, std::string_view criteria) {
  std::string bsn = person.bsn;
  if (fault == Fault::kElevenTest) bsn.back() = bsn.back() == '9' ? '0' : static_cast<char>(bsn.back() + 1);
  const std::string to = fault == Fault::kRecipient ? "0999" : NumberOf(municipality);
  const std::string given_on = consent.given_on.ToString();
  const bool lapsed = fault == Fault::kExpired;
  std::string body = absl::StrReplaceAll(
      ToAbsl(EmbeddedText("deploy/examples/registration.json")),
      {{"ede-2026-000001", key},
       {"00000001", NumberOf(provider)},
       {R"("value": "0228")", absl::StrCat(R"("value": ")", to, "\"")},
       {"999900006", bsn},
       {"Testmeer", person.surname},
       {"Proefje", person.given},
       {"Voorbeeld", person.partner},
       {"1941-03-07", person.birth_date},
       {"consent-2026-000001", consent.id},
       {R"("status": "active")", fault == Fault::kWithdrawn ? R"("status": "inactive")" : R"("status": "active")"},
       {R"("valueBoolean": true)", fault == Fault::kVerdict ? R"("valueBoolean": false)" : R"("valueBoolean": true)"},
       {"ede-2024", fault == Fault::kCriteria ? "ede-2020" : ToAbsl(criteria)},
       {"2026-11-16", given_on},
       {"2027-11-15", lapsed ? given_on : consent.last_day.ToString()}});
  if (lapsed) {
    body = absl::StrReplaceAll(body, {{absl::StrCat(R"("start": ")", given_on, R"(", "end": ")", given_on),
                                       absl::StrCat(R"("start": "2026-01-01", "end": "2026-01-31)")}});
  }
  if (fault == Fault::kCutOff) body.resize(body.size() / 2);
  return body;
}

std::string AsStep(const std::string& registration, v1::RegistrationStep step, const std::string& about) {
  const char* code = step == v1::AMEND ? "amend" : "reopen";
  const std::string based_on = absl::StrCat(
      R"("basedOn": [{ "type": "Task", "identifier": { "system": "urn:example:provider:registrations", "value": ")", about,
      R"(" } }], )");
  return absl::StrReplaceAll(registration, {{R"("code": "register")", absl::StrCat(R"("code": ")", code, "\"")},
                                            {R"("status": "requested")", based_on + R"("status": "requested")"}});
}

std::string TakingBack(const Person& person, std::string_view provider, std::string_view municipality, const std::string& key,
                       const std::string& about) {
  return absl::StrReplaceAll(
      Ending(person, provider, municipality, key, about, kNoDay, "moved"),
      {{R"("code": "end")", R"("code": "withdraw")"},
       {R"("executionPeriod": { "end": "0001-01-01" },)", ""},
       {R"("reasonCode": { "coding": [{ "system": "urn:schotvrij:codesystem:end-reason", "code": "moved" }] },)", ""}});
}

std::string Ending(const Person& person, std::string_view provider, std::string_view municipality, const std::string& key,
                   const std::string& about, CivilDate day, std::string_view reason) {
  return absl::StrReplaceAll(
      ToAbsl(EmbeddedText("deploy/examples/ending.json")),
      {{"ede-2026-000001-einde", key},
       {"ede-2026-000001", about},
       {"2026-11-16", day.ToString()},
       {"moved", ToAbsl(reason)},
       {"00000001", NumberOf(provider)},
       {R"("value": "0228")", absl::StrCat(R"("value": ")", NumberOf(municipality), "\"")},
       {"999900006", person.bsn}});
}

std::string ConsentAlone(const Person& person, const ConsentSaid& consent) {
  const std::string patient = absl::StrCat(R"({"type":"Patient","identifier":{"system":")", kBsnSystem, R"(","value":")",
                                           person.bsn, R"("}})");
  std::string body = absl::StrCat(
      R"({"resourceType":"Consent","identifier":[{"system":"urn:example:provider:consents","value":")", consent.id,
      R"("}],"status":")", consent.withdrawn ? "inactive" : "active", R"(","scope":{"coding":[{"system":)",
      R"("http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"category":[{"coding":[)",
      R"({"system":"http://loinc.org","code":"59284-0"}]}],"patient":)", patient, R"(,"dateTime":")",
      consent.given_on.ToString(), R"(","performer":[)", patient,
      R"(],"policy":[{"uri":"urn:example:provider:consent-text:2026-1"}],"provision":{"type":"permit",)");
  if (!consent.withdrawn) {
    absl::StrAppend(&body, R"("period":{"start":")", consent.given_on.ToString(), R"(","end":")",
                    consent.last_day.ToString(), R"("},)");
  }
  if (!consent.recipient.empty()) absl::StrAppend(&body, R"("actor":[)", Recipient(consent.recipient), "],");
  absl::StrAppend(&body, R"("purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HOPERAT"}]}})");
  return body;
}

std::string KeyOf(const ConsentSaid& consent) {
  const std::string version =
      absl::StrCat(consent.id, "\n", consent.withdrawn ? "inactive" : "active", "\n", consent.given_on.ToString());
  return "consent:" + absl::BytesToHexString(Sha256(version));
}

std::string AnswerTo(const std::string& delivery_id, std::string_view reason) {
  const bool accepted = reason.empty();
  std::string body = absl::StrCat(R"({"resourceType":"Task","id":")", delivery_id, R"(","status":")",
                                  accepted ? "accepted" : "rejected", R"(","intent":"order",)", kRegister);
  if (!accepted) {
    absl::StrAppend(&body, R"(,"statusReason":{"coding":[{"system":"urn:schotvrij:codesystem:answer-reason",)",
                    R"("code":")", ToAbsl(reason), R"("}]})");
  }
  return body + "}";
}

}  // namespace schotvrij::simulation
