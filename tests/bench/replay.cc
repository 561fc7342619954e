// What the disk and SQLite can do at most: the SQL of a recording run bare, and the least that any durable gateway writes.
//
//   bench_replay --recording FILE --directory DIR [--messages-per-flush N]
//
// Prints one JSON object. All runs use databases of their own in DIR, with the settings that the recorded connection read back, and
// the recorded batches, or in batches of N messages: writing down takes time, in which more than else comes together in a flush.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/store/engines.h"
#include "tests/bench/recording.h"

namespace schotvrij::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

double Since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

class Database {
 public:
  explicit Database(const std::string& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error("cannot open " + file);
  }
  ~Database() {
    for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
  }

  void Run(const std::string& sql, const std::vector<Value>& values = {}) {
    sqlite3_stmt*& statement = statements_[sql];
    if (statement == nullptr && sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) Fail(sql);
    int index = 0;
    for (const Value& value : values) Bind(statement, ++index, value);
    int code = sqlite3_step(statement);
    while (code == SQLITE_ROW) code = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (code != SQLITE_DONE) Fail(sql);
  }
  std::string Ask(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
    std::string answer;
    if (sqlite3_step(statement) == SQLITE_ROW) {
      answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return answer;
  }
  int64_t changed() const { return sqlite3_total_changes64(handle_); }

 private:
  [[noreturn]] void Fail(const std::string& sql) const {
    throw std::runtime_error(absl::StrCat(sqlite3_errmsg(handle_), ": ", sql.substr(0, 60)));
  }
  static void Bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      sqlite3_bind_int64(statement, index, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
    } else {
      sqlite3_bind_null(statement, index);
    }
  }

  sqlite3* handle_ = nullptr;
  std::map<std::string, sqlite3_stmt*> statements_;
};

bool IsMessage(const RecordedStatement& statement) { return absl::StartsWith(statement.sql, "INSERT INTO message "); }

// The settings as the gateway's connection set them, read back here too.
void Settle(Database& database, const std::vector<RecordedStatement>& all) {
  for (const RecordedStatement& statement : all) {
    if (absl::StartsWith(statement.sql, "PRAGMA ") && absl::StrContains(statement.sql, "=")) database.Run(statement.sql);
  }
}

// The same in flushes of `messages` each; 0: as recorded.
std::vector<RecordedStatement> InFlushesOf(double messages, std::vector<RecordedStatement> all) {
  if (messages == 0) return all;
  std::vector<RecordedStatement> cut;
  cut.reserve(all.size());
  const RecordedStatement begin{"BEGIN IMMEDIATE", {}, ""}, commit{"COMMIT", {}, ""};
  double written = 0, full = messages;
  bool begun = false, within = false;
  for (RecordedStatement& statement : all) {
    const bool begins = absl::StartsWith(statement.sql, "BEGIN");
    const bool ends = statement.sql == "COMMIT" || statement.sql == "ROLLBACK";
    if (begins && !begun) cut.push_back(begin);
    begun = begun || begins;
    within = begins || (within && !ends);
    if (begins || (begun && !within)) continue;
    cut.push_back(std::move(statement));
    if (!IsMessage(cut.back()) || ++written < full) continue;
    full += messages;
    cut.push_back(commit);
    cut.push_back(begin);
  }
  cut.push_back(commit);
  return cut;
}

struct Replayed {
  double seconds = 0;
  size_t messages = 0;
  size_t flushes = 0;
  std::map<std::string, int64_t> rows;  // "INSERT message" → how many
  std::string synchronous;
};

// "INSERT INTO claim (…" → "INSERT claim".
std::string Kind(const std::string& sql) {
  std::istringstream words(sql);
  std::string verb, word;
  words >> verb >> word;
  if (verb != "UPDATE") words >> word;
  return verb + " " + word;
}

Replayed Replay(const std::vector<RecordedStatement>& all, const std::string& file) {
  // An empty store of this release, without what the recording may hold of making one.
  if (!store::OpenSqlite(file, "made-by-the-bench", {}).ok()) throw std::runtime_error("no empty store");
  Database database(file);
  Settle(database, all);
  Replayed replayed;
  replayed.synchronous = database.Ask("PRAGMA synchronous");
  std::map<std::string, std::string> kinds;
  const auto begin = SteadyClock::now();
  bool within = false;
  for (const RecordedStatement& statement : all) {
    if (absl::StartsWith(statement.sql, "BEGIN")) within = true;
    if (!within) continue;
    const int64_t before = database.changed();
    database.Run(statement.sql, statement.values);
    if (const int64_t rows = database.changed() - before; rows > 0) {
      std::string& kind = kinds[statement.sql];
      if (kind.empty()) kind = Kind(statement.sql);
      replayed.rows[kind] += rows;
    }
    if (IsMessage(statement)) ++replayed.messages;
    if (statement.sql == "COMMIT") {
      ++replayed.flushes;
      within = false;
    }
  }
  replayed.seconds = Since(begin);
  return replayed;
}

