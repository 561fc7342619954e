"""No person in the open: after good and bad days nothing but the recipient's own mail and mailbox tells who the clients are.

Clients with random names are registered, wrongly written, mailed in vain, killed and denied disk. Then every byte that the gateway
left or said is searched for them; the same days with the seals off show that the search would find them.
"""
import contextlib
import itertools
import json
import os
import pathlib
import random
import resource
import signal
import string
import tempfile
import unittest
import urllib.parse

from grpc_peer import GrpcPeer, registration
from harness import PROGRAM, Gateway, bsns, example, run, today, wait_for
from harness import resource as resource_of
from life_cycle_test import step
from mail_route_test import patient
from person_search import Search
from relay_test import Relay, behind
from safety_hold_test import flag

UNSEALED = pathlib.Path(os.environ.get("SCHOTVRIJ_BUILD", "")) / "tests/end_to_end/schotvrij_unsealed"
CLIENTS = 16


def name():
    """Twelve letters, not all of them ASCII."""
    letters = random.choices(string.ascii_lowercase, k=12)
    letters[5] = "ë"
    return "".join(letters).capitalize()


class Person:
    def __init__(self):
        self.bsn = next(bsns(random.randrange(999_900_000, 999_999_000)))
        self.surname, self.partner, self.given = name(), name(), name()
        self.wrong_bsn = self.bsn[:-1] + str((int(self.bsn[-1]) + 1) % 10)

    def values(self):
        return [self.bsn, self.wrong_bsn, self.surname, self.partner, self.given]

    def text(self, key, bsn=None):
        """A sound registration."""
        return self.named(example(key, bsn or self.bsn))

    def named(self, message):
        """The message, of this person."""
        text = json.dumps(message, ensure_ascii=False)
        return text.replace("Testmeer", self.surname).replace("Voorbeeld", self.partner).replace("Proefje", self.given)

    def consent(self, key, status="active", until=None):
        """A consent by itself."""
        client = {"type": "Patient", "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": self.bsn}}
        given = resource_of(example(), "Consent")
        period = {**given["provision"]["period"], "end": until or today(365)}
        return {**given, "identifier": [{"system": "urn:example:consents", "value": key}], "status": status, "patient": client,
                "performer": [client], "provision": {**given["provision"], "period": period}}

    def wrong_texts(self):
        """Registrations with the person where it does not belong; all but a few are refused."""
        sound = self.text("verkeerd")
        yield self.text("verkeerd", self.wrong_bsn)
        yield sound[:sound.index(self.surname) + 20]
        yield sound.replace('"gender"', f'"{self.surname}"')
        yield sound.replace('"female"', f'"{self.surname}"')
        yield sound.replace("1941-03-07", self.bsn)
        yield sound.replace('"official"', f'"{self.given}"')
        yield sound.replace("NL4", self.partner)
        yield sound.replace('"code": "register"', f'"code": "{self.surname}"')
        yield sound.replace("humanname-own-name", self.surname)
        yield sound.replace("urn:example:provider:registrations", f"urn:{self.surname}")
        yield sound.replace('"value": "ede"', f'"value": "{self.surname}"')
        yield sound.replace("0228", self.bsn)
        yield sound.replace('"value": "verkeerd"', f'"value": "{self.bsn}"')
        yield sound.replace("5e02", self.bsn)
        yield sound.replace('"reference": "urn:uuid:', f'"reference": "Patient/{self.bsn}')
        yield sound.replace('"family"', '"given"')
        yield sound.replace('"url": "Task"', f'"url": "Task/{self.surname}"')
        yield sound.replace('"resourceType": "Consent"', f'"resourceType": "{self.surname}"')
        yield json.dumps(self.surname)
        yield self.surname * 1000


