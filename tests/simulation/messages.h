// What providers and recipients say, as bytes of FHIR JSON; each message different. Persons are made up: numbers of the test
// range, names of random letters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/base/civil_date.h"
#include "schotvrij/v1/exchange.pb.h"
#include "tests/simulation/dice.h"

namespace schotvrij::simulation {

struct Person {
  std::string bsn;
  std::string surname;
  std::string given;    // these three may be seen by nobody
  std::string partner;
  std::string birth_date;
};

// That have numbers of the test range which differ.
inline constexpr size_t kPersonsMax = 1'000;
// The `number`th person of a run.
Person MakePerson(size_t number, Dice& dice);

// What is wrong with a message that must be refused.
enum class Fault { kNone, kElevenTest, kVerdict, kCriteria, kWithdrawn, kExpired, kRecipient, kCutOff };
inline constexpr size_t kFaults = 7;  // beside kNone

inline const CivilDate kNoDay = *CivilDate::Parse("0001-01-01");

struct ConsentSaid {
  std::string id;
  bool withdrawn = false;
  CivilDate given_on = kNoDay;
  CivilDate last_day = kNoDay;  // of a permit
  std::string recipient;        // participant it names; empty: nobody in particular
};

// `criteria`: version of the agreement's criteria.
std::string Registration(const Person& person, std::string_view provider, std::string_view municipality,
                         const std::string& key, const ConsentSaid& consent, Fault fault, std::string_view criteria);
// Makes of a registration a later step (AMEND, REOPEN) of the one of key `about`.
std::string AsStep(const std::string& registration, v1::RegistrationStep step, const std::string& about);
// Withdraws the registration of key `about` as an error.
std::string TakingBack(const Person& person, std::string_view provider, std::string_view municipality, const std::string& key,
                       const std::string& about);
// Ends it. `reason`: a code of schemas/codes/end_reason.csv.
std::string Ending(const Person& person, std::string_view provider, std::string_view municipality, const std::string& key,
                   const std::string& about, CivilDate day, std::string_view reason);
std::string ConsentAlone(const Person& person, const ConsentSaid& consent);
// Under which the gateway knows a consent by itself; its sender gave it none.
std::string KeyOf(const ConsentSaid& consent);
// The reason of an answer by which a recipient says that it should never have had the registration.
inline constexpr const char* kErases = "not-resident";
// `reason` empty: accepted; else a code of schemas/codes/answer_reason.csv.
std::string AnswerTo(const std::string& delivery_id, std::string_view reason);

}  // namespace schotvrij::simulation
