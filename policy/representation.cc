#include "policy/representation.h"

#include <optional>

#include "schemas/base/civil_date.h"
#include "schemas/base/table.h"

namespace schotvrij::policy {
namespace {

bool GivesGroundOfAvg(schotvrij::v1::RepresentationKind kind) {
  static const Table& table = Table::Embedded("schemas/codes/representation.csv");
  const Table::Row* row = table.Find("kind", schotvrij::v1::RepresentationKind_Name(kind));
  return row != nullptr && (*row)["avg"] == "yes";
}

}  // namespace

std::string_view RepresentationFault(const schotvrij::v1::Consent& permit, bool avg) {
  const schotvrij::v1::Representation& representation = permit.representation();
  const bool represented = permit.given_by() == schotvrij::v1::REPRESENTATIVE;
  const bool says_how = representation.kind() != schotvrij::v1::REPRESENTATION_KIND_UNSPECIFIED;
  if (represented ? !says_how : permit.has_representation()) return "CONSENT-REPRESENTATIVE";
  if (!represented) return "";
  const std::optional<CivilDate> given_on = CivilDate::Parse(permit.given_on());
  if (!given_on || !InPeriod(*given_on, representation.valid_from(), representation.valid_until())) {
    return "CONSENT-REPRESENTED";
  }
  return avg && !GivesGroundOfAvg(representation.kind()) ? "CONSENT-CAPACITY" : "";
}

}  // namespace schotvrij::policy
