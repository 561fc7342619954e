"""A municipality with a mailbox: what it may see, by which edge, until when."""
import http.client
import json
import queue
import threading
import unittest

import grpc

from grpc_peer import GrpcPeer
from harness import FHIR, Gateway, example, resource, rules, stated, today

BSN = "http://fhir.nl/fhir/NamingSystem/bsn"


def withdrawal(bundle):
    """The consent of that Bundle, taken back."""
    consent = json.loads(json.dumps(resource(bundle, "Consent")))
    bsn = resource(bundle, "Patient")["identifier"][0]
    consent["status"] = "inactive"
    consent["patient"] = {"type": "Patient", "identifier": bsn}
    consent["performer"] = [{"type": "Patient", "identifier": bsn}]
    return consent


class Mailbox(unittest.TestCase):
    # Of each test its own client, so that none finds another's.
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def register(self, key, bsn):
        bundle = example(key, bsn)
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", bundle)
        self.assertEqual(status, 200, answer)
        return bundle

    def task_of(self, bsn, party="gemeente-ede"):
        (task,) = self.gateway.mailbox(party, "Task", f"patient.identifier={BSN}|{bsn}")
        return task

    def receipt_of(self, key):
        return next((task for task in self.gateway.mailbox("opella") if task["identifier"][0]["value"] == key), None)

    def raw(self, party, path):
        """Status and exact bytes, without what names the moment or the request."""
        connection = http.client.HTTPSConnection("localhost", self.gateway.https_port, context=self.gateway.tls(party), timeout=30)
        connection.request("GET", path, headers={"Accept": FHIR, **stated(party)})
        response = connection.getresponse()
        fields = [(name, value) for name, value in response.getheaders() if name.lower() not in ("date", "x-request-id")]
        body = response.read()
        connection.close()
        return response.status, response.reason, fields, body

    def test_anothers_item_is_byte_for_byte_one_that_is_not_there(self):
        self.register("another", "999900006")
        task = self.task_of("999900006")
        for kind in ("Task", "Patient"):
            there = self.raw("gemeente-ede", f"/fhir/{kind}/{task['id']}")
            self.assertEqual(there[0], 200)
            absent = self.raw("menzis", f"/fhir/{kind}/{'0' * 32}")
            self.assertEqual(absent[0], 404)
            for party in ("menzis", "opella"):
                self.assertEqual(self.raw(party, f"/fhir/{kind}/{task['id']}"), absent)
        self.assertEqual(self.gateway.mailbox("menzis"), [])
        self.assertEqual(self.gateway.mailbox("menzis", "Patient", f"identifier={BSN}|999900006"), [])

    def test_search_by_post_finds_the_client_and_a_url_never_does(self):
        self.register("searched", "999900018")
        (patient,) = self.gateway.mailbox("gemeente-ede", "Patient", f"identifier={BSN}|999900018")
        self.assertEqual(patient["name"][0]["family"], "van der Testmeer")
        task = self.task_of("999900018")
        self.assertEqual(task["for"]["reference"], f"Patient/{patient['id']}")
        self.assertEqual(self.gateway.mailbox("gemeente-ede", "Task", f"_id={task['id']}"), [task])
        self.assertEqual(self.gateway.mailbox("gemeente-ede", "Patient", f"identifier={BSN}|999990019"), [])
        status, outcome = self.gateway.fhir("gemeente-ede", "GET", f"/fhir/Patient?identifier={BSN}%7C999900018")
        self.assertEqual((status, rules(outcome)), (400, ["SEARCH-PARAMETER"]))
        self.assertNotIn("999900018", self.gateway.log_text())

    def test_rejection_carries_a_coded_reason_to_the_provider(self):
        self.register("rejected", "999900031")
        task = self.task_of("999900031")
        for reason in (None, "invented", "delivery-failed"):
            status, outcome = self.gateway.answer("gemeente-ede", task["id"], "rejected", reason)
            self.assertEqual((status, rules(outcome)), (422, ["ANSWER-REASON"]), reason)
        self.assertIsNone(self.receipt_of("rejected"))
        status, first = self.gateway.answer("gemeente-ede", task["id"], "rejected", "unknown-person")
        self.assertEqual(status, 200, first)
        self.assertEqual(self.gateway.answer("gemeente-ede", task["id"], "rejected", "unknown-person"), (200, first))
        status, outcome = self.gateway.answer("gemeente-ede", task["id"], "accepted")
        self.assertEqual((status, rules(outcome)), (409, ["ANSWER-TWICE"]))
        receipt = self.receipt_of("rejected")
        self.assertEqual(receipt["status"], "rejected")
        self.assertEqual(receipt["statusReason"]["coding"][0]["code"], "unknown-person")
        self.assertEqual(receipt["lastModified"], today())
        for told in ("999900031", "Testmeer"):
            self.assertNotIn(told, json.dumps(receipt))

    def test_only_the_recipient_answers(self):
        self.register("answered by others", "999900043")
        task = self.task_of("999900043")
        for party in ("menzis", "opella"):
            there = self.gateway.answer(party, task["id"], "accepted")
            self.assertEqual(there[0], 404)
            self.assertEqual(there, self.gateway.answer(party, "0" * 32, "accepted"))
        self.assertIsNone(self.receipt_of("answered by others"))

    def test_withdrawn_consent_closes_what_was_there(self):
        bundle = self.register("withdrawn", "999911120")
        task = self.task_of("999911120")
        status, answer = self.gateway.fhir("opella", "POST", "/fhir/Consent", withdrawal(bundle))
        self.assertIn(status, (200, 201, 202), answer)
        for kind in ("Task", "Patient"):
            status, outcome = self.gateway.fhir("gemeente-ede", "GET", f"/fhir/{kind}/{task['id']}")
            self.assertEqual(status, 410, outcome)
            self.assertIn("GONE", rules(outcome))
            self.assertEqual(self.gateway.mailbox("gemeente-ede", kind, f"_id={task['id']}"), [])
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            self.assertNotIn("999911120", [item.exchange.client.bsn for item in peer.watch()])

    def test_stream_resumes_until_acknowledged_and_is_answered_by_grpc(self):
        self.register("streamed", "999990019")
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            def mine():
                return [item for item in peer.watch() if item.exchange.client.bsn == "999990019"]

            dropped = peer.watch(wait=True)
            next(dropped)
            dropped.cancel()
            (item,) = mine()
            self.assertEqual((item,), tuple(mine()))
            client = item.exchange.client
            self.assertEqual((client.name.own_prefix, client.name.own_name, client.name.given_names, client.birth_date),
                             ("van der", "Testmeer", "", ""))
            self.assertEqual(item.exchange.envelope.network, "")
            done = peer.call("MailboxService", "Acknowledge", delivery_ids=[item.delivery_id])
            self.assertEqual(done.acknowledged, 1)
            self.assertEqual(mine(), [])
            # FHIR tells the same of it.
            self.assertEqual(self.task_of("999990019")["status"], "received")
            peer.call("MailboxService", "Answer", delivery_id=item.delivery_id, state="ACCEPTED")
        self.assertEqual(self.receipt_of("streamed")["status"], "accepted")
        with GrpcPeer(self.gateway, "menzis") as peer, self.assertRaises(grpc.RpcError) as refused:
            peer.call("MailboxService", "Answer", delivery_id=item.delivery_id, state="ACCEPTED")
        self.assertEqual(refused.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_a_stream_that_waits_is_told_of_what_arrives(self):
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            waiting = [item.delivery_id for item in peer.watch()]
            if waiting:
                peer.call("MailboxService", "Acknowledge", delivery_ids=waiting)
            stream = peer.watch(wait=True)
            arrived = queue.Queue()
            reader = threading.Thread(target=lambda: arrived.put(next(stream)))
            reader.start()
            self.register("awaited", "999999990")
            self.assertEqual(arrived.get(timeout=30).exchange.client.bsn, "999999990")
            reader.join()
            stream.cancel()


if __name__ == "__main__":
    unittest.main()
