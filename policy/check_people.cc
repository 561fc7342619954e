#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "policy/checks.h"
#include "policy/period.h"

namespace schotvrij::policy {
namespace {

// Enough to see a slip of the pen; whether the mailbox exists, mail alone can tell.
bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  return at != text.npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
         text.find_first_of(" <>,;\"") == text.npos &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

void CheckMailAddress(const std::string& text, const Place& place, FaultList& faults) {
  if (!text.empty() && !IsMailAddress(text)) {
    faults.Add("POLICY-MAIL-ADDRESS", place);
  }
}

// The periods of `entries`, element `field` of `place`, of which no two share a day. One whose dates
// are none is told and left out.
template <typename Entries>
std::vector<Period> CheckApart(const Entries& entries, const std::string& field, const Place& place,
                               FaultList& faults) {
  std::vector<Period> periods;
  for (int i = 0; i < entries.size(); ++i) {
    const Place here = place.In(field, i);
    const auto period = CheckPeriod(entries[i].from(), entries[i].until(), here, faults);
    if (!period) continue;
    if (std::any_of(periods.begin(), periods.end(),
                    [&](const Period& other) { return other.Overlaps(*period); })) {
      faults.Add("POLICY-PERIODS-OVERLAP", here.In("from"), field);
    }
    periods.push_back(*period);
  }
  return periods;
}

void CheckContact(const v1::Contact& contact, const Place& place, FaultList& faults) {
  Require(contact.function(), place, "function", faults);
  Require(contact.mail(), place, "mail", faults);
  CheckMailAddress(contact.mail(), place.In("mail"), faults);
}

void CheckMailbox(const v1::PilotMailbox& mailbox, const Place& place, FaultList& faults) {
  if (mailbox.address().empty() == mailbox.description().empty()) {
    faults.Add("POLICY-MAILBOX", place);
  }
  CheckMailAddress(mailbox.address(), place.In("address"), faults);
}

void CheckPerson(const v1::Network& network, const v1::Party& party, const v1::Staff& staff, const Place& place,
                 FaultList& faults) {
  if (staff.person().empty()) return;
  RequireKey(staff.person(), place, "person", faults);
  if (staff.system()) faults.Add("POLICY-STAFF-PERSON", place.In("person"));
  const bool elsewhere = std::any_of(network.party().begin(), network.party().end(), [&](const v1::Party& other) {
    return other.key() != party.key() &&
           std::any_of(other.staff().begin(), other.staff().end(),
                       [&](const v1::Staff& each) { return each.person() == staff.person(); });
  });
  if (!elsewhere) faults.Add("POLICY-PERSON-ALONE", place.In("person"), staff.person());
}

void CheckStaff(const v1::Network& network, const v1::Party& party, const Place& place, FaultList& faults) {
  absl::flat_hash_set<std::string> keys;
  for (int i = 0; i < party.staff_size(); ++i) {
    const v1::Staff& staff = party.staff(i);
    const Place here = place.In("staff", i);
    RequireKey(staff.key(), here, "key", faults);
    Require(staff.function(), here, "function", faults);
    CheckPeriod(staff.from(), staff.until(), here, faults);
    CheckPerson(network, party, staff, here, faults);
    if (!keys.insert(staff.key()).second) {
      faults.Add("POLICY-DOUBLE-KEY", here.In("key"), staff.key());
    }
    for (int j = 0; j < staff.role_size(); ++j) {
      const bool has = std::any_of(party.membership().begin(), party.membership().end(),
                                   [&](const v1::Membership& held) { return held.role() == staff.role(j); });
      if (!has) faults.Add("POLICY-STAFF-ROLE", here.In("role", j), staff.role(j));
    }
  }
}

void CheckSignatures(const v1::Network& network, const v1::Party& party, const Place& place,
                     FaultList& faults) {
  absl::flat_hash_set<std::string> signed_versions;
  for (int i = 0; i < party.signature_size(); ++i) {
    const v1::Signature& signature = party.signature(i);
    const Place here = place.In("signature", i);
    Require(signature.by(), here, "by", faults);
    Require(signature.on(), here, "on", faults);
    CheckDate(signature.on(), here, "on", faults);
    const bool known =
        std::any_of(network.agreement().begin(), network.agreement().end(),
                    [&](const v1::Agreement& each) { return each.version() == signature.agreement(); });
    if (!known) faults.Add("POLICY-UNKNOWN-VERSION", here.In("agreement"), signature.agreement());
    if (!signed_versions.insert(signature.agreement()).second) {
      faults.Add("POLICY-DOUBLE-KEY", here.In("agreement"), signature.agreement());
    }
  }
}

// Days on which the party is a member and a version is in force.
std::vector<Period> InForce(const v1::Network& network, const v1::Party& party) {
  std::vector<Period> found;
  for (const v1::Membership& held : party.membership()) {
    const auto member = Period::Parse(held.from(), held.until());
    for (const v1::Agreement& agreement : network.agreement()) {
      const auto version = Period::Parse(agreement.from(), agreement.until());
      if (!member || !version || !member->Overlaps(*version)) continue;
      Period both{std::max(member->from, version->from), version->until};
      if (member->until && (!both.until || *member->until < *both.until)) both.until = member->until;
      found.push_back(both);
    }
  }
  return found;
}

// A gap begins where a day in force does, or the day after an entry ends.
bool LeavesADay(const std::vector<Period>& in_force, const std::vector<Period>& entries) {
  std::vector<CivilDate> days;
  for (const Period& period : in_force) days.push_back(period.from);
  for (const Period& entry : entries) {
    if (entry.until) days.push_back(entry.until->PlusDays(1));
  }
  const auto holds = [](const std::vector<Period>& periods, CivilDate day) {
    return std::any_of(periods.begin(), periods.end(),
                       [&](const Period& period) { return period.Holds(day); });
  };
  return std::any_of(days.begin(), days.end(),
                     [&](CivilDate day) { return holds(in_force, day) && !holds(entries, day); });
}

}  // namespace

void CheckPeople(const v1::Network& network, const v1::Party& party, const Place& place,
                 FaultList& faults) {
  for (int i = 0; i < party.contact_size(); ++i) {
    CheckContact(party.contact(i), place.In("contact", i), faults);
  }
  for (int i = 0; i < party.deputy_size(); ++i) {
    CheckContact(party.deputy(i), place.In("deputy", i), faults);
  }
  for (int i = 0; i < party.mailbox_size(); ++i) {
    CheckMailbox(party.mailbox(i), place.In("mailbox", i), faults);
  }
  CheckApart(party.contact(), "contact", place, faults);
  CheckApart(party.mailbox(), "mailbox", place, faults);
  CheckStaff(network, party, place, faults);
  CheckSignatures(network, party, place, faults);
  const std::vector<Period> deputies = CheckApart(party.deputy(), "deputy", place, faults);
  if (LeavesADay(InForce(network, party), deputies)) {
    faults.Add("POLICY-DEPUTY-MISSING", place.In("key"), party.key());
  }
}

}  // namespace schotvrij::policy
