"""Makes a store as full as years of use would: every row of the messages that are there again and again, under other identifiers and
tokens. Nobody's: the copies' identifiers are digests, and no number of a person stands behind their tokens. What is sealed in a copy
opens for nobody, and their chain of audit records is no chain; the gateway neither reads nor checks them unless it is asked to."""
import hashlib
import sqlite3

COPIES_PER_COMMIT = 20


TIME_DIGITS = 12  # of an id: what it begins with (NewRowId)


def other(value, which):
    """The identifier or token that stands for `value` in a copy: of the same form, and the same wherever it is asked for. An id stays
    one of its time, which is before that of all to come."""
    if value is None:
        return None
    digest = hashlib.blake2b(bytes(f"{which}:", "ascii") + (value.encode() if isinstance(value, str) else value)).digest()
    if isinstance(value, str):
        return value[:TIME_DIGITS] + digest.hex()[:len(value) - TIME_DIGITS]
    return digest[:len(value)]


IDENTIFYING = {"client_id", "exchange_id", "delivery_id", "token", "owner", "key_token", "key_digest"}
TABLES = ("client", "claim", "message", "delivery", "audit")


def columns(database, table):
    """What each column of a copied row is."""
    for _, name, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
        if name == "number":
            yield name, "NULL"
        elif name in IDENTIFYING:
            yield name, f"other({name}, :which)"
        elif table == "audit" and name == "chain":
            yield name, ":chain"
        elif table == "audit" and name == "sequence":
            yield name, "row_number() OVER (ORDER BY chain, sequence) + :copy * :records"
        else:
            yield name, name


def fill(file, wanted):
    """Copies what `file` holds until it has `wanted` messages. The gateway that owns it is down."""
    database = sqlite3.connect(file, isolation_level=None)
    database.create_function("other", 2, other, deterministic=True)
    database.execute("PRAGMA synchronous=OFF")
    rows = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    chain = database.execute("INSERT INTO audit_chain (chain) VALUES (?) RETURNING number", [f"filled-{wanted}"]).fetchone()[0]
    for table in TABLES:
        every = "space <> 'home_kind'" if table == "claim" else "true"  # a store is of one kind
        database.execute(f"CREATE TEMP TABLE pattern_{table} AS SELECT * FROM {table} WHERE {every}")
    database.execute("PRAGMA cache_size = -2000000")
    copies = max(0, wanted // rows["message"] - 1)
    for first in range(0, copies, COPIES_PER_COMMIT):
        database.execute("BEGIN")
        for copy in range(first, min(first + COPIES_PER_COMMIT, copies)):
            for table in TABLES:
                names, values = zip(*columns(database, table))
                database.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM pattern_{table}",
                                 {"which": f"{wanted}-{copy}", "copy": copy, "chain": chain,
                                  "records": rows["audit"]})
        database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
