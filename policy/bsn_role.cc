#include "policy/bsn_role.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "schemas/base/strings.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

const Table::Row* RowOf(std::string_view role) {
  static const Table& table = Table::Embedded("schemas/codes/bsn_role.csv");
  return table.Find("role", role);
}

}  // namespace

BsnLimit BsnLimitOf(std::string_view role) {
  const Table::Row* row = RowOf(role);
  if (row == nullptr) return BsnLimit::kNone;
  return (*row)["purposes"].empty() ? BsnLimit::kNever : BsnLimit::kSomePurposes;
}

bool BsnAllowedFor(std::string_view role, schotvrij::v1::Purpose purpose) {
  const Table::Row* row = RowOf(role);
  if (row == nullptr) return true;
  const std::vector<absl::string_view> purposes =
      absl::StrSplit(ToAbsl((*row)["purposes"]), ' ', absl::SkipEmpty());
  return std::find(purposes.begin(), purposes.end(), schotvrij::v1::Purpose_Name(purpose)) !=
         purposes.end();
}

}  // namespace schotvrij::policy
