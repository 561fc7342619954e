#include "tests/simulation/parties.h"

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

// The document of Ede with a provider and a municipality more.
std::string Document(std::string_view provider_until = "", std::string_view municipality_until = "") {
  return With(std::string(EmbeddedText("policy/documents/ede.txtpb")), kInsurer,
              Party("zorgpunt", "provider", provider_until) + Party("gemeente-veld", "municipality", municipality_until) +
                  std::string(kInsurer));
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

Enrolled MakeEnrolled(std::string name, std::string nobody, Route ede, Route veld) {
  config::v1::Enrolment document;
  for (const char* provider : kProviders) {
    if (provider != nobody) Enrol(provider, "agb", Route::kMailbox, document);
  }
  Enrol("gemeente-ede", "cbs", ede, document);
  Enrol("gemeente-veld", "cbs", veld, document);
  Enrol("menzis", "uzovi", Route::kMailbox, document);
  auto enrolment = identity::Enrolment::Create(std::move(document));
  if (!enrolment.ok()) Wrong(std::string(enrolment.status().message()));
  return {std::move(name), *std::move(enrolment), std::move(nobody)};
}

}  // namespace

std::string NumberOf(std::string_view participant) {
  static const std::map<std::string, std::string, std::less<>>& numbers =
      *new std::map<std::string, std::string, std::less<>>{{"opella", "00000001"},
                                                           {"zorgpunt", "00000002"},
                                                           {"gemeente-ede", "0228"},
                                                           {"gemeente-veld", "0229"},
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

std::span<const Policy> Policies() {
  static const std::vector<Policy>& policies = *new std::vector<Policy>(MakePolicies());
  return policies;
}

std::span<const Enrolled> Enrolments() {
  static const std::vector<Enrolled>& enrolments = *new std::vector<Enrolled>{
      MakeEnrolled("as agreed", "", Route::kMailbox, Route::kMail),
      MakeEnrolled("routes swapped", "", Route::kMail, Route::kMailbox),
      MakeEnrolled("all by mailbox", "", Route::kMailbox, Route::kMailbox),
      MakeEnrolled("a provider is gone", "zorgpunt", Route::kMailbox, Route::kMail)};
  return enrolments;
}

}  // namespace schotvrij::simulation
