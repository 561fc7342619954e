#include "gateway/cli/participant_leaving.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/store/engines.h"
#include "policy/membership.h"
#include "policy/people.h"
#include "schemas/base/limits.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

using exchange::CheckItem;
using exchange::Good;
using exchange::Warning;
using policy::v1::Network;

constexpr char kBehindAllIds[] = "g";  // which are hexadecimal

// Deliveries to `key` that it did not take over.
absl::StatusOr<size_t> WaitingFor(const HomeFacts& facts, const std::string& key) {
  const std::string& database = facts.config.config.store().sqlite_file();
  if (!std::filesystem::exists(database)) return 0;
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenSqlite(database, "leaving", {}));
  size_t waiting = 0;
  for (std::string after;;) {
    ASSIGN_OR_RETURN(const std::vector<store::Store::DayEntry> page,
                     store->DeliveriesBetween(after, kBehindAllIds, limits::kDaySheetPage));
    waiting += static_cast<size_t>(std::ranges::count_if(page, [&](const store::Store::DayEntry& entry) {
      return entry.recipient == key &&
             (entry.state == store::DeliveryState::kDue || entry.state == store::DeliveryState::kAvailable);
    }));
    if (page.size() < limits::kDaySheetPage) return waiting;
    after = page.back().delivery_id;
  }
}

class Leaving {
 public:
  Leaving(const HomeFacts& facts, const config::v1::Participant& leaving)
      : facts_(facts), leaving_(leaving), others_(facts.config.enrolment->keys()) {}

  std::vector<CheckItem> Run() {
    for (const Network& network : facts_.rules->networks()) LookAtNetwork(network);
    if (items_.empty()) items_.push_back(Good("network", "none is inactive without it"));
    for (const Network& network : facts_.rules->networks()) LookAtSuccessor(network);
    LookAtWaiting();
    if (leaving_.acts_for_size() > 0) {
      items_.push_back(Warning("acts_for", absl::StrCat(absl::StrJoin(leaving_.acts_for(), ", "), ": spoken for by it no more"),
                               "let each of them call by itself, or write who acts for it now"));
    }
    for (const Network& network : facts_.rules->networks()) LookAtPeople(network);
    LookAtCertificates();
    return std::move(items_);
  }

 private:
  void LookAtNetwork(const Network& network) {
    const std::vector<std::string> missing = facts_.rules->MissingParties(network, others_, facts_.today);
    const bool inactive = std::ranges::count(missing, leaving_.key()) > 0;
    if (inactive) {
      items_.push_back(Warning("network", network.key() + " is inactive without it: nothing is taken or sent in it",
                               "let its document address another, or enrol " + leaving_.key() + " again"));
    }
    for (const policy::RoleInNetwork& held : policy::RolesFrom(*facts_.rules, leaving_.key(), facts_.today)) {
      if (held.network != network.key()) continue;
      items_.push_back(Warning("member", absl::StrCat("still ", held.role, " in ", network.key()),
                               "end its membership in the network's document"));
    }
  }

  void LookAtSuccessor(const Network& network) {
    const policy::RuleSet::Successor* const successor = facts_.rules->SuccessorOf(network, leaving_.key());
    if (successor == nullptr) return;
    followed_up_ = true;
    const std::string text = absl::StrCat("in ", network.key(), ": ", successor->party, " from ", successor->from.ToString());
    items_.push_back(std::ranges::count(others_, successor->party) > 0
                         ? Good("successor", text)
                         : Warning("successor", text + ", which is not enrolled", "enrol it: what waits goes to it then"));
  }

  void LookAtWaiting() {
    const absl::StatusOr<size_t> waiting = WaitingFor(facts_, leaving_.key());
    if (!waiting.ok()) {
      items_.push_back(Warning("waiting", "not counted: " + std::string(waiting.status().message()), "look at the database"));
    } else if (*waiting == 0) {
      items_.push_back(Good("waiting", "nothing for it"));
    } else {
      const char* const remedy = followed_up_ ? "see that its successor gets it"
                                              : "let the senders know that nobody reads it, or name its successor in a document";
      items_.push_back(Warning("waiting", absl::StrCat(*waiting, " for it, not taken over"), remedy));
    }
  }

  void LookAtPeople(const Network& network) {
    const policy::v1::Party* const party = policy::FindParty(network, leaving_.key());
    if (party == nullptr) return;
    const std::vector<policy::PartyEntry> entries = policy::EntriesFrom(*party, facts_.today);
    if (entries.empty()) return;
    const std::string lines = absl::StrJoin(entries, "; ", [&](std::string* out, const policy::PartyEntry& entry) {
      absl::StrAppend(out, policy::Line(entry, facts_.today));
    });
    items_.push_back(Warning("people", absl::StrCat("in ", network.key(), ": ", lines),
                             "tell them, and end their entries in the network's document"));
  }

  void LookAtCertificates() {
    if (leaving_.peer_size() > 0) {
      items_.push_back(Good("proof", absl::StrCat(leaving_.peer_size(), " peer entries are gone: its certificates name nobody here")));
    }
    for (const CertificateHeld& held : CertificatesHeld(facts_.home, leaving_)) {
      items_.push_back(Warning("certificate", absl::StrCat(held.use, " certificate is in the home still: ", held.file), "delete it"));
    }
  }

  const HomeFacts& facts_;
  const config::v1::Participant& leaving_;
  const std::vector<std::string>& others_;
  bool followed_up_ = false;
  std::vector<CheckItem> items_;
};

}  // namespace

std::vector<CheckItem> LeftBehind(const HomeFacts& facts, const config::v1::Participant& leaving) {
  return Leaving(facts, leaving).Run();
}

}  // namespace schotvrij::cli
