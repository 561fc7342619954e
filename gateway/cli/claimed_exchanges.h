// Claimed exchanges: the messages of a home's database that stand in a space of claims, such as those that set a safety hold. The gateway
// may run meanwhile.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/store/store.h"
#include "schemas/base/bsn.h"

namespace schotvrij::cli {

// Those about the client that `bsn` is of; none given: all. In the order in which they came. kNotFound: there is no database yet.
absl::StatusOr<std::vector<store::PutExchange>> ClaimedExchanges(const std::string& home, std::string_view space,
                                                                 const std::optional<Bsn>& bsn);

}  // namespace schotvrij::cli
