#include <string>
#include <vector>

#include "adapters/canonical/canonical.h"
#include "adapters/canonical/map/content_form.h"
#include "adapters/canonical/map/field_form.h"
#include "adapters/canonical/map/findings.h"
#include "schemas/base/redact.h"

namespace schotvrij::canonical {

std::vector<Issue> CheckForm(const v1::Exchange& exchange) {
  Findings findings;
  const std::string bytes = exchange.SerializeAsString();
  if (HasUnknown(bytes)) {
    findings.Add("UNKNOWN-FIELD", FindUnknown(exchange));
  } else if (exchange.content_case() == v1::Exchange::CONTENT_NOT_SET) {
    findings.Add("FIELD-MISSING", "content");
  } else if (!IsExchanged(exchange)) {
    findings.Add("CONTENT-NOT-SUPPORTED", "content");
  } else {
    CheckRequired(exchange, bytes, findings);
    CheckFields(bytes, findings);
    CheckKeys(exchange, findings);
    CheckScores(exchange, findings);
    CheckAnswer(exchange, findings);
  }
  return findings.Take();
}

}  // namespace schotvrij::canonical
