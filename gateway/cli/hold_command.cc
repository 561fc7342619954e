#include "gateway/cli/hold_command.h"

#include <optional>
#include <vector>

#include "gateway/cli/claimed_exchanges.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/report.h"
#include "gateway/exchange/waiting.h"
#include "schemas/base/bsn.h"

namespace schotvrij::cli {
namespace {

using Holds = std::vector<store::PutExchange>;  // the exchanges that set them

void Print(const Holds& holds, std::ostream& out) {
  for (const store::PutExchange& hold : holds) {
    out << "client " << hold.client_id << " exchange " << hold.exchange_id << " set by " << hold.sender << " since "
        << UtcText(hold.received) << '\n';
  }
  if (holds.empty()) out << "no safety hold stands\n";
}

void PrintJson(const Holds& holds, std::ostream& out) {
  out << '[';
  for (size_t i = 0; i < holds.size(); ++i) {
    out << (i > 0 ? "," : "") << "{\"client\":" << JsonString(holds[i].client_id) << ",\"exchange\":"
        << JsonString(holds[i].exchange_id) << ",\"set_by\":" << JsonString(holds[i].sender) << ",\"since\":"
        << JsonString(UtcText(holds[i].received)) << '}';
  }
  out << "]\n";
}

int Run(const HoldOptions& options, const std::optional<Bsn>& bsn, std::ostream& out, std::ostream& err) {
  absl::StatusOr<Holds> holds = ClaimedExchanges(options.home, exchange::kHoldSpace, bsn);
  if (!holds.ok()) {
    err << "schotvrij: " << holds.status().message() << '\n';
    return absl::IsInvalidArgument(holds.status()) ? kWrongUse : kSystemFailed;
  }
  options.json ? PrintJson(*holds, out) : Print(*holds, out);
  return kGood;
}

}  // namespace

int RunHoldList(const HoldOptions& options, std::ostream& out, std::ostream& err) { return Run(options, std::nullopt, out, err); }

int RunHoldCheck(const HoldOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  std::string line;
  std::getline(in, line);
  const std::optional<Bsn> bsn = Bsn::Parse(line);
  if (!bsn.has_value()) {
    err << "schotvrij: the first line of standard input is no BSN: nine digits that pass the eleven-test\n";
    return kWrongUse;
  }
  return Run(options, bsn, out, err);
}

}  // namespace schotvrij::cli
