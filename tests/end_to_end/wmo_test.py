"""Messages of the Wmo by gRPC: an allocation, a start, requests, a declaration and the answers travel whole, minimised, and once."""
import json
import unittest

import grpc
from google.protobuf import json_format, text_format

from grpc_peer import GrpcPeer, message, refusal
from harness import REPOSITORY, Gateway

CITY, PROVIDER = "gemeente-ede", "opella"
WMO = REPOSITORY / "tests/support"
# What no rule shares, in the messages of tests/support/wmo.
WITHHELD = ("Roodborst", "Bellen", "Proefstraat", "Proefkind", "Fries", "mantelzorg", "Voorkeur", "Valt vaak", "spoed", "Huisarts", "reistijd")
FROM_PROVIDER = ("start", "stop", "request", "change", "declaration")
FROM_CITY = ("allocation", "request_answer", "declaration_answer")


def with_wmo(home):
    """Adds the tests' Wmo relation, between the parties of Ede."""
    document = (WMO / "wmo.txtpb").read_text().replace("gemeente-proef", CITY).replace("aanbieder-proef", PROVIDER)
    other = document.index('  party {\n    key: "aanbieder-anders"')
    (home / "policy/wmo.txtpb").write_text(document[:other] + document[document.index("  agreement {"):])
    configuration = home / "schotvrij.conf"
    file = 'policy_file: "policy/ede.txtpb"'
    text = configuration.read_text()
    assert file in text
    configuration.write_text(text.replace(file, f'{file}\npolicy_file: "policy/wmo.txtpb"'))


def with_wmo_alone(home):
    with_wmo(home)
    configuration = home / "schotvrij.conf"
    configuration.write_text(configuration.read_text().replace('policy_file: "policy/ede.txtpb"\n', ""))


def exchange(name):
    return text_format.Parse((WMO / f"wmo/{name}.txtpb").read_text(), message("schotvrij.v1.Exchange")())


class WmoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(change=with_wmo))
        cls.peers = {party: cls.enterClassContext(GrpcPeer(cls.gateway, party)) for party in (CITY, PROVIDER)}

    def send(self, party, sent):
        return self.peers[party].call("ExchangeService", "Send", exchange=json_format.MessageToDict(sent))

    def waiting(self, party):
        return list(self.peers[party].watch(wait=False))

    def travels(self, name, sender, recipient):
        sent = exchange(name)
        given = self.send(sender, sent)
        self.assertEqual(given.network, "wmo")
        self.assertEqual(self.send(sender, sent).message_id, given.message_id)
        (item,) = self.waiting(recipient)
        content = sent.WhichOneof("content")
        self.assertEqual(item.exchange.WhichOneof("content"), content)
        self.assertEqual(item.exchange.envelope.request_key, sent.envelope.request_key)
        shown = item.SerializeToString().decode("utf-8", "replace")
        for text in WITHHELD:
            self.assertNotIn(text, shown)
        self.peers[recipient].call("MailboxService", "Acknowledge", deliveryIds=[item.delivery_id])
        self.assertEqual(self.waiting(recipient), [])
        self.peers[recipient].call("MailboxService", "Answer", deliveryId=item.delivery_id, state="ACCEPTED")
        (receipt,) = self.waiting(sender)
        self.assertEqual(receipt.exchange.receipt.about, given.message_id)
        self.assertEqual(receipt.exchange.receipt.request_key, sent.envelope.request_key)
        self.peers[sender].call("MailboxService", "Acknowledge", deliveryIds=[receipt.delivery_id])
        return item.exchange

    def test_an_allocation_reaches_the_provider_with_what_it_needs(self):
        shown = self.travels("allocation", CITY, PROVIDER)
        self.assertEqual(shown.client.contacts[0].address.postal_code, "6711AA")
        self.assertEqual(shown.allocation.products[0].allocation_number, 100234)
        self.assertFalse(shown.client.relations)

    def test_all_others_travel_both_ways(self):
        for name in FROM_PROVIDER:
            with self.subTest(name):
                self.travels(name, PROVIDER, CITY)
        for name in FROM_CITY[1:]:
            with self.subTest(name):
                self.travels(name, CITY, PROVIDER)

    def test_what_fhir_cannot_carry_keeps_nobody_from_a_mailbox(self):
        sent = exchange("declaration")
        sent.envelope.request_key = "A-000400"
        self.send(PROVIDER, sent)
        self.gateway.mailbox(CITY)
        (item,) = self.waiting(CITY)
        self.peers[CITY].call("MailboxService", "Acknowledge", deliveryIds=[item.delivery_id])

    def test_what_no_rule_allows_is_refused_with_an_event_and_no_effect(self):
        sent = exchange("allocation")
        sent.envelope.request_key = "T-000900"
        sent.envelope.recipient_identifier.system, sent.envelope.recipient_identifier.value = "cbs", "0228"
        before = len(self.gateway.audit_events())
        with self.assertRaises(grpc.RpcError) as raised:
            self.send(PROVIDER, sent)
        said = refusal(raised.exception)
        self.assertEqual((said.code, said.rules, said.fields),
                         ("PERMISSION_DENIED", ("SENDER-ROLE",), ("exchange.envelope.sender_identifier",)))
        (event,) = self.gateway.audit_events()[before:]
        audit = message("schotvrij.v1.AuditEvent").FromString(event)
        self.assertEqual(audit.DESCRIPTOR.fields_by_name["code"].enum_type.values_by_number[audit.code].name, "AUDIT_REFUSE")
        self.assertEqual((self.waiting(CITY), self.waiting(PROVIDER)), ([], []))

    def test_what_is_wrong_with_it_is_told_by_its_place(self):
        sent = exchange("stop")
        sent.envelope.request_key = "A-000901"
        sent.delivery_event.products[0].end_reason = "99"
        with self.assertRaises(grpc.RpcError) as raised:
            self.send(PROVIDER, sent)
        said = refusal(raised.exception)
        self.assertEqual((said.code, said.rules, said.fields),
                         ("INVALID_ARGUMENT", ("CODE-UNKNOWN",), ("exchange.delivery_event.products[0].end_reason",)))


class WmoByFhirTest(unittest.TestCase):
    """A message of the Wmo as FHIR names no network: sender and recipient share one."""

    def test_a_stop_that_comes_as_fhir_is_one(self):
        text = (REPOSITORY / "tests/adapters/fhir/data/stop.valid.json").read_text().replace("01234567", "00000001")
        with Gateway(change=with_wmo_alone) as gateway, GrpcPeer(gateway, CITY) as city:
            status, outcome = gateway.fhir(PROVIDER, "POST", "/fhir", json.loads(text))
            self.assertIn(status, (200, 201), outcome)
            (item,) = city.watch(wait=False)
            (product,) = item.exchange.delivery_event.products
            self.assertEqual((item.exchange.client.bsn, product.allocation_number, product.until, product.end_reason),
                             ("999900006", 123456, "2026-03-01", "20"))


if __name__ == "__main__":
    unittest.main()
