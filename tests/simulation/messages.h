// What providers and recipients say, as bytes of FHIR JSON; each message different. Persons are made up: numbers of the test
// range, names of random letters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/base/civil_date.h"
#include "tests/simulation/dice.h"

namespace schotvrij::simulation {

struct Person {
  std::string bsn;
  std::string surname;
  std::string given;    // these three may be seen by nobody
  std::string partner;
  std::string birth_date;
};

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

std::string Registration(const Person& person, std::string_view provider, std::string_view municipality,
                         const std::string& key, const ConsentSaid& consent, Fault fault);
// Withdraws the registration of key `about` as an error.
std::string TakingBack(const Person& person, std::string_view provider, std::string_view municipality, const std::string& key,
                       const std::string& about);
std::string ConsentAlone(const Person& person, const ConsentSaid& consent);
// Under which the gateway knows a consent by itself; its sender gave it none.
std::string KeyOf(const ConsentSaid& consent);
std::string AnswerTo(const std::string& delivery_id, bool accepted);

}  // namespace schotvrij::simulation
