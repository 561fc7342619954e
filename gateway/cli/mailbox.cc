#include "gateway/cli/mailbox.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string_view>

#include "gateway/cli/party_call.h"
#include "gateway/cli/report.h"
#include "schemas/base/redact.h"
#include "schotvrij/v1/services.pb.h"

namespace schotvrij::cli {
namespace {

struct Verdict {
  std::string_view word;
  v1::ReceiptState state;
};
constexpr Verdict kVerdicts[] = {{"accepted", v1::ACCEPTED}, {"rejected", v1::REJECTED}};

v1::ReceiptState StateOf(std::string_view word) {
  for (const Verdict& verdict : kVerdicts) {
    if (verdict.word == word) return verdict.state;
  }
  return v1::RECEIPT_STATE_UNSPECIFIED;
}

void PrintItem(const v1::MailboxItem& item, bool reveal, std::ostream& out) {
  const absl::StatusOr<std::string> text = ToJson(item.exchange(), reveal);
  out << "delivery " << item.delivery_id() << '\n' << (item.repeat() ? "repeat\n" : "");
  if (!item.client_key().empty()) out << "client " << item.client_key() << '\n';
  if (item.has_takes_part() && !item.takes_part()) out << "the client takes part no more\n";
  out << (text.ok() ? *text : "") << '\n';
}

// Prints each item of a stream as it comes. `stream` is given what does that; `none` is said when nothing came.
template <typename Stream>
int ShowItems(const MailboxOptions& options, std::ostream& out, std::ostream& err, const Stream& stream, std::string_view none) {
  const auto show = [&](const v1::MailboxItem& item) {
    if (options.json) {
      // A stream has no end to close an array with: one document after another.
      const absl::StatusOr<std::string> text = ToJson(item, options.reveal);
      out << (text.ok() ? *text : "null") << '\n';
    } else {
      PrintItem(item, options.reveal, out);
    }
    out.flush();
    return out.good();
  };
  return CallAsParty(
      options, out, err, [&](rpc::GrpcClient& client) { return stream(client, show); },
      [&](size_t items) {
        if (items == 0 && !options.json) out << none << '\n';
      });
}

}  // namespace

void AddMailboxOptions(CLI::App* command, MailboxOptions* options,
                       const std::function<void(std::function<int()>)>& choose) {
  using Runner = int (*)(const MailboxOptions&, std::ostream&, std::ostream&);
  const auto add = [&](const char* name, const char* description, Runner run) {
    CLI::App* sub = command->add_subcommand(name, description);
    sub->add_option("--home", options->home, "directory that `schotvrij init` made")->required();
    sub->add_option("--as", options->as, "key of the party whose mailbox it is")->required();
    AddRole(sub, &options->role);
    sub->add_flag("--json", options->json, "for programs");
    sub->callback([options, run, choose] { choose([options, run] { return run(*options, std::cout, std::cerr); }); });
    return sub;
  };
  CLI::App* list = add("list", "Show what waits and was not acknowledged.", RunMailboxList);
  list->add_flag("--wait", options->wait, "go on with what arrives, until interrupted");
  list->add_flag("--reveal", options->reveal, "show personal data; otherwise it is masked");

  CLI::App* ack = add("ack", "Say that deliveries were taken over: they are not listed again.", RunMailboxAck);
  ack->add_option("ID", options->ids, "delivery ids")->required();

  CLI::App* repeat =
      add("repeat", "Show again what was acknowledged: the same ids, marked as a repeat. Nothing changes by it.", RunMailboxRepeat);
  repeat->add_option("ID", options->ids, "delivery ids, at most 1000; or give a period");
  repeat->add_option("--from", options->from, "first day on which the gateway took the messages, YYYY-MM-DD");
  repeat->add_option("--until", options->until, "last day, at most 31 days in all; otherwise today");
  repeat->add_flag("--reveal", options->reveal, "show personal data; otherwise it is masked");

  CLI::App* answer = add("answer", "Give the recipient's verdict on a delivery.", RunMailboxAnswer);
  answer->add_option_function<std::string>("ID", [options](const std::string& id) { options->ids = {id}; }, "delivery id")
      ->required();
  answer->add_option("VERDICT", options->verdict, "accepted or rejected")
      ->required()
      ->check(CLI::IsMember({"accepted", "rejected"}));
  answer->add_option("--reason", options->reason, "why it is rejected: a code from schemas/codes/answer_reason.csv");
}

int RunMailboxList(const MailboxOptions& options, std::ostream& out, std::ostream& err) {
  v1::WatchRequest request;
  request.set_wait(options.wait);
  return ShowItems(
      options, out, err, [&](rpc::GrpcClient& client, const auto& show) { return client.Watch(request, show); }, "nothing waits");
}

int RunMailboxRepeat(const MailboxOptions& options, std::ostream& out, std::ostream& err) {
  v1::RepeatRequest request;
  request.mutable_delivery_ids()->Add(options.ids.begin(), options.ids.end());
  request.set_from(options.from);
  request.set_until(options.until);
  return ShowItems(
      options, out, err, [&](rpc::GrpcClient& client, const auto& show) { return client.Repeat(request, show); },
      "nothing to give again");
}

int RunMailboxAck(const MailboxOptions& options, std::ostream& out, std::ostream& err) {
  v1::AcknowledgeRequest request;
  request.mutable_delivery_ids()->Add(options.ids.begin(), options.ids.end());
  return CallAsParty(
      options, out, err, [&](rpc::GrpcClient& client) { return client.Acknowledge(request); },
      [&](const v1::AcknowledgeResponse& response) {
        if (options.json) {
          out << "{\"acknowledged\":" << response.acknowledged() << "}\n";
        } else {
          out << "acknowledged " << response.acknowledged() << " of " << options.ids.size() << '\n';
        }
      });
}

int RunMailboxAnswer(const MailboxOptions& options, std::ostream& out, std::ostream& err) {
  v1::AnswerRequest request;
  request.set_delivery_id(options.ids.front());
  request.set_state(StateOf(options.verdict));
  request.set_reason(options.reason);
  return CallAsParty(
      options, out, err, [&](rpc::GrpcClient& client) { return client.Answer(request); },
      [&](const v1::AnswerResponse& response) {
        if (options.json) {
          out << "{\"message_id\":" << JsonString(response.message_id()) << "}\n";
        } else {
          out << options.verdict << ": message " << response.message_id() << '\n';
        }
      });
}

}  // namespace schotvrij::cli
