"""`schotvrij audit verify`: whatever is done to the trail is named, or falls in the window that it tells."""
import pathlib
import re
import shutil
import signal
import sqlite3
import threading
import unittest

from grpc_peer import message
from harness import Gateway, example, run, split_audit_row, wait_for


def often(home):
    """A checkpoint as often as the gateway looks whether one is due."""
    config = home / "schotvrij.conf"
    text, count = re.subn("checkpoint_records: 1000", "checkpoint_records: 1", config.read_text())
    assert count == 1
    config.write_text(text)


def register(gateway, numbers):
    for number in numbers:
        # Keys differ, the client is the same: one is registered, the others are refused and recorded.
        gateway.fhir("opella", "POST", "/fhir", example(f"audited-{number}"))


class Tampering(unittest.TestCase):
    """On copies of a home whose gateway stopped: all that it wrote is vouched for by its last checkpoint."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        register(cls.gateway, range(3))
        (task,) = cls.gateway.mailbox("gemeente-ede")
        cls.gateway.answer("gemeente-ede", task["id"], "accepted")
        cls.gateway.stop()
        cls.gateway.start()
        register(cls.gateway, range(3, 5))
        cls.gateway.stop()
        status, report = cls.gateway.audit()
        assert status == 0, report
        cls.records = report["records"]

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def setUp(self):
        self.home = pathlib.Path(self.gateway.directory) / "tampered"
        shutil.copytree(self.gateway.home, self.home)
        self.file = self.home / "audit/checkpoints"

    def tearDown(self):
        shutil.rmtree(self.home)

    def sql(self, script):
        database = sqlite3.connect(self.home / "data/schotvrij.db")
        database.create_function("altered", 1, lambda blob: bytes([blob[0] ^ 1]) + blob[1:])
        database.create_function("last_size", 1, lambda sizes: int.from_bytes(sizes[-4:], "big"))
        database.executescript(script)
        database.commit()
        database.close()

    def each_record_in_a_row_of_its_own(self):
        """As files of the first release have them, which read the same."""
        database = sqlite3.connect(self.home / "data/schotvrij.db")
        for chain, sequence, previous, events, hashes, sizes in database.execute(
                "SELECT chain, sequence, previous, event, hash, sizes FROM audit WHERE sizes <> x''").fetchall():
            database.execute("DELETE FROM audit WHERE chain = ? AND sequence = ?", (chain, sequence))
            for i, event in enumerate(split_audit_row(events, sizes)):
                own = hashes[32 * i:32 * i + 32]
                database.execute("INSERT INTO audit (chain, sequence, previous, event, hash) VALUES (?, ?, ?, ?, ?)",
                                 (chain, sequence + i, previous, event, own))
                previous = own
        database.commit()
        database.close()

    def shared_row(self):
        """Sequence of the first record of a row of chain 1 that holds several, and how many."""
        database = sqlite3.connect(self.home / "data/schotvrij.db")
        found = database.execute(
            "SELECT sequence, length(sizes) / 4 FROM audit WHERE chain = 1 AND sizes <> x'' ORDER BY sequence").fetchone()
        database.close()
        return found

    def verify(self, *more):
        done = run("audit", "verify", "--home", self.home, *more, check=False)
        return done.returncode, done.stdout

    def assert_named(self, *words):
        status, said = self.verify()
        self.assertEqual(status, 1, said)
        self.assertIn("NOT whole", said)
        found = [line for line in said.splitlines() if line.startswith("FOUND ")]
        for word in words:
            self.assertTrue(any(word in line for line in found), (word, said))
        return said

    def test_untouched_is_whole_and_all_is_vouched_for(self):
        status, said = self.verify()
        self.assertEqual(status, 0, said)
        self.assertIn(f"{self.records} records", said)
        self.assertIn("not vouched for: 0 records", said)

    def test_changed_within_a_row_that_several_share(self):
        first, count = self.shared_row()
        self.assertGreater(count, 1)
        self.sql(f"UPDATE audit SET event = altered(event) WHERE chain = 1 AND sequence = {first}")
        self.assert_named(f"record {first}: the record's bytes are not those that were written")

    def test_last_record_of_a_shared_row_removed(self):
        first, count = self.shared_row()
        self.sql(f"""UPDATE audit SET event = substr(event, 1, length(event) - last_size(sizes)),
                     hash = substr(hash, 1, length(hash) - 32), sizes = substr(sizes, 1, length(sizes) - 4)
                     WHERE chain = 1 AND sequence = {first}""")
        self.assert_named(f"record {first + count - 1}: 1 records are missing")

    def test_sizes_of_a_shared_row_that_fit_no_more(self):
        first, _ = self.shared_row()
        self.sql(f"UPDATE audit SET sizes = substr(sizes, 5) WHERE chain = 1 AND sequence = {first}")
        self.assert_named(f"record {first}: ")

    def test_each_record_in_a_row_of_its_own_is_whole(self):
        self.each_record_in_a_row_of_its_own()
        status, said = self.verify()
        self.assertEqual(status, 0, said)
        self.assertIn(f"{self.records} records", said)

    def test_changed(self):
        self.each_record_in_a_row_of_its_own()
        self.sql("UPDATE audit SET event = altered(event) WHERE chain = 1 AND sequence = 2")
        self.assert_named("record 2: the record's bytes are not those that were written")

    def test_removed(self):
        self.each_record_in_a_row_of_its_own()
        self.sql("DELETE FROM audit WHERE chain = 1 AND sequence = 2")
        self.assert_named("record 2: 1 records are missing")

    def test_inserted(self):
        self.each_record_in_a_row_of_its_own()
        self.sql("""UPDATE audit SET sequence = -sequence WHERE chain = 1 AND sequence > 2;
                    UPDATE audit SET sequence = 1 - sequence WHERE sequence < 0;
                    INSERT INTO audit SELECT chain, 3, hash, event, randomblob(32), x'' FROM audit WHERE chain = 1 AND sequence = 2""")
        self.assert_named("record 3: ", "record 4: the record does not follow from the one before it")

    def test_reordered(self):
        self.each_record_in_a_row_of_its_own()
        self.sql("""UPDATE audit SET sequence = -2 WHERE chain = 1 AND sequence = 2;
                    UPDATE audit SET sequence = 2 WHERE chain = 1 AND sequence = 3;
                    UPDATE audit SET sequence = 3 WHERE sequence = -2""")
        self.assert_named("record 2: ", "record 3: ")

    def test_tail_cut_below_the_newest_checkpoint(self):
        self.each_record_in_a_row_of_its_own()
        self.sql("DELETE FROM audit WHERE chain = 2 AND sequence = (SELECT max(sequence) FROM audit WHERE chain = 2)")
        self.assert_named("the chain ends here, but a checkpoint vouches for it up to")

    def test_tail_cut_together_with_the_databases_own_checkpoints(self):
        self.each_record_in_a_row_of_its_own()
        self.sql("""DELETE FROM audit WHERE chain = 2 AND sequence = (SELECT max(sequence) FROM audit WHERE chain = 2);
                    DELETE FROM checkpoint WHERE number = (SELECT max(number) FROM checkpoint)""")
        self.assert_named("the chain ends here, but a checkpoint vouches for it up to")
        self.sql("DELETE FROM checkpoint")
        self.assert_named("the chain ends here, but a checkpoint vouches for it up to",
                          "checkpoints in the database: lines that the file has are not there")

    def test_a_whole_chain_is_gone(self):
        self.sql("DELETE FROM audit WHERE chain = 1; DELETE FROM audit_chain WHERE number = 1")
        self.assert_named("the chain ends here, but a checkpoint vouches for it up to")

    def test_checkpoint_file_cut_or_altered(self):
        whole = self.file.read_text()
        lines = whole.splitlines(keepends=True)
        self.assertGreaterEqual(len(lines), 2)
        self.file.write_text("".join(lines[:-1]))
        self.assert_named("checkpoints in the file: lines that the database has are not there")
        digit = whole[-10]
        self.file.write_text(whole[:-10] + ("A" if digit != "A" else "B") + whole[-9:])
        self.assert_named("checkpoints in the file: the signature does not hold")
        self.file.write_text("".join(lines[1:]))
        self.assert_named("checkpoints in the file: the line does not follow from the one before it")

    def test_a_copy_of_the_file_kept_elsewhere_will_do(self):
        kept = pathlib.Path(self.gateway.directory) / "kept"
        shutil.copy(self.file, kept)
        self.file.unlink()
        status, said = self.verify("--checkpoints", kept)
        self.assertEqual(status, 0, said)
        status, said = self.verify("--checkpoints", "/nowhere/checkpoints")
        self.assertEqual(status, 3, said)

    def test_a_copy_made_earlier_vouches_for_what_was_there_then(self):
        lines = self.file.read_text().splitlines(keepends=True)
        kept = pathlib.Path(self.gateway.directory) / "kept"
        kept.write_text("".join(lines[:-1]))
        status, said = self.verify("--checkpoints", kept)
        self.assertEqual(status, 0, said)
        kept.write_text("")
        self.assertEqual(self.verify("--checkpoints", kept)[0], 1)
        kept.write_text("".join(lines))
        self.sql("DELETE FROM checkpoint")
        self.assertEqual(self.verify("--checkpoints", kept)[0], 1)

    def test_a_crash_between_file_and_database_is_no_tampering(self):
        self.sql("DELETE FROM checkpoint WHERE number = (SELECT max(number) FROM checkpoint)")
        status, said = self.verify()
        self.assertEqual(status, 0, said)
        self.assertIn("in the file and not yet in the database", said)
        self.assertIn("not vouched for: 0 records", said)

    def test_what_a_killed_gateway_wrote_last_is_the_window(self):
        with Gateway() as gateway:
            before = gateway.audit()[1]
            vouched = before["records"] - before["not_vouched_for"]
            register(gateway, range(2))
            gateway.stop(signal.SIGKILL)
            status, report = gateway.audit()
            self.assertEqual((status, report["newest_checkpoint"]), (0, before["newest_checkpoint"]))
            self.assertEqual(report["not_vouched_for"], report["records"] - vouched)
            self.assertGreater(report["records"], before["records"])
            done = run("audit", "verify", "--home", gateway.home)
            self.assertIn(f"not vouched for: {report['not_vouched_for']} records after it", done.stdout)


class Events(unittest.TestCase):
    """What the trail says of one registration by mail and its answer: NEN 7513's fields, and nobody's name."""

    def test_every_step_is_recorded_with_its_mandatory_fields(self):
        with Gateway(mail=True) as gateway:
            register(gateway, range(2))  # the second is refused: this client is registered
            gateway.smtp.received(1)
            (task,) = gateway.mailbox("gemeente-ede")
            gateway.answer("gemeente-ede", task["id"], "accepted")
            gateway.mailbox("opella")
            kinds = {}

            def recorded():
                for event in map(message("schotvrij.v1.AuditEvent").FromString, gateway.audit_events()):
                    kinds.setdefault(event.DESCRIPTOR.fields_by_name["code"].enum_type.values_by_number[event.code].name, event)
                return {"AUDIT_STARTED", "AUDIT_RECEIVE", "AUDIT_DECIDE", "AUDIT_DISCLOSE", "AUDIT_DELIVER", "AUDIT_REFUSE",
                        "AUDIT_READ"} <= set(kinds)
            wait_for(recorded)
            for name, event in kinds.items():
                self.assertIn(event.action, ("C", "R", "U", "D", "E"), name)
                self.assertGreater(event.recorded_us, 0, name)
                self.assertNotEqual(event.outcome, 0, name)
                self.assertTrue(event.users and all(user.id for user in event.users), name)
                self.assertTrue(event.objects and all(each.type and each.id for each in event.objects), name)
                self.assertEqual(event.source, "gateway.example", name)
                self.assertNotEqual(event.authorisation_protocol, "", name)
            self.assertEqual(set(kinds["AUDIT_DISCLOSE"].fields), {
                "client.bsn", "client.name.own_name", "client.name.own_prefix", "envelope.sender", "envelope.message_id",
                "envelope.sent_on"})
            self.assertIn("ALREADY-REGISTERED", kinds["AUDIT_REFUSE"].rules)
            trail = b"".join(gateway.audit_events())
            for personal in (b"999900006", b"Testmeer", b"Voorbeeld", b"Proefje", b"1941-03"):
                self.assertNotIn(personal, trail)


class AtWork(unittest.TestCase):
    def test_a_gateway_under_load_is_never_taken_for_a_tampered_one(self):
        with Gateway(change=often) as gateway:
            stopped = threading.Event()

            def load(worker):
                number = 0
                while not stopped.is_set():
                    register(gateway, [f"{worker}-{number}"])
                    number += 1
            workers = [threading.Thread(target=load, args=(worker,)) for worker in range(2)]
            for worker in workers:
                worker.start()
            try:
                checkpoints = set()
                for _ in range(20):
                    status, report = gateway.audit()
                    self.assertEqual(status, 0, report)
                    checkpoints.add(report["checkpoints"])
                wait_for(lambda: gateway.audit()[1]["checkpoints"] > min(checkpoints))
            finally:
                stopped.set()
                for worker in workers:
                    worker.join()
            gateway.stop()
            status, report = gateway.audit()
            self.assertEqual((status, report["not_vouched_for"], report["newest_in_file_only"]), (0, 0, False), report)


if __name__ == "__main__":
    unittest.main()
