#include "gateway/cli/inquiry.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/transport/runtime/system.h"

namespace schotvrij::cli {
namespace {

constexpr const char* kNamesTaken =
    "Note: the consent names its recipients by number, which only an enrolment resolves; here it is taken to name this one.";

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

}  // namespace

int Inquiry::Prepare(const FormatToolOptions& options, std::ostream& err) {
  options_ = options;
  day_ = options.on.empty() ? TodayInAmsterdam(runtime::SystemClock().Now()) : CivilDate::Parse(options.on);
  if (!day_.has_value() || !v1::Purpose_Parse(Upper(options.purpose), &purpose_)) {
    err << "schotvrij: --purpose and --on take a purpose of the policy documents and a date YYYY-MM-DD.\n";
    return kWrongUse;
  }
  if (int code = LoadRules(err); code != kGood) return code;
  network_ = rules_->FindNetwork(options.network);
  if (network_ != nullptr) return kGood;
  err << "schotvrij: there is no network '" << options.network << "' in these documents.\n";
  return kWrongUse;
}

int Inquiry::LoadRules(std::ostream& err) {
  absl::StatusOr<std::vector<policy::PolicyFile>> files = ReadPolicyFiles(options_.policy_files);
  if (!files.ok()) {
    err << "schotvrij: " << files.status().message() << '\n';
    return kWrongUse;
  }
  policy::LoadResult loaded = policy::LoadRuleSet(*files);
  if (loaded.rules == nullptr) {
    for (const policy::Fault& fault : loaded.faults) err << fault.ToString() << '\n';
    return kMessageAtFault;
  }
  rules_ = loaded.rules;
  engine_.emplace(rules_, [](std::string_view, std::string_view) { return std::string("PSEUDONYM"); });
  return kGood;
}

int Inquiry::Take(v1::Exchange exchange, std::ostream& err) {
  exchange_ = std::move(exchange);
  v1::Envelope* envelope = exchange_.mutable_envelope();
  envelope->set_network(options_.network);
  envelope->set_message_id(kOffline);
  envelope->set_sender(PartyWith(SendingRoles()));
  envelope->set_recipient(PartyWith({options_.to_role}));
  if (envelope->sender().empty() || envelope->recipient().empty()) {
    err << "schotvrij: no party of network '" << options_.network << "' "
        << (envelope->sender().empty() ? "may send this to that role" : "holds the role " + options_.to_role) << " on "
        << today() << " for that purpose.\n";
    return kWrongUse;
  }
  TakeNamedForRecipient(err);
  return kGood;
}

void Inquiry::TakeNamedForRecipient(std::ostream& err) {
  if (!exchange_.has_registration()) return;
  bool taken = false;
  for (v1::Consent& consent : *exchange_.mutable_registration()->mutable_consents()) {
    for (std::string& named : *consent.mutable_recipients()) {
      taken |= std::exchange(named, recipient()) != recipient();
    }
  }
  if (taken) err << kNamesTaken << '\n';
}

int Inquiry::CheckPurpose(const policy::Decision& decision, std::ostream& err) const {
  if (decision.recipients.empty() || decision.purpose == purpose_) return kGood;
  err << "schotvrij: this goes to that role for purpose " << v1::Purpose_Name(decision.purpose)
      << ", not for the one that --purpose names.\n";
  return kWrongUse;
}

std::set<std::string> Inquiry::SendingRoles() const {
  if (!options_.from_role.empty()) return {options_.from_role};
  std::set<std::string> roles;
  const policy::v1::Agreement* agreement = rules_->AgreementOn(*network_, *day_);
  if (agreement == nullptr) return roles;
  for (const policy::v1::Rule& rule : agreement->rule()) {
    const bool reaches = std::count(rule.to().begin(), rule.to().end(), options_.to_role) > 0;
    if (rule.purpose() == purpose_ && reaches) roles.insert(rule.from().begin(), rule.from().end());
  }
  return roles;
}

std::string Inquiry::PartyWith(const std::set<std::string>& wanted) const {
  for (const policy::v1::Party& party : network_->party()) {
    for (const std::string& role : rules_->RolesOn(*network_, party.key(), *day_)) {
      if (wanted.contains(role)) return party.key();
    }
  }
  return "";
}

}  // namespace schotvrij::cli
