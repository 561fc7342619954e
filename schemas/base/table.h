// Table: a comma-separated data file with one header line (RFC 4180 quoting, lines beginning with # are comments).
//
//   const Table& codes = Table::Embedded("schemas/codes/purpose.csv");
//   for (const Table::Row& row : codes.rows()) Use(row["code"], row["purpose"]);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace schotvrij {

class Table {
 public:
  class Row {
   public:
    // The cell under `column`; ends the program when the table has no such column.
    std::string_view operator[](std::string_view column) const;
    int line() const { return line_; }

   private:
    friend class Table;
    const Table* table_ = nullptr;
    std::vector<std::string> cells_;
    int line_ = 0;
  };

  // kInvalidArgument with file and line when a row has another number of cells than the header.
  static absl::StatusOr<Table> Parse(std::string_view name, std::string_view text);
  // A compiled-in table, parsed once; a fault in it ends the program (a test parses them all).
  static const Table& Embedded(std::string_view path);

  Table(Table&&);
  Table& operator=(Table&&) = delete;

  const std::vector<Row>& rows() const { return rows_; }
  // First row whose `column` is `value`, or null.
  const Row* Find(std::string_view column, std::string_view value) const;

 private:
  Table() = default;
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

}  // namespace schotvrij
