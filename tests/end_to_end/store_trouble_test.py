"""A full disk, a locked database, a killed process: refused so that it can be sent again, and nothing acknowledged is lost."""
import collections
import concurrent.futures
import signal
import subprocess
import sys
import time
import unittest

from grpc_peer import GrpcPeer, registration
from harness import Gateway, bsns, example, rules, wait_for

# Holds the write lock of a database from the line "locked" until its standard input ends.
LOCKER = """
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
base.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
base.execute("ROLLBACK")
"""
LOCKED_SECONDS = 30
KILLS = 4
SENDERS = 8


class Trouble(unittest.TestCase):
    """One gateway a test; remembers what was acknowledged."""

    gateway = None

    def start(self, change=None):
        self.addCleanup(lambda: self.gateway and self.gateway.close())
        self.gateway = Gateway(change=change)
        self.clients = bsns()
        self.acknowledged = []

    def send(self, bsn):
        """(status, answer); (None, None) when the connection was lost."""
        try:
            status, answer = self.gateway.fhir("opella", "POST", "/fhir", example(key=f"aanmelding-{int(bsn) % 100_000}", bsn=bsn))
        except OSError:
            return None, None
        if status == 200:
            self.acknowledged.append(bsn)
        return status, answer

    def assert_refused_for_now(self, status, answer):
        """Told to send the same again, and when."""
        self.assertEqual((status, rules(answer)), (503, ["STORE-UNAVAILABLE"]), answer)
        self.assertGreater(int({name.lower(): text for name, text in self.gateway.headers.items()}["retry-after"]), 0)

    def assert_alive(self):
        self.assertIsNone(self.gateway.process.poll())
        self.assertEqual(self.gateway.admin("GET", "/health")[0], 200)

    def assert_all_found(self, may_be_found=()):
        """The municipality has each acknowledged registration once, and no other but those of `may_be_found`."""
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            found = collections.Counter(item.exchange.client.bsn for item in peer.watch(wait=False))
        self.assertEqual({bsn: times for bsn, times in found.items() if times != 1}, {})
        self.assertEqual(set(self.acknowledged) - set(found), set())
        self.assertEqual(set(found) - set(self.acknowledged) - set(may_be_found), set())
        verified, report = self.gateway.audit()
        self.assertEqual((verified, report["findings"]), (0, []), report)


class FullDisk(Trouble):
    def mount(self, home):
        """A disk of 8 MiB under the database, three quarters of it taken by somebody else."""
        self.disk = home / "data"
        self.disk.mkdir(exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(self.disk)], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(self.unmount)
        self.filler = self.disk / "filler"
        self.filler.write_bytes(bytes(6 << 20))

    def unmount(self):
        if self.gateway:
            self.gateway.stop()
        subprocess.run(["umount", str(self.disk)], check=True)

    def send_until_refused(self):
        """The client whose registration was refused for now."""
        for bsn in self.clients:
            status, answer = self.send(bsn)
            if status != 200:
                self.assert_refused_for_now(status, answer)
                return bsn

    def test_registrations_are_refused_for_now_while_the_disk_is_full(self):
        self.start(self.mount)
        self.send_until_refused()
        self.assertGreater(len(self.acknowledged), 0)
        # What the refused one left half-written is room for a smaller one; so until nothing is left at all.
        for _ in range(3):
            bsn = self.send_until_refused()
            self.assert_alive()
        with GrpcPeer(self.gateway, "opella") as peer:
            while (refused := peer.register(registration(bsn=bsn))).code == "OK":
                self.acknowledged.append(bsn)
                bsn = next(self.clients)
        self.assertEqual((refused.code, refused.rules), ("UNAVAILABLE", ("STORE-UNAVAILABLE",)))
        self.assertGreater(refused.retry_seconds, 0)

        self.filler.unlink()
        status, answer = self.send(bsn)
        self.assertEqual(status, 200, answer)
        self.assert_all_found()
        self.gateway.stop()
        self.gateway.start()
        self.assert_all_found()


class LockedDatabase(Trouble):
    def test_registrations_are_refused_for_now_while_another_process_holds_the_database(self):
        self.start()
        for _ in range(3):
            self.assertEqual(self.send(next(self.clients))[0], 200)
        locker = subprocess.Popen([sys.executable, "-c", LOCKER, str(self.gateway.home / "data/schotvrij.db")],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(locker.stdout.readline(), "locked\n")
            until = time.monotonic() + LOCKED_SECONDS
            refused = []
            # What is read leaves an event first, and so is not shown either.
            self.assert_refused_for_now(*self.gateway.fhir("gemeente-ede", "POST", "/fhir/Task/_search", ""))
            # What is known needs no writing.
            self.assertEqual(self.send(self.acknowledged[0])[0], 200)
            self.acknowledged.pop()
            while time.monotonic() < until:
                refused.append(next(self.clients))
                self.assert_refused_for_now(*self.send(refused[-1]))
                self.assert_alive()
        finally:
            locker.communicate()
        self.assertEqual(locker.returncode, 0)
        for bsn in refused:
            status, answer = self.send(bsn)
            self.assertEqual(status, 200, answer)
        self.assert_all_found()


class Killed(Trouble):
    def test_kill_during_load_loses_nothing_acknowledged_and_delivers_nothing_twice(self):
        self.start()
        unanswered = []
        for _ in range(KILLS):
            enough = len(self.acknowledged) + 3 * SENDERS
            with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
                sending = {pool.submit(self.send, bsn): bsn for bsn, _ in zip(self.clients, range(30 * SENDERS))}
                wait_for(lambda: len(self.acknowledged) >= enough)
                self.gateway.stop(signal.SIGKILL)
            unanswered += [bsn for done, bsn in sending.items() if done.result()[0] is None]
            self.gateway.start()
            self.assert_all_found(may_be_found=unanswered)
        self.assertGreater(len(unanswered), 0)
        # Who had no answer sends the same again, and learns what became of it.
        for bsn in unanswered:
            status, answer = self.send(bsn)
            self.assertEqual(status, 200, answer)
        self.assert_all_found()


if __name__ == "__main__":
    unittest.main()
