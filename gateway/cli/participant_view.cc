#include "gateway/cli/participant_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/participant_facts.h"
#include "gateway/cli/report.h"
#include "gateway/transport/runtime/system.h"
#include "policy/membership.h"
#include "policy/people.h"

namespace schotvrij::cli {
namespace {

using config::v1::Participant;
using config::v1::Peer;

std::string JsonList(const std::vector<std::string>& items) { return absl::StrCat("[", absl::StrJoin(items, ","), "]"); }

std::string RolesText(const std::vector<policy::RoleInNetwork>& roles) {
  if (roles.empty()) return "no network";
  return absl::StrJoin(roles, ", ", [](std::string* out, const policy::RoleInNetwork& held) {
    absl::StrAppend(out, held.network, ": ", held.role);
  });
}

std::string RolesJson(const std::vector<policy::RoleInNetwork>& roles) {
  std::vector<std::string> items;
  for (const policy::RoleInNetwork& held : roles) {
    items.push_back(absl::StrCat("{\"network\":", JsonString(held.network), ",\"role\":", JsonString(held.role), ",\"from\":",
                                 JsonString(held.from), ",\"until\":", JsonString(held.until), "}"));
  }
  return JsonList(items);
}

std::string CertificateText(const CertificateHeld& held, Instant now) {
  if (!held.expires) return absl::StrCat(held.use, " certificate cannot be read");
  return absl::StrCat(held.use, " certificate until ", DayOf(*held.expires), ", ", DaysUntil(*held.expires, now), " days");
}

std::string CertificateJson(const CertificateHeld& held, Instant now) {
  std::string json = absl::StrCat("{\"use\":", JsonString(held.use), ",\"file\":", JsonString(held.file));
  if (held.expires) {
    absl::StrAppend(&json, ",\"expires\":", JsonString(DayOf(*held.expires)), ",\"days\":", DaysUntil(*held.expires, now));
  }
  return json + "}";
}

// Name and value of all that a peer names.
std::vector<std::pair<std::string, std::string>> NamedBy(const Peer& peer) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const auto& [name, value] : {std::pair<std::string, std::string>("subject", peer.subject()), {"san_uri", peer.san_uri()},
                                    {"uzi_ura", peer.uzi_ura()}, {"oin", peer.oin()}, {"sha256", peer.sha256()}, {"staff", peer.staff()}}) {
    if (!value.empty()) named.emplace_back(name, value);
  }
  return named;
}

std::string PeerJson(const Peer& peer) {
  std::vector<std::string> items;
  for (const auto& [name, value] : NamedBy(peer)) items.push_back(absl::StrCat(JsonString(name), ":", JsonString(value)));
  return absl::StrCat("{", absl::StrJoin(items, ","), "}");
}

std::vector<policy::PartyEntry> PeopleIn(const policy::v1::Network& network, const Participant& participant, CivilDate today) {
  const policy::v1::Party* party = policy::FindParty(network, participant.key());
  return party == nullptr ? std::vector<policy::PartyEntry>() : policy::EntriesFrom(*party, today);
}

std::vector<std::string> PeopleJson(const HomeFacts& facts, const Participant& participant) {
  std::vector<std::string> items;
  for (const policy::v1::Network& network : facts.rules->networks()) {
    for (const policy::PartyEntry& entry : PeopleIn(network, participant, facts.today)) {
      items.push_back(absl::StrCat("{\"network\":", JsonString(network.key()), ",\"what\":", JsonString(entry.what), ",\"text\":",
                                   JsonString(entry.text), ",\"from\":", JsonString(entry.from), ",\"until\":",
                                   JsonString(entry.until), "}"));
    }
  }
  return items;
}

// What `list` says of it, as members of an object.
std::string LineJson(const HomeFacts& facts, const Participant& participant) {
  const std::vector<CertificateHeld> held = CertificatesHeld(facts.home, participant);
  const CertificateHeld* first = FirstToExpire(held);
  return absl::StrCat("\"key\":", JsonString(participant.key()), ",\"name\":", JsonString(participant.name()), ",\"roles\":",
                      RolesJson(policy::RolesToday(*facts.rules, participant.key(), facts.today)), ",\"route\":",
                      JsonString(RouteText(participant)), ",\"state\":", JsonString(StateText(participant, facts.now)),
                      ",\"suspended\":", participant.suspended() ? "true" : "false", ",\"first_to_expire\":",
                      first == nullptr ? "null" : CertificateJson(*first, facts.now));
}

void PrintLine(const HomeFacts& facts, const Participant& participant, std::ostream& out) {
  const std::vector<CertificateHeld> held = CertificatesHeld(facts.home, participant);
  const CertificateHeld* first = FirstToExpire(held);
  out << participant.key() << "  " << participant.name() << "  ["
      << RolesText(policy::RolesToday(*facts.rules, participant.key(), facts.today)) << "]  " << RouteText(participant) << "  "
      << StateText(participant, facts.now) << "  "
      << (first == nullptr ? "no certificate here" : CertificateText(*first, facts.now)) << '\n';
}

