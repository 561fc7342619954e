// Inquiry: what `translate` and `explain` ask the policy engine of a message, as if a party of the network had sent it.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>

#include "gateway/cli/format_tools.h"
#include "policy/engine.h"
#include "schemas/base/civil_date.h"
#include "schotvrij/v1/facts.pb.h"

namespace schotvrij::cli {

// Stands in the output of every format as the message's id.
inline constexpr const char* kOffline = "offline";

class Inquiry {
 public:
  // Day, purpose, documents and network. kGood, or an exit code after having said what is wrong.
  int Prepare(const FormatToolOptions& options, std::ostream& err);
  // The message that is asked about. kGood, or an exit code after having said why no party may send or get it.
  int Take(v1::Exchange exchange, std::ostream& err);
  // kGood, or an exit code after having said that the message goes to that role for another purpose.
  int CheckPurpose(const policy::Decision& decision, std::ostream& err) const;

  const v1::Exchange& exchange() const { return exchange_; }
  const policy::Engine& engine() const { return *engine_; }
  policy::Question question() const { return {exchange_, facts_, *day_, options_.assume_consent}; }
  const std::string& recipient() const { return exchange_.envelope().recipient(); }
  std::string today() const { return day_->ToString(); }

 private:
  int LoadRules(std::ostream& err);
  // Consents name recipients by identifiers that only an enrolment resolves; offline every one is taken as the recipient.
  void TakeNamedForRecipient(std::ostream& err);
  std::set<std::string> SendingRoles() const;
  // A party that holds one of these roles; empty: none does.
  std::string PartyWith(const std::set<std::string>& wanted) const;

  FormatToolOptions options_;
  v1::Exchange exchange_;
  v1::Facts facts_;
  v1::Purpose purpose_ = v1::PURPOSE_UNSPECIFIED;
  std::optional<CivilDate> day_;
  std::optional<policy::Engine> engine_;
  std::shared_ptr<const policy::RuleSet> rules_;  // of the engine
  const policy::v1::Network* network_ = nullptr;  // of those rules
};

}  // namespace schotvrij::cli
