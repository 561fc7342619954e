// Loader: policy files in, a RuleSet or the reasons why not out.
#pragma once

#include <span>

#include "google/protobuf/descriptor.h"
#include "policy/rule_set.h"

namespace schotvrij::policy {

// LoadRuleSet against another root message than v1::Exchange, which must outlive the result: for
// tests of load rules on kinds of fields that the canonical model does not have yet.
LoadResult LoadRuleSetFor(const google::protobuf::Descriptor& root,
                          std::span<const PolicyFile> files);

}  // namespace schotvrij::policy
