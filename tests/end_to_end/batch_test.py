"""A batch of registrations over gRPC by a client that is not ours: all of it or nothing, whatever is killed; bounded memory; how far
it is can be seen; other senders go on.

SCHOTVRIJ_BATCH_PARTS registrations, 2,000 when it is not set. How long another sender waits beside a batch: tests/bench.
"""
import os
import pathlib
import re
import signal
import subprocess
import threading
import unittest

from batch_home import SECOND, bundle, networks_for, prepare, second_registration, write_bundle
from batch_peer import BatchCall, submit
from grpc_peer import GrpcPeer, message, registration
from harness import PROGRAM, Gateway, bsns, example, run, wait_for

PARTS = int(os.environ.get("SCHOTVRIJ_BATCH_PARTS", "2000"))
RESIDENT_MIB = 200 if not os.environ.get("SCHOTVRIJ_SANITIZE") else 2000  # a sanitizer keeps what was freed, for a while
STREAMS_PER_SENDER = 16  # limits::kOpenBatchesPerSenderMax
STAGED, IN_EFFECT = 2, 4


def resident_mib(process):
    """The most it ever had."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


class OtherSender:
    """The second provider, who registers one client after the other; what it was answered."""

    def __init__(self, gateway):
        self.gateway, self.answers = gateway, []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        for n, bsn in enumerate(bsns()):
            if self.stop.is_set():
                return
            self.answers.append(self.gateway.fhir(SECOND, "POST", "/fhir", second_registration(f"los-{n}", bsn))[0])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.stop.set()
        self.thread.join()


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

    def metric(self, name):
        """Its value on the admin listener; 0 when it is not there yet."""
        found = re.search(rf"^{re.escape(name)} (\d+)", self.gateway.admin("GET", "/metrics")[1], re.MULTILINE)
        return int(found[1]) if found else 0

    def test_how_far_it_is_is_seen_while_it_runs_and_other_senders_go_on(self):
        self.start(PARTS)
        with OtherSender(self.gateway) as other, GrpcPeer(self.gateway, "opella") as peer:
            call = BatchCall(peer)
            call.header("reeks")
            half_way = os.path.getsize(self.file) * 6 // 10
            call.file(self.file, 0, half_way)
            first = next(call.answers)
            self.assertLess(first.parts, PARTS)
            self.assertGreaterEqual(self.metric('schotvrij_batch_parts_total{step="received"}'), first.parts)
            wait_for(lambda: self.metric('schotvrij_batches{state="receiving"}') == 1)
            self.assertEqual(self.metric('schotvrij_batch_parts_total{step="judged"}'), 0)
            sender = threading.Thread(target=lambda: (call.file(self.file, half_way), call.end(PARTS)))
            sender.start()
            said, refused = call.said()
            sender.join()
            self.assertIsNone(refused)
            received = [progress.parts for progress in [first, *said]]
            self.assertEqual(received, sorted(received))
            self.assertEqual((said[-1].state, said[-1].parts, said[-1].judged), (IN_EFFECT, PARTS, PARTS))
            self.assertTrue([each for each in said if each.state == STAGED], "nothing was said of its being judged")
            self.settled()
        self.assertEqual(set(other.answers), {200})
        for step in ("received", "judged", "finished"):
            self.assertEqual(self.metric(f'schotvrij_batch_parts_total{{step="{step}"}}'), PARTS)
        wait_for(lambda: self.metric('schotvrij_batches{state="in-effect"}') == 0)
        self.assertLess(resident_mib(self.gateway.process), RESIDENT_MIB)

    def test_one_registration_at_fault_of_many_refuses_all_of_them(self):
        self.start(PARTS)
        wrong = PARTS * 3 // 4
        pieces = list(bundle(PARTS))
        pieces[wrong] = re.sub(rb'"9999\d{5}"', b'"999900007"', pieces[wrong])
        pathlib.Path(self.file).write_bytes(b"".join(pieces))
        refused = submit(self.gateway, "reeks", self.file, PARTS)[1]
        self.assertEqual((refused.code, set(refused.rules)), ("INVALID_ARGUMENT", {"BSN-ELEVEN-TEST"}))
        self.assertTrue(all(field.startswith(f"part[{wrong}].Bundle") for field in refused.fields), refused.fields)
        self.assertEqual(self.mail(), 0)
        events = [message("schotvrij.v1.AuditEvent").FromString(event) for event in self.gateway.audit_events()]
        of_batch = [event for event in events if event.code >= 10]  # AUDIT_BATCH_RECEIVED and on
        self.assertEqual([event.code for event in of_batch], [10, 13], "received, refused")
        self.assertIn("BSN-ELEVEN-TEST", of_batch[-1].rules)
        self.settled()
        for table in ("client", "message", "delivery", "batch_part"):
            self.assertEqual(self.gateway.query(f"SELECT count(*) FROM {table}"), [(0,)], table)
        self.assertEqual(self.gateway.audit()[0], 0)
        # The same again: the same answer, and what was right may come by itself.
        self.assertEqual(submit(self.gateway, "reeks", self.file, PARTS)[1].rules, refused.rules)
        self.assertEqual(self.gateway.fhir("opella", "POST", "/fhir", example("los", next(bsns())))[0], 200)

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

    def test_one_sender_has_so_many_streams_and_others_have_theirs(self):
        self.start()
        with GrpcPeer(self.gateway, "opella") as peer, GrpcPeer(self.gateway, SECOND) as other:
            calls = [BatchCall(peer) for _ in range(STREAMS_PER_SENDER)]
            for number, call in enumerate(calls):
                call.header(f"nummer-{number}")
            one_more = BatchCall(peer)
            one_more.closed.set()
            self.assertEqual(one_more.said()[1].code, "RESOURCE_EXHAUSTED")
            self.assertEqual(BatchCall(other).header("een").parts, 0)
            for call in calls:
                call.closed.set()
            self.assertEqual([call.said()[1] for call in calls], [None] * len(calls))

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
