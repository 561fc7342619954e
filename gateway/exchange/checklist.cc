#include "gateway/exchange/checklist.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "policy/membership.h"
#include "policy/people.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::exchange {
namespace {

using config::v1::Participant;
using policy::RoleInNetwork;

class Checks {
 public:
  Checks(const Participant& participant, const policy::RuleSet& rules, CivilDate today, config::v1::Environment environment)
      : participant_(participant), rules_(rules), today_(today), environment_(environment) {}

  std::vector<CheckItem> Run() {
    CheckMember();
    CheckIdentifiers();
    CheckProof();
    CheckRoute();
    std::set<std::string> networks;
    for (const RoleInNetwork& held : policy::RolesToday(rules_, participant_.key(), today_)) networks.insert(held.network);
    for (const std::string& network : networks) CheckIn(*rules_.FindNetwork(network));
    if (!networks.empty()) CheckMandate();
    CheckStaff();
    return std::move(items_);
  }

 private:
  void CheckMember() {
    const std::vector<RoleInNetwork> roles = policy::RolesToday(rules_, participant_.key(), today_);
    if (!roles.empty()) {
      items_.push_back(Good("member", absl::StrJoin(roles, ", ", [](std::string* out, const RoleInNetwork& held) {
        absl::StrAppend(out, held.role, " in ", held.network);
      })));
    } else if (ActsForOthersOnly(participant_)) {
      items_.push_back(Good("member", "of no network itself: it acts for " + absl::StrJoin(participant_.acts_for(), ", ")));
    } else {
      const std::vector<RoleInNetwork> later = policy::RolesFrom(rules_, participant_.key(), today_);
      const std::string text = later.empty() ? "no network names it" : absl::StrCat("in ", later[0].network, ", and not today");
      items_.push_back(Missing("member", text,
                               "add it as a party, with role and dates, to a network's document whose agreement is in force"));
    }
  }

  // One per role: a register number that fits.
  void CheckIdentifiers() {
    const Table& needed = Table::Embedded("schemas/codes/role_identifier.csv");
    std::set<std::string> seen;
    for (const RoleInNetwork& held : policy::RolesFrom(rules_, participant_.key(), today_)) {
      if (!seen.insert(held.role).second) continue;
      const Table::Row* row = needed.Find("role", held.role);
      if (row == nullptr) continue;  // the role asks for none in particular
      const std::string_view systems = (*row)["identifiers"];
      const auto& identifiers = participant_.identifier();
      const auto fits = std::find_if(identifiers.begin(), identifiers.end(),
                                     [&](const config::v1::Identifier& each) { return HoldsWord(systems, each.system()); });
      if (fits != identifiers.end()) {
        items_.push_back(Good("identifier", absl::StrCat("as ", held.role, ": ", fits->system(), " ", fits->value())));
      } else {
        const std::string choice = absl::StrReplaceAll(std::string(systems), {{" ", " or "}});
        items_.push_back(Missing("identifier", absl::StrCat("as ", held.role, ": none of ", choice),
                                 "write identifier { system: … value: … } with its " + choice));
      }
    }
  }

  void CheckProof() {
    if (participant_.peer_size() > 0) {
      items_.push_back(Good("proof", absl::StrCat(participant_.peer_size(), " peer entries")));
      for (const config::v1::Peer& peer : participant_.peer()) {
        for (CheckItem& item : CheckNumbers(participant_, "a peer entry", peer.uzi_ura(), peer.oin())) items_.push_back(std::move(item));
      }
    } else if (participant_.has_mail_sender()) {
      items_.push_back(Good("proof", "writes mail from " + participant_.mail_sender().address()));
    } else {
      items_.push_back(Missing("proof", "nothing tells who it is",
                               "run `schotvrij participant rotate " + participant_.key() +
                                   " --certificate FILE`, or write mail_sender { … }"));
    }
  }

  void CheckRoute() {
    if (participant_.has_route()) return;
    if (ActsForOthersOnly(participant_)) {
      items_.push_back(Good("route", "nothing is sent to it itself"));
    } else {
      items_.push_back(Missing("route", "nothing can reach it", "write route { mailbox {} }, or by mail"));
    }
  }

  void CheckIn(const policy::v1::Network& network) {
    const policy::v1::Party& party = *policy::FindParty(network, participant_.key());
    CheckPerson(network, "contact", policy::OnDay(party.contact(), today_));
    CheckPerson(network, "deputy", policy::OnDay(party.deputy(), today_));
    CheckMailbox(network, policy::OnDay(party.mailbox(), today_));
    for (const policy::v1::Agreement& agreement : network.agreement()) {
      if (InPeriod(today_, "", agreement.until())) CheckSignature(network, party, agreement);
    }
  }

  void CheckPerson(const policy::v1::Network& network, const std::string& what, const policy::v1::Contact* person) {
    if (person != nullptr) {
      items_.push_back(Good(what, absl::StrCat("in ", network.key(), ": ", person->function(), ", ", person->mail())));
    } else {
      AddForReal(what, absl::StrCat("in ", network.key(), ": nobody today"),
                 absl::StrCat("write ", what, " { … } of party ", participant_.key(), " in the network's document"));
    }
  }

  void CheckMailbox(const policy::v1::Network& network, const policy::v1::PilotMailbox* mailbox) {
    if (mailbox != nullptr) {
      items_.push_back(Good("mailbox", absl::StrCat("in ", network.key(), ": ", mailbox->address(), mailbox->description())));
    } else {
      AddForReal("mailbox", absl::StrCat("in ", network.key(), ": none of the pilot's own today"),
                 absl::StrCat("write mailbox { … } of party ", participant_.key(), " in the network's document"));
    }
  }

