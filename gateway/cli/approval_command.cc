#include "gateway/cli/approval_command.h"

#include <vector>

#include "gateway/cli/claimed_exchanges.h"
#include "gateway/cli/exit_code.h"
#include "gateway/cli/report.h"
#include "gateway/exchange/own_approval.h"

namespace schotvrij::cli {
namespace {

using Approvals = std::vector<store::PutExchange>;

void Print(const Approvals& approvals, std::ostream& out) {
  for (const store::PutExchange& each : approvals) {
    out << "client " << each.client_id << " exchange " << each.exchange_id << " in " << each.network << " approved by " << each.sender
        << " as " << each.sender_role << " at " << UtcText(each.received) << '\n';
  }
  if (approvals.empty()) out << "nobody approved an own request\n";
}

void PrintJson(const Approvals& approvals, std::ostream& out) {
  out << '[';
  for (size_t i = 0; i < approvals.size(); ++i) {
    const store::PutExchange& each = approvals[i];
    out << (i > 0 ? "," : "") << "{\"client\":" << JsonString(each.client_id) << ",\"exchange\":" << JsonString(each.exchange_id)
        << ",\"network\":" << JsonString(each.network) << ",\"approved_by\":" << JsonString(each.sender) << ",\"role\":"
        << JsonString(each.sender_role) << ",\"at\":" << JsonString(UtcText(each.received)) << '}';
  }
  out << "]\n";
}

}  // namespace

int RunApprovalList(const ApprovalOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<Approvals> approvals = ClaimedExchanges(options.home, exchange::kOwnApprovalSpace, std::nullopt);
  if (!approvals.ok()) {
    err << "schotvrij: " << approvals.status().message() << '\n';
    return absl::IsInvalidArgument(approvals.status()) ? kWrongUse : kSystemFailed;
  }
  options.json ? PrintJson(*approvals, out) : Print(*approvals, out);
  return kGood;
}

}  // namespace schotvrij::cli
