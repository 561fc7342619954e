// The SQL that a gateway's writing connection ran, statement by statement with its values, as a file.
//
//   RecordSql("sql.rec");                       // before the store is opened
//   ...
//   FinishRecording();
//   std::vector<RecordedStatement> all = ReadRecording("sql.rec");
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace schotvrij::bench {

struct Blob {
  std::string bytes;
};
using Value = std::variant<std::monostate, int64_t, std::string, Blob>;

struct RecordedStatement {
  std::string sql;  // with its question marks
  std::vector<Value> values;
  std::string row;  // what a PRAGMA was answered
};

// From now on every connection this process opens is written down, from when it began its first transaction; those that never
// begin one only read, and are left out. Call once.
void RecordSql(const std::string& file);
void FinishRecording();

// Throws std::runtime_error when the file is none of ours.
std::vector<RecordedStatement> ReadRecording(const std::string& file);

}  // namespace schotvrij::bench
