"""A batch of registrations over gRPC by a client that is not ours: all of it or nothing, whatever is killed; bounded memory; other
senders hardly notice.

SCHOTVRIJ_BATCH_PARTS registrations (2,000 when it is not set). What the other sender waited, idle and beside the batch, is
printed, not judged: that depends on the machine.
"""
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import unittest

from batch_peer import SECOND, BatchCall, bundle, networks_for, prepare, second_registration, submit, write_bundle
from grpc_peer import GrpcPeer, registration
from harness import PROGRAM, Gateway, bsns, run, wait_for

PARTS = int(os.environ.get("SCHOTVRIJ_BATCH_PARTS", "2000"))
RESIDENT_MIB = 200
STAGED, IN_EFFECT = 2, 4


def resident_mib(process):
    """The most it ever had."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


class OtherSender:
    """The second provider, who registers one client after the other; how long each took."""

    def __init__(self, gateway, first):
        self.gateway, self.seconds, self.failed = gateway, [], 0
        self.stop = threading.Event()
        self.clients = bsns()
        for _ in range(first):
            next(self.clients)
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stop.is_set() and (bsn := next(self.clients, None)):
            began = time.monotonic()
            try:
                status, answer = self.gateway.fhir(SECOND, "POST", "/fhir", second_registration(f"los-{int(bsn) % 100_000}", bsn))
            except OSError:
                self.failed += 1  # the gateway was killed
                continue
            if status != 200:
                self.failed += 1
                self.answer = status, answer
                continue
            self.seconds.append(time.monotonic() - began)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.stop.set()
        self.thread.join()

    def p99_ms(self):
        return 1000 * sorted(self.seconds)[int(len(self.seconds) * 0.99)] if self.seconds else 0


class Batch(unittest.TestCase):
    def start(self, parts=1):
        self.gateway = Gateway(change=prepare(networks_for(parts)))
        self.addCleanup(self.gateway.close)
        self.file = os.path.join(self.gateway.directory, "bundle.json")
        write_bundle(self.file, parts)

    def state(self):
        """(state, whether something is left to do) of the only batch, as another program reads the store."""
        rows = self.gateway.query("SELECT state, open FROM batch")
        return rows[0] if rows else (0, 0)

    def mail(self, most=None):
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            stream = peer.watch(wait=False)
            count = 0
            for _ in stream:
                count += 1
                if count == most:
                    stream.cancel()
                    break
            return count

    def settled(self):
        wait_for(lambda: self.state()[1] == 0, 600)

    def kill(self):
        self.gateway.stop(signal.SIGKILL)
        self.gateway.start()

    def test_killed_while_it_is_received_judged_and_finished_it_is_in_effect_once_and_whole(self):
        self.start(PARTS)
        peak = 0
        # Received: the stream is cut off half-way.
        with GrpcPeer(self.gateway, "opella") as peer:
            call = BatchCall(peer)
            self.assertEqual(call.header("reeks").parts, 0)
            sender = threading.Thread(target=call.file, args=(self.file, 0))
            sender.start()
            for progress in call.answers:
                if progress.parts >= PARTS // 3:
                    break
            peak = max(peak, resident_mib(self.gateway.process))
            self.kill()
            sender.join()
        self.assertEqual(self.mail(), 0)
        with GrpcPeer(self.gateway, "opella") as peer:
            call = BatchCall(peer)
            self.assertGreaterEqual(call.header("reeks").parts, progress.parts, "what it said was received is lost")
            call.end()
        # Judged, then finished: killed as soon as the store says so.
        hit = []
        for state in (STAGED, IN_EFFECT):
            outcome = []
            sender = threading.Thread(target=lambda: outcome.append(submit(self.gateway, "reeks", self.file, PARTS)))
            sender.start()
            wait_for(lambda: self.state()[0] >= state, 600)
            if self.state() == (state, 1):
                hit.append(state)
            peak = max(peak, resident_mib(self.gateway.process))
            self.gateway.stop(signal.SIGKILL)
            sender.join()
            before = self.state()[0]
            self.gateway.start()
            if before < IN_EFFECT:
                self.assertEqual(self.mail() if self.state()[0] < IN_EFFECT else 0, 0)
            else:
                self.assertEqual(self.mail(most=1000), min(PARTS, 1000), "in effect, and not all of it is there")
        said, refused = submit(self.gateway, "reeks", self.file, PARTS)
        self.assertIsNone(refused)
        self.assertEqual((said[-1].state, said[-1].parts), (IN_EFFECT, PARTS))
        self.settled()
        peak = max(peak, resident_mib(self.gateway.process))
        (count, clients), = self.gateway.query("SELECT count(*), count(DISTINCT client_id || network) FROM delivery WHERE state = 2")
        self.assertEqual((count, clients), (PARTS, PARTS))
        self.assertEqual(self.gateway.query("SELECT count(*) FROM batch_part")[0][0], 0)
        self.assertLess(peak, RESIDENT_MIB)
        self.assertEqual(self.gateway.audit()[0], 0)
        print(f"\nbatch of {PARTS}: killed in states {hit}, resident at most {peak:.0f} MiB", flush=True)

    def test_other_senders_hardly_notice(self):
        self.start(PARTS)
        with OtherSender(self.gateway, 0) as other:
            wait_for(lambda: len(other.seconds) >= 300, 120)
        idle = other.p99_ms()
        began = time.monotonic()
        with OtherSender(self.gateway, 1000) as other:
            said, refused = submit(self.gateway, "reeks", self.file, PARTS)
            self.assertIsNone(refused)
            in_effect = time.monotonic() - began
            self.settled()
        self.assertEqual(other.failed, 0, getattr(other, "answer", ""))
        self.assertLess(resident_mib(self.gateway.process), RESIDENT_MIB)
        print(f"\nbatch of {PARTS}: in effect after {in_effect:.1f} s, finished after {time.monotonic() - began:.1f} s; the other "
              f"sender's p99 {other.p99_ms():.1f} ms beside it, {idle:.1f} ms idle ({len(other.seconds)} registrations); resident "
              f"at most {resident_mib(self.gateway.process):.0f} MiB", flush=True)
        metrics = self.gateway.admin("GET", "/metrics")[1]
        self.assertIn(f'schotvrij_batch_parts_total{{step="received"}} {PARTS}', metrics)
        self.assertIn(f'schotvrij_batch_parts_total{{step="finished"}} {PARTS}', metrics)

    def refused(self, *requests):
        """What a stream of these requests is refused for: (status, rules, fields)."""
        with GrpcPeer(self.gateway, "opella") as peer:
            call = BatchCall(peer)
            for request in requests:
                call.send(**request)
            call.closed.set()
            said = call.said()[1]
            return (said.code, said.rules, said.fields)

    def test_what_is_no_sound_batch_is_refused_and_has_no_effect(self):
        self.start(3)
        whole = b"".join(bundle(3))
        header, trailer = {"header": {"batch_key": "een"}}, {"trailer": {"exchanges": 3}}
        data = {"bundle": {"offset": 0, "data": whole}}
        order = "INVALID_ARGUMENT", ("BATCH-ORDER",)
        self.assertEqual(self.refused()[:2], order)
        self.assertEqual(self.refused(data)[:2], order)
        self.assertEqual(self.refused(header, header)[:2], order)
        self.assertEqual(self.refused(header, trailer, data)[:2], order, "something behind the trailer")
        self.assertEqual(self.refused(header, data, trailer, trailer)[:2], order)
        self.assertEqual(self.refused(header, {})[1], ("FIELD-MISSING",))
        self.assertEqual(self.refused({"header": {"batch_key": ""}})[1:], (("KEY-FORM",), ("header.batch_key",)))
        large = {"bundle": {"offset": 0, "data": b" " * (1 << 20)}}
        self.assertEqual(self.refused(header, large)[1], ("BODY-SIZE",))
        self.assertEqual(self.refused(header, {"bundle": {"offset": 0, "data": whole + b"x"}}, trailer)[1], ("JSON-SYNTAX",))
        self.assertEqual(self.mail(), 0)
        # Nothing of all that stands in the way of the batch itself, nor does a stream that was cut off.
        with GrpcPeer(self.gateway, "opella") as peer:
            call = BatchCall(peer)
            call.header("een")
            call.answers.cancel()
        self.assertEqual(submit(self.gateway, "een", self.file, 3)[1], None)
        self.assertEqual(self.mail(), 3)
        self.assertEqual(self.refused({"header": {"batch_key": "twee"}}, {"bundle": {"offset": 0, "data": whole}},
                                      {"trailer": {"exchanges": 4}}),
                         ("INVALID_ARGUMENT", ("ALREADY-REGISTERED",) * 3 + ("BATCH-COUNT",),
                          tuple(f"part[{n}].client" for n in (1, 2, 3)) + ("trailer.exchanges",)))
        self.assertEqual(self.mail(), 3)

    def test_canonical_registrations_take_the_same_road(self):
        self.start()
        with GrpcPeer(self.gateway, "opella") as peer:
            call = BatchCall(peer)
            call.header("canoniek")
            for n, bsn in zip(range(1, 4), bsns()):
                call.send(part={"sequence": n, "registration": registration(f"deel-{n}", bsn)})
            call.end(3)
            said, refused = call.said()
            self.assertIsNone(refused)
            self.assertEqual(said[-1].state, IN_EFFECT)
        self.assertEqual(self.mail(), 3)
        part = {"sequence": 1, "registration": registration("deel-1", "999900007")}
        self.assertEqual(self.refused({"header": {"batch_key": "fout"}}, {"part": part}, {"trailer": {"exchanges": 1}}),
                         ("INVALID_ARGUMENT", ("BSN-ELEVEN-TEST",), ("part[1].client.bsn",)))

    def test_the_command_line_sends_a_batch_and_goes_on_after_an_interruption(self):
        self.start(1500)
        command = [PROGRAM, "submit", "--home", str(self.gateway.home), "--as", "opella", "--batch", self.file]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as interrupted:
            for line in interrupted.stderr:
                if line.startswith("1"):
                    break
            interrupted.kill()
        self.assertRegex(line, r"^1\d\d\d registrations received\n$")
        done = run(*command[1:], check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        first = re.match(r"(\d+) registrations", done.stderr)
        self.assertGreaterEqual(int(first[1]), 1000, done.stderr)
        self.assertRegex(done.stdout, r"bundle\.json: 1500 registrations in effect, batch [0-9a-f]{32}\n$")
        again = run(*command[1:], "--json")
        self.assertRegex(again.stdout, r'^{"batch":"[0-9a-f]{32}","registrations":1500}\n$')
        self.assertEqual(self.mail(), 1500)
        pathlib.Path(self.file).write_text(pathlib.Path(self.file).read_text().replace("999900006", "999900007"))
        wrong = run(*command[1:], check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("none of it is in effect", wrong.stdout)
        self.assertIn("BSN-ELEVEN-TEST part[1].Bundle", wrong.stdout)
        self.assertEqual(run(*command[1:-1], "nowhere.json", check=False).returncode, 2)
        self.assertEqual(run(*command[1:-1], "-", check=False).returncode, 2, "standard input needs a key")


if __name__ == "__main__":
    unittest.main()
