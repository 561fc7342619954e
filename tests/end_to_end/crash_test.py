"""`kill -9` at every stage of the road, with requests and deliveries in flight: what was acknowledged is there, once.

SCHOTVRIJ_KILLS: how many kills at a stage, evenly over the stages; 24 when it is not set. One in twenty more comes at any moment.
"""
import asyncio
import collections
import os
import pathlib
import re
import signal
import struct
import tempfile
import time
import unittest

from crash_load import Load
from grpc_peer import GrpcPeer
from harness import Gateway
from held_gateway import ANSWER, BEGIN, FLUSH, HALF_MAIL, HALF_PAGE, READ_MESSAGE, Hold, Post
from mail_route_test import edit, patient
from open_mail import MailReader
from sealed_store import opened

KILLS = int(os.environ.get("SCHOTVRIJ_KILLS", "24"))
CONNECTIONS = 20
IN_FLIGHT = 16    # requests without an answer, and deliveries begun without an end, at each kill
BACKLOG = 40      # deliveries that may wait when a kill is prepared
ANSWERS = 4       # of the municipality in each life
DUE = 1           # delivery.state
SECONDS = 120


def hurried(home):
    """Neither attempts nor the pace of mail keep a delivery from being under way."""
    patient(home)
    edit(home / "schotvrij.conf", r"\nmail \{", "\nmail {\n  participant_mails_per_minute: 60000")


