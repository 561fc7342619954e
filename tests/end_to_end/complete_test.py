"""R54: in a production home nothing real flows before a participant's checklist is complete and a test message made the round trip by
its route; the test message is about nobody."""
import contextlib
import json
import re
import sqlite3
import unittest

import grpc

from grpc_peer import GrpcPeer, refusal
from harness import Gateway, decrypt, example, rules, run, wait_for
from mail_home import CITY, MailHome
from mail_route_test import edit, patient
from production_home import production

MANDATE = 'mandate { document: "besluit 2026-114" signed_on: "2026-01-01" }'
SIGNATURE = 'signature { agreement: "2024" by: "bestuurder" on: "2024-01-01" }'
PARTIES = ("opella", "gemeente-ede", "menzis")
CITY_KEY = "gemeente-ede"
OUTSIDE = "123456782"  # the example of every textbook, and of nobody
# What is taken away of the municipality's, from which file, and how the checklist calls it.
MISSING = (("enrolment.conf", re.escape(MANDATE), "mandate"), ("policy/ede.txtpb", re.escape(SIGNATURE), "signature"),
           ("policy/ede.txtpb", r"contact \{[^\n]*@gemeente-ede\.example[^\n]*", "contact"),
           ("policy/ede.txtpb", r"deputy \{[^\n]*@gemeente-ede\.example[^\n]*", "deputy"),
           ("policy/ede.txtpb", r"mailbox \{[^\n]*@gemeente-ede\.example[^\n]*", "mailbox"),
           ("enrolment.conf", r"identifier \{\s*system: \"cbs\"\s*value: \"0228\"\s*\}", "identifier"))


def complete(home):
    """All that the documents need for real traffic."""
    for file, line in (("enrolment.conf", MANDATE), ("policy/ede.txtpb", SIGNATURE)):
        text, count = re.subn(rf'( *)(key: "({"|".join(PARTIES)})"\n)', rf"\1\2\1{line}\n", (home / file).read_text())
        assert count == len(PARTIES), (file, count)
        (home / file).write_text(text)


def both(home):
    complete(home)
    production(home)


