#include "gateway/cli/hold_command.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/cli/exit_code.h"
#include "gateway/cli/home.h"
#include "gateway/cli/report.h"
#include "gateway/exchange/client_file.h"
#include "gateway/exchange/waiting.h"
#include "gateway/identity/config.h"
#include "gateway/store/engines.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/bsn.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {
namespace {

using Holds = std::vector<store::PutExchange>;  // the exchanges that set them

// Those on the client that `bsn` is of; none given: all.
absl::StatusOr<Holds> FindHolds(const std::string& home, const std::optional<Bsn>& bsn) {
  ASSIGN_OR_RETURN(identity::LoadedConfig config, identity::LoadConfig(Home(home).ConfigFile()));
  const std::string& database = config.config.store().sqlite_file();
  if (!std::filesystem::exists(database)) return absl::NotFoundError("there is no database yet: " + database);
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenSqlite(database, "hold", {}));
  std::optional<store::ClientRow> client;
  if (bsn.has_value()) {
    runtime::SystemRandom random;
    ASSIGN_OR_RETURN(std::unique_ptr<identity::KeyRing> keys,
                     identity::KeyRing::Create(config.key_encryption_key_hex.text(), config.index_key_hex.text(), &random));
    ASSIGN_OR_RETURN(client, store->ClientByIdentifier(exchange::BsnToken(*keys, bsn->digits())));
    if (!client.has_value()) return Holds();
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> exchanges, store->OwnersIn(exchange::kHoldSpace));
  Holds holds;
  for (const std::string& id : exchanges) {
    ASSIGN_OR_RETURN(std::optional<store::ExchangeRow> row, store->ExchangeById(id));
    if (!row.has_value()) return absl::DataLossError("a safety hold points to no message");
    if (!client.has_value() || row->exchange.client_id == client->client_id) holds.push_back(std::move(row->exchange));
  }
  return holds;
}

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
  absl::StatusOr<Holds> holds = FindHolds(options.home, bsn);
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
