#include "schemas/base/table.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "schemas/base/embedded.h"
#include "schemas/base/strings.h"

namespace schotvrij {
namespace {

[[noreturn]] void Die(std::string_view what, std::string_view name) {
  std::fprintf(stderr, "schotvrij: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(name.size()), name.data());
  std::abort();
}

// Reads one record from `text` at `at`; a quoted cell may hold commas, quotes and line ends.
std::vector<std::string> ReadRecord(std::string_view text, size_t& at, int& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        cells.back() += c;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        cells.back() += '"';
        ++at;
      } else {
        quoted = false;
      }
    } else if (c == '"' && cells.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

}  // namespace

std::string_view EmbeddedText(std::string_view path) {
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.path == path) return file.text;
  }
  Die("no compiled-in file", path);
}

std::string_view Table::Row::operator[](std::string_view column) const {
  for (size_t i = 0; i < table_->columns_.size(); ++i) {
    if (table_->columns_[i] == column) return cells_[i];
  }
  Die("no column", column);
}

Table::Table(Table&& other) : columns_(std::move(other.columns_)), rows_(std::move(other.rows_)) {
  for (Row& row : rows_) row.table_ = this;
}

absl::StatusOr<Table> Table::Parse(std::string_view name, std::string_view text) {
  Table table;
  size_t at = 0;
  int line = 1;
  while (at < text.size()) {
    int first_line = line;
    bool comment = text[at] == '#';
    std::vector<std::string> cells = ReadRecord(text, at, line);
    if (comment || (cells.size() == 1 && cells[0].empty())) continue;
    if (table.columns_.empty()) {
      table.columns_ = std::move(cells);
      continue;
    }
    if (cells.size() != table.columns_.size()) {
      return absl::InvalidArgumentError(absl::StrCat(ToAbsl(name), ":", first_line, ": ", cells.size(),
                                                     " cells where the header has ", table.columns_.size()));
    }
    Row row;
    row.cells_ = std::move(cells);
    row.line_ = first_line;
    table.rows_.push_back(std::move(row));
  }
  return table;
}

const Table& Table::Embedded(std::string_view path) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* tables = new absl::flat_hash_map<std::string, std::unique_ptr<Table>>();
  absl::MutexLock lock(&mutex);
  std::unique_ptr<Table>& slot = (*tables)[std::string(path)];
  if (slot == nullptr) {
    absl::StatusOr<Table> table = Parse(path, EmbeddedText(path));
    if (!table.ok()) Die("table", FromAbsl(table.status().message()));
    slot = std::make_unique<Table>(*std::move(table));
  }
  return *slot;
}

const Table::Row* Table::Find(std::string_view column, std::string_view value) const {
  for (const Row& row : rows_) {
    if (row[column] == value) return &row;
  }
  return nullptr;
}

}  // namespace schotvrij