class Days:
    """What a gateway went through, and all that was left or said in the open: (where, bytes)."""

    def __init__(self, mail, program=PROGRAM, change=patient):
        self.people = [Person() for _ in range(CLIENTS)]
        self.unused = iter(self.people)
        self.keys = itertools.count()
        self.registered, self.open, self.files = [], [], {}
        with tempfile.TemporaryDirectory(prefix="schotvrij-days-") as folder:
            self.temporary = pathlib.Path(folder, "temporary")
            self.temporary.mkdir()
            untouched = self.temporary.stat().st_mtime_ns
            self.messages = pathlib.Path(folder)
            self.environment = {**os.environ, "TMPDIR": str(self.temporary)}
            with Gateway(mail=mail, change=change, environment={"TMPDIR": str(self.temporary)}, program=str(program),
                         popen={"restore_signals": False}) as self.gateway:  # SIGXFSZ stays ignored: a full disk is told as such
                self.live(mail)
            self.temporary_files = self.temporary.stat().st_mtime_ns != untouched

    def live(self, mail):
        self.good()
        self.life_of_registrations()
        self.consents_and_holds()
        self.sheets()
        self.bad_messages()
        self.bad_xml()
        self.bad_requests()
        self.commands()
        if mail is True:
            self.mail_fails()
        self.look()
        run("reload", "--home", self.gateway.home)
        self.full_disk()
        self.look()
        self.register(next(self.unused))
        self.gateway.stop(signal.SIGKILL)
        self.look()
        self.gateway.start()
        self.register(next(self.unused))
        if mail:
            wait_for(lambda: self.gateway.query("SELECT count(*) FROM delivery WHERE state = 1") == [(0,)])
        self.look()
        self.gateway.stop()
        self.look()

    def note(self, where, said):
        self.open.append((where, said if isinstance(said, bytes) else str(said).encode()))

    def note_file(self, path):
        """What it holds; of one that only grew, what is new and a little before it."""
        now, before = path.read_bytes(), self.files.get(path, b"")
        self.files[path] = now
        self.note(path.name, now[max(0, len(before) - 200):] if now.startswith(before) else now)

    def ask(self, party, method, path, body=None, headers=None):
        """Notes what is answered; returns the status."""
        status, _ = self.gateway.fhir(party, method, path, body, headers)
        self.note(f"answer to {party} {method}", self.gateway.text + repr(self.gateway.headers).encode())
        return status

    def register(self, person):
        status = self.ask("opella", "POST", "/fhir", person.text(f"aanmelding-{next(self.keys)}"))
        assert status == 200, (status, self.gateway.text)
        self.registered.append(person)

    def good(self):
        self.register(next(self.unused))
        self.register(next(self.unused))
        person = next(self.unused)
        request = registration("aanmelding-grpc", person.bsn)
        request.client.name.own_name = person.surname
        with GrpcPeer(self.gateway, "opella") as peer:
            said = peer.register(request)
            assert said.code == "OK", said
            self.registered.append(person)
            self.note("gRPC", said)
            for _ in range(2):
                request.request_id = person.bsn
                self.note("gRPC", peer.register(request))
                request.client.bsn, request.client.name.own_prefix = person.wrong_bsn, person.surname * 500
        self.note("mailbox of another", json.dumps(self.gateway.mailbox("menzis")))

    def step(self, person, code, **how):
        body = person.named(step(code, f"stap-{next(self.keys)}", person.bsn, **how))
        status = self.ask("opella", "POST", "/fhir", body)
        assert status == 200, (code, self.gateway.text)

    def answer(self, status, reason=None):
        """What its recipient says of what was sent last."""
        ((delivery,),) = self.gateway.query("SELECT delivery_id FROM delivery WHERE recipient = 'gemeente-ede' ORDER BY number DESC LIMIT 1")
        if self.gateway.smtp:
            wait_for(lambda: self.gateway.query("SELECT state FROM delivery WHERE delivery_id = ?", delivery) == [(3,)])
        said, outcome = self.gateway.answer("gemeente-ede", delivery, status, reason)
        assert said == 200, outcome
        self.note("answer to an answer", self.gateway.text + repr(self.gateway.headers).encode())
        self.ask("opella", "POST", "/fhir/Task/_search", "")  # the receipt

    def life_of_registrations(self):
        """Each step, each kind of answer."""
        person, other = next(self.unused), next(self.unused)
        self.register(person)
        self.answer("accepted")
        self.step(person, "amend", surname=other.surname)
        self.answer("accepted")
        self.step(person, "end", reason="moved")
        self.answer("accepted")
        self.step(person, "reopen")
        self.answer("rejected", "no-longer-in-pilot")
        self.step(person, "withdraw")
        self.answer("accepted")
        for code in ("amend", "end", "reopen", "withdraw"):
            assert self.ask("opella", "POST", "/fhir", person.named(step(code, f"te-laat-{code}", other.bsn))) >= 400
        self.register(other)
        self.answer("rejected", "not-resident")

    def consents_and_holds(self):
        """Consent that is given, refused, run out and withdrawn; safety holds that are set, asked for and lifted."""
        person = next(self.unused)
        post = lambda kind, body: self.ask("opella", "POST", f"/fhir/{kind}", body)
        assert post("Consent", person.consent("gegeven")) == 201, self.gateway.text
        self.register(person)
        self.answer("accepted")
        assert post("Consent", person.consent(person.surname * 100)) >= 400
        assert post("Consent", person.consent("verlopen", until=today(-1))) in (201, 422), self.gateway.text
        hold = lambda key, **how: flag(key, subject={"identifier": person.consent("x")["patient"]["identifier"]}, **how)
        assert post("Flag", hold("stop")) == 201, self.gateway.text
        self.step(person, "amend")  # waits
        for words in (("list",), ("list", "--json"), ("check",)):
            done = run("hold", *words, "--home", self.gateway.home, input=person.bsn + "\n", check=False)
            self.note("command hold", done.stdout + done.stderr)
        self.look()
        assert post("Flag", hold("opgeheven", status="inactive")) == 201, self.gateway.text
        assert post("Flag", hold(person.surname * 100)) >= 400
        self.answer("accepted")
        for key in ("gegeven", "ingetrokken"):
            assert post("Consent", person.consent(key, status="inactive")) in (201, 200), self.gateway.text

    def sheets(self):
        for party in ("opella", "gemeente-ede"):
            for option in ((), ("--json",)):
                done = run("day-sheet", "--home", self.gateway.home, "--as", party, *option)
                assert "registration" in done.stdout, done.stdout
                self.note("command day-sheet", done.stdout + done.stderr)

    def bad_messages(self):
        person = next(self.unused)
        statuses = [self.ask("opella", "POST", "/fhir", text) for text in person.wrong_texts()]
        assert sum(status >= 400 for status in statuses) > len(statuses) - 4, statuses
        if 200 in statuses:
            self.registered.append(person)
        # The same client again, under the same key and under another, by another name.
        first = self.registered[0]
        for key in ("aanmelding-0", "andere-sleutel"):
            assert self.ask("opella", "POST", "/fhir", person.text(key, first.bsn)) == 409

    def bad_xml(self):
        """A person in each place of an XML message where its reader stumbles."""
        surname, bsn = self.registered[0].surname, self.registered[0].bsn
        for before, inner in (("", f"<{surname}>{bsn}</{surname}>"), ("", f"<{surname} b='{bsn}' b='{bsn}'/>"), ("", f"&{surname};"),
                              ("", f"<?{surname} {bsn}?>"), ("", f"<x:{surname} xmlns:x='urn:{bsn}'/>"), ("", f"<{surname}:x b='{bsn}'/>"),
                              ("", f"<name value='{surname} {bsn}'"), ("", f"<id value='{surname}'/><id value='{bsn}'/>"),
                              (f"<!DOCTYPE {surname} SYSTEM '{bsn}'>", ""), (f"<?xml version='1.0' encoding='{surname}'?>", ""),
                              (f"<?xml version='{surname}'?>", ""), (f"{surname} {bsn}", "")):
            status = self.ask("opella", "POST", "/fhir", f"{before}<Patient xmlns='http://hl7.org/fhir'>{inner}</Patient>",
                              {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+json"})
            assert status == 400, (before, inner, self.gateway.text)

    def bad_requests(self):
        person = self.registered[0]
        surname, bsn = urllib.parse.quote(person.surname), person.bsn
        for party in ("opella", "menzis"):
            for path in (f"/fhir/Patient/{bsn}", f"/fhir/Patient?identifier={bsn}", f"/fhir/Task?{surname}=1", f"/{surname}",
                         f"/fhir/{surname}/_search"):
                self.ask(party, "GET", path)
            self.ask(party, "POST", "/fhir/Patient/_search", f"identifier=http://fhir.nl/fhir/NamingSystem/bsn|{bsn}")
            self.ask(party, "POST", "/fhir/Patient/_search", f"name={surname}&{bsn}={surname}")
            self.ask(party, "PUT", f"/fhir/Task/{bsn}", {"resourceType": "Task", "id": bsn, "status": person.given})
            self.ask(party, surname, "/fhir")
            self.ask(party, "POST", "/fhir", person.text("x"), {"Content-Type": f"text/{surname}"})
            self.ask(party, "POST", "/fhir", person.text("y"), {"Accept": f"{surname}/{bsn}", "X-Request-Id": bsn, "Prefer": surname})
            raw = f"GET /{person.surname} HTTP/1.1\r\nHost: {bsn}\r\n{person.surname}: {bsn}\r\n\r\n".encode()
            self.note("answer to raw bytes", self.gateway.raw(party, raw))
            self.note("answer to raw bytes", self.gateway.raw(party, f"{person.surname} {bsn}\r\n\r\n".encode()))
        self.note("admin", self.gateway.admin("GET", f"/{surname}?{bsn}"))
        with GrpcPeer(self.gateway, "menzis") as peer:
            self.note("gRPC", peer.register(person.text("z").encode()))
            self.note("gRPC", peer.register(registration(person.surname, person.bsn)))

    def commands(self):
        """The command line, which masks unless it is told to reveal."""
        person = next(self.unused)
        texts = {"good": person.text("van-de-opdrachtregel"), "wrong": person.text("fout", person.wrong_bsn),
                 "cut": person.text("half")[:2000]}
        for kind, text in texts.items():
            file = self.messages / kind
            file.write_text(text)
            at_home = ("--home", self.gateway.home, "--as", "opella")
            for words in (("submit", *at_home, file), ("submit", "--json", *at_home, file), ("validate", "--format", "fhir-json", file),
                          ("decode", "--format", "fhir-json", file)):
                done = run(*words, check=False, env=self.environment)
                self.note(f"command {words[0]}", done.stdout + done.stderr)
        self.registered.append(person)
        for party in ("opella", "gemeente-ede"):
            for option in ((), ("--json",)):
                done = run("mailbox", "list", "--home", self.gateway.home, "--as", party, *option, check=False, env=self.environment)
                self.note("command mailbox", done.stdout + done.stderr)
        self.note("command audit", run("audit", "verify", "--home", self.gateway.home, check=False).stdout)

    def mail_fails(self):
        behaviour = self.gateway.smtp.behaviour
        log = lambda word: self.gateway.log_text().count(word)
        for word, told in (("reply 451", '"reason":"smtp-451"'), ("close", '"reason":"connection-lost"'),
                           ("reply-rcpt 550", '"stage":"dead-letter"')):
            before = log(told)
            behaviour.write_text(word + "\n")
            self.register(next(self.unused))
            wait_for(lambda: log(told) > before)
        behaviour.write_text("accept\n")

    def full_disk(self):
        """No file of the gateway may grow any more: refused for now."""
        pid = self.gateway.process.pid
        size = (self.gateway.home / "data/schotvrij.db-wal").stat().st_size
        no_limit = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, no_limit[1]))
        person = next(self.unused)
        status = self.ask("opella", "POST", "/fhir", person.text("volle-schijf"))
        assert status == 503, (status, self.gateway.text)
        self.look()
        resource.prlimit(pid, resource.RLIMIT_FSIZE, no_limit)

    def look(self):
        """Every file, every name of one, and what the system and the operator see of the process."""
        for path in pathlib.Path(self.gateway.directory).rglob("*"):
            self.note("file name", str(path))
            if path.is_file():
                self.note_file(path)
        if self.gateway.process is None:
            return
        for page in ("/metrics", "/health", "/ready"):
            self.note(page, self.gateway.admin("GET", page))
        process = pathlib.Path("/proc", str(self.gateway.process.pid))
        self.note("cmdline", (process / "cmdline").read_bytes())
        with contextlib.suppress(PermissionError):  # only root may look here
            self.note("environ", (process / "environ").read_bytes())
            for file in (process / "fd").iterdir():
                with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                    if os.readlink(file).endswith("(deleted)"):
                        self.note("deleted file", file.read_bytes())

    def found(self):
        search = Search([value for person in self.people for value in person.values()])
        return sorted({(where, *one) for where, said in self.open for one in search.found_in(said)})


