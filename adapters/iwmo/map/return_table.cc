#include "adapters/iwmo/map/return_table.h"

#include <map>
#include <utility>

#include "adapters/iwmo/map/table_fault.h"
#include "schemas/base/table.h"

namespace schotvrij::iwmo {
namespace {

constexpr std::string_view kReturns = "schemas/formats/iwmo/returns.csv";

template <typename Value>
using Words = std::map<std::string_view, Value>;

template <typename Value>
Value WordOf(const Words<Value>& words, const Table::Row& row, std::string_view column) {
  const auto found = words.find(row[column]);
  if (found == words.end()) TableFault(kReturns, row.line());
  return found->second;
}

CodesRule CodesOf(std::string_view cell) {
  if (cell == "found") return {.found = true};
  return {.fixed = cell == "none" ? "" : cell};
}

using ReturnRows = std::map<std::pair<ReturnKind, ReturnOutcome>, ReturnRow>;

ReturnRows ReadReturnRows() {
  const Words<ReturnKind> kinds = {{"return", ReturnKind::kReturn}, {"answer", ReturnKind::kAnswer}};
  const Words<ReturnOutcome> outcomes = {
      {"unreadable", ReturnOutcome::kUnreadable},   {"technical", ReturnOutcome::kTechnical}, {"header", ReturnOutcome::kHeader},
      {"declaration", ReturnOutcome::kDeclaration}, {"class", ReturnOutcome::kClass},         {"accepted", ReturnOutcome::kAccepted}};
  const Words<ReturnBody> bodies = {{"", ReturnBody::kImpossible},
                                    {"none", ReturnBody::kNone},
                                    {"whole", ReturnBody::kWhole},
                                    {"totals", ReturnBody::kTotals},
                                    {"refused", ReturnBody::kRefused}};
  ReturnRows rows;
  for (const Table::Row& row : Table::Embedded(kReturns).rows()) {
    const std::pair key(WordOf(kinds, row, "of"), WordOf(outcomes, row, "outcome"));
    rows[key] = {CodesOf(row["header"]), WordOf(bodies, row, "body"), CodesOf(row["failing"]), CodesOf(row["sound"]),
                 CodesOf(row["unchecked"])};
  }
  return rows;
}

}  // namespace

const ReturnRow& ReturnRow::Of(ReturnKind kind, ReturnOutcome outcome) {
  static const ReturnRows& rows = *new ReturnRows(ReadReturnRows());
  const auto found = rows.find({kind, outcome});
  if (found == rows.end()) TableFault(kReturns, 0);
  return found->second;
}

}  // namespace schotvrij::iwmo
