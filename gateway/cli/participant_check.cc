#include "gateway/cli/participant_check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/expiry_warnings.h"
#include "gateway/cli/files.h"
#include "gateway/cli/participant_facts.h"
#include "gateway/cli/reload_command.h"
#include "gateway/cli/report.h"
#include "gateway/exchange/outbound.h"
#include "gateway/identity/certificate.h"
#include "gateway/transport/http/client.h"
#include "gateway/transport/mail/smtp_outbound.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/limits.h"

namespace schotvrij::cli {
namespace {

using config::v1::Participant;
using exchange::Good;
using exchange::Missing;
using exchange::Warning;

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
  const int level = WarningDays(*held.expires, facts.now);
  if (level > 0) return Warning("expiry", absl::StrCat(text, ": within ", level), remedy);
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

// Of the running gateway, which alone knows of test messages.
CheckItem CheckRoundTrip(const HomeFacts& facts, const ParticipantCheckOptions& options) {
  const std::string name = "round-trip";
  const std::string command = "`schotvrij participant check " + options.key + " --round-trip`";
  const CheckItem nobody = Missing(name, "no gateway runs on this home that could be asked", "start it, then run " + command);
  const std::string address = AdminAddress(options.home);
  if (address.empty()) return nobody;
  std::string body = "participant=" + options.key;
  if (options.round_trip) body += "&begin=yes";
  if (!options.heard.empty()) body += "&heard=" + options.heard;
  const absl::StatusOr<http::ClientResponse> reply =
      http::Call({.base = address}, {.method = "POST", .path = "/trial", .fields = {}, .body = body});
  if (!reply.ok()) return nobody;
  const std::string said(absl::StripTrailingAsciiWhitespace(reply->body));
  if (reply->status == 200) return Good(name, said);
  const bool by_mail = exchange::IsByMail(facts.config.enrolment->Find(options.key)->route());
  const std::string waiting = by_mail ? "it answers AKKOORD, or its contact tells the number behind Bericht: " + command + " --heard NUMBER"
                                      : "its system fetches it and acknowledges it";
  return Missing(name, said, reply->status == 202 ? waiting : "run " + command);
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
  const bool real = facts.config.config.environment() == config::v1::PRODUCTION && !exchange::ActsForOthersOnly(*participant);
  if (real || options.round_trip || !options.heard.empty()) items.push_back(CheckRoundTrip(facts, options));
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

std::vector<CheckItem> CheckCertificateFor(const identity::LoadedConfig& config, const Participant& participant,
                                           std::string_view pem, Instant now) {
  const absl::StatusOr<identity::PeerCertificate> seen = identity::ReadCertificatePem(pem);
  if (!seen.ok()) return {Missing("certificate", std::string(seen.status().message()), "give the certificate in PEM form")};
  std::vector<CheckItem> items = {CheckTaken(config, pem, now), CheckHolder(config, participant, *seen)};
  for (CheckItem& item : exchange::CheckNumbers(participant, "the certificate", seen->uzi_ura, seen->oin)) {
    items.push_back(std::move(item));
  }
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

void PrintChecklist(const std::vector<CheckItem>& items, std::ostream& out) {
  for (const CheckItem& item : items) {
    out << StateName(item.state) << ' ' << item.name << ": " << item.text;
    if (!item.remedy.empty()) out << "; " << item.remedy;
    out << '\n';
  }
}

void PrintChecklistOf(const std::string& home, const std::string& key, std::ostream& out) {
  const absl::StatusOr<HomeFacts> facts = ReadHomeFacts(home, runtime::SystemClock().Now());
  if (facts.ok()) PrintChecklist(Checklist(*facts, {.home = home, .key = key}, ""), out);
}

}  // namespace schotvrij::cli