class NoPersonInTheOpen(unittest.TestCase):
    def check(self, days):
        self.assertEqual(days.found(), [])
        if os.environ.get("SCHOTVRIJ_SANITIZE") != "thread":  # which makes a file of its own there
            self.assertFalse(days.temporary_files, "something was written below TMPDIR")
        places = {where for where, _ in days.open}
        for place in ("schotvrij.db", "schotvrij.db-wal", "schotvrij.db-shm", "checkpoints", "log", "/metrics", "cmdline", "https.port"):
            self.assertIn(place, places)

    def test_by_mail(self):
        days = Days(mail=True)
        self.check(days)
        self.assertTrue(any(where.endswith(".eml") for where, _ in days.open))

    @unittest.skipUnless(os.geteuid() == 0, "exim delivers into a portal of its own only when root starts it")
    def test_by_relay(self):
        relay = Relay()
        self.addCleanup(relay.stop)
        days = Days(mail=relay, change=behind(relay))
        days.note("relay's log", relay.log())
        self.check(days)

    def test_by_mailbox(self):
        self.check(Days(mail=False))

    def test_without_seals_all_of_them_are_found_in_the_database(self):
        days = Days(mail=False, program=UNSEALED)
        found = {(value, form) for where, value, form in days.found() if where.startswith("schotvrij.db")}
        for person in days.registered:
            self.assertIn((person.bsn, "plain"), found)
            self.assertIn((person.surname, "plain"), found)


if __name__ == "__main__":
    unittest.main()
