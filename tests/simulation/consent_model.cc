#include "tests/simulation/consent_model.h"

#include <tuple>

namespace schotvrij::simulation {

void ConsentModel::Said(const std::string& provider, const ConsentSaid& consent) {
  for (Word& word : words_) {
    if (word.provider != provider || word.consent.id != consent.id) continue;
    // What was withdrawn stays so, unless the client said otherwise on a later day.
    const bool too_early = word.consent.withdrawn && !consent.withdrawn && consent.given_on <= word.consent.given_on;
    if (!too_early) word.consent = consent;
    return;
  }
  words_.push_back({provider, consent});
}

const ConsentModel::Word* ConsentModel::Strongest(const std::string& provider, const std::string& municipality, CivilDate day,
                                                  bool of_others) const {
  using Strength = std::tuple<bool, CivilDate, bool>;
  const Word* strongest = nullptr;
  Strength most{false, kNoDay, false};
  for (const Word& word : words_) {
    const ConsentSaid& said = word.consent;
    if (!said.recipient.empty() && said.recipient != municipality) continue;
    if (!of_others && word.provider != provider) continue;
    if (!said.withdrawn && (word.provider != provider || day < said.given_on || day > said.last_day)) continue;
    const bool for_this_one = said.recipient == municipality || (said.withdrawn && said.recipient.empty());
    const Strength strength{for_this_one, said.given_on, said.withdrawn};
    if (strongest != nullptr && strength <= most) continue;
    strongest = &word;
    most = strength;
  }
  return strongest;
}

bool ConsentModel::Allows(const std::string& provider, const std::string& municipality, CivilDate day) const {
  const Word* strongest = Strongest(provider, municipality, day, /*of_others=*/true);
  return strongest != nullptr && !strongest->consent.withdrawn;
}

ConsentModel::Own ConsentModel::OwnWord(const std::string& provider, const std::string& municipality, CivilDate day) const {
  const Word* strongest = Strongest(provider, municipality, day, /*of_others=*/false);
  if (strongest == nullptr) return Own::kNothing;
  return strongest->consent.withdrawn ? Own::kWithdrawal : Own::kPermit;
}

}  // namespace schotvrij::simulation
