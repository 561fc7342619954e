#include "gateway/cli/format_tools.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "adapters/canonical/canonical.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/files.h"
#include "gateway/cli/formats.h"
#include "gateway/cli/report.h"
#include "gateway/transport/runtime/system.h"
#include "policy/engine.h"
#include "schemas/base/limits.h"
#include "schemas/base/redact.h"
#include "schemas/base/strings.h"

namespace schotvrij::cli {
namespace {

// Stands in the output of every format as the message's id.
constexpr const char* kOffline = "offline";
constexpr const char* kOfflineAssumed = "offline-assumed-consent";
constexpr const char* kAssumed = "ASSUMED CONSENT: offline only; the gateway would not have let this leave without one.";

constexpr const char* kNamesTaken =
    "Note: the consent names its recipients by number, which only an enrolment resolves; here it is taken to name this one.";

// The decoder of `name`, or null after having said why there is none.
const FormatTool* ToolFor(const std::string& name, bool to_read, std::ostream& err) {
  const FormatTool* tool = FindFormat(name);
  if (tool == nullptr) {
    err << "schotvrij: there is no format '" << name << "'. Formats:";
    for (const FormatTool& each : FormatTools()) err << ' ' << each.name;
    err << '\n';
    return nullptr;
  }
  if (to_read ? tool->decoder == nullptr : tool->encode == nullptr) {
    err << "schotvrij: format '" << name << "' is not " << (to_read ? "read" : "written") << " by this release yet.\n";
    return nullptr;
  }
  return tool;
}

struct Read {
  std::vector<v1::Exchange> exchanges;
  std::vector<Issue> issues;
};

Read Decode(const FormatTool& tool, std::string_view text) {
  DecodedParts parts;
  std::unique_ptr<Decoder> decoder = tool.decoder();
  if (decoder->Feed(text, parts)) decoder->Finish(parts);
  if (!HasError(parts.issues)) {
    for (const v1::Exchange& exchange : parts.exchanges) {
      std::vector<Issue> found = canonical::CheckForm(exchange);
      parts.issues.insert(parts.issues.end(), found.begin(), found.end());
    }
  }
  return {std::move(parts.exchanges), std::move(parts.issues)};
}

std::optional<std::string> Text(const std::string& file, std::ostream& err) {
  absl::StatusOr<std::string> text = ReadFile(file, limits::kBodyBytesMax);
  if (text.ok()) return *std::move(text);
  err << "schotvrij: " << text.status().message() << '\n';
  return std::nullopt;
}

// The one message of the one file, or an exit code.
std::variant<v1::Exchange, int> ReadOne(const FormatToolOptions& options, std::ostream& err) {
  const FormatTool* tool = ToolFor(options.from, true, err);
  if (tool == nullptr) return kWrongUse;
  std::optional<std::string> text = Text(options.files.front(), err);
  if (!text.has_value()) return kWrongUse;
  Read read = Decode(*tool, *text);
  if (HasError(read.issues) || read.exchanges.size() != 1) {
    PrintIssues(err, options.files.front() + ": ", read.issues);
    return kMessageAtFault;
  }
  return std::move(read.exchanges.front());
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// What translate and explain ask the engine.
class Inquiry {
 public:
  // kGood, or an exit code after having said what is wrong.
  int Prepare(const FormatToolOptions& options, std::ostream& err) {
    std::variant<v1::Exchange, int> read = ReadOne(options, err);
    if (const int* code = std::get_if<int>(&read)) return *code;
    exchange_ = std::get<v1::Exchange>(std::move(read));
    assume_consent_ = options.assume_consent;
    if (!SetDay(options, err) || !v1::Purpose_Parse(Upper(options.purpose), &purpose_)) {
      err << "schotvrij: --purpose and --on take a purpose of the policy documents and a date YYYY-MM-DD.\n";
      return kWrongUse;
    }
    if (int code = LoadRules(options, err); code != kGood) return code;
    return SetParties(options, err);
  }

  const v1::Exchange& exchange() const { return exchange_; }
  const policy::Engine& engine() const { return *engine_; }
  policy::Question question() const { return {exchange_, facts_, *day_, assume_consent_}; }
  const std::string& recipient() const { return exchange_.envelope().recipient(); }
  const std::string today() const { return day_->ToString(); }

  // kGood, or an exit code after having said that the message goes to that role for another purpose.
  int CheckPurpose(const policy::Decision& decision, std::ostream& err) const {
    if (decision.recipients.empty() || decision.purpose == purpose_) return kGood;
    err << "schotvrij: this goes to that role for purpose " << v1::Purpose_Name(decision.purpose)
        << ", not for the one that --purpose names.\n";
    return kWrongUse;
  }

 private:
  bool SetDay(const FormatToolOptions& options, std::ostream& err) {
    day_ = options.on.empty() ? TodayInAmsterdam(runtime::SystemClock().Now()) : CivilDate::Parse(options.on);
    return day_.has_value();
  }

  int LoadRules(const FormatToolOptions& options, std::ostream& err) {
    absl::StatusOr<std::vector<policy::PolicyFile>> files = ReadPolicyFiles(options.policy_files);
    if (!files.ok()) {
      err << "schotvrij: " << files.status().message() << '\n';
      return kWrongUse;
    }
    policy::LoadResult loaded = policy::LoadRuleSet(*files);
    if (loaded.rules == nullptr) {
      for (const policy::Fault& fault : loaded.faults) err << fault.ToString() << '\n';
      return kMessageAtFault;
    }
    engine_.emplace(loaded.rules, [](std::string_view, std::string_view) { return std::string("PSEUDONYM"); });
    return kGood;
  }

  // Stands the roles named on the command line in for the parties that hold them.
  int SetParties(const FormatToolOptions& options, std::ostream& err) {
    std::shared_ptr<const policy::RuleSet> rules = engine_->rules();
    const policy::v1::Network* network = rules->FindNetwork(options.network);
    if (network == nullptr) {
      err << "schotvrij: there is no network '" << options.network << "' in these documents.\n";
      return kWrongUse;
    }
    v1::Envelope* envelope = exchange_.mutable_envelope();
    envelope->set_network(options.network);
    envelope->set_message_id(kOffline);
    envelope->set_sender(PartyWith(*rules, *network, SendingRoles(*rules, *network, options)));
    envelope->set_recipient(PartyWith(*rules, *network, {options.to_role}));
    envelope->clear_recipient_identifier();
    envelope->clear_sender_identifier();
    if (envelope->sender().empty() || envelope->recipient().empty()) {
      err << "schotvrij: no party of network '" << options.network << "' " << (envelope->sender().empty()
                                                                                  ? "may send this to that role"
                                                                                  : "holds the role " + options.to_role)
          << " on " << day_->ToString() << " for that purpose.\n";
      return kWrongUse;
    }
    TakeNamedForRecipient(err);
    return kGood;
  }

  // Consents name recipients by identifiers that only an enrolment resolves; offline every one is taken as the recipient.
  void TakeNamedForRecipient(std::ostream& err) {
    if (!exchange_.has_registration()) return;
    bool taken = false;
    for (v1::Consent& consent : *exchange_.mutable_registration()->mutable_consents()) {
      for (std::string& named : *consent.mutable_recipients()) {
        taken |= std::exchange(named, recipient()) != recipient();
      }
    }
    if (taken) err << kNamesTaken << '\n';
  }

  std::set<std::string> SendingRoles(const policy::RuleSet& rules, const policy::v1::Network& network,
                                     const FormatToolOptions& options) const {
    if (!options.from_role.empty()) return {options.from_role};
    std::set<std::string> roles;
    const policy::v1::Agreement* agreement = rules.AgreementOn(network, *day_);
    if (agreement == nullptr) return roles;
    for (const policy::v1::Rule& rule : agreement->rule()) {
      const bool reaches = std::count(rule.to().begin(), rule.to().end(), options.to_role) > 0;
      if (rule.purpose() == purpose_ && reaches) roles.insert(rule.from().begin(), rule.from().end());
    }
    return roles;
  }

  std::string PartyWith(const policy::RuleSet& rules, const policy::v1::Network& network,
                        const std::set<std::string>& wanted) const {
    for (const policy::v1::Party& party : network.party()) {
      for (const std::string& role : rules.RolesOn(network, party.key(), *day_)) {
        if (wanted.contains(role)) return party.key();
      }
    }
    return "";
  }

  v1::Exchange exchange_;
  v1::Facts facts_;
  v1::Purpose purpose_ = v1::PURPOSE_UNSPECIFIED;
  std::optional<CivilDate> day_;
  std::optional<policy::Engine> engine_;
  bool assume_consent_ = false;
};

// Empty: withheld.
std::string_view AsText(policy::v1::As as) {
  return as == policy::v1::AS_UNSPECIFIED ? "" : std::string_view(policy::v1::As_Name(as));
}

void PrintTable(const std::vector<policy::Explanation>& lines, std::ostream& out) {
  size_t path_width = 5, rule_width = 4;
  for (const policy::Explanation& line : lines) {
    path_width = std::max(path_width, line.path.size());
    rule_width = std::max(rule_width, line.rule.size());
  }
  auto row = [&](std::string_view path, std::string_view shared, std::string_view rule, std::string_view ground) {
    out << path << std::string(path_width + 2 - path.size(), ' ') << shared << std::string(10 - shared.size(), ' ')
        << rule << std::string(rule_width + 2 - rule.size(), ' ') << ground << '\n';
  };
  row("field", "", "rule", "ground");
  for (const policy::Explanation& line : lines) {
    row(line.path, line.shared ? "shared" : "withheld", line.rule, line.ground);
  }
}

void PrintJson(const std::vector<policy::Explanation>& lines, bool assumed, std::ostream& out) {
  out << "{\"assumed_consent\":" << (assumed ? "true" : "false") << ",\"fields\":[";
  for (size_t i = 0; i < lines.size(); ++i) {
    const policy::Explanation& line = lines[i];
    out << (i > 0 ? "," : "") << "{\"path\":" << JsonString(line.path)
        << ",\"shared\":" << (line.shared ? "true" : "false") << ",\"as\":" << JsonString(AsText(line.as))
        << ",\"rule\":" << JsonString(line.rule) << ",\"ground\":" << JsonString(line.ground) << "}";
  }
  out << "]}\n";
}

}  // namespace

int RunValidate(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  const FormatTool* tool = ToolFor(options.from, true, err);
  if (tool == nullptr) return kWrongUse;
  int code = kGood;
  for (size_t i = 0; i < options.files.size(); ++i) {
    const std::string& file = options.files[i];
    std::optional<std::string> text = Text(file, err);
    if (!text.has_value()) {
      code = kWrongUse;
      continue;
    }
    Read read = Decode(*tool, *text);
    if (HasError(read.issues) && code == kGood) code = kMessageAtFault;
    if (options.json) {
      out << "{\"file\":" << JsonString(file) << ",\"issues\":" << IssuesJson(read.issues) << "}\n";
    } else {
      PrintIssues(out, file + ": ", read.issues);
      if (!HasError(read.issues)) out << file << ": good\n";
    }
    if (options.files.size() >= 100 && (i + 1) % 100 == 0) err << i + 1 << " of " << options.files.size() << " files\n";
  }
  return code;
}

int RunDecode(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  std::variant<v1::Exchange, int> read = ReadOne(options, err);
  if (const int* code = std::get_if<int>(&read)) return *code;
  absl::StatusOr<std::string> json = ToJson(std::get<v1::Exchange>(read), options.reveal);
  if (!json.ok()) {
    err << "schotvrij: " << json.status().message() << '\n';
    return kSystemFailed;
  }
  out << *json << '\n';
  return kGood;
}

int RunTranslate(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  const FormatTool* tool = ToolFor(options.to, false, err);
  if (tool == nullptr) return kWrongUse;
  Inquiry inquiry;
  if (int code = inquiry.Prepare(options, err); code != kGood) return code;
  const policy::Decision decision = inquiry.engine().Decide(inquiry.question());
  if (HasError(decision.issues)) {
    PrintIssues(err, "", decision.issues);
    return kMessageAtFault;
  }
  if (int code = inquiry.CheckPurpose(decision, err); code != kGood) return code;
  const char* id = options.assume_consent ? kOfflineAssumed : kOffline;
  auto result =
      inquiry.engine().Disclose({inquiry.question(), id, inquiry.recipient(), id, inquiry.today(), nullptr});
  if (const auto* withheld = std::get_if<policy::Withheld>(&result)) {
    PrintIssues(err, "", withheld->issues);
    return kMessageAtFault;
  }
  absl::StatusOr<policy::Encoded> encoded = tool->encode(std::get<policy::Disclosure>(result));
  if (!encoded.ok()) {
    err << "schotvrij: " << encoded.status().message() << '\n';
    return kMessageAtFault;
  }
  if (options.assume_consent) err << kAssumed << '\n';
  if (!options.reveal) {
    // The bytes of a foreign format cannot be masked field by field: what would leave is shown as the canonical message.
    absl::StatusOr<std::string> masked = ToJson(std::get<policy::Disclosure>(result).exchange(), false);
    if (!masked.ok()) return kSystemFailed;
    err << "masked; --reveal writes the " << options.to << " bytes (" << encoded->bytes().size() << ")\n";
    out << *masked << '\n';
    return kGood;
  }
  out << encoded->bytes();
  return kGood;
}

int RunExplain(const FormatToolOptions& options, std::ostream& out, std::ostream& err) {
  Inquiry inquiry;
  if (int code = inquiry.Prepare(options, err); code != kGood) return code;
  const policy::Decision decision = inquiry.engine().Decide(inquiry.question());
  if (int code = inquiry.CheckPurpose(decision, err); code != kGood) return code;
  std::vector<policy::Explanation> lines = inquiry.engine().Explain(inquiry.question(), inquiry.recipient());
  if (options.json) {
    PrintJson(lines, options.assume_consent, out);
  } else {
    if (options.assume_consent) out << kAssumed << "\n\n";
    PrintTable(lines, out);
  }
  PrintIssues(err, "", decision.issues);
  return HasError(decision.issues) ? kMessageAtFault : kGood;
}

}  // namespace schotvrij::cli
