#include "policy/people.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace schotvrij::policy {
namespace {

std::string TextOf(const v1::Contact& contact) {
  return absl::StrCat(contact.function(), ", ", contact.mail(), contact.telephone().empty() ? "" : ", ",
                      contact.telephone());
}

std::string TextOf(const v1::PilotMailbox& mailbox) {
  return mailbox.address().empty() ? mailbox.description() : mailbox.address();
}

std::string TextOf(const v1::Staff& staff) {
  return absl::StrCat(staff.function(), staff.system() ? " (the organisation's system)" : "");
}

template <typename Entry>
void Add(const std::string& what, const Entry& entry, std::optional<CivilDate> today,
         std::vector<PartyEntry>* found) {
  if (today && !InPeriod(*today, "", entry.until())) return;
  found->push_back({what, TextOf(entry), entry.from(), entry.until()});
}

}  // namespace

std::vector<PartyEntry> EntriesFrom(const v1::Party& party, std::optional<CivilDate> today) {
  std::vector<PartyEntry> found;
  for (const v1::Contact& contact : party.contact()) Add("contact", contact, today, &found);
  for (const v1::Contact& deputy : party.deputy()) Add("deputy", deputy, today, &found);
  for (const v1::PilotMailbox& mailbox : party.mailbox()) Add("mailbox", mailbox, today, &found);
  for (const v1::Staff& staff : party.staff()) Add("staff " + staff.key(), staff, today, &found);
  return found;
}

std::string Line(const PartyEntry& entry, std::optional<CivilDate> today) {
  const bool announced = today && !InPeriod(*today, entry.from, "");
  return absl::StrCat(entry.what, ": ", entry.text, ", ", entry.from, " to ",
                      entry.until.empty() ? "open" : entry.until, announced ? ", announced" : "");
}

bool SignedBy(const v1::Party& party, const v1::Agreement& agreement, CivilDate day) {
  return std::any_of(party.signature().begin(), party.signature().end(),
                     [&](const v1::Signature& each) {
                       return each.agreement() == agreement.version() && InPeriod(day, each.on(), "");
                     });
}

}  // namespace schotvrij::policy
