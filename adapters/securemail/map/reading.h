// What the text of a mail was read as.
#pragma once

#include <optional>
#include <vector>

#include "schemas/base/issue.h"
#include "schotvrij/v1/exchange.pb.h"

namespace schotvrij::securemail {

struct Reading {
  std::optional<v1::Exchange> exchange;  // when there is no issue
  std::vector<Issue> issues;
};

}  // namespace schotvrij::securemail
