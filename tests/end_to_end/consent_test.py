"""A consent as an exchange of its own, by gRPC and FHIR: given, by the client or in its stead, narrowed, withdrawn, expired. What rested on
it is hidden or not sent from then on, and whoever sent that is told."""
import json
import unittest

import grpc

from grpc_peer import GrpcPeer, refusal, registration
from harness import Gateway, decrypt, example, rules, today, wait_for
from mail_route_test import patient

BSN = "999900006"
SISTER = "Zusterveld"  # who speaks for the client: kept nowhere
RELATIONS = "urn:oid:2.16.840.1.113883.2.4.3.11.22.472"


def consent(**changes):
    return {"consentId": "toestemming-1", "scope": "PRIVACY", "state": "CONSENT_ACTIVE", "decision": "PERMIT", "givenOn": today(),
            "validUntil": today(365), "givenBy": "CLIENT_SELF", "purposes": ["REGISTRATION"], "recipients": ["gemeente-ede"], **changes}


def consent_xml(key, relationship):
    return f"""<Consent xmlns="http://hl7.org/fhir"><contained><RelatedPerson><id value="zus"/>
    <patient><identifier><system value="http://fhir.nl/fhir/NamingSystem/bsn"/><value value="{BSN}"/></identifier></patient>
    <relationship><coding><system value="{RELATIONS}"/><code value="{relationship}"/></coding></relationship>
    <name><family value="{SISTER}"/></name><period><start value="2025-01-01"/></period></RelatedPerson></contained>
    <identifier><value value="{key}"/></identifier><status value="active"/>
    <scope><coding><system value="http://terminology.hl7.org/CodeSystem/consentscope"/><code value="patient-privacy"/></coding></scope>
    <category><coding><system value="http://loinc.org"/><code value="59284-0"/></coding></category>
    <patient><identifier><system value="http://fhir.nl/fhir/NamingSystem/bsn"/><value value="{BSN}"/></identifier></patient>
    <dateTime value="{today()}"/><performer><reference value="#zus"/></performer>
    <provision><type value="permit"/><purpose><system value="http://terminology.hl7.org/CodeSystem/v3-ActReason"/>
    <code value="HOPERAT"/></purpose></provision></Consent>"""


