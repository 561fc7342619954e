// Amounts: FHIR has decimals, the canonical model whole cents and whole units. No value goes through a floating-point number.
//
//   Scaled("12.50", 2)   // 1250
//   Scaled("12.505", 2)  // nullopt: not whole cents
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/fhir/map/findings.h"
#include "adapters/fhir/wire/draft.h"
#include "adapters/fhir/wire/tree.h"
#include "schotvrij/v1/product.pb.h"

namespace schotvrij::fhir {

// WMO757 of an amount that is not per day, week or month.
inline constexpr std::string_view kWholePeriod = "6";

// `decimal` times ten to the power of `places`; nullopt when that is no whole number of at most twelve digits, or when it has an exponent.
std::optional<int64_t> Scaled(std::string_view decimal, size_t places);
std::string Decimal(int64_t scaled, size_t places);

// Money in whole euro cents. Reports FHIR-AMOUNT or FHIR-CODE (another currency); nullopt then.
std::optional<int64_t> ReadMoney(Node money, Findings* findings);
void WriteMoney(int64_t cents, DraftElement* money);

// A Quantity as amount and unit; euros (unit 83) count in cents. The unit is told by UCUM or by the code of the standard in an extension,
// and where by both, by both the same. Reports FHIR-AMOUNT, FHIR-CODE, FHIR-DIFFERENT or FHIR-VALUE (a comparator); false then.
bool ReadQuantity(Node quantity, Findings* findings, v1::Volume* volume);
// A Ratio of such a Quantity to one day, week or month, which is the frequency.
bool ReadRatio(Node ratio, Findings* findings, v1::Volume* volume);

// Write what `volume` holds; one without amount or unit, or of a unit that FHIR has no code for, is not written.
bool IsQuantity(const v1::Volume& volume);
bool IsRatio(const v1::Volume& volume);
void WriteQuantity(const v1::Volume& volume, DraftElement* quantity);
void WriteRatio(const v1::Volume& volume, DraftElement* ratio);

}  // namespace schotvrij::fhir
