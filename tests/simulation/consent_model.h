// ConsentModel: what one client's word allows, worked out from what was said and in which order, by the rules as policy/consent.h
// writes them for whoever asks; it shares no code with them.
#pragma once

#include <string>
#include <vector>

#include "schemas/base/civil_date.h"
#include "tests/simulation/messages.h"

namespace schotvrij::simulation {

class ConsentModel {
 public:
  // `provider` passed on that the client said this.
  void Said(const std::string& provider, const ConsentSaid& consent);
  // Whether `provider` may tell `municipality` on `day`.
  bool Allows(const std::string& provider, const std::string& municipality, CivilDate day) const;

  // What `provider` itself passed on comes to, whatever others did.
  enum class Own { kNothing, kPermit, kWithdrawal };
  Own OwnWord(const std::string& provider, const std::string& municipality, CivilDate day) const;

 private:
  struct Word {
    std::string provider;
    ConsentSaid consent;
  };
  const Word* Strongest(const std::string& provider, const std::string& municipality, CivilDate day, bool of_others) const;

  std::vector<Word> words_;  // at most one for each consent of a provider
};

}  // namespace schotvrij::simulation