struct Pairs {
  double seconds = 0;
  size_t messages = 0;
};

// A message row with the recorded bytes and an outbox row, in the recorded batches: no look-up, no key, no audit.
Pairs WritePairs(const std::vector<RecordedStatement>& all, const std::string& file) {
  Database database(file);
  Settle(database, all);
  database.Run("CREATE TABLE message (number INTEGER PRIMARY KEY, content BLOB NOT NULL)");
  database.Run("CREATE TABLE outbox (number INTEGER PRIMARY KEY, message INTEGER NOT NULL, recipient TEXT NOT NULL)");
  Pairs pairs;
  const auto begin = SteadyClock::now();
  size_t in_batch = 0;
  for (const RecordedStatement& statement : all) {
    if (IsMessage(statement)) {
      if (in_batch++ == 0) database.Run("BEGIN IMMEDIATE");
      database.Run("INSERT INTO message (content) VALUES (?)", {statement.values[7]});
      database.Run("INSERT INTO outbox (message, recipient) VALUES (?, 'gemeente-ede')",
                   {static_cast<int64_t>(++pairs.messages)});
    } else if (statement.sql == "COMMIT" && in_batch > 0) {
      database.Run("COMMIT");
      in_batch = 0;
    }
  }
  pairs.seconds = Since(begin);
  return pairs;
}

double FsyncsPerSecond(const std::string& file) {
  const int descriptor = open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::runtime_error("cannot write " + file);
  const std::string page(4096, 'x');
  size_t count = 0;
  const auto begin = SteadyClock::now();
  while (Since(begin) < 1) {
    if (write(descriptor, page.data(), page.size()) < 0 || fdatasync(descriptor) != 0) throw std::runtime_error("fsync");
    ++count;
  }
  const double seconds = Since(begin);
  close(descriptor);
  return static_cast<double>(count) / seconds;
}

void Print(const Replayed& replayed, const Pairs& pairs, const std::string& read_back, double fsyncs) {
  const double messages = static_cast<double>(replayed.messages);
  std::printf("{\"messages\": %zu, \"flushes\": %zu, \"messages_per_flush\": %.2f, \"replay_per_second\": %.1f, "
              "\"pair_per_second\": %.1f, \"fsyncs_per_second\": %.1f, \"synchronous_of_gateway\": \"%s\", "
              "\"synchronous_of_replay\": \"%s\", \"rows_per_message\": {",
              replayed.messages, replayed.flushes, messages / static_cast<double>(replayed.flushes),
              messages / replayed.seconds, static_cast<double>(pairs.messages) / pairs.seconds, fsyncs, read_back.c_str(),
              replayed.synchronous.c_str());
  const char* comma = "";
  for (const auto& [kind, rows] : replayed.rows) {
    std::printf("%s\"%s\": %.3f", comma, kind.c_str(), static_cast<double>(rows) / messages);
    comma = ", ";
  }
  std::printf("}}\n");
}

std::string ReadBack(const std::vector<RecordedStatement>& all) {
  for (const RecordedStatement& statement : all) {
    if (statement.sql == "PRAGMA synchronous") return statement.row;
  }
  return "";
}

}  // namespace
}  // namespace schotvrij::bench

int main(int argc, char** argv) {
  using namespace schotvrij::bench;
  std::string recording, directory;
  double messages_per_flush = 0;
  CLI::App app("ceilings of a recording");
  app.add_option("--recording", recording)->required();
  app.add_option("--directory", directory)->required();
  app.add_option("--messages-per-flush", messages_per_flush)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    const std::vector<RecordedStatement> all = InFlushesOf(messages_per_flush, ReadRecording(recording));
    const std::filesystem::path place(directory);
    const Replayed replayed = Replay(all, place / "replay.db");
    const Pairs pairs = WritePairs(all, place / "pairs.db");
    if (replayed.messages == 0) throw std::runtime_error("no message in the recording");
    Print(replayed, pairs, ReadBack(all), FsyncsPerSecond(place / "fsync"));
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench: %s\n", trouble.what());
    return 1;
  }
  return 0;
}
