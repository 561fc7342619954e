// The decision tables of returns (schemas/formats/iwmo/returns.csv).
//
//   const ReturnRow& row = ReturnRow::Of(ReturnKind::kReturn, ReturnOutcome::kClass);
//   tree.Codes(row.header.Or(found));
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace schotvrij::iwmo {

enum class ReturnKind : uint8_t { kReturn, kAnswer };
enum class ReturnOutcome : uint8_t { kUnreadable, kTechnical, kHeader, kDeclaration, kClass, kAccepted };
// kImpossible: no such message is made.
enum class ReturnBody : uint8_t { kImpossible, kNone, kWhole, kTotals, kRefused };

using ReturnCodes = std::vector<std::string_view>;

// What stands in RetourCodes.
struct CodesRule {
  bool found = false;      // what was said
  std::string_view fixed;  // else this one; empty: no RetourCodes

  ReturnCodes Of(const ReturnCodes& said) const {
    if (found) return said;
    return fixed.empty() ? ReturnCodes() : ReturnCodes{fixed};
  }
};

struct ReturnRow {
  CodesRule header;
  ReturnBody body = ReturnBody::kImpossible;
  CodesRule failing, sound, unchecked;

  // Ends the program for a pair that the table does not have.
  static const ReturnRow& Of(ReturnKind kind, ReturnOutcome outcome);
};

}  // namespace schotvrij::iwmo