void PrintAll(const HomeFacts& facts, const Participant& participant, int line, std::ostream& out) {
  out << participant.key() << "  " << participant.name() << '\n';
  if (line > 0) out << "at " << facts.text.name() << ':' << line << '\n';
  for (const config::v1::Identifier& held : participant.identifier()) {
    out << "identifier " << held.system() << ' ' << held.value() << '\n';
  }
  for (const policy::RoleInNetwork& held : policy::RolesFrom(*facts.rules, participant.key(), facts.today)) {
    out << "network " << held.network << ": " << held.role << " from " << held.from
        << (held.until.empty() ? "" : " until " + held.until) << '\n';
  }
  for (const policy::v1::Network& network : facts.rules->networks()) {
    for (const policy::PartyEntry& entry : PeopleIn(network, participant, facts.today)) {
      out << "network " << network.key() << ": " << policy::Line(entry, facts.today) << '\n';
    }
  }
  if (participant.has_mandate()) {
    out << "mandate " << participant.mandate().document() << ", " << participant.mandate().signed_on() << '\n';
  }
  for (const Peer& peer : participant.peer()) {
    out << "peer";
    for (const auto& [name, value] : NamedBy(peer)) out << ' ' << name << ' ' << value;
    out << '\n';
  }
  for (const std::string& other : participant.acts_for()) out << "acts for " << other << '\n';
  out << "route " << RouteText(participant) << '\n';
  if (participant.has_mail_sender()) {
    const config::v1::MailSender& sender = participant.mail_sender();
    out << "writes mail from " << sender.address() << (sender.relay().empty() ? "" : " by relay " + sender.relay()) << '\n';
  }
  for (const config::v1::Closure& closure : participant.closure()) {
    out << "closed from " << closure.from() << " until " << closure.until() << '\n';
  }
  for (const CertificateHeld& held : CertificatesHeld(facts.home, participant)) {
    out << CertificateText(held, facts.now) << ": " << held.file << '\n';
  }
  out << "state " << StateText(participant, facts.now) << '\n';
}

void PrintAllJson(const HomeFacts& facts, const Participant& participant, int line, std::ostream& out) {
  std::vector<std::string> identifiers, peers, acts_for, closures, certificates;
  for (const config::v1::Identifier& held : participant.identifier()) {
    identifiers.push_back(absl::StrCat("{\"system\":", JsonString(held.system()), ",\"value\":", JsonString(held.value()), "}"));
  }
  for (const Peer& peer : participant.peer()) peers.push_back(PeerJson(peer));
  for (const std::string& other : participant.acts_for()) acts_for.push_back(JsonString(other));
  for (const config::v1::Closure& closure : participant.closure()) {
    closures.push_back(absl::StrCat("{\"from\":", JsonString(closure.from()), ",\"until\":", JsonString(closure.until()), "}"));
  }
  for (const CertificateHeld& held : CertificatesHeld(facts.home, participant)) {
    certificates.push_back(CertificateJson(held, facts.now));
  }
  out << "{" << LineJson(facts, participant) << ",\"file\":" << JsonString(facts.text.name()) << ",\"line\":" << line
      << ",\"roles_from_today\":" << RolesJson(policy::RolesFrom(*facts.rules, participant.key(), facts.today))
      << ",\"identifiers\":" << JsonList(identifiers) << ",\"peers\":" << JsonList(peers) << ",\"acts_for\":" << JsonList(acts_for)
      << ",\"closures\":" << JsonList(closures) << ",\"mail_sender\":"
      << (participant.has_mail_sender() ? JsonString(participant.mail_sender().address()) : "null")
      << ",\"people\":" << JsonList(PeopleJson(facts, participant)) << ",\"mandate\":"
      << (participant.has_mandate() ? JsonString(participant.mandate().document()) : "null")
      << ",\"certificates\":" << JsonList(certificates) << "}\n";
}

}  // namespace

int RunParticipantList(const ParticipantViewOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<HomeFacts> facts = ReadHomeFacts(options.home, runtime::SystemClock().Now());
  if (!facts.ok()) {
    err << "schotvrij: " << facts.status().message() << '\n';
    return kWrongUse;
  }
  std::vector<std::string> lines;
  for (const std::string& key : facts->config.enrolment->keys()) {
    const Participant& participant = *facts->config.enrolment->Find(key);
    options.json ? lines.push_back(absl::StrCat("{", LineJson(*facts, participant), "}")) : PrintLine(*facts, participant, out);
  }
  if (options.json) out << JsonList(lines) << '\n';
  return kGood;
}

int RunParticipantShow(const ParticipantViewOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<HomeFacts> facts = ReadHomeFacts(options.home, runtime::SystemClock().Now());
  if (!facts.ok()) {
    err << "schotvrij: " << facts.status().message() << '\n';
    return kWrongUse;
  }
  const Participant* participant = facts->config.enrolment->Find(options.key);
  if (participant == nullptr) {
    err << "schotvrij: " << facts->text.name() << ": no participant has the key " << options.key
        << "; `schotvrij participant list` shows them\n";
    return kWrongUse;
  }
  const std::optional<identity::EnrolmentText::Place> place = facts->text.PlaceOf(options.key);
  const int line = place ? place->line : 0;
  options.json ? PrintAllJson(*facts, *participant, line, out) : PrintAll(*facts, *participant, line, out);
  return kGood;
}

}  // namespace schotvrij::cli
