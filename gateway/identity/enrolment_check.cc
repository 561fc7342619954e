#include "gateway/identity/enrolment_check.h"

#include <array>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gateway/identity/availability.h"
#include "schemas/base/civil_date.h"
#include "schemas/base/table.h"
#include "schemas/base/strings.h"

namespace schotvrij::identity {
namespace {

using config::v1::Identifier;
using config::v1::Participant;
using config::v1::Peer;
using config::v1::SecureMail;

struct PeerField {
  const char* name;
  const std::string& (Peer::*value)() const;
  const char* form;
  const char* remedy;
};

constexpr std::array<PeerField, 5> kPeerFields = {{
    {"subject", &Peer::subject, ".+", ""},
    {"san_uri", &Peer::san_uri, "[A-Za-z][A-Za-z0-9+.-]*:[!-~]+", "write an absolute URI"},
    {"uzi_ura", &Peer::uzi_ura, "[0-9]{8}", "write eight digits, with leading zeros"},
    {"oin", &Peer::oin, "[0-9]{8}[0-9A-Za-z]{12}", "write twenty characters, the first eight digits"},
    {"sha256", &Peer::sha256, "[0-9a-f]{64}", "write 64 lower-case hexadecimal digits, no colons"},
}};

constexpr const char* kStaffForm = "not the key of a staff entry: 1 to 64 lower-case letters, digits, dots, hyphens or underscores";

bool IsStaffKey(const std::string& key) {
  static const auto& form = *new std::regex("([a-z0-9][a-z0-9._-]{0,63})?");
  return std::regex_match(key, form);
}

class Checker {
 public:
  explicit Checker(const config::v1::Enrolment& document) : document_(document) {
    for (const Participant& participant : document.participant()) keys_.insert(participant.key());
  }

  std::vector<DocumentFault> Run() {
    for (int i = 0; i < document_.participant_size(); ++i) {
      CheckKey(i);
      CheckIdentifiers(i);
      CheckPeers(i);
      CheckActsFor(i);
      CheckRoute(i);
      CheckMailSender(i);
      CheckClosures(i);
      CheckMandate(i);
    }
    CheckPeersApart();
    return std::move(faults_);
  }

 private:
  std::string Place(int i) const { return absl::StrCat("participant[", i, "]"); }

  void Fault(int i, std::string_view below, std::string_view text) {
    faults_.push_back({absl::StrCat(Place(i), below.empty() ? "" : ".", ToAbsl(below)),
                       absl::StrCat("participant ", document_.participant(i).key(), ": ", ToAbsl(text))});
  }

  void CheckKey(int i) {
    static const auto& form = *new std::regex("[a-z0-9][a-z0-9._-]{0,63}");
    const std::string& key = document_.participant(i).key();
    if (!std::regex_match(key, form)) {
      Fault(i, "key", "the key is not 1 to 64 lower-case letters, digits, dots, hyphens or underscores");
    } else if (!seen_keys_.insert(key).second) {
      Fault(i, "key", "the key is given twice; give each participant its own");
    }
  }

  void CheckIdentifiers(int i) {
    const Table& systems = Table::Embedded("schemas/codes/party_identifier.csv");
    const Participant& participant = document_.participant(i);
    for (int j = 0; j < participant.identifier_size(); ++j) {
      const Identifier& identifier = participant.identifier(j);
      std::string below = absl::StrCat("identifier[", j, "]");
      const Table::Row* system = systems.Find("key", identifier.system());
      if (system == nullptr) {
        Fault(i, below + ".system", "unknown identifier system; use a key of schemas/codes/party_identifier.csv");
        continue;
      }
      if (!std::regex_match(identifier.value(), std::regex(std::string((*system)["pattern"])))) {
        Fault(i, below + ".value", absl::StrCat("the identifier does not have the form of ", identifier.system(), ": ",
                                                ToAbsl((*system)["pattern"])));
      }
      auto [held, fresh] = identifiers_.try_emplace({identifier.system(), identifier.value()}, i);
      if (!fresh) {
        Fault(i, below, absl::StrCat("participant ", document_.participant(held->second).key(),
                                     " has the same identifier; an identifier names one participant"));
      }
    }
  }

  void CheckPeers(int i) {
    const Participant& participant = document_.participant(i);
    for (int j = 0; j < participant.peer_size(); ++j) {
      bool named = false;
      for (const PeerField& field : kPeerFields) {
        const std::string& value = (participant.peer(j).*field.value)();
        if (value.empty()) continue;
        named = true;
        if (!std::regex_match(value, std::regex(field.form))) {
          Fault(i, absl::StrCat("peer[", j, "].", field.name), absl::StrCat("wrong form; ", field.remedy));
        }
      }
      if (!IsStaffKey(participant.peer(j).staff())) Fault(i, absl::StrCat("peer[", j, "].staff"), kStaffForm);
      if (!named) Fault(i, absl::StrCat("peer[", j, "]"), "the peer names nothing and would match every certificate");
    }
  }