class Complete(unittest.TestCase):
    def gateway(self, **how):
        gateway = Gateway(**how)
        self.addCleanup(gateway.close)
        return gateway

    def check(self, gateway, party, *options, ends=0):
        """States of the items by name, and the text of the round trip's."""
        done = run("participant", "check", party, "--home", gateway.home, "--json", *options, check=False)
        self.assertEqual(done.returncode, ends, done.stdout + done.stderr)
        items = json.loads(done.stdout)["items"]
        text = next((f'{item["text"]}; {item["remedy"]}' for item in items if item["item"] == "round-trip"), "")
        return {item["item"]: item["state"] for item in items if item["state"] != "ok"}, text

    def refused(self, gateway, party):
        """Nothing is taken from it, and it receives nothing."""
        asks = [("POST", "/fhir/Task/_search", ""), ("GET", "/fhir/Task/1", None)]
        if party == "opella":
            asks.append(("POST", "/fhir", example(bsn=OUTSIDE)))
        for method, path, body in asks:
            status, outcome = gateway.fhir(party, method, path, body)
            self.assertEqual((status, rules(outcome)), (403, ["CALLER-INCOMPLETE"]), path)
        with GrpcPeer(gateway, party) as peer:
            for ask in (lambda: list(peer.watch(wait=False)), lambda: peer.call("MailboxService", "DaySheet"),
                        lambda: peer.call("MailboxService", "Acknowledge", delivery_ids=["1"]),
                        lambda: peer.call("MailboxService", "Answer", delivery_id="1", state="ACCEPTED", request_id="a")):
                with self.assertRaises(grpc.RpcError) as error:
                    ask()
                said = refusal(error.exception)
                self.assertIn(said.rules, (("CALLER-INCOMPLETE",), ("ANSWER-UNKNOWN",)), said)

    def test_r54_nothing_real_flows_before_a_test_message_came_back(self):
        gateway = self.gateway(change=both)
        for party in PARTIES:
            self.refused(gateway, party)
        self.assertEqual(self.check(gateway, CITY_KEY, ends=1),
                         ({"round-trip": "missing"},
                          "no test message went to its mailbox; run `schotvrij participant check gemeente-ede --round-trip`"))
        self.refused(gateway, CITY_KEY)
        for _ in range(2):  # a second does not begin while one is under way
            self.assertIn("not acknowledged yet", self.check(gateway, CITY_KEY, "--round-trip", ends=1)[1])
            (task,) = gateway.mailbox(CITY_KEY)
        self.assertEqual(task["code"]["coding"][0]["code"], "trial")
        self.assertNotIn("for", task)
        self.assertEqual(gateway.mailbox(CITY_KEY, "Patient"), [])
        self.assertEqual(gateway.fhir(CITY_KEY, "GET", f"/fhir/Patient/{task['id']}")[0], 404)
        status, outcome = gateway.fhir("opella", "PUT", f"/fhir/Task/{task['id']}", {**task, "status": "received"})
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-INCOMPLETE"]), "it is another's")
        self.assertEqual(gateway.answer(CITY_KEY, task["id"], "received")[0], 200)
        self.assertEqual(self.check(gateway, CITY_KEY), ({}, "a test message went to its mailbox and came back acknowledged; "))
        self.assertEqual(gateway.mailbox(CITY_KEY, parameters="status=requested"), [])
        self.refused(gateway, "opella")
        self.check(gateway, "opella", "--round-trip", ends=1)
        with GrpcPeer(gateway, "opella") as peer:
            (item,) = peer.watch(wait=False)
            self.assertEqual(item.exchange.WhichOneof("content"), "trial")
            self.assertFalse(item.exchange.HasField("client"))
            peer.call("MailboxService", "Answer", delivery_id=item.delivery_id, state="ACCEPTED", request_id="proef")
            peer.call("MailboxService", "Answer", delivery_id=item.delivery_id, state="ACCEPTED", request_id="proef")
        self.assertEqual(gateway.stop(), 0)
        gateway.start()
        self.check(gateway, "opella")
        # All that is in the way now is that the tests have no client of whom this would be real.
        status, outcome = gateway.fhir("opella", "POST", "/fhir", example())
        self.assertEqual(rules(outcome), ["BSN-TEST"], outcome)
        self.assertEqual(gateway.audit()[1]["findings"], [])

    def test_r54_nor_while_anything_of_the_checklist_is_missing(self):
        gateway = self.gateway(change=both)
        self.check(gateway, CITY_KEY, "--round-trip", ends=1)
        (task,) = gateway.mailbox(CITY_KEY)
        self.assertEqual(gateway.answer(CITY_KEY, task["id"], "accepted")[0], 200)
        for name, pattern, item in MISSING:
            with self.subTest(item):
                file = gateway.home / name
                before = file.read_text()
                block = re.search(rf'(participant|party) \{{[^{{]*key: "{CITY_KEY}".*?\n *\}}\n(?=\s*(participant|party|#|$))', before, re.S).group()
                file.write_text(before.replace(block, re.sub(pattern, "", block)))
                self.assertNotEqual(file.read_text(), before)
                self.assertIn("gemeente-ede is kept out until it is complete", run("reload", "--home", gateway.home).stdout)
                self.assertEqual(self.check(gateway, CITY_KEY, ends=1)[0], {item: "missing"})
                self.assertEqual(gateway.send(CITY_KEY, "POST", "/fhir/Task/_search", "status=requested")[0], 403)
                file.write_text(before)
                run("reload", "--home", gateway.home)
                self.assertEqual(gateway.send(CITY_KEY, "POST", "/fhir/Task/_search", "status=requested")[0], 200)

    def test_r54_a_test_message_comes_from_the_gateway_only(self):
        gateway = self.gateway()
        forged = example()
        next(entry["resource"] for entry in forged["entry"] if entry["resource"]["resourceType"] == "Task")["code"] = {
            "coding": [{"system": "urn:schotvrij:codesystem:task", "code": "trial"}]}
        status, outcome = gateway.fhir("opella", "POST", "/fhir", forged)
        self.assertEqual((status, rules(outcome)), (422, ["TASK-CODE"]), outcome)
        self.assertEqual(gateway.mailbox(CITY_KEY), [])

    def test_r54_in_a_test_home_what_is_missing_is_a_warning(self):
        gateway = self.gateway()
        states, _ = self.check(gateway, CITY_KEY)
        self.assertEqual(states, {"mandate": "warning", "signature": "warning"})
        self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)

    def test_r54_by_mail_it_waits_for_the_number_that_only_a_reader_of_the_letter_knows(self):
        gateway = self.gateway(mail=True, change=patient)
        gateway.smtp.behaviour.write_text("reply 451\n")
        self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
        gateway.stop()
        both(gateway.home)
        # What waits came in before: by hand the store becomes one of production.
        with contextlib.closing(sqlite3.connect(gateway.home / "data/schotvrij.db", isolation_level=None)) as store:
            store.execute("UPDATE claim SET owner = 'PRODUCTION' WHERE space = 'home_kind'")
        gateway.smtp.behaviour.write_text("")
        gateway.start()
        wait_for(lambda: '"stage":"held"' in gateway.log_text())
        self.check(gateway, CITY_KEY, "--round-trip", ends=1)
        (letter,) = gateway.smtp.received(1)
        text = decrypt(letter, gateway.home)
        self.assertIn("Dit is een proefbericht. Er staat geen cli", text)
        self.assertNotRegex(text, r"\d{9}\b.*BSN|BSN|Testmeer")
        (number,) = re.findall(r"Bericht: ([0-9a-f]{32})", text)
        wait_for(lambda: gateway.query("SELECT state FROM delivery WHERE delivery_id = ?", number) == [(3,)])
        self.assertIn("that is not the number", self.check(gateway, CITY_KEY, "--heard", "0" * 32, ends=1)[1])
        self.assertEqual(len(gateway.smtp.received(1)), 1, "what is real waits")
        self.assertIn("came back acknowledged", self.check(gateway, CITY_KEY, "--heard", number)[1])
        self.assertIn("Testmeer", decrypt(gateway.smtp.received(2)[-1], gateway.home))

    def test_r54_a_new_address_asks_for_a_new_round_trip_and_one_that_fails_may_be_tried_again(self):
        gateway = self.gateway(mail=True, change=both)
        gateway.smtp.behaviour.write_text("reply 550\n")
        self.check(gateway, CITY_KEY, "--round-trip", ends=1)
        wait_for(lambda: "could not be delivered" in self.check(gateway, CITY_KEY, ends=1)[1])
        gateway.smtp.behaviour.write_text("")
        self.check(gateway, CITY_KEY, "--round-trip", ends=1)
        (letter,) = gateway.smtp.received(1)
        (number,) = re.findall(r"Bericht: ([0-9a-f]{32})", decrypt(letter, gateway.home))
        wait_for(lambda: gateway.query("SELECT state FROM delivery WHERE delivery_id = ?", number) == [(3,)])
        self.check(gateway, CITY_KEY, "--heard", number)
        edit(gateway.home / "enrolment.conf", r'(key: "gemeente-ede".*?route \{\s*mail \{\s*address: )"[^"]*"', r'\1"ander@gemeente-ede.example"')
        run("reload", "--home", gateway.home)
        self.assertIn("no test message went to mail to ander@", self.check(gateway, CITY_KEY, ends=1)[1])


class ByMail(unittest.TestCase):
    def test_r54_who_writes_by_mail_answers_the_test_message_by_mail(self):
        home = MailHome()
        self.addCleanup(home.close)
        check = ["participant", "check", CITY_KEY, "--home", home.gateway.home]
        self.assertEqual(run(*check, "--round-trip", check=False).returncode, 1)
        letter = home.letter(CITY, "proefbericht")
        wait_for(lambda: home.state_of(letter)[0] == 3)
        home.answer(letter, "Akkoord")
        home.handled()
        self.assertIn("ok round-trip: ", run(*check, "--round-trip").stdout)
        self.assertEqual(home.answers_to(letter.mail), [])


if __name__ == "__main__":
    unittest.main()
