"""The requirements of this release by their numbers, on the running program: R1 to R4."""
import json
import pathlib
import re
import tempfile
import unittest

from harness import Gateway, changed, example, resource, rules, run, today
from sealed_store import opened

HERE = pathlib.Path(__file__).resolve().parent
PROEFNETWERK = (HERE / "policy/proefnetwerk.txtpb").read_text()

# Scores no rule of Ede asks for. Their words are distinctive: found anywhere, they came from here.
SCORES = [("urn:schotvrij:codesystem:instrument", "gfi", 13, "GFI-2026-afname"), ("http://loinc.org", "72106-8", 17, "MMSE-2026-afname")]
WORDS = rb"72106-8|2026-afname|Geheimstraat|kortdurend geheugen|1941-03-07|Proefje|Voorbeeld"
TRACES = re.compile(rb"gfi|mmse|" + WORDS, re.IGNORECASE)
# In sealed bytes and keys a short word stands by chance.
LONG_TRACES = re.compile(WORDS, re.IGNORECASE)


def with_scores(bundle):
    """The bundle with scores, an address and a diagnosis in words, none of which the network asks for."""
    patient = next(entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    patient["resource"]["address"] = [{"line": ["Geheimstraat 1"], "city": "Ede"}]
    patient["resource"]["text"] = {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">kortdurend geheugen</div>"}
    for number, (system, code, score, note) in enumerate(SCORES):
        bundle["entry"].append({
            "fullUrl": f"urn:uuid:7b1c4f0e-2d5a-4e0b-9c3f-1a2b3c4d5f0{number}",
            "resource": {
                "resourceType": "Observation", "status": "final", "identifier": [{"system": "urn:example", "value": note}],
                "code": {"coding": [{"system": system, "code": code}]},
                "subject": {"reference": patient["fullUrl"]}, "effectiveDateTime": today(), "valueInteger": score,
                "component": [{"code": {"coding": [{"system": system, "code": f"{code}-1"}]}, "valueInteger": score}]},
            "request": {"method": "POST", "url": "Observation"}})
    return bundle


def scored(score):
    """A registration in the network for tests, with the score that it asks."""
    bundle = example()
    resource(bundle, "Task")["groupIdentifier"]["value"] = "proefnetwerk"
    observation = resource(bundle, "Observation")
    observation["code"] = {"coding": [{"system": "urn:schotvrij:codesystem:instrument", "code": "gfi"}]}
    observation["valueInteger"] = score
    del observation["valueBoolean"], observation["component"]
    return bundle


def files_of(home):
    """Everything the gateway writes, write-ahead log and checkpoints included."""
    written = [path for folder in ("data", "audit", "run") for path in (home / folder).rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in written), written
    assert any(path.parent.name == "audit" for path in written), written
    return written


class R1GroundsOrNoLoad(unittest.TestCase):
    """A rule names its grounds, or does not load; what was in force stays in force."""

    def test_rule_without_a_ground_is_refused_offline_and_by_reload(self):
        with Gateway() as gateway:
            config = gateway.home / "schotvrij.conf"
            config.write_text(config.read_text() + 'policy_file: "policy/proef.txtpb"\n')
            document = gateway.home / "policy/proef.txtpb"
            for line, fault in [("article_6: PUBLIC_TASK", "POLICY-GROUND-ARTICLE6"),
                                ('article_9: "AVG 9 lid 2 a"', "POLICY-GROUND-ARTICLE9"),
                                ("secrecy: LIFTED_BY_CONSENT", "POLICY-GROUND-SECRECY"),
                                ('bsn_statute: "a statute for tests"', "POLICY-GROUND-BSN")]:
                with self.subTest(fault):
                    self.assertEqual(PROEFNETWERK.count(line), 1)
                    document.write_text(PROEFNETWERK.replace(line, ""))
                    checked = run("policy", "check", document, check=False)
                    self.assertEqual(checked.returncode, 1)
                    self.assertRegex(checked.stdout + checked.stderr, rf"proef\.txtpb:\d+:\d+: .*\[{fault}\]")
                    self.assertNotEqual(run("reload", "--home", gateway.home, check=False).returncode, 0)
                    status, outcome = gateway.fhir("opella", "POST", "/fhir", scored(5))
                    self.assertEqual((status, rules(outcome)), (422, ["NETWORK-UNKNOWN"]))
            document.write_text(PROEFNETWERK)
            self.assertEqual(run("reload", "--home", gateway.home).returncode, 0)
            status, answer = gateway.fhir("opella", "POST", "/fhir", scored(5))
            self.assertEqual(status, 200, answer)


class R2AttestedNotScored(unittest.TestCase):
    def test_score_sent_anyway_is_in_no_store_audit_or_log(self):
        with Gateway() as gateway:
            status, answer = gateway.fhir("opella", "POST", "/fhir", with_scores(example()))
            self.assertEqual(status, 200, answer)
            # A refused message leaves no more than a taken one.
            refused = changed(with_scores(example(key="geweigerd", bsn="999900018")),
                              lambda bundle: resource(bundle, "Observation").update(valueBoolean=False))
            self.assertEqual(gateway.fhir("opella", "POST", "/fhir", refused)[0], 422)
            (task,) = gateway.mailbox("gemeente-ede")
            self.assertEqual(gateway.answer("gemeente-ede", task["id"], "accepted")[0], 200)
            gateway.mailbox("opella")

            for path in files_of(gateway.home):
                self.assertIsNone(LONG_TRACES.search(path.read_bytes()), path)
            self.assertIsNone(TRACES.search((gateway.log_text() + "\n".join(gateway.said)).encode()))
            kept = opened(gateway)
            self.assertEqual({each.place for each in kept}, {"client.facts", "message.content", "message.answer", "delivery.frozen"})
            self.assertIn(b"Testmeer", b"".join(each.plaintext for each in kept))
            for each in kept:
                self.assertIsNone(TRACES.search(each.plaintext), each)
            registrations = [each.message for each in kept if each.place == "message.content" and each.message.HasField("registration")]
            self.assertEqual(len(registrations), 1)
            self.assertEqual(len(registrations[0].registration.assessments), 0)
            # What is kept of a verdict: that it was given, not what it was.
            for attestation in registrations[0].registration.attestations:
                self.assertEqual(attestation.verdict, 0)

    def test_ede_asks_no_score_address_or_diagnosis(self):
        with Gateway() as gateway:
            bundle = example()
            self.assertIsNone(re.search(r"gfi|address|Condition", json.dumps(bundle)))
            status, answer = gateway.fhir("opella", "POST", "/fhir", bundle)
            self.assertEqual(status, 200, answer)


class R3TwoFacts(unittest.TestCase):
    def test_start_date_and_network_cross_only_where_the_document_gives_their_need(self):
        leaf = '      leaf { path: "envelope.network" }\n'
        listed = '      leaf { path: "envelope.network" written_need: "de gemeente houdt de netwerken apart" }\n'
        last = '      leaf { path: "envelope.sent_on" }\n'
        self.assertEqual(PROEFNETWERK.count(last), 1)

        def install(home, text):
            (home / "policy/ede.txtpb").write_text(text)

        with Gateway(change=lambda home: install(home, PROEFNETWERK)) as gateway:
            without = gateway.home / "policy/without_need.txtpb"
            without.write_text(PROEFNETWERK.replace(last, last + leaf))
            checked = run("policy", "check", without, check=False)
            self.assertEqual(checked.returncode, 1, checked.stdout)
            self.assertEqual(gateway.fhir("opella", "POST", "/fhir", scored(5))[0], 200)
            (task,) = gateway.mailbox("gemeente-ede")
            self.assertNotIn("proefnetwerk", json.dumps(task))
        with Gateway(change=lambda home: install(home, PROEFNETWERK.replace(last, last + listed))) as gateway:
            self.assertEqual(gateway.fhir("opella", "POST", "/fhir", scored(5))[0], 200)
            (task,) = gateway.mailbox("gemeente-ede")
            self.assertEqual(task["groupIdentifier"]["value"], "proefnetwerk")


class R4WhoMayHaveTheBsn(unittest.TestCase):
    def test_rule_that_gives_the_bsn_to_a_role_that_may_not_have_it_does_not_load(self):
        document = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "proef.txtpb"
        document.write_text(PROEFNETWERK)
        self.assertEqual(run("policy", "check", document, check=False).returncode, 0)
        for role in ("citizens_initiative", "volunteer", "housing_corporation", "knowledge_party", "coordinator",
                     "welfare_organisation"):
            with self.subTest(role):
                document.write_text(PROEFNETWERK.replace('"municipality"', f'"{role}"'))
                checked = run("policy", "check", document, check=False)
                self.assertEqual(checked.returncode, 1)
                self.assertIn("[POLICY-BSN-ROLE]", checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main()
