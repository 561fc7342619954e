"""Backup of a home under load, and restore: all that was acknowledged is there and goes on; what is not as it was made is refused."""
import concurrent.futures
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from grpc_peer import GrpcPeer
from harness import Gateway, bsns, example, run, wait_for

SENDERS = 4
BEFORE = 24  # registrations acknowledged before the backup begins


class Backup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="schotvrij-backup-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)
        self.clients = bsns()
        self.acknowledged = []

    def send(self, bsn):
        message = example(key=f"aanmelding-{int(bsn) % 100_000}", bsn=bsn)
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", message)
        self.assertEqual(status, 200, answer)
        self.acknowledged.append(bsn)

    def backup(self, name, part="data", **options):
        return run("backup", self.folder / name, "--home", self.gateway.home, "--part", part, check=False, **options)

    def restore(self, *names, home="new"):
        """(exit status, what it said)."""
        done = run("restore", *(self.folder / name for name in names), "--home", self.folder / home, check=False)
        return done.returncode, done.stdout + done.stderr

    def assert_refused(self, status, words, *names):
        code, said = self.restore(*names)
        self.assertEqual(code, status, said)
        self.assertIn(words, said)
        self.assertIn("nothing was restored", said)
        self.assertEqual([path.name for path in self.folder.glob("new*")], [])

    def made(self):
        """A gateway with a few registrations, stopped, and backups "data" and "keys" of it."""
        for _, bsn in zip(range(4), self.clients):
            self.send(bsn)
        self.gateway.stop()
        for part in ("data", "keys"):
            self.assertEqual(self.backup(part, part).returncode, 0)

    def test_under_load_all_that_was_acknowledged_before_is_restored_and_goes_on(self):
        end = threading.Event()
        turn = threading.Lock()

        def send_on():
            while not end.is_set():
                with turn:
                    bsn = next(self.clients)
                self.send(bsn)
        with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
            senders = [pool.submit(send_on) for _ in range(SENDERS)]
            try:
                wait_for(lambda: len(self.acknowledged) >= BEFORE)
                before = list(self.acknowledged)
                backed_up = self.backup("data")
                after = len(self.acknowledged)
            finally:
                end.set()
            for sender in senders:
                sender.result()
        self.assertEqual(backed_up.returncode, 0, backed_up.stderr)
        self.assertGreater(len(self.acknowledged), after, "the gateway went on")
        self.assertEqual(self.backup("keys", "keys").returncode, 0)
        for part in ("data", "keys"):
            subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=self.folder / part, check=True)
        self.gateway.stop()
        code, said = self.restore("data", "keys")
        self.assertEqual(code, 0, said)

        restored = Gateway.of(self.folder / "new")
        self.addCleanup(restored.close)
        with GrpcPeer(restored, "gemeente-ede") as peer:
            items = list(peer.watch(wait=False))
        found = [item.exchange.client.bsn for item in items]
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(set(before) - set(found), set())
        self.assertEqual(set(found) - set(self.acknowledged), set())
        acknowledged = run("mailbox", "ack", "--home", restored.home, "--as", "gemeente-ede", items[0].delivery_id, check=False)
        self.assertEqual(acknowledged.returncode, 0, acknowledged.stderr)
        bsn = next(self.clients)
        self.assertEqual(restored.fhir("opella", "POST", "/fhir", example(key="na-herstel", bsn=bsn))[0], 200)
        # The sender of one that was acknowledged repeats it: the same answer, no second effect.
        again = example(key=f"aanmelding-{int(before[0]) % 100_000}", bsn=before[0])
        self.assertEqual(restored.fhir("opella", "POST", "/fhir", again)[0], 200)
        with GrpcPeer(restored, "gemeente-ede") as peer:
            self.assertEqual(len(list(peer.watch(wait=False))), len(items))
        self.assertEqual(restored.audit()[0], 0)

    def test_keys_are_in_the_backup_of_the_keys_only(self):
        self.made()
        home = self.gateway.home
        secrets = [(home / "keys/kek.hex").read_bytes().strip(), (home / "keys/index.hex").read_bytes().strip(), b"PRIVATE KEY"]
        held = {part: b"".join(path.read_bytes() for path in (self.folder / part).rglob("*") if path.is_file())
                for part in ("data", "keys")}
        for secret in secrets:
            self.assertNotIn(secret, held["data"])
            self.assertIn(secret, held["keys"])
        self.assertNotIn(b"SQLite format 3", held["keys"])
        for path in (self.folder / "keys").rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)
        self.assert_refused(2, "keys/kek.hex", "data")
        self.assertIn("guard it", self.backup("both", "all").stdout)
        self.assertEqual(self.restore("both")[0], 0)

    def test_a_backup_that_was_touched_is_refused(self):
        self.made()

        def flip(path):
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)
        touches = {
            "a byte": lambda copy: flip(copy / "home/data/schotvrij.db"),
            "what it says of itself": lambda copy: flip(copy / "about"),
            "a file more": lambda copy: (copy / "home/policy/more.txtpb").write_text(""),
            "a file less": lambda copy: (copy / "home/enrolment.conf").unlink(),
        }
        for touch in touches.values():
            shutil.copytree(self.folder / "data", self.folder / "touched")
            touch(self.folder / "touched")
            self.assert_refused(1, "is not as it was made", "touched", "keys")
            shutil.rmtree(self.folder / "touched")
        shutil.copytree(self.folder / "data", self.folder / "touched")
        (self.folder / "touched/SHA256SUMS").unlink()
        self.assert_refused(1, "no whole backup", "touched", "keys")

    def test_who_mends_the_sums_as_well_is_found_out_by_the_audit_trail(self):
        self.made()
        sums = "find about home -type f -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS"
        last = "WHERE sequence = (SELECT max(sequence) FROM audit)"
        for sql, words in ((f"UPDATE audit SET event = CAST('x' AS BLOB) {last}", "not whole"),
                           (f"DELETE FROM audit {last}", "does not end where")):
            shutil.copytree(self.folder / "data", self.folder / "touched")
            base = sqlite3.connect(self.folder / "touched/home/data/schotvrij.db", isolation_level=None)
            base.execute(sql)
            base.execute("PRAGMA journal_mode = DELETE")
            base.close()
            subprocess.run(["bash", "-c", sums], cwd=self.folder / "touched", check=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
            self.assert_refused(1, words, "touched", "keys")
            shutil.rmtree(self.folder / "touched")

    def test_nothing_that_is_there_is_overwritten(self):
        self.made()
        again = self.backup("data")
        self.assertEqual(again.returncode, 2)
        self.assertIn("is there already", again.stderr)
        (self.folder / "new").mkdir()
        code, said = self.restore("data", "keys")
        self.assertEqual(code, 2, said)
        self.assertEqual(list((self.folder / "new").iterdir()), [])
        inside = run("backup", self.gateway.home / "backup", "--home", self.gateway.home, check=False)
        self.assertEqual(inside.returncode, 2)

    def test_a_backup_that_was_cut_short_never_looks_whole(self):
        for _, bsn in zip(range(4), self.clients):
            self.send(bsn)
        killed = self.backup("data", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, 64 << 10)))
        self.assertEqual(killed.returncode, -signal.SIGXFSZ)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["data.unfinished"])
        self.assert_refused(1, "no whole backup", "data.unfinished", "data.unfinished")
        self.assertEqual(self.backup("data").returncode, 0)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["data"])


if __name__ == "__main__":
    unittest.main()