  void CheckActsFor(int i) {
    const Participant& participant = document_.participant(i);
    std::set<std::string> seen;
    for (int j = 0; j < participant.acts_for_size(); ++j) {
      const std::string& other = participant.acts_for(j);
      std::string below = absl::StrCat("acts_for[", j, "]");
      if (!keys_.contains(other)) Fault(i, below, "it acts for a participant that is not enrolled");
      if (other == participant.key()) Fault(i, below, "it acts for itself in any case; leave this out");
      if (!seen.insert(other).second) Fault(i, below, "named twice");
    }
  }

  void CheckRoute(int i) {
    const Participant& participant = document_.participant(i);
    if (!participant.has_route()) return;
    if (participant.route().route_case() == config::v1::Route::ROUTE_NOT_SET) {
      return Fault(i, "route", "the route says not how; write mailbox {}, mail { ... } or relayed_mail { ... }");
    }
    if (participant.route().has_relayed_mail()) CheckAddress(i, "route.relayed_mail", participant.route().relayed_mail().address());
    if (!participant.route().has_mail()) return;
    const SecureMail& mail = participant.route().mail();
    CheckAddress(i, "route.mail", mail.address());
    if (mail.certificate_file().empty()) {
      Fault(i, "route.mail.certificate_file", "name the recipient's S/MIME certificate: nothing is mailed unencrypted");
    }
    if (mail.cipher() == SecureMail::CIPHER_UNSPECIFIED) {
      Fault(i, "route.mail.cipher", "say which cipher: AES_256_GCM, or AES_256_CBC for clients that read nothing else");
    }
  }

  void CheckMailSender(int i) {
    const Participant& participant = document_.participant(i);
    if (!participant.has_mail_sender()) return;
    const config::v1::MailSender& sender = participant.mail_sender();
    CheckAddress(i, "mail_sender", sender.address());
    if (!IsStaffKey(sender.staff())) Fault(i, "mail_sender.staff", kStaffForm);
    const std::string address = absl::AsciiStrToLower(sender.address());
    if (!mail_senders_.insert(address).second) {
      Fault(i, "mail_sender.address", "another participant writes from the same address; an address names one participant");
    }
    if ((sender.certificate_file_size() == 0) == sender.relay().empty()) {
      Fault(i, "mail_sender", "name the certificates it signs with, or the relay in whose network it writes: one of both proves who it is");
    }
    if (!participant.route().has_mail() && !participant.route().has_relayed_mail()) {
      Fault(i, "mail_sender", "its route is not by mail, and that is where the gateway answers; write route { mail { ... } } or relayed_mail");
    }
  }

  void CheckClosures(int i) {
    const Participant& participant = document_.participant(i);
    for (int j = 0; j < participant.closure_size(); ++j) {
      const std::optional<Instant> from = ParseMoment(participant.closure(j).from());
      const std::optional<Instant> until = ParseMoment(participant.closure(j).until());
      const std::string below = absl::StrCat("closure[", j, "]");
      if (!from) Fault(i, below + ".from", "not a moment; write it as 2026-12-31T18:00:00+01:00");
      if (!until) Fault(i, below + ".until", "not a moment; write it as 2027-01-02T08:00:00+01:00");
      if (from && until && *until <= *from) Fault(i, below + ".until", "it ends before it begins");
    }
  }

  void CheckMandate(int i) {
    const Participant& participant = document_.participant(i);
    if (!participant.has_mandate()) return;
    if (participant.mandate().document().empty()) Fault(i, "mandate.document", "name the document it is allowed to take part by");
    if (!CivilDate::Parse(participant.mandate().signed_on())) Fault(i, "mandate.signed_on", "not a day; write it as 2026-11-28");
  }

  void CheckAddress(int i, std::string_view route, const std::string& address) {
    static const auto& form = *new std::regex("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+");
    if (std::regex_match(address, form)) return;
    Fault(i, absl::StrCat(ToAbsl(route), ".address"), "no mail address, or one of the wrong form");
  }

  // Entries of one participant may overlap; entries of two may not.
  void CheckPeersApart() {
    for (int i = 0; i < document_.participant_size(); ++i) {
      for (int other = 0; other < i; ++other) {
        for (int j = 0; j < document_.participant(i).peer_size(); ++j) {
          for (const Peer& peer : document_.participant(other).peer()) {
            const Peer& mine = document_.participant(i).peer(j);
            if (!Covers(peer, mine) && !Covers(mine, peer)) continue;
            Fault(i, absl::StrCat("peer[", j, "]"),
                  absl::StrCat("a certificate can match this and participant ", document_.participant(other).key(),
                               "; name more of the certificate"));
          }
        }
      }
    }
  }

  const config::v1::Enrolment& document_;
  std::set<std::string> keys_;
  std::set<std::string> seen_keys_;
  std::set<std::string> mail_senders_;
  std::map<std::pair<std::string, std::string>, int> identifiers_;
  std::vector<DocumentFault> faults_;
};

}  // namespace

bool Covers(const Peer& wide, const Peer& narrow) {
  bool named = false;
  for (const PeerField& field : kPeerFields) {
    const std::string& value = (wide.*field.value)();
    if (value.empty()) continue;
    named = true;
    if ((narrow.*field.value)() != value) return false;
  }
  return named;
}

std::vector<DocumentFault> CheckEnrolment(const config::v1::Enrolment& document) { return Checker(document).Run(); }

}  // namespace schotvrij::identity
