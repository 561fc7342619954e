#include "gateway/store/sqlite_schema.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "schemas/base/status.h"
#include "schemas/base/strings.h"

namespace schotvrij::store {
namespace {

// Rows and indexes per message are what costs. Rows with content are appended in the order they
// come, and random keys go into small trees of their own. `number` is that order, and never leaves
// this folder.
constexpr std::string_view kSteps[] = {
    R"sql(
CREATE TABLE client (
  number INTEGER PRIMARY KEY,
  client_id TEXT NOT NULL UNIQUE,
  wrapped_key BLOB NOT NULL,
  facts_version INTEGER NOT NULL,  -- 0: none yet
  facts_revision INTEGER NOT NULL,
  facts BLOB NOT NULL
) STRICT;

-- Who holds a token: identifiers of clients and business keys of exchanges.
CREATE TABLE claim (
  space TEXT NOT NULL,
  token BLOB NOT NULL,
  owner TEXT NOT NULL,
  PRIMARY KEY (space, token)
) STRICT, WITHOUT ROWID;

-- One message that came in: what was kept of it and what its repetition is answered. A refused one has no exchange.
CREATE TABLE message (
  number INTEGER PRIMARY KEY,
  exchange_id TEXT UNIQUE,
  client_id TEXT NOT NULL,
  network TEXT NOT NULL,
  sender TEXT NOT NULL,
  content_type TEXT NOT NULL,
  received INTEGER NOT NULL,
  content_revision INTEGER NOT NULL,
  content BLOB NOT NULL,
  key_token BLOB UNIQUE,
  key_digest BLOB,
  answer_revision INTEGER,
  answer BLOB
) STRICT;

CREATE TABLE delivery (
  number INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL UNIQUE,
  exchange_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  network TEXT NOT NULL,
  content_type TEXT NOT NULL,
  state INTEGER NOT NULL,
  due INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  frozen_revision INTEGER NOT NULL,
  frozen BLOB NOT NULL
) STRICT;
CREATE INDEX delivery_due ON delivery (due) WHERE state = 1;
CREATE INDEX delivery_order ON delivery (client_id, recipient, state);
CREATE INDEX delivery_mailbox ON delivery (recipient, state) WHERE state = 2 OR state = 3;

CREATE TABLE timer (
  timer_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  due INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);

CREATE TABLE audit_chain (
  number INTEGER PRIMARY KEY,
  chain TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE audit (
  chain INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  previous BLOB NOT NULL,
  event BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (chain, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
  number INTEGER PRIMARY KEY,
  line BLOB NOT NULL
) STRICT;
)sql",
    // A row holds the records of one flush that follow each other: their events and their hashes end to end, and how long each
    // event is. A row of before has one record, whose length needs no saying.
    R"sql(
ALTER TABLE audit ADD COLUMN sizes BLOB NOT NULL DEFAULT x'';
)sql",
    R"sql(
CREATE TABLE batch (
  number INTEGER PRIMARY KEY,
  batch_id TEXT NOT NULL UNIQUE,
  key_token BLOB NOT NULL UNIQUE,
  sender TEXT NOT NULL,
  version INTEGER NOT NULL,
  state INTEGER NOT NULL,
  open INTEGER NOT NULL,  -- 1: something is left to do
  parts INTEGER NOT NULL,
  base INTEGER,           -- in effect: its deliveries stand behind this number, in their sequence
  account_revision INTEGER NOT NULL,
  account BLOB NOT NULL
) STRICT;
CREATE INDEX batch_open ON batch (number) WHERE open = 1;

-- A part that is not finished.
CREATE TABLE batch_part (
  batch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  exchange_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  identifier BLOB NOT NULL,
  facts_revision INTEGER NOT NULL,
  facts BLOB NOT NULL,
  merged INTEGER NOT NULL,  -- 1: its client's facts hold it
  PRIMARY KEY (batch, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_part_client ON batch_part (client_id) WHERE merged = 0;

ALTER TABLE message ADD COLUMN batch INTEGER;
ALTER TABLE delivery ADD COLUMN batch INTEGER;
ALTER TABLE delivery ADD COLUMN batch_sequence INTEGER;
CREATE INDEX delivery_batch ON delivery (batch, recipient, batch_sequence) WHERE batch IS NOT NULL;
)sql",
    R"sql(
ALTER TABLE delivery ADD COLUMN precedes TEXT;  -- a sender, of whom nothing later goes to this recipient before this
CREATE INDEX delivery_precedes ON delivery (recipient, number) WHERE state = 1 AND precedes IS NOT NULL;
)sql",
    R"sql(
DROP INDEX timer_due;
CREATE INDEX timer_due ON timer (kind, due);
)sql",
    R"sql(
ALTER TABLE delivery ADD COLUMN read INTEGER NOT NULL DEFAULT 0;  -- 1: its recipient was shown it
)sql",
    R"sql(
CREATE TABLE breach (
  breach_id TEXT PRIMARY KEY,
  opened INTEGER NOT NULL,
  closed INTEGER,  -- NULL: open
  note TEXT NOT NULL,
  record_revision INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX breach_open ON breach (breach_id) WHERE closed IS NULL;

CREATE TABLE breach_place (
  breach_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  contained_by TEXT,  -- a delivery
  contained INTEGER,  -- NULL: still open
  PRIMARY KEY (breach_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX breach_place_waits ON breach_place (contained_by) WHERE contained_by IS NOT NULL;
)sql",
    // Keys of roles, NULL in a row of before they were kept.
    R"sql(
ALTER TABLE message ADD COLUMN sender_role TEXT;
ALTER TABLE delivery ADD COLUMN recipient_role TEXT;
)sql",
    R"sql(
ALTER TABLE delivery ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;  -- how often its recipient was given it again
)sql",
};

