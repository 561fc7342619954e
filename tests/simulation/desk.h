// Desk: what a municipality holds to be registered with it (its list of clients), from nothing but what it was shown, kept and
// answered. Takes the messages of one registration in the order in which it first saw them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::simulation {

// What a desk reads in a message.
struct Told {
  v1::RegistrationStep step = v1::REGISTER;
  std::string about;  // delivery of the registration, of a later step
  std::string sender;
  std::string bsn;      // of one by which a client leaves: empty
  std::string surname;  // likewise
};
Told ToldBy(const v1::Exchange& item);
// Of a letter: its text.
Told ToldBy(const std::string& letter);

// One participation of one client: by which provider, and under which name.
using Participation = std::tuple<std::string, std::string, std::string>;  // provider, BSN, surname

class Desk {
 public:
  // `kept` false: it saw it and forgot it.
  void See(const std::string& delivery, Told told, bool kept);
  // The mailbox shows it no more.
  void Lose(const std::string& delivery);
  // Its answer was taken. `erases`: it should never have had the registration.
  void Answer(const std::string& delivery, bool accepted, bool erases);
  // Its answer was refused. `unknown`: there is no such message, for its sender was told that it came to nothing; or not yet, which the
  // next answer shows.
  void Refuse(const std::string& delivery, bool unknown);

  std::multiset<Participation> Clients() const;
  // A step that it kept of a registration that it saw only after that; empty: there is none.
  std::string FirstOrphan() const;

 private:
  struct Message {
    Told told;
    bool kept = false;
    bool lost = false;
    bool answered = false;
    bool accepted = false;
    bool refused = false;
    bool Counts() const { return kept && !lost && (answered ? accepted : !refused); }
  };
  const std::string& RegistrationOf(const std::string& delivery) const;

  std::map<std::string, Message> messages_;  // by delivery
  std::vector<std::string> order_;           // in which they were first seen
  std::set<std::string> erased_;             // registrations
};

}  // namespace schotvrij::simulation
