#include "gateway/cli/participant_check.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/participant_facts.h"
#include "gateway/cli/report.h"
#include "gateway/identity/certificate.h"
#include "gateway/transport/mail/smtp_outbound.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/limits.h"

namespace schotvrij::cli {
namespace {

using config::v1::Participant;
using exchange::Good;
using exchange::Missing;
using exchange::Warning;

// Days before the end of a certificate at which it is told (R54), the most urgent first.
constexpr std::array<int, 3> kExpiryLevelsDays = {7, 30, 60};

CheckItem CheckRouteOf(const HomeFacts& facts, const Participant& participant) {
  const absl::Status fit = mail::CheckMailRoute(participant, "", facts.now);
  if (!fit.ok()) {
    return Missing("route", std::string(fit.message()),
                   absl::StrCat("run `schotvrij participant rotate ", participant.key(),
                                " --mail-certificate FILE` with one that is valid and for mail"));
  }
  return Good("route", RouteText(participant));
}

CheckItem CheckExpiry(const HomeFacts& facts, const Participant& participant, const CertificateHeld& held) {
  const std::string remedy = absl::StrCat("ask for its next one, then `schotvrij participant rotate ", participant.key(),
                                          held.use == "client" ? " --certificate FILE`" : " --mail-certificate FILE`");
  if (!held.expires) return Missing("expiry", absl::StrCat(held.use, " certificate cannot be read: ", held.file), remedy);
  const int64_t days = DaysUntil(*held.expires, facts.now);
  const std::string text = absl::StrCat(held.use, " certificate until ", DayOf(*held.expires), ", ", days, " days");
  if (days < 0) return Missing("expiry", text, remedy);
  for (int level : kExpiryLevelsDays) {
    if (IsWithinDays(*held.expires, facts.now, level)) return Warning("expiry", absl::StrCat(text, ": within ", level), remedy);
  }
  return Good("expiry", text);
}

CheckItem CheckOpen(const HomeFacts& facts, const Participant& participant) {
  const std::string state = StateText(participant, facts.now);
  if (participant.suspended()) return Missing("state", state, "run `schotvrij participant resume " + participant.key() + "`");
  return state == "open" ? Good("state", state) : Warning("state", state, "what is for it waits until then");
}

// By TLS of at least one listener.
CheckItem CheckTaken(const identity::LoadedConfig& config, std::string_view pem, Instant now) {
  std::string why;
  for (const identity::TlsFiles* listener : {&config.https, &config.grpc}) {
    if (listener->client_ca_pem.empty()) continue;
    const absl::Status taken = identity::CheckClientCertificate(pem, listener->client_ca_pem, now);
    if (taken.ok()) return Good("certificate", "valid, for clients, and of a CA that the listeners trust");
    why = std::string(taken.message());
  }
  return Missing("certificate", why, "give one that is valid, for clients, and of a CA in client_ca_file");
}

CheckItem CheckHolder(const identity::LoadedConfig& config, const Participant& participant, const identity::PeerCertificate& seen) {
  const absl::StatusOr<identity::Caller> caller = config.enrolment->Identify(seen);
  if (caller.ok() && caller->peer == participant.key()) {
    return Good("holder", absl::StrCat("the enrolment takes it for ", caller->peer, caller->staff.empty() ? "" : ", staff ", caller->staff));
  }
  const std::string text = caller.ok() ? "the enrolment takes it for " + caller->peer : std::string(caller.status().message());
  return Missing("holder", text,
                 absl::StrCat("run `schotvrij participant rotate ", participant.key(),
                              " --certificate FILE`, or look at its peer entries"));
}

// A number in the certificate against the one enrolled.
void CheckNumber(const Participant& participant, const std::string& system, const std::string& number,
                 std::vector<CheckItem>* items) {
  if (number.empty()) return;
  const std::string named = absl::StrCat("the certificate names ", system, " ", number);
  std::vector<std::string> enrolled;
  for (const config::v1::Identifier& held : participant.identifier()) {
    if (held.system() == system) enrolled.push_back(held.value());
  }
  if (std::count(enrolled.begin(), enrolled.end(), number) > 0) {
    items->push_back(Good("number", named + ", as enrolled"));
  } else if (enrolled.empty()) {
    items->push_back(Warning("number", named + ", and none is enrolled to hold it against",
                             "find out whether it is theirs, and write it as an identifier"));
  } else {
    items->push_back(Missing("number", absl::StrCat(named, ", enrolled is ", absl::StrJoin(enrolled, ", ")),
                             "it is of another organisation, or the enrolment is wrong: find out which"));
  }
}

std::vector<CheckItem> Checklist(const HomeFacts& facts, const ParticipantCheckOptions& options, const std::string& pem) {
  const Participant* participant = facts.config.enrolment->Find(options.key);
  if (participant == nullptr) {
    return {Missing("enrolled", options.key + " is not in " + facts.text.name(), "run `schotvrij participant add FILE`")};
  }
  std::vector<CheckItem> items = {Good("enrolled", participant->name())};
  for (CheckItem& item : exchange::Checklist(*participant, *facts.rules, facts.today, facts.config.config.environment())) {
    items.push_back(std::move(item));
  }
  if (!pem.empty()) {
    for (CheckItem& item : CheckCertificateFor(facts.config, *participant, pem, facts.now)) items.push_back(std::move(item));
  }
  if (participant->has_route()) items.push_back(CheckRouteOf(facts, *participant));
  for (const CertificateHeld& held : CertificatesHeld(facts.home, *participant)) {
    items.push_back(CheckExpiry(facts, *participant, held));
  }
  items.push_back(CheckOpen(facts, *participant));
  return items;
}

std::string StateName(CheckItem::State state) {
  return state == CheckItem::State::kOk ? "ok" : state == CheckItem::State::kWarning ? "warning" : "missing";
}

void PrintChecklistJson(const std::string& key, const std::vector<CheckItem>& items, bool complete, std::ostream& out) {
  out << "{\"participant\":" << JsonString(key) << ",\"complete\":" << (complete ? "true" : "false") << ",\"items\":[";
  for (size_t i = 0; i < items.size(); ++i) {
    out << (i > 0 ? "," : "") << "{\"state\":" << JsonString(StateName(items[i].state)) << ",\"item\":" << JsonString(items[i].name)
        << ",\"text\":" << JsonString(items[i].text) << ",\"remedy\":" << JsonString(items[i].remedy) << "}";
  }
  out << "]}\n";
}

}  // namespace

void PrintChecklist(const std::vector<CheckItem>& items, std::ostream& out) {
  for (const CheckItem& item : items) {
    out << StateName(item.state) << ' ' << item.name << ": " << item.text;
    if (!item.remedy.empty()) out << "; " << item.remedy;
    out << '\n';
  }
}

std::vector<CheckItem> CheckCertificateFor(const identity::LoadedConfig& config, const Participant& participant,
                                           std::string_view pem, Instant now) {
  const absl::StatusOr<identity::PeerCertificate> seen = identity::ReadCertificatePem(pem);
  if (!seen.ok()) return {Missing("certificate", std::string(seen.status().message()), "give the certificate in PEM form")};
  std::vector<CheckItem> items = {CheckTaken(config, pem, now), CheckHolder(config, participant, *seen)};
  CheckNumber(participant, "ura", seen->uzi_ura, &items);
  CheckNumber(participant, "oin", seen->oin, &items);
  return items;
}

int RunParticipantCheck(const ParticipantCheckOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<HomeFacts> facts = ReadHomeFacts(options.home, runtime::SystemClock().Now());
  absl::StatusOr<std::string> pem = "";
  if (!options.certificate.empty()) pem = ReadFile(options.certificate, limits::kKeyFileBytesMax);
  for (const absl::Status& read : {facts.status(), pem.status()}) {
    if (read.ok()) continue;
    err << "schotvrij: " << read.message() << '\n';
    return kWrongUse;
  }
  const std::vector<CheckItem> items = Checklist(*facts, options, *pem);
  const bool complete = std::none_of(items.begin(), items.end(), exchange::IsMissing);
  options.json ? PrintChecklistJson(options.key, items, complete, out) : PrintChecklist(items, out);
  return complete ? kGood : kMessageAtFault;
}

}  // namespace schotvrij::cli
