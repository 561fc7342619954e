#include "policy/instrument.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

int Number(std::string_view text) {
  int number = 0;
  if (!absl::SimpleAtoi(ToAbsl(text), &number)) {
    std::fprintf(stderr, "schotvrij: instrument.csv: a range is no number\n");
    std::abort();
  }
  return number;
}

}  // namespace

std::optional<Instrument> FindInstrument(std::string_view key) {
  static const auto* instruments = [] {
    auto* map = new absl::flat_hash_map<std::string, Instrument>();
    for (const Table::Row& row : Table::Embedded("schemas/codes/instrument.csv").rows()) {
      (*map)[std::string(row["key"])] = {Number(row["minimum"]), Number(row["maximum"])};
    }
    return map;
  }();
  auto found = instruments->find(ToAbsl(key));
  if (found == instruments->end()) return std::nullopt;
  return found->second;
}

}  // namespace schotvrij::policy
