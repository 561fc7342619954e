"""R24: a professional's safety hold (OP003). While one stands nothing about the client leaves by itself, by mail, mailbox, stream or
receipt, and nobody but its setter and the privacy officer can tell; once it is lifted everything goes on in order, once."""
import json
import queue
import signal
import threading
import unittest

import grpc

from grpc_peer import GrpcPeer, refusal
from harness import Gateway, decrypt, rules, run, wait_for
from life_cycle_test import step
from mail_route_test import patient

BSN, OTHER = "999900006", "999900018"
SUBJECT = {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": BSN}}


def flag(key, status="active", **changes):
    return {"resourceType": "Flag", "identifier": [{"system": "urn:example:flags", "value": key}], "status": status,
            "code": {"coding": [{"system": "urn:schotvrij:codesystem:flag", "code": "safety-hold"}]}, "subject": SUBJECT, **changes}


def title(letter):
    return next(word for word in ("aan.", "wijzigt", "eindigt") if word in letter)


class SafetyHold(unittest.TestCase):
    def start(self, **how):
        self.gateway = Gateway(**how)
        self.addCleanup(self.gateway.close)

    def send(self, *arguments, **changes):
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", step(*arguments, **changes))
        self.assertEqual(status, 200, answer)
        return answer

    def hold(self, key, status="active", party="opella"):
        status, answer = self.gateway.fhir(party, "POST", "/fhir/Flag", flag(key, status))
        self.assertEqual(status, 201, answer)

    def refused(self, body, party="opella"):
        status, outcome = self.gateway.fhir(party, "POST", "/fhir/Flag", body)
        return status, rules(outcome)

    def holds(self, *arguments, **options):
        return json.loads(run("hold", *arguments, "--json", "--home", self.gateway.home, **options).stdout)

    def restart(self, how):
        self.gateway.stop(how)
        self.gateway.start()

    def test_r24_mail_waits_through_restarts_and_goes_on_in_order_once(self):
        self.start(mail=True, change=patient)
        self.hold("een")
        self.send("register", "aanmelding")
        self.restart(signal.SIGTERM)
        self.send("amend", "wijziging", surname="Andersma")
        self.restart(signal.SIGKILL)
        self.send("end", "einde")
        self.send("register", "ander", bsn=OTHER)
        (letter,) = self.gateway.smtp.received(1)
        self.assertIn(OTHER, decrypt(letter, self.gateway.home))
        self.assertEqual(self.gateway.query("SELECT max(attempts) FROM delivery WHERE state = 1"), [(0,)])
        self.hold("klaar", "inactive")
        letters = [decrypt(message, self.gateway.home) for message in self.gateway.smtp.received(4)]
        self.assertEqual([title(each) for each in letters], ["aan.", "aan.", "wijzigt", "eindigt"])
        wait_for(lambda: self.gateway.query("SELECT count(*) FROM delivery WHERE state = 1") == [(0,)])
        self.assertEqual(self.gateway.query("SELECT max(attempts) FROM delivery"), [(1,)])
        log = self.gateway.log_text()
        for trouble in ("retry", "dead-letter", "withheld"):
            self.assertNotIn(f'"stage":"{trouble}"', log)
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def test_r24_mailbox_stream_and_receipts_wait_and_nobody_can_tell(self):
        self.start()
        seen = queue.Queue()
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            stream = peer.watch(wait=True)

            def follow():
                try:
                    for item in stream:
                        seen.put(item)
                except grpc.RpcError:
                    pass
            reader = threading.Thread(target=follow)
            reader.start()
            self.send("register", "voor")
            known = seen.get(timeout=30)
            tasks = self.gateway.mailbox("gemeente-ede")
            self.hold("een")
            waiting = self.send("amend", "erna", surname="Andersma")
            self.send("register", "ander", bsn=OTHER)
            self.assertEqual(seen.get(timeout=30).exchange.client.bsn, OTHER, "nothing came before it")
            self.assertEqual([task for task in self.gateway.mailbox("gemeente-ede") if task in tasks], tasks, "what it had read")
            self.assertEqual(len(self.gateway.mailbox("gemeente-ede")), 2)
            (held,) = self.gateway.query("SELECT delivery_id FROM delivery WHERE state = 1")
            for kind in ("Task", "Patient"):
                self.assertEqual(self.gateway.send("gemeente-ede", "GET", f"/fhir/{kind}/{held[0]}"),
                                 self.gateway.send("gemeente-ede", "GET", f"/fhir/{kind}/{'0' * 32}"))
            self.assertEqual(self.gateway.answer("gemeente-ede", known.delivery_id, "accepted")[0], 200)
            self.assertEqual(self.gateway.mailbox("opella"), [], "the receipt waits")
            self.restart_below(stream, reader)
            self.assertEqual(len(self.gateway.mailbox("gemeente-ede")), 2)
            self.hold("klaar", "inactive")
            self.assertEqual(len(self.gateway.mailbox("gemeente-ede")), 3)
            self.assertEqual(len(self.gateway.mailbox("opella")), 1)
        self.assertEqual(waiting["resourceType"], "Bundle")
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def restart_below(self, stream, reader):
        stream.cancel()
        reader.join()
        self.restart(signal.SIGKILL)

    def test_r24_a_stream_that_is_open_gets_what_waited_once_it_is_lifted(self):
        self.start()
        self.hold("een")
        self.send("register", "aanmelding")
        self.send("register", "ander", bsn=OTHER)
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            stream = peer.watch(wait=True)
            self.assertEqual(next(stream).exchange.client.bsn, OTHER)
            self.hold("klaar", "inactive")
            self.assertEqual(next(stream).exchange.client.bsn, BSN, "though it came before the other")
            stream.cancel()

    def test_r24_only_its_setter_lifts_it_and_the_privacy_officer_sees_it(self):
        self.start()
        self.assertEqual(self.holds("list"), [])
        self.hold("een")
        self.assertEqual(self.refused(flag("twee", "inactive"), "gemeente-ede"), (404, ["HOLD-UNKNOWN"]))
        self.assertEqual(self.refused(flag("twee")), (409, ["HOLD-STANDS"]))
        self.assertEqual(self.refused(flag("twee"), "menzis"), (403, ["SENDER-ROLE"]))
        (hold,) = self.holds("list")
        self.assertEqual(hold["set_by"], "opella")
        self.assertEqual(self.holds("check", input=BSN + "\n"), [hold])
        self.assertEqual(self.holds("check", input=OTHER + "\n"), [])
        self.assertEqual(run("hold", "check", "--home", self.gateway.home, input="123456789\n", check=False).returncode, 2)
        self.assertNotIn(BSN, run("hold", "list", "--home", self.gateway.home).stdout)
        self.assertNotIn(BSN, self.gateway.log_text())
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            peer.call("SafetyService", "Hold", requestId="gem-1", client={"bsn": BSN}, safetyHold={"state": "HOLD_SET"})
            self.assertEqual([each["set_by"] for each in self.holds("check", input=BSN)].count("gemeente-ede"), 1)
            with self.assertRaises(grpc.RpcError) as raised:
                peer.call("SafetyService", "Hold", requestId="gem-2", client={"bsn": BSN}, safetyHold={})
            self.assertEqual(refusal(raised.exception).rules, ("HOLD-STATE",))
            peer.call("SafetyService", "Hold", requestId="gem-3", client={"bsn": BSN}, safetyHold={"state": "HOLD_LIFTED"})
        self.hold("klaar", "inactive")
        self.assertEqual(self.holds("list"), [])
        codes = self.gateway.query("SELECT count(*) FROM claim WHERE space = 'safety_hold'")
        self.assertEqual(codes, [(0,)])

    def test_r24_a_flag_that_is_no_safety_hold_is_refused_and_has_no_effect(self):
        self.start()
        other = {"coding": [{"system": "urn:schotvrij:codesystem:flag", "code": "hond"}]}
        self.assertEqual(self.refused(flag("een", code=other)), (422, ["FHIR-CODE"]))
        self.assertEqual(self.refused(flag("een", status="unknown")), (422, ["FHIR-CODE"]))
        self.assertEqual(self.refused(flag("een", subject={"display": "iemand"}))[1], ["BSN-MISSING", "FHIR-REFERENCE"])
        self.assertEqual(self.refused({**flag("een"), "identifier": []})[1], ["TASK-KEY"])
        bundle = step("register", "met vlag")
        bundle["entry"].append({"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000f1a6", "resource": flag("een"),
                                "request": {"method": "POST", "url": "Flag"}})
        status, outcome = self.gateway.fhir("opella", "POST", "/fhir", bundle)
        self.assertEqual((status, rules(outcome)), (422, ["FHIR-RESOURCE-TYPE"]))
        self.assertEqual(self.holds("list"), [])


if __name__ == "__main__":
    unittest.main()
