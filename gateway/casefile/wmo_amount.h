// Amounts of Wmo declarations, in whole cents (iWmo 3.2: IV024, IV081, IV089 to IV091, TR342, TR346, TR358).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "schotvrij/v1/declaration.pb.h"

namespace schotvrij::casefile {

inline constexpr int64_t kWmoAmountMax = 99'999'999;          // LDT_Bedrag
inline constexpr int64_t kWmoTotalMax = 999'999'999'999;      // LDT_TotaalBedrag

// IngediendBedrag of a line (TR346). Nothing: a volume or rate that is negative, or an amount that no line can hold.
std::optional<int64_t> AmountCents(int64_t volume, int64_t rate_cents);
// Of minutes where the rate of an hour was agreed on: from that, rounded once, half a cent up.
std::optional<int64_t> AmountOfMinutesCents(int64_t minutes, int64_t hour_rate_cents);
// ProductTarief of such a line: told, but not reckoned with.
std::optional<int64_t> MinuteRateCents(int64_t hour_rate_cents);

// The line that takes back `debit`, whole, under a reference of its own. Nothing: `debit` is a credit itself, has no reference or this one,
// or an amount of zero, which can be no credit (CS325).
std::optional<v1::DeclarationLine> CreditOf(const v1::DeclarationLine& debit, std::string_view line_reference);

// Debits less credits (TR358). Nothing: a line without side or with an amount that no line can hold, or a sum that no total can.
std::optional<int64_t> SumCents(const google::protobuf::RepeatedPtrField<v1::DeclarationLine>& lines);
// TotaalToegekendBedrag: what was submitted less the lines that were refused (TR342). Nothing: no total can hold it.
std::optional<int64_t> GrantedCents(int64_t submitted_cents, int64_t refused_cents);
// How an amount with a sign is written; zero is a debit (CS325).
v1::LedgerSide SideOf(int64_t cents);

}  // namespace schotvrij::casefile