absl::StatusOr<size_t> Version(Connection& connection) {
  ASSIGN_OR_RETURN(const std::string tables,
                   connection.Value("SELECT count(*) FROM sqlite_schema"));
  if (tables == "0") return 0;
  ASSIGN_OR_RETURN(const std::string ours,
                   connection.Value("SELECT count(*) FROM sqlite_schema "
                                    "WHERE type = 'table' AND name = 'schema_version'"));
  if (ours == "0") return absl::FailedPreconditionError("store: the file is no store of ours");
  ASSIGN_OR_RETURN(const std::string text,
                   connection.Value("SELECT max(version) FROM schema_version"));
  size_t version = 0;
  if (!absl::SimpleAtoi(text, &version)) {
    return absl::FailedPreconditionError("store: the file does not tell its version");
  }
  return version;
}

absl::Status Advance(Connection& connection, std::span<const std::string_view> steps) {
  ASSIGN_OR_RETURN(const size_t from, Version(connection));
  if (from > steps.size()) {
    return absl::FailedPreconditionError(absl::StrCat("store: the file has schema version ", from,
                                                      ", this release knows ", steps.size()));
  }
  if (from == 0) {
    RETURN_IF_ERROR(
        connection.Execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT"));
  }
  for (size_t version = from; version < steps.size(); ++version) {
    RETURN_IF_ERROR(connection.Execute(std::string(steps[version])));
    RETURN_IF_ERROR(connection.Execute(
        absl::StrCat("INSERT INTO schema_version (version) VALUES (", version + 1, ")")));
  }
  return connection.Execute("COMMIT");
}

}  // namespace

std::span<const std::string_view> SchemaSteps() { return kSteps; }

absl::Status Migrate(Connection& connection, std::span<const std::string_view> steps) {
  RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
  const absl::Status advanced = Advance(connection, steps);
  if (connection.InTransaction()) (void)connection.Execute("ROLLBACK");
  return advanced;
}

}  // namespace schotvrij::store
