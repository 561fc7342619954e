// `schotvrij audit verify`: holds the audit trail of a home against its signed checkpoints. The gateway may run meanwhile.
#pragma once

#include <ostream>
#include <string>

namespace schotvrij::cli {

struct AuditVerifyOptions {
  std::string home;
  std::string checkpoints;  // file; empty: the home's own
  bool json = false;
};

int RunAuditVerify(const AuditVerifyOptions& options, std::ostream& out, std::ostream& err);

}  // namespace schotvrij::cli
