// Observer: holds what parties saw during a run against what the store holds after it, and says what may not be.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gateway/identity/key_ring.h"
#include "gateway/store/store.h"
#include "schotvrij/v1/facts.pb.h"
#include "tests/simulation/consent_model.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/record.h"
#include "tests/simulation/trail.h"

namespace schotvrij::simulation {

class Observer {
 public:
  Observer(const Record& record, Journal& journal, store::Store& store, const identity::KeyRing& keys)
      : record_(record), journal_(journal), store_(store), keys_(keys) {}

  // Everything. `file_checkpoints`: the lines of the file outside the database.
  void Judge(std::span<const std::string> file_checkpoints, const std::string& public_key_pem);

 private:
  // observer_effects.cc: what was promised is there, once.
  void ReadAnswers();
  void ReadReceipts();
  void ReadFacts();
  void JudgePromises();
  void JudgeDeliveries();
  void JudgeFact(const v1::RegistrationFact& fact);
  void JudgeSteps(const v1::RegistrationFact& fact, const Statement& about);
  v1::ReceiptState Expected(const std::string& delivery) const;
  // A message of a provider's of which it is told what became.
  struct Sent {
    const Statement* said;     // with which it came
    std::string municipality;  // to whom it went
    std::string key;
    std::string exchange_id;
    const Statement* of;       // the registration by whose day it is judged
  };
  static Sent AsSent(const Statement& said) {
    return {&said, said.municipality, said.key, said.exchange_id, &said.registration()};
  }
  void JudgeReceipt(const Sent& about, const std::string& delivery);
  void JudgeNothingShownAfter(int64_t place, const std::string& delivery);
  bool HeldOnItsDay(const Epoch& epoch, const Statement& registration) const;
  bool MayStayUntold(const Sent& about) const;
  bool WasErased(const v1::RegistrationFact& fact) const;

  // observer_consent_ends.cc: a consent that ends ends what rested on it, and who has it is told.
  struct Ending {
    const Statement* registration;
    const v1::RegistrationFact* fact;
    std::string exchange_id;
    const Statement* consent = nullptr;  // by which it ended
    std::string end_date;
    bool ran_out = false;                // or by itself
  };
  void ReadEndings();
  void JudgeEndDate(CivilDate day, Ending& ending);
  void JudgeConsentEnds();
  class Standing;
  void JudgeRunOut(size_t place, const std::vector<ConsentModel>& words, Standing& standing);
  void JudgeStillKnown(const std::vector<ConsentModel>& words, const std::map<std::string, Standing>& standing);
  void JudgeConsentEnd(const Statement& consent, size_t place, bool taken_back, const std::string& delivery, Standing& standing);
  const Ending* EndingOf(const std::string& delivery) const;

  // observer_disclosures.cc: nobody saw what they may not.
  void JudgeItems();
  void JudgeLetters();
  void JudgeLetterOrder();
  void JudgeMoment(const Shown& shown, const Statement& about);
  void JudgeConsentKnown(const Shown& shown, const Statement& about);
  void JudgeConsentOrder();
  void JudgeTakenBack();
  void JudgeErrorsFirst();
  void JudgeLeaving(const Shown& shown, const Statement& step, bool letter);
  void JudgeEnding(const Shown& shown, const Ending& ending, bool letter);
  void JudgeStep(const Shown& shown, const Statement& about, v1::Registration said, bool letter);
  const Statement* AboutOf(const Shown& shown);
  bool PrefixMayBeSeen(const Shown& shown, const Statement& about, bool seen) const;

  // observer_lists.cc: the desk's list is the provider's.
  class Book;
  void JudgeLists();
  void JudgeList(const std::string& municipality, std::multiset<Participation> desk,
                 const std::multiset<Participation>& provider, const std::set<std::pair<std::string, std::string>>& doubtful);
  bool IsOrderly() const;
  const v1::Receipt* ReceiptOf(const std::string& provider, const std::string& exchange) const;
  const v1::Receipt* ReceiptByKey(const std::string& provider, const std::string& key) const;
  std::optional<bool> HadByThen(const Statement& registration, const Statement& consent) const;

  // observer_breaches.cc: what should not have been known has a breach record.
  void JudgeBreaches();
  bool WasSeen(const v1::RegistrationFact& fact) const;

  // observer_trail.cc: all of it can be shown afterwards.
  void JudgeChains(std::span<const std::string> file_checkpoints, const std::string& public_key_pem);
  void JudgeEvents();

  const Statement* StatementOf(const std::string& delivery) const;
  // What it is about: the statement that it carries, or the registration that it ends.
  const Statement* SubjectOf(const std::string& delivery) const;

  const Record& record_;
  Journal& journal_;
  store::Store& store_;
  const identity::KeyRing& keys_;
  Trail trail_;
  std::map<std::string, const Statement*> by_exchange_;             // those acknowledged
  std::map<std::string, std::vector<const AnswerGiven*>> answers_;  // by delivery
  std::map<std::string, const AnswerGiven*> answer_by_exchange_;
  std::vector<v1::RegistrationFact> facts_;
  std::map<std::string, store::Delivery> deliveries_;
  std::map<std::string, Ending> endings_;  // by delivery
  struct ReceiptRead {
    const Shown* item;
    v1::Receipt receipt;
  };
  std::map<std::pair<std::string, std::string>, const v1::Receipt*> receipts_by_key_;  // provider and request key
  std::map<const Statement*, std::vector<std::string>> deliveries_of_;                 // of each registration
  std::multimap<std::string, ReceiptRead> receipts_;  // that providers read, by the exchange they are about
};

}  // namespace schotvrij::simulation
