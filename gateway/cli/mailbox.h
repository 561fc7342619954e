// `schotvrij mailbox list|ack|answer|repeat`: what a party of the home received, over gRPC.
//
//   schotvrij mailbox list --home demo --as gemeente-ede
//   schotvrij mailbox answer ID rejected --reason not-resident --home demo --as gemeente-ede
//   schotvrij mailbox ack ID --home demo --as gemeente-ede
//   schotvrij mailbox repeat --from 2026-03-01 --home demo --as gemeente-ede
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace schotvrij::cli {

struct MailboxOptions {
  std::string home;
  std::string as;                // key of the party
  std::vector<std::string> ids;  // delivery ids; `answer` takes one
  std::string verdict;           // "accepted" or "rejected"
  std::string reason;            // code from schemas/codes/answer_reason.csv
  std::string from, until;       // `repeat`: a period, YYYY-MM-DD
  bool wait = false;             // `list`: go on with what arrives
  bool reveal = false;           // show sensitive leaves
  bool json = false;
};

// Adds the four commands below `command`; `choose` is called with what the chosen one does. `options` must live as long as
// `choose`.
void AddMailboxOptions(CLI::App* command, MailboxOptions* options,
                       const std::function<void(std::function<int()>)>& choose);

// Exit codes: 1 the message is at fault, 2 no such home or party, or a party that is not enrolled, 3 the gateway failed or cannot be
// reached.
int RunMailboxList(const MailboxOptions& options, std::ostream& out, std::ostream& err);
int RunMailboxRepeat(const MailboxOptions& options, std::ostream& out, std::ostream& err);
int RunMailboxAck(const MailboxOptions& options, std::ostream& out, std::ostream& err);
int RunMailboxAnswer(const MailboxOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
