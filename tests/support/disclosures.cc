#include "tests/support/disclosures.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "google/protobuf/descriptor.h"
#include "policy/engine.h"
#include "schemas/base/civil_date.h"
#include "schotvrij/v1/facts.pb.h"
#include "schotvrij/v1/options.pb.h"

namespace schotvrij::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::string_view kRoles = R"(
role { key: "provider" title: "zorgaanbieder" bsn { may: YES statute: "Wabvpz artikel 4" } }
role { key: "municipality" title: "gemeente" bsn { may: YES statute: "Wmo 2015 artikel 5.2.9" } public_body: true }
)";

constexpr std::string_view kGrounds = R"(  grounds {
    article_6: PUBLIC_TASK article_6_basis: "a rule for tests"
    article_9: "AVG 9 lid 2 h"
    secrecy: LIFTED_BY_STATUTE secrecy_basis: "a rule for tests"
    bsn_statute: "Wabvpz artikel 4"
  }
)";

struct Flow {
  std::string_view content;
  std::string_view purpose;
  std::string_view from;
  std::string_view to;
};
constexpr Flow kFlows[] = {
    {"registration", "REGISTRATION", "provider", "municipality"},
    {"receipt", "RECEIPTS", "municipality", "provider"},
    {"delivery_event", "DELIVERY", "provider", "municipality"},
    {"allocation", "WMO_DECISION", "municipality", "provider"},
    {"support_request", "WMO_DECISION", "provider", "municipality"},
    {"request_answer", "WMO_DECISION", "municipality", "provider"},
    {"declaration", "DECLARATION", "provider", "municipality"},
    {"declaration_answer", "DECLARATION", "municipality", "provider"},
};

void AddLeaves(const Descriptor& message, const std::string& prefix,
               std::vector<std::string>& paths) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AddLeaves(*field.message_type(), prefix + field.name() + ".", paths);
    } else if (field.options().GetExtension(v1::sensitive) != v1::FREE_TEXT && !field.options().GetExtension(v1::sender_only)) {
      paths.push_back(prefix + field.name());
    }
  }
}

std::vector<std::string> AllLeaves(std::string_view content) {
  const Descriptor& exchange = *v1::Exchange::descriptor();
  std::vector<std::string> paths;
  for (const std::string& field :
       {std::string("envelope"), std::string("client"), std::string(content)}) {
    AddLeaves(*exchange.FindFieldByName(field)->message_type(), field + ".", paths);
  }
  return paths;
}

std::string RuleText(const Flow& flow, bool national, const std::vector<std::string>& paths) {
  const std::string id = "test-" + std::string(flow.content);
  std::string text = "rule {\n  id: \"" + (national ? "national-" + id : id) + "\"\n";
  text += "  explanation: \"Shared for tests.\"\n";
  if (!national) text += "  narrows: \"national-" + id + "\"\n";
  text.append("  purpose: ")
      .append(flow.purpose)
      .append(" content: \"")
      .append(flow.content)
      .append("\"\n");
  text.append("  from: \"")
      .append(flow.from)
      .append("\" to: \"")
      .append(flow.to)
      .append("\"\n")
      .append(kGrounds);
  for (const std::string& path : paths) text += "  leaf { path: \"" + path + "\" }\n";
  return text + "}\n";
}

std::string PartyText(std::string_view key, std::string_view role) {
  std::string text = "  party { key: \"";
  text.append(key)
      .append("\" name: \"")
      .append(key)
      .append("\" membership { role: \"")
      .append(role);
  return text + "\" from: \"2020-01-01\" } }\n";
}

std::vector<policy::PolicyFile> Share(const std::vector<std::string>* registration_paths) {
  std::string national(kRoles);
  std::string rules;
  for (const Flow& flow : kFlows) {
    const bool narrow = registration_paths != nullptr && flow.content == "registration";
    national += RuleText(flow, true, AllLeaves(flow.content));
    rules += RuleText(flow, false, narrow ? *registration_paths : AllLeaves(flow.content));
  }
  std::string network =
      "network {\n  key: \"" + std::string(kNetwork) + "\" name: \"Proefnetwerk\"\n";
  network += PartyText(kProvider, "provider") + PartyText(kMunicipality, "municipality");
  network += "  agreement {\n  version: \"1\" from: \"2020-01-01\" source: \"made up for tests\"\n";
  network += "  target_group { description: \"anyone\" }\n";
  for (const Flow& flow : kFlows) network.append("  step: \"").append(flow.content).append("\"\n");
  network += rules + "  }\n}\n";
  return {{"test-national.txtpb", std::move(national)}, {"test-network.txtpb", std::move(network)}};
}

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "tests/support/disclosures: %s\n", why.c_str());
  std::abort();
}

std::shared_ptr<const policy::RuleSet> Load(const std::vector<policy::PolicyFile>& files) {
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  if (loaded.rules == nullptr) {
    std::string why = "the rules do not load";
    for (const policy::Fault& fault : loaded.faults) why += "\n  " + fault.ToString();
    Die(why);
  }
  return loaded.rules;
}

void SetWhereEmpty(std::string_view value, std::string* field) {
  if (field->empty()) *field = value;
}

bool IsFromMunicipality(const v1::Exchange& exchange) {
  const auto* content = v1::Exchange::descriptor()->FindFieldByNumber(exchange.content_case());
  for (const Flow& flow : kFlows) {
    if (content != nullptr && flow.content == content->name()) return flow.from == "municipality";
  }
  return false;
}

v1::Exchange WithEnvelope(v1::Exchange exchange) {
  const bool answers = IsFromMunicipality(exchange);
  v1::Envelope& envelope = *exchange.mutable_envelope();
  SetWhereEmpty(kNetwork, envelope.mutable_network());
  SetWhereEmpty(answers ? kMunicipality : kProvider, envelope.mutable_sender());
  SetWhereEmpty(answers ? kProvider : kMunicipality, envelope.mutable_recipient());
  SetWhereEmpty(kMessageId, envelope.mutable_message_id());
  SetWhereEmpty(kSentOn, envelope.mutable_sent_on());
  return exchange;
}

}  // namespace

std::vector<policy::PolicyFile> ShareEverything() { return Share(nullptr); }

std::vector<policy::PolicyFile> ShareOnly(const std::vector<std::string>& paths) {
  return Share(&paths);
}

policy::Disclosure Disclose(const v1::Exchange& exchange,
                            const std::vector<policy::PolicyFile>& files) {
  const policy::Engine engine(Load(files), [](std::string_view recipient, std::string_view) {
    return "pseudonym-for-" + std::string(recipient);
  });
  const v1::Exchange whole = WithEnvelope(exchange);
  const v1::Facts facts;
  const v1::Envelope& envelope = whole.envelope();
  std::variant<policy::Disclosure, policy::Withheld> result =
      engine.Disclose({.question = {.exchange = whole,
                                    .facts = facts,
                                    .today = *CivilDate::Parse(kSentOn),
                                    .assume_consent = true},
                       .disclosure_id = "delivery-" + envelope.message_id(),
                       .recipient = envelope.recipient(),
                       .message_id = envelope.message_id(),
                       .sent_on = envelope.sent_on()});
  if (const auto* withheld = std::get_if<policy::Withheld>(&result)) {
    std::string why = "nothing is disclosed";
    for (const Issue& issue : withheld->issues) why += "\n  " + issue.rule + " " + issue.path;
    Die(why);
  }
  return std::get<policy::Disclosure>(std::move(result));
}

policy::Disclosure DiscloseAll(const v1::Exchange& exchange) {
  return Disclose(exchange, ShareEverything());
}

}  // namespace schotvrij::test
