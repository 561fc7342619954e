#include "tests/simulation/parties.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "schemas/base/embedded.h"
#include "schemas/base/strings.h"

namespace schotvrij::simulation {
namespace {

constexpr std::string_view kInsurer = "  party {\n    key: \"menzis\"";
constexpr std::string_view kInForce = "    from: \"2024-01-01\"\n";
constexpr std::string_view kAgreement = "  agreement {\n    version: \"2024\"";
constexpr std::string_view kPrefixLeaf = "      leaf { path: \"client.name.own_prefix\" }\n";
constexpr std::string_view kRule = "    rule {\n      id: \"ede-registration\"";
constexpr std::string_view kNextRule = "    rule {\n      id: \"ede-receipt\"";

[[noreturn]] void Wrong(const std::string& what) {
  std::fprintf(stderr, "simulate: %s\n", what.c_str());
  std::abort();
}

std::string With(std::string text, std::string_view from, const std::string& to) {
  if (text.find(from) == std::string::npos) Wrong("the network's document is not as expected");
  return absl::StrReplaceAll(text, {{ToAbsl(from), to}});
}

std::string Party(std::string_view key, std::string_view role, std::string_view until) {
  std::string text = absl::StrCat("  party {\n    key: \"", ToAbsl(key), "\"\n    name: \"", ToAbsl(key),
                                  "\"\n    membership { role: \"", ToAbsl(role), "\" from: \"2021-01-01\"");
  if (!until.empty()) absl::StrAppend(&text, " until: \"", ToAbsl(until), "\"");
  return text + " }\n  }\n";
}

// The document of Ede with more providers and municipalities.
std::string Document(std::string_view provider_until = "", std::string_view municipality_until = "") {
  return With(std::string(EmbeddedText("policy/documents/ede.txtpb")), kInsurer,
              Party("zorgpunt", "provider", provider_until) + Party("thuisbest", "provider", "") +
                  Party("wijkhulp", "provider", "") + Party("gemeente-veld", "municipality", municipality_until) +
                  Party("gemeente-water", "municipality", "") + std::string(kInsurer));
}

// With a second agreement, which takes the place of the first at the turn of the year.
std::string WithTurn(std::string text) {
  const size_t begin = text.find(kAgreement);
  const size_t end = text.rfind('}');
  if (begin == std::string::npos || end == std::string::npos) Wrong("the network's document is not as expected");
  const std::string agreement = text.substr(begin, end - begin);
  const std::string first =
      With(agreement, kInForce, absl::StrCat(ToAbsl(kInForce), "    until: \"", kTurn.PlusDays(-1).ToString(), "\"\n"));
  std::string second = With(agreement, kInForce, absl::StrCat("    from: \"", kTurn.ToString(), "\"\n"));
  second = With(With(std::move(second), "version: \"2024\"", "version: \"2027\""), "ede-2024", "ede-2027");
  return text.substr(0, begin) + first + second + text.substr(end);
}

std::string WithoutRegistration(std::string text) {
  for (size_t at; (at = text.find(kRule)) != std::string::npos;) {
    const size_t next = text.find(kNextRule, at);
    if (next == std::string::npos) Wrong("the network's document is not as expected");
    text.erase(at, next - at);
  }
  return text;
}

Policy Load(std::string name, std::string document) {
  const policy::PolicyFile files[] = {{"ede.txtpb", std::move(document)}};
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  for (const policy::Fault& fault : loaded.faults) {
    if (!fault.warning) Wrong(fault.ToString());
  }
  return {std::move(name), std::move(loaded.rules)};
}

std::vector<Policy> MakePolicies() {
  const CivilDate until = *CivilDate::Parse("2026-11-21");
  std::vector<Policy> made;
  made.push_back(Load("as agreed", Document()));
  made.push_back(Load("without prefix", With(Document(), kPrefixLeaf, "")));
  made.back().shares_prefix = false;
  made.push_back(Load("without registrations", WithoutRegistration(Document())));
  made.back().registers = false;
  made.push_back(Load("agreement ends", With(Document(), kInForce, std::string(kInForce) + "    until: \"2026-11-21\"\n")));
  made.back().agreement_until = until;
  made.push_back(Load("provider leaves", Document("2026-11-21", "")));
  made.back().member_until.emplace("zorgpunt", until);
  made.push_back(Load("municipality leaves", Document("", "2026-11-21")));
  made.back().member_until.emplace("gemeente-veld", until);
  return made;
}

// Whoever knows of the turn, and whoever does not yet.
std::vector<Policy> MakePoliciesOfAYear() {
  std::vector<Policy> made;
  made.push_back(Load("two agreements", WithTurn(Document())));
  made.push_back(Load("two agreements, without prefix", With(WithTurn(Document()), kPrefixLeaf, "")));
  made.back().shares_prefix = false;
  for (Policy& policy : made) policy.turns = true;
  return made;
}

enum class Route { kMailbox, kMail };

void Enrol(std::string_view key, std::string_view system, Route route, config::v1::Enrolment& document) {
  config::v1::Participant& participant = *document.add_participant();
  participant.set_key(std::string(key));
  participant.set_name(std::string(key));
  config::v1::Identifier& identifier = *participant.add_identifier();
  identifier.set_system(std::string(system));
  identifier.set_value(NumberOf(key));
  participant.add_peer()->set_subject(absl::StrCat("CN=", ToAbsl(key)));
  if (route == Route::kMailbox) {
    participant.mutable_route()->mutable_mailbox();
    return;
  }
  config::v1::SecureMail& mail = *participant.mutable_route()->mutable_mail();
  mail.set_address(absl::StrCat("wmo@", ToAbsl(key), ".example"));
  mail.set_cipher(config::v1::SecureMail::AES_256_GCM);
  mail.set_certificate_file("recipient.crt");
}

Enrolled Checked(std::string name, config::v1::Enrolment document, std::string nobody) {
  auto enrolment = identity::Enrolment::Create(std::move(document));
  if (!enrolment.ok()) Wrong(std::string(enrolment.status().message()));
  Enrolled made;
  made.name = std::move(name);
  made.enrolment = *std::move(enrolment);
  made.nobody = std::move(nobody);
  return made;
}

config::v1::Enrolment Everybody(std::string_view nobody, Route ede, Route veld) {
  config::v1::Enrolment document;
  for (const char* provider : kProviders) {
    if (provider != nobody) Enrol(provider, "agb", Route::kMailbox, document);
  }
  Enrol("gemeente-ede", "cbs", ede, document);
  Enrol("gemeente-veld", "cbs", veld, document);
  Enrol("gemeente-water", "cbs", Route::kMail, document);
  Enrol("menzis", "uzovi", Route::kMailbox, document);
  return document;
}

Enrolled MakeEnrolled(std::string name, std::string nobody, Route ede, Route veld) {
  config::v1::Enrolment document = Everybody(nobody, ede, veld);
  Enrolled made = Checked(std::move(name), std::move(document), std::move(nobody));
  made.orderly = made.nobody.empty() && ede == Route::kMailbox && veld == Route::kMail;
  return made;
}

void Close(std::string_view key, std::string_view from, std::string_view until, config::v1::Enrolment& document) {
  for (config::v1::Participant& participant : *document.mutable_participant()) {
    if (participant.key() != key) continue;
    config::v1::Closure& closure = *participant.add_closure();
    closure.set_from(std::string(from));
    closure.set_until(std::string(until));
  }
}

// Holidays are announced; `suspended` empty: nobody is.
Enrolled MakeEnrolledOfAYear(std::string name, std::string_view suspended) {
  config::v1::Enrolment document = Everybody("", Route::kMailbox, Route::kMail);
  Close("gemeente-veld", "2026-12-24T12:00:00+01:00", "2027-01-04T08:00:00+01:00", document);
  Close("gemeente-water", "2027-07-17T00:00:00+02:00", "2027-08-02T08:00:00+02:00", document);
  for (config::v1::Participant& participant : *document.mutable_participant()) {
    if (participant.key() == suspended) participant.set_suspended(true);
  }
  Enrolled made = Checked(std::move(name), std::move(document), "");
  made.suspended = std::string(suspended);
  made.holidays = {{"gemeente-veld", *CivilDate::Parse("2026-12-25"), *CivilDate::Parse("2027-01-03")},
                   {"gemeente-water", *CivilDate::Parse("2027-07-17"), *CivilDate::Parse("2027-08-01")}};
  return made;
}

}  // namespace

std::string NumberOf(std::string_view participant) {
  static const std::map<std::string, std::string, std::less<>>& numbers =
      *new std::map<std::string, std::string, std::less<>>{{"opella", "00000001"},
                                                           {"zorgpunt", "00000002"},
                                                           {"thuisbest", "00000003"},
                                                           {"wijkhulp", "00000004"},
                                                           {"gemeente-ede", "0228"},
                                                           {"gemeente-veld", "0229"},
                                                           {"gemeente-water", "0230"},
                                                           {"menzis", "0000"}};
  return numbers.at(std::string(participant));
}

bool Policy::HoldsOn(CivilDate day, std::string_view provider, std::string_view municipality) const {
  if (agreement_until && day > *agreement_until) return false;
  for (const std::string_view party : {provider, municipality}) {
    const auto leaves = member_until.find(std::string(party));
    if (leaves != member_until.end() && day > leaves->second) return false;
  }
  return true;
}

bool Enrolled::IsOpen(std::string_view recipient, CivilDate day) const {
  const auto closed = [&](const Holiday& each) { return each.party == recipient && day >= each.first && day <= each.last; };
  return suspended != recipient && std::none_of(holidays.begin(), holidays.end(), closed);
}

std::span<const Policy> Policies(Documents of) {
  static const std::vector<Policy>& of_a_day = *new std::vector<Policy>(MakePolicies());
  static const std::vector<Policy>& of_a_year = *new std::vector<Policy>(MakePoliciesOfAYear());
  return of == OF_A_YEAR ? of_a_year : of_a_day;
}

const Policy& PolicyAtFirst() { return Policies(OF_A_DAY).front(); }

std::span<const Enrolled> Enrolments(Documents of) {
  static const std::vector<Enrolled>& of_a_year = *new std::vector<Enrolled>{
      MakeEnrolledOfAYear("everybody", ""), MakeEnrolledOfAYear("a mailbox is suspended", "gemeente-ede"),
      MakeEnrolledOfAYear("everybody", ""), MakeEnrolledOfAYear("a mail recipient is suspended", "gemeente-veld"),
      MakeEnrolledOfAYear("everybody", ""), MakeEnrolledOfAYear("a provider is suspended", "zorgpunt")};
  if (of == OF_A_YEAR) return of_a_year;
  static const std::vector<Enrolled>& enrolments = *new std::vector<Enrolled>{
      MakeEnrolled("as agreed", "", Route::kMailbox, Route::kMail),
      MakeEnrolled("routes swapped", "", Route::kMail, Route::kMailbox),
      MakeEnrolled("all by mailbox", "", Route::kMailbox, Route::kMailbox),
      MakeEnrolled("a provider is gone", "zorgpunt", Route::kMailbox, Route::kMail)};
  return enrolments;
}

}  // namespace schotvrij::simulation
