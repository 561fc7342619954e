// Policy loader: any bytes as one policy file. It may refuse them, never crash, and what it loads
// can be asked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "policy/report.h"
#include "policy/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace schotvrij;
  const std::vector<policy::PolicyFile> files = {
      {"fuzz.txtpb", std::string(reinterpret_cast<const char*>(data), size)}};
  policy::LoadResult loaded = policy::LoadRuleSet(files);
  bool error = false;
  for (const policy::Fault& fault : loaded.faults) {
    error |= !fault.warning;
    if (fault.rule.empty() || fault.text.empty() || (fault.line > 0) != (fault.column > 0))
      std::abort();
  }
  if (error == (loaded.rules != nullptr)) std::abort();
  const CivilDate day = *CivilDate::Parse("2026-03-02");
  policy::RenderCheck(loaded, nullptr, day);
  if (loaded.rules != nullptr) policy::RenderShow(*loaded.rules);
  return 0;
}
