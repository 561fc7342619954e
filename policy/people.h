// People: who a network's document names for a party, from when until when.
//
//   for (const PartyEntry& entry : EntriesFrom(party, today)) out << Line(entry, today);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/base/civil_date.h"
#include "schotvrij/policy/v1/policy.pb.h"

namespace schotvrij::policy {

// Contact person, deputy, mailbox of the pilot or one of the staff; dates as the document has them.
struct PartyEntry {
  std::string what;  // "contact", "deputy", "mailbox", "staff KEY"
  std::string text;  // "programmamanager, pilot@example.org, 0318 000000"
  std::string from;
  std::string until;
};

// In the order of the document; of those that have ended before `today` none. Without a day: all.
std::vector<PartyEntry> EntriesFrom(const v1::Party& party, std::optional<CivilDate> today);

// "contact: programmamanager, pilot@example.org, 2026-01-01 to open", and whether that is announced only.
std::string Line(const PartyEntry& entry, std::optional<CivilDate> today);

// The entry of `entries` (contacts, deputies, mailboxes) that holds on `day`, or null.
template <typename Entries>
auto OnDay(const Entries& entries, CivilDate day) -> const typename Entries::value_type* {
  for (const auto& entry : entries) {
    if (InPeriod(day, entry.from(), entry.until())) return &entry;
  }
  return nullptr;
}

// Whether the party signed that version by `day`.
bool SignedBy(const v1::Party& party, const v1::Agreement& agreement, CivilDate day);

}  // namespace schotvrij::policy
