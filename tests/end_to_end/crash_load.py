"""Clients that keep a gateway busy and remember what they were told.

    load = Load(gateway, connections=24)
    load.begin(fresh=24, repeats=0)   # a life of the gateway
    ...
    lost = await load.end()           # after its death: requests that were under way and got no answer
"""
import asyncio
import collections
import json
import random

from harness import FHIR, bsns, example


class Request:
    """One thing that is asked, in the same bytes each time, and what it was answered first."""

    def __init__(self, party, method, path, body):
        self.party = party
        self.bytes = (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FHIR}\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        self.answer = None
        self.lost = False  # a gateway died on it


class Load:
    def __init__(self, gateway, connections):
        self.gateway, self.connections = gateway, connections
        self.clients = bsns()
        self.template = json.dumps(example(key="KEY", bsn="999900006"))
        self.registrations = {}               # bsn → Request
        self.answers = {}                     # delivery id → Request of the municipality
        self.acknowledged = []                # registrations that were answered, once each
        self.wrong = []                       # answers that should not have been
        self.waiting = {"opella": collections.deque(), "gemeente-ede": collections.deque()}
        self.later = []                       # for the next life
        self.under_way = {}                   # connection → Request
        self.fresh = self.repeats = 0
        self.over = True
        self.answered_at = 0.0
        self.moved = asyncio.Condition()

    def new_registration(self):
        bsn = next(self.clients)
        body = self.template.replace("KEY", f"aanmelding-{int(bsn) - 999_900_000}").replace("999900006", bsn).encode()
        self.registrations[bsn] = request = Request("opella", "POST", "/fhir", body)
        return request

    def new_answer(self, delivery_id):
        """The municipality will accept this delivery."""
        task = {"resourceType": "Task", "id": delivery_id, "status": "accepted", "intent": "order",
                "code": {"coding": [{"system": "urn:schotvrij:codesystem:task", "code": "register"}]}}
        self.answers[delivery_id] = request = Request("gemeente-ede", "PUT", f"/fhir/Task/{delivery_id}", json.dumps(task).encode())
        self.waiting["gemeente-ede"].append(request)

    def begin(self, fresh, repeats):
        self.over, self.fresh, self.repeats = False, fresh, repeats
        for request in self.later:
            self.waiting[request.party].append(request)
        self.later = []
        parties = ["opella"] * self.connections + ["gemeente-ede"]
        contexts = {party: self.gateway.tls(party) for party in set(parties)}
        self.tasks = [asyncio.create_task(self.work(party, contexts[party])) for party in parties]

    async def allow(self, fresh=0, repeats=0):
        async with self.moved:
            self.fresh, self.repeats = fresh, repeats
            self.moved.notify_all()

    async def end(self):
        async with self.moved:
            self.over = True
            self.moved.notify_all()
        await asyncio.gather(*self.tasks)
        lost, self.under_way = list(self.under_way.values()), {}
        for request in lost:
            if request.answer is None:
                request.lost = True
                self.later.append(request)
        return lost

    @property
    def settled(self):
        """Whether no registration of an earlier life waits for its answer."""
        return not self.waiting["opella"] and not any(
            request.lost and request.answer is None and request.party == "opella" for request in self.under_way.values())

    def is_quiet(self):
        """Whether no answer came for a while: there may be none left on its way to us."""
        return asyncio.get_running_loop().time() - self.answered_at > 0.02

    async def next_request(self, party):
        async with self.moved:
            while not self.over:
                if self.waiting[party]:
                    return self.waiting[party].popleft()
                if party == "opella" and self.fresh > 0:
                    self.fresh -= 1
                    return self.new_registration()
                if party == "opella" and self.repeats > 0 and self.acknowledged:
                    self.repeats -= 1
                    return random.choice(self.acknowledged)
                await self.moved.wait()
        return None

    async def work(self, party, context):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.gateway.https_port, ssl=context, server_hostname="localhost")
        try:
            while (request := await self.next_request(party)) is not None:
                self.under_way[writer] = request
                writer.write(request.bytes)
                status, body = await self.read_answer(reader)
                self.answered_at = asyncio.get_running_loop().time()
                del self.under_way[writer]
                self.take(request, status, body)
        except (OSError, EOFError):
            pass  # the gateway is gone
        finally:
            writer.close()

    @staticmethod
    async def read_answer(reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.partition("content-length:")[2].split()[0])
        return int(head.split()[1]), await reader.readexactly(size)

    def take(self, request, status, body):
        if status == 404 and request.party == "gemeente-ede":
            self.later.append(request)  # what it answers is not known to have arrived yet
        elif status != 200 or request.answer not in (None, body):
            self.wrong.append((status, body, request.answer))
        elif request.answer is None:
            request.answer = body
            if request.party == "opella":
                self.acknowledged.append(request)