  // Of the version in force, which real traffic asks, and of those that are announced.
  void CheckSignature(const policy::v1::Network& network, const policy::v1::Party& party, const policy::v1::Agreement& agreement) {
    const std::string version = absl::StrCat("version ", agreement.version(), " of ", network.key());
    const std::string remedy = "write signature { … } of party " + participant_.key() + " in the network's document";
    if (policy::SignedBy(party, agreement, today_)) {
      items_.push_back(Good("signature", version + ": signed"));
    } else if (InPeriod(today_, agreement.from(), agreement.until())) {
      AddForReal("signature", version + ": not signed", remedy);
    } else {
      items_.push_back(Warning("signature", absl::StrCat(version, ", from ", agreement.from(), ": not signed yet"), remedy));
    }
  }

  void CheckMandate() {
    const config::v1::Mandate& mandate = participant_.mandate();
    if (!participant_.has_mandate()) {
      AddForReal("mandate", "no document by which it takes part", "write mandate { document: … signed_on: … }");
    } else if (InPeriod(today_, mandate.signed_on(), "")) {
      items_.push_back(Good("mandate", absl::StrCat(mandate.document(), ", ", mandate.signed_on())));
    } else {
      AddForReal("mandate", absl::StrCat(mandate.document(), " is of a later day, ", mandate.signed_on()),
                 "wait for that day, or write the document that holds today");
    }
  }

  // A key that no document has opens nothing.
  void CheckStaff() {
    std::set<std::string> keys;
    for (const config::v1::Peer& peer : participant_.peer()) keys.insert(peer.staff());
    keys.insert(participant_.mail_sender().staff());
    keys.erase("");
    for (const std::string& key : keys) {
      if (IsNamed(key)) continue;
      items_.push_back(Warning("staff", absl::StrCat("no network names staff ", key, " of it today"),
                               "write staff { … } of party " + participant_.key() + " in the network's document"));
    }
  }

  bool IsNamed(const std::string& key) const {
    return std::any_of(rules_.networks().begin(), rules_.networks().end(), [&](const policy::v1::Network& network) {
      const policy::v1::Party* party = policy::FindParty(network, participant_.key());
      return party != nullptr &&
             std::any_of(party->staff().begin(), party->staff().end(), [&](const policy::v1::Staff& staff) {
               return !staff.system() && staff.key() == key && InPeriod(today_, staff.from(), staff.until());
             });
    });
  }

  void AddForReal(const std::string& name, const std::string& text, const std::string& remedy) {
    const bool real = environment_ == config::v1::PRODUCTION;
    items_.push_back(real ? Missing(name, text, remedy) : Warning(name, text, remedy));
  }

  const Participant& participant_;
  const policy::RuleSet& rules_;
  const CivilDate today_;
  const config::v1::Environment environment_;
  std::vector<CheckItem> items_;
};

}  // namespace

CheckItem Good(const std::string& name, const std::string& text) { return {CheckItem::State::kOk, name, text, ""}; }
CheckItem Warning(const std::string& name, const std::string& text, const std::string& remedy) {
  return {CheckItem::State::kWarning, name, text, remedy};
}
CheckItem Missing(const std::string& name, const std::string& text, const std::string& remedy) {
  return {CheckItem::State::kMissing, name, text, remedy};
}

std::vector<CheckItem> CheckNumbers(const Participant& participant, const std::string& proof, const std::string& ura,
                                    const std::string& oin) {
  std::vector<CheckItem> items;
  for (const auto& [system, number] : {std::pair<std::string, std::string>("ura", ura), {"oin", oin}}) {
    if (number.empty()) continue;
    const std::string named = absl::StrCat(proof, " names ", system, " ", number);
    std::vector<std::string> enrolled;
    for (const config::v1::Identifier& held : participant.identifier()) {
      if (held.system() == system) enrolled.push_back(held.value());
    }
    if (std::count(enrolled.begin(), enrolled.end(), number) > 0) {
      items.push_back(Good("number", named + ", as enrolled"));
    } else if (enrolled.empty()) {
      items.push_back(Warning("number", named + ", and none is enrolled to hold it against",
                              "find out whether it is theirs, and write it as an identifier"));
    } else {
      items.push_back(Missing("number", absl::StrCat(named, ", enrolled is ", absl::StrJoin(enrolled, ", ")),
                              "it is of another organisation, or the enrolment is wrong: find out which"));
    }
  }
  return items;
}

bool IsMissing(const CheckItem& item) { return item.state == CheckItem::State::kMissing; }

std::vector<CheckItem> Checklist(const Participant& participant, const policy::RuleSet& rules, CivilDate today,
                                 config::v1::Environment environment) {
  return Checks(participant, rules, today, environment).Run();
}

std::vector<std::string> IncompleteOn(const identity::Enrolment& enrolment, const policy::RuleSet& rules, CivilDate today,
                                      config::v1::Environment environment) {
  if (environment != config::v1::PRODUCTION) return {};
  std::vector<std::string> incomplete;
  for (const Participant& participant : enrolment.document().participant()) {
    if (policy::RolesToday(rules, participant.key(), today).empty()) continue;
    const std::vector<CheckItem> items = Checklist(participant, rules, today, environment);
    if (std::any_of(items.begin(), items.end(), IsMissing)) incomplete.push_back(participant.key());
  }
  return incomplete;
}

bool ActsForOthersOnly(const Participant& participant) {
  return participant.acts_for_size() > 0 && participant.identifier_size() == 0 && !participant.has_route();
}

}  // namespace schotvrij::exchange