class Consent(unittest.TestCase):
    def start(self, **how):
        self.gateway = Gateway(**how)
        self.addCleanup(self.gateway.close)
        self.peer = GrpcPeer(self.gateway, "opella")
        self.addCleanup(self.peer.channel.close)

    def record(self, key, bsn=BSN, **changes):
        return self.peer.call("ConsentService", "Record", requestId=key, client={"bsn": bsn}, consent=consent(**changes))

    def refused(self, *arguments, **changes):
        with self.assertRaises(grpc.RpcError) as raised:
            self.record(*arguments, **changes)
        said = refusal(raised.exception)
        return said.code, said.rules, said.fields

    def register(self, key="aanmelding-1", consents=False):
        request = registration(key)
        if not consents:
            request.registration.ClearField("consents")
        return self.peer.register(request)

    def test_one_that_was_given_before_carries_a_registration_that_brings_none(self):
        self.start()
        self.assertEqual(self.register().rules[:1], ("CONSENT-MISSING",))
        given = self.record("een")
        self.assertEqual(self.record("een").message_id, given.message_id, "said again")
        self.assertEqual(self.refused("een", givenOn=today(-1)), ("ALREADY_EXISTS", ("KEY-REUSED",), ("request_id",)))
        self.assertEqual(self.register().code, "OK")
        self.assertEqual(len(self.gateway.mailbox("gemeente-ede")), 1)
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def test_what_rested_on_one_that_was_withdrawn_is_hidden(self):
        self.start()
        self.assertEqual(self.register(consents=True).code, "OK")
        (task,) = self.gateway.mailbox("gemeente-ede")
        self.record("ingetrokken", state="CONSENT_WITHDRAWN")
        for kind in ("Task", "Patient"):
            status, text = self.gateway.send("gemeente-ede", "GET", f"/fhir/{kind}/{task['id']}")
            self.assertEqual(status, 410)
            self.assertNotIn(BSN.encode(), text)
        (told,) = self.gateway.mailbox("opella")
        self.assertEqual(told["status"], "failed")
        self.assertEqual(self.refused("weer", purposes=["REGISTRATION"])[1], ("CONSENT-WITHDRAWN",), "of the same day")
        self.assertEqual(self.register("aanmelding-2", consents=True).rules[:1], ("CONSENT-WITHDRAWN",))

    def test_of_what_ended_with_its_consent_recipients_are_told(self):
        self.start()
        self.assertEqual(self.gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
        (task,) = self.gateway.mailbox("gemeente-ede")
        taken = {"resourceType": "Task", "id": task["id"], "status": "received", "intent": "order", "code": task["code"]}
        self.assertEqual(self.gateway.fhir("gemeente-ede", "PUT", f"/fhir/Task/{task['id']}", taken)[0], 200)
        given = next(entry["resource"] for entry in example()["entry"] if entry["resource"]["resourceType"] == "Consent")
        client = {"type": "Patient", "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": BSN}}
        withdrawn = {**given, "status": "inactive", "patient": client, "performer": [client]}
        status, answer = self.gateway.fhir("opella", "POST", "/fhir/Consent", withdrawn)
        self.assertIn(status, (200, 201), answer)
        self.assertEqual(self.gateway.send("gemeente-ede", "GET", f"/fhir/Task/{task['id']}")[0], 410)
        (end,) = self.gateway.mailbox("gemeente-ede")
        self.assertEqual(end["code"]["coding"][0]["code"], "end")
        self.assertEqual(end["basedOn"][0]["identifier"]["value"], task["id"])
        self.assertEqual(end["executionPeriod"]["end"], today())
        for text in (BSN, "reasonCode", "Testmeer"):
            self.assertNotIn(text, json.dumps(end))
        self.assertEqual(self.gateway.mailbox("opella"), [], "it said so itself")
        verified, report = self.gateway.audit()
        self.assertEqual((verified, report["findings"]), (0, []))

    def test_one_that_was_narrowed_to_others_carries_nothing_any_more(self):
        self.start()
        self.assertEqual(self.register(consents=True).code, "OK")
        (task,) = self.gateway.mailbox("gemeente-ede")
        self.record("vernauwd", recipients=["menzis"])
        self.assertEqual(self.gateway.send("gemeente-ede", "GET", f"/fhir/Task/{task['id']}")[0], 410)

    def representatives_consent(self, key, relationship="15", until=None):
        """The consent of the example, given by a RelatedPerson."""
        given = next(entry["resource"] for entry in example()["entry"] if entry["resource"]["resourceType"] == "Consent")
        person = {"resourceType": "RelatedPerson", "id": "zus", "name": [{"family": SISTER}], "birthDate": "1951-04-05",
                  "patient": {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": BSN}},
                  "relationship": [{"coding": [{"system": RELATIONS, "code": relationship}]}],
                  "period": {"start": "2025-01-01", "end": until or today(30)}}
        return {**given, "identifier": [{"value": key}], "contained": [person], "performer": [{"reference": "#zus"}],
                "patient": {"type": "Patient", "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": BSN}}}

    def test_r45_a_representative_says_in_what_capacity_it_gives_consent_by_fhir(self):
        self.start()
        for resource, rule in ((self.representatives_consent("a", relationship="19"), "CONSENT-REPRESENTATIVE"),
                               (self.representatives_consent("b", until=today(-1)), "CONSENT-REPRESENTED")):
            status, answer = self.gateway.fhir("opella", "POST", "/fhir/Consent", resource)
            self.assertEqual((status, rules(answer)), (422, [rule]))
            self.assertEqual(answer["issue"][0]["expression"], ["Consent.performer"])
        self.assertEqual(self.register().rules[:1], ("CONSENT-MISSING",), "what was refused is not kept")
        status, answer = self.gateway.fhir("opella", "POST", "/fhir/Consent", self.representatives_consent("c"))
        self.assertIn(status, (200, 201), answer)
        self.assertEqual(self.register().code, "OK")
        self.assertEqual(len(self.gateway.mailbox("gemeente-ede")), 1)
        self.assertNotIn(SISTER, self.gateway.log_text())
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def test_r45_a_representative_gives_consent_in_xml(self):
        self.start()
        for key, code, expected in (("x", "19", 422), ("y", "15", 201)):
            status, text = self.gateway.send("opella", "POST", "/fhir/Consent", consent_xml(key, code),
                                             {"Content-Type": "application/fhir+xml"})
            self.assertEqual(status, expected, text)
        self.assertEqual(self.register().code, "OK")

    def test_r45_a_representative_gives_consent_by_grpc(self):
        self.start()
        by = {"givenBy": "REPRESENTATIVE"}
        for number, (representation, rule) in enumerate((
                ({}, "CONSENT-REPRESENTATIVE"),
                ({"validFrom": "2025-01-01"}, "CONSENT-REPRESENTATIVE"),
                ({"kind": "AS_MENTOR", "validFrom": today(1)}, "CONSENT-REPRESENTED"),
                ({"kind": "AS_MENTOR", "validUntil": today(-1)}, "CONSENT-REPRESENTED"))):
            with self.subTest(representation):
                self.assertEqual(self.refused(f"fout-{number}", **by, representation=representation)[1:],
                                 ((rule,), ("consent.representation.kind",)))
        self.assertEqual(self.refused("zonder", **by)[1], ("CONSENT-REPRESENTATIVE",))
        self.assertEqual(self.refused("zelf", representation={"kind": "AS_MENTOR"})[1], ("CONSENT-REPRESENTATIVE",))
        self.record("goed", representation={"kind": "AS_SIBLING", "validUntil": today()}, **by)
        self.assertEqual(self.register().code, "OK")
        (task,) = self.gateway.mailbox("gemeente-ede")
        # A no is heard whoever says it, in whatever capacity.
        self.record("nee", state="CONSENT_WITHDRAWN", **by)
        self.assertEqual(self.gateway.send("gemeente-ede", "GET", f"/fhir/Task/{task['id']}")[0], 410)
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def test_what_waits_for_the_mail_server_is_not_sent(self):
        self.start(mail=True, change=patient)
        self.gateway.smtp.behaviour.write_text("reply 451\n")
        self.assertEqual(self.register(consents=True).code, "OK")
        wait_for(lambda: '"stage":"retry"' in self.gateway.log_text())
        self.record("ingetrokken", state="CONSENT_WITHDRAWN")
        self.gateway.smtp.behaviour.write_text("accept\n")
        (told,) = wait_for(lambda: self.gateway.mailbox("opella"))
        self.assertEqual(told["status"], "failed")
        # An attempt was made, and what became of it nobody knows for sure: the end is sent, which names nobody.
        (sent,) = wait_for(lambda: list(self.gateway.smtp.messages.glob("*.eml")))
        self.assertNotIn(BSN, decrypt(sent, self.gateway.home))

    def test_one_that_expired_or_says_too_little_carries_nothing(self):
        self.start()
        self.record("oud", givenOn=today(-400), validFrom=today(-400), validUntil=today(-1))
        self.assertEqual(self.register().rules[:1], ("CONSENT-EXPIRED",))
        for changes, rule, field in (({"purposes": []}, "CONSENT-PURPOSE", "consent.purposes"),
                                     ({"scope": "TREATMENT"}, "CONSENT-DIRECTIVE", "consent.scope"),
                                     ({"givenOn": today(1)}, "CONSENT-FORM", "consent.given_on"),
                                     ({"bsn": "999900007"}, "BSN-ELEVEN-TEST", "client.bsn")):
            with self.subTest(rule=rule):
                self.assertEqual(self.refused(f"fout-{rule}", **changes)[1:], ((rule,), (field,)))
        self.assertEqual(self.refused(""), ("INVALID_ARGUMENT", ("KEY-FORM",), ("request_id",)))
        self.assertEqual(self.gateway.audit()[1]["findings"], [])


if __name__ == "__main__":
    unittest.main()
