#include "gateway/cli/claimed_exchanges.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "gateway/cli/home.h"
#include "gateway/exchange/client_file.h"
#include "gateway/identity/config.h"
#include "gateway/store/engines.h"
#include "gateway/transport/runtime/system.h"
#include "schemas/base/status.h"

namespace schotvrij::cli {

absl::StatusOr<std::vector<store::PutExchange>> ClaimedExchanges(const std::string& home, std::string_view space,
                                                                 const std::optional<Bsn>& bsn) {
  ASSIGN_OR_RETURN(identity::LoadedConfig config, identity::LoadConfig(Home(home).ConfigFile()));
  const std::string& database = config.config.store().sqlite_file();
  if (!std::filesystem::exists(database)) return absl::NotFoundError("there is no database yet: " + database);
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenSqlite(database, "claims", {}));
  std::vector<store::PutExchange> claimed;
  std::optional<store::ClientRow> client;
  if (bsn.has_value()) {
    runtime::SystemRandom random;
    ASSIGN_OR_RETURN(std::unique_ptr<identity::KeyRing> keys,
                     identity::KeyRing::Create(config.key_encryption_key_hex.text(), config.index_key_hex.text(), &random));
    ASSIGN_OR_RETURN(client, store->ClientByIdentifier(exchange::BsnToken(*keys, bsn->digits())));
    if (!client.has_value()) return claimed;
  }
  ASSIGN_OR_RETURN(std::vector<std::string> exchanges, store->OwnersIn(space));
  std::sort(exchanges.begin(), exchanges.end());  // an id begins with when it was drawn
  for (const std::string& id : exchanges) {
    ASSIGN_OR_RETURN(std::optional<store::ExchangeRow> row, store->ExchangeById(id));
    if (!row.has_value()) return absl::DataLossError("a claim points to no message");
    if (!client.has_value() || row->exchange.client_id == client->client_id) claimed.push_back(std::move(row->exchange));
  }
  return claimed;
}

}  // namespace schotvrij::cli
