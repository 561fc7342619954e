#include "tests/bench/recording.h"

#include <sqlite3.h>

#include <cctype>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "absl/strings/escaping.h"

namespace schotvrij::bench {
namespace {

// What one connection ran. Its owner uses it from one thread at a time.
struct Tape {
  std::string unwritten;  // before the first transaction
  bool writes = false;
};

std::mutex mutex;
FILE* out = nullptr;
std::map<sqlite3*, Tape> tapes;

void Append(std::string& bytes, std::string_view text) {
  const uint32_t size = static_cast<uint32_t>(text.size());
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
}

void Note(sqlite3* connection, char kind, std::string_view first, std::string_view second) {
  std::string bytes(1, kind);
  Append(bytes, first);
  Append(bytes, second);
  std::lock_guard lock(mutex);
  Tape& tape = tapes[connection];
  if (first == "BEGIN IMMEDIATE" && !tape.writes) {
    tape.writes = true;
    std::fwrite(tape.unwritten.data(), 1, tape.unwritten.size(), out);
    tape.unwritten.clear();
  }
  if (tape.writes) {
    std::fwrite(bytes.data(), 1, bytes.size(), out);
  } else {
    tape.unwritten += bytes;
  }
}

int OnTrace(unsigned event, void*, void* statement, void*) {
  sqlite3_stmt* const run = static_cast<sqlite3_stmt*>(statement);
  const char* const sql = sqlite3_sql(run);
  if (sql == nullptr) return 0;  // SQLite's own, while it reads the schema
  sqlite3* const connection = sqlite3_db_handle(run);
  if (event == SQLITE_TRACE_ROW) {
    if (std::strncmp(sql, "PRAGMA", 6) != 0) return 0;
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(run, 0));
    Note(connection, 'r', sql, text == nullptr ? "" : text);
    return 0;
  }
  char* const expanded = sqlite3_expanded_sql(run);
  if (expanded != nullptr) Note(connection, 's', sql, expanded);
  sqlite3_free(expanded);
  return 0;
}

int OnOpen(sqlite3* connection, char**, const struct sqlite3_api_routines*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT | SQLITE_TRACE_ROW, OnTrace, nullptr);
}

std::string_view Take(std::string_view& bytes) {
  uint32_t size = 0;
  if (bytes.size() < sizeof size) throw std::runtime_error("the recording is cut off");
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (bytes.size() < size) throw std::runtime_error("the recording is cut off");
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

// The literal at the start of `text`, as sqlite3_expanded_sql writes it; moves past it.
Value TakeLiteral(std::string_view& text) {
  if (text.starts_with("NULL")) {
    text.remove_prefix(4);
    return std::monostate();
  }
  if (text.starts_with("x'")) {
    const size_t end = text.find('\'', 2);
    Blob blob{absl::HexStringToBytes(absl::string_view(text.data() + 2, end - 2))};
    text.remove_prefix(end + 1);
    return blob;
  }
  if (text.starts_with('\'')) {
    std::string value;
    size_t at = 1;
    for (; at < text.size(); ++at) {
      if (text[at] == '\'' && (at + 1 >= text.size() || text[++at] != '\'')) break;
      value.push_back(text[at]);
    }
    text.remove_prefix(at);
    return value;
  }
  size_t end = 0;
  while (end < text.size() && (text[end] == '-' || std::isdigit(static_cast<unsigned char>(text[end])))) ++end;
  if (end == 0) throw std::runtime_error("the recording has a value of an unknown kind");
  const int64_t number = std::stoll(std::string(text.substr(0, end)));
  text.remove_prefix(end);
  return number;
}

std::vector<Value> ValuesOf(std::string_view sql, std::string_view expanded) {
  std::vector<Value> values;
  while (!sql.empty()) {
    if (sql.front() == '?') {
      sql.remove_prefix(1);
      values.push_back(TakeLiteral(expanded));
    } else if (expanded.empty() || sql.front() != expanded.front()) {
      throw std::runtime_error("the recording does not fit its statement");
    } else {
      sql.remove_prefix(1);
      expanded.remove_prefix(1);
    }
  }
  return values;
}

}  // namespace

void RecordSql(const std::string& file) {
  out = std::fopen(file.c_str(), "wb");
  if (out == nullptr) throw std::runtime_error("cannot write " + file);
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(OnOpen));
}

void FinishRecording() {
  std::lock_guard lock(mutex);
  if (std::fclose(out) != 0) throw std::runtime_error("the recording could not be written");
}

std::vector<RecordedStatement> ReadRecording(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  const std::string whole = std::move(text).str();
  std::string_view bytes = whole;
  std::vector<RecordedStatement> all;
  while (!bytes.empty()) {
    const char kind = bytes.front();
    bytes.remove_prefix(1);
    const std::string_view sql = Take(bytes);
    const std::string_view second = Take(bytes);
    if (kind == 's') all.push_back({std::string(sql), ValuesOf(sql, second), ""});
    if (kind == 'r' && !all.empty()) all.back().row = second;
  }
  return all;
}

}  // namespace schotvrij::bench
