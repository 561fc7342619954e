PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT;
INSERT INTO schema_version VALUES(1);
CREATE TABLE client (
  number INTEGER PRIMARY KEY,
  client_id TEXT NOT NULL UNIQUE,
  wrapped_key BLOB NOT NULL,
  facts_version INTEGER NOT NULL,  -- 0: none yet
  facts_revision INTEGER NOT NULL,
  facts BLOB NOT NULL
) STRICT;
INSERT INTO client VALUES(1,'client-1',X'777261707065642d31',1,1,X'66616374732d31');
CREATE TABLE claim (
  space TEXT NOT NULL,
  token BLOB NOT NULL,
  owner TEXT NOT NULL,
  PRIMARY KEY (space, token)
) STRICT, WITHOUT ROWID;
INSERT INTO claim VALUES('identifier',X'746f6b656e2d31','client-1');
INSERT INTO claim VALUES('registration',X'627573696e6573732d31','exchange-1');
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
INSERT INTO message VALUES(1,'exchange-1','client-1','ede','provider','registration',1,1,X'636f6e74656e742d31',X'6b65792d31',X'6469676573742d31',1,X'616e737765722d31');
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
INSERT INTO delivery VALUES(1,'delivery-1','exchange-1','client-1','city','ede','registration',1,0,0,0,1,X'');
CREATE TABLE timer (
  timer_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  due INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO timer VALUES('timer','retry','x',5);
CREATE TABLE audit_chain (
  number INTEGER PRIMARY KEY,
  chain TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO audit_chain VALUES(1,'chain-1');
CREATE TABLE audit (
  chain INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  previous BLOB NOT NULL,
  event BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (chain, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO audit VALUES(1,1,X'0000000000000000000000000000000000000000000000000000000000000000',X'726563656976652d31',X'c26d979c264939ac1735a2317dc551cb6c315d2adbffbd2b73a6bf9aa3484281');
INSERT INTO audit VALUES(1,2,X'c26d979c264939ac1735a2317dc551cb6c315d2adbffbd2b73a6bf9aa3484281',X'6465636964652d31',X'c6725a86b0257be3e5ecf04afbaca29e8c530027f73409eecb00ca4861e69582');
CREATE TABLE checkpoint (
  number INTEGER PRIMARY KEY,
  line BLOB NOT NULL
) STRICT;
INSERT INTO checkpoint VALUES(1,X'6c696e65');
CREATE INDEX delivery_due ON delivery (due) WHERE state = 1;
CREATE INDEX delivery_order ON delivery (client_id, recipient, state);
CREATE INDEX delivery_mailbox ON delivery (recipient, state) WHERE state = 2 OR state = 3;
CREATE INDEX timer_due ON timer (due);
COMMIT;