class Crash(unittest.TestCase):
    async def prepare(self):
        self.folder = tempfile.TemporaryDirectory(prefix="schotvrij-crash-")
        self.addCleanup(self.folder.cleanup)
        self.hold = Hold(pathlib.Path(self.folder.name, "hold"))
        self.post = Post(pathlib.Path(self.folder.name, "post"))
        await self.post.listen()
        self.gateway = Gateway(mail=self.post, change=hurried, environment=self.hold.environment)
        self.addCleanup(self.gateway.close)
        self.addCleanup(self.gateway.stop, signal.SIGKILL)  # one that is held does not hear anything else
        self.gateway.stop()
        self.load = Load(self.gateway, CONNECTIONS)

    async def until(self, look):
        """What `look` returns once it is true."""
        deadline = time.monotonic() + SECONDS
        while not (found := look()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.stage}: waited {SECONDS} s in vain, {len(self.load.under_way)} requests and "
                                   f"{len(self.begun())} deliveries under way, the log says {self.log_events()}")
            await asyncio.sleep(0.005)
        return found

    # What is seen from outside.

    def due(self):
        return dict(self.gateway.query("SELECT delivery_id, attempts FROM delivery WHERE state = ?", DUE))

    def begun(self):
        """Deliveries that were begun in this life and have not ended."""
        return [name for name, attempts in self.due().items() if attempts > self.attempts_before.get(name, 0)]

    def committed(self):
        (count,), = self.gateway.query("SELECT count(*) FROM message WHERE content_type = 'registration'")
        return count

    def log_size(self):
        return os.path.getsize(self.gateway.log.name)

    def log_events(self):
        """How often each event stands in the log of this life."""
        with open(self.gateway.log.name) as log:
            log.seek(self.log_before)
            return collections.Counter(re.findall(r'"event":"([\w-]+)"', log.read()))

    def read_without_end(self):
        """Messages that the log of this life says were read, less those it says anything further of."""
        events = self.log_events()
        return events["received"] - events["accepted"] - events["repeated"] - events["refused"]

    def is_half_written(self):
        """Whether the log of the database goes on after what counts: a frame of its present salt, beyond the last that its index
        knows (sqlite.org/walformat.html 1 and 2.1)."""
        data = self.gateway.home / "data"
        size, last = struct.unpack_from("=HI", (data / "schotvrij.db-shm").read_bytes(), 14)
        with open(data / "schotvrij.db-wal", "rb") as log:
            salt = log.read(32)[16:24]
            log.seek(32 + last * (24 + size))
            return log.read(24)[8:16] == salt

    # Each brings the gateway to a stage and returns what shows that it is there.

    async def decoded(self):
        # The log is written in pieces: one may hold the ends of all that it says were read.
        while not self.hold.has_reached(READ_MESSAGE) or self.read_without_end() <= 0:
            self.hold.arm(0)
            await self.until(lambda: not self.hold.has_reached(READ_MESSAGE))
            self.hold.arm(READ_MESSAGE)
            await self.until(lambda: self.hold.has_reached(READ_MESSAGE))
        return lambda: self.read_without_end() > 0

    async def queued(self):
        self.hold.arm(BEGIN)
        await self.until(lambda: self.hold.has_reached(BEGIN))
        before = self.committed()
        await self.until(lambda: self.read_without_end() >= IN_FLIGHT)
        return lambda: self.committed() == before

    async def in_commit(self):
        point = (HALF_PAGE, FLUSH)[self.killed[self.stage] % 2]
        self.hold.arm(point)
        await self.until(lambda: self.hold.has_reached(point))
        return self.is_half_written

    async def committed_unanswered(self):
        # First registrations are made to wait for their commit, so that there is something to answer.
        await self.queued()
        self.hold.arm(ANSWER)
        await self.until(lambda: self.hold.has_reached(ANSWER) and self.committed() > len(self.load.acknowledged))
        return lambda: self.committed() > len(self.load.acknowledged)

    async def sending(self):
        self.hold.arm(HALF_MAIL)
        self.post.gate.set()
        await self.until(lambda: self.hold.has_reached(HALF_MAIL) and self.post.in_text)
        while True:
            # Ends of those that were taken before may still be on their way to the store, and then too few are left.
            await self.until(lambda: len(self.begun()) >= IN_FLIGHT)
            self.hold.arm(HALF_MAIL | BEGIN)  # so that requests pile up
            await self.until(lambda: self.hold.has_reached(BEGIN))
            if len(self.begun()) >= IN_FLIGHT:
                return lambda: self.post.in_text
            self.hold.arm(HALF_MAIL)
            await self.until(lambda: not self.hold.has_reached(BEGIN))

    async def sent_unrecorded(self):
        self.hold.arm(BEGIN)
        await self.until(lambda: self.hold.has_reached(BEGIN))
        before = set(self.post.accepted)
        self.post.gate.set()
        unrecorded = lambda: (self.post.accepted - before) & set(self.due())
        await self.until(unrecorded)
        return unrecorded

    STAGES = (decoded, queued, in_commit, committed_unanswered, sending, sent_unrecorded)

    async def live(self, stage):
        """One life of the gateway, up to its end at `stage`, or at any moment."""
        self.stage = stage.__name__ if stage else "any moment"
        self.post.gate.set()
        self.hold.reset()
        self.log_before = self.log_size()
        self.gateway.start()
        self.hold.reset(self.gateway.https_port, self.post.port)
        self.attempts_before = self.due()
        self.load.begin(fresh=0 if self.load.registrations else CONNECTIONS, repeats=CONNECTIONS)
        for delivery in sorted(self.post.accepted - self.load.answers.keys())[:ANSWERS]:
            self.load.new_answer(delivery)
        await self.until(lambda: self.load.settled and len(self.due()) <= BACKLOG)
        # From here on nothing that is sent is said to have arrived.
        self.post.gate.clear()
        await self.load.allow(fresh=10 * CONNECTIONS)
        await self.until(lambda: len(set(self.begun()) - self.post.accepted) >= IN_FLIGHT)
        seen = await stage(self) if stage else None
        await self.until(lambda: (stage is None or self.load.is_quiet()) and
                         min(len(self.load.under_way), len(self.begun())) >= IN_FLIGHT)
        self.assertTrue(seen is None or seen(), self.stage)
        deliveries = len(self.begun())
        self.assertEqual(self.gateway.stop(signal.SIGKILL), -signal.SIGKILL)
        # An answer that was on its way to the client is one that it saw.
        requests = len(await self.load.end())
        self.assertEqual(self.load.wrong, [])
        if stage and requests >= IN_FLIGHT:
            self.killed[self.stage] += 1
            self.fewest = tuple(map(min, self.fewest, (requests, deliveries)))
        else:
            self.others += 1

    def test_what_was_acknowledged_is_there_once(self):
        asyncio.run(self.play())
        self.check_facts()
        self.check_mail()
        self.check_mailbox()
        verified, report = self.gateway.audit()
        self.assertEqual((verified, report["findings"]), (0, []))

    async def play(self):
        await self.prepare()
        self.killed, self.others, self.fewest = collections.Counter(), 0, (10**9, 10**9)
        for _ in range(KILLS // 20):
            await self.live(None)
        while sum(self.killed.values()) < KILLS:
            await self.live(min(self.STAGES, key=lambda stage: self.killed[stage.__name__]))
            self.assertLess(self.others, KILLS, "the load is too small")
        print(f"\nkills by stage: {dict(self.killed)}, and {self.others} at any moment; "
              f"in flight at least {self.fewest[0]} requests and {self.fewest[1]} deliveries")
        await self.settle()

    async def settle(self):
        """A last life, undisturbed: all is asked again until all has its answer, and everything accepted once more."""
        self.stage = "settling"
        self.post.gate.set()
        self.hold.reset()
        self.gateway.start()
        self.attempts_before = {}
        accepted = list(self.load.acknowledged)
        self.load.begin(fresh=0, repeats=0)
        await self.until(lambda: self.load.settled and not self.due())
        for request in accepted + self.load.later:
            self.load.waiting[request.party].append(request)
        self.load.later = []
        async with self.load.moved:
            self.load.moved.notify_all()
        await self.until(lambda: not any(self.load.waiting.values()) and not self.load.under_way)
        await self.load.end()
        self.assertEqual(self.load.wrong, [])
        self.assertEqual(len(self.load.acknowledged), len(self.load.registrations))
        self.assertEqual([request for request in self.load.answers.values() if request.answer is None], [])

    def check_facts(self):
        """Each client is registered, and once."""
        facts = [kept.message for kept in opened(self.gateway) if kept.place == "client.facts"]
        self.assertEqual(len(facts), len(self.load.registrations))
        self.assertEqual({len(known.registrations) for known in facts}, {1})
        self.assertEqual(self.committed(), len(self.load.registrations))

    def check_mail(self):
        """A client is told of in mails of one Message-ID, which say the same as often as they came; and in one at least."""
        reader = MailReader(self.gateway.home, "gemeente-ede")
        said = {name: {reader.open(text) for text in texts} for name, texts in self.post.seen.items()}
        self.assertEqual({name for name, letters in said.items() if len(letters) != 1}, set())
        told = collections.Counter(re.search(r"BSN: (\d+)", letter)[1] for letter, in said.values())
        self.assertEqual(told, collections.Counter(list(self.load.registrations)))
        self.assertEqual({name.partition("@")[0] for name in self.post.seen}, self.post.accepted)
        again = sum(len(texts) - 1 for texts in self.post.seen.values())
        print(f"{len(told)} registrations, {again} mails came again and said the same")
        self.assertGreater(again, 0)

    def check_mailbox(self):
        """The provider has one Receipt of each answer that the municipality gave."""
        with GrpcPeer(self.gateway, "opella") as peer:
            receipts = collections.Counter(item.exchange.receipt.about for item in peer.watch(wait=False))
        self.assertEqual(sum(receipts.values()), len(self.load.answers))
        self.assertEqual(set(receipts.values()), {1})


if __name__ == "__main__":
    unittest.main()
