"""Every bad input is told in the edge's own words, leaves an audit event, and has no effect.

The golden answers stand in bad_input/: cases.json (one case a line: edits of the example, status, and each finding as rule and
FHIRPath), xml.json (the same of the example in XML), requests.json (raw HTTP), grpc.json, and networks.json (what makes the
networks of policy/proefnetwerk.txtpb).
"""
import concurrent.futures
import csv
import json
import pathlib
import re
import shutil
import socket
import unittest

from google.protobuf import json_format

import node_programs
from grpc_peer import GrpcPeer, message, registration
from harness import REPOSITORY, Gateway, example, resource, today, wait_for

HERE = pathlib.Path(__file__).resolve().parent
# Nothing of the client may be found where only the gateway speaks.
PERSONAL = re.compile(rb"9999000(0[1-9X]|[1-9])|Testm|Proefje|Tweedeling|Voorbeeld|1941-03")


def golden(name):
    return json.loads((HERE / "bad_input" / name).read_text())


def issue_texts():
    """Text and remedy of every rule, as the table of issues has them."""
    with open(REPOSITORY / "schemas/codes/issue.csv", encoding="utf-8") as table:
        rows = csv.DictReader(line for line in table if not line.startswith("#"))
        return {row["rule"]: f"{row['text']} {row['remedy']}" for row in rows}


def add_networks(home):
    """Puts every network of networks.json beside Ede."""
    document = (HERE / "policy/proefnetwerk.txtpb").read_text()
    with open(home / "schotvrij.conf", "a", encoding="utf-8") as config:
        for key, replacements in golden("networks.json").items():
            text = document
            for old, new in replacements:
                assert text.count(old) == 1, (key, old)
                text = text.replace(old, new)
            (home / f"policy/{key}.txtpb").write_text(text.replace("proefnetwerk", key))
            config.write(f'policy_file: "policy/{key}.txtpb"\n')


def value(given):
    """A value of cases.json as it goes into the message."""
    if isinstance(given, dict) and "NESTED" in given:
        nested = []
        for _ in range(given["NESTED"]):
            nested = [{"extension": nested}]
        return nested
    if isinstance(given, dict) and "REPEATED" in given:
        return [0] * given["REPEATED"]
    if isinstance(given, dict):
        return {key: value(each) for key, each in given.items()}
    if isinstance(given, list):
        return [value(each) for each in given]
    if isinstance(given, str) and (day := re.fullmatch(r"TODAY([+-]\d+)?", given)):
        return today(int(day[1] or 0))
    return given


def edited(document, edits):
    """`document` after edits: ["set", pointer, value], ["add", pointer to a list, value], ["del", pointer], ["lone", pointer]."""
    for verb, pointer, *given in edits:
        *parents, last = pointer.split("/")[1:]
        place = document
        for step in parents:
            place = place[int(step) if isinstance(place, list) else step]
        last = int(last) if isinstance(place, list) else last
        if verb == "set":
            place[last] = value(*given)
        elif verb == "add":
            place[last].append(value(*given))
        elif verb == "del":
            del place[last]
        elif verb == "lone":
            return place[last]
        else:
            raise ValueError(verb)
    return document


def body_of(case):
    """The bytes that a case sends."""
    text = json.dumps(edited(example(), case["edits"]))
    verb, *given = case.get("text", ["as is"])
    if verb == "replace":
        assert given[0] in text, case["name"]
        text = text.replace(*given)
    elif verb == "append":
        text += given[0]
    elif verb == "blanks":
        text += " " * given[0]
    elif verb == "cut":
        text = text[:given[0]]
    elif verb == "all":
        text = given[0]
    return text.encode("latin-1")


def xml_body_of(case):
    """The bytes that a case of xml.json sends: edits of the example's twin, in which TIMES stands for a piece so many times."""
    text = (REPOSITORY / "tests/adapters/fhir/data/example.valid.xml").read_text()
    for verb, *given in case["text"]:
        given = [piece if isinstance(piece, str) else piece["TIMES"] * piece["PIECE"] for piece in given]
        if verb == "replace":
            old, new = given
            assert old in text, case["name"]
            text = text.replace(old, new, 1)
        elif verb == "append":
            text += given[0]
        elif verb == "all":
            text = given[0]
        else:
            raise ValueError(verb)
    return text.encode(case.get("encoding", "utf-8"))


class Refusals(unittest.TestCase):
    """What all of these hold a refusal to."""
    networks = staticmethod(add_networks)

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(change=cls.networks)
        cls.texts = issue_texts()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def setUp(self):
        self.before = self.effects()
        self.records_before = self.gateway.audit_records()

    def mail(self, party="gemeente-ede"):
        return self.gateway.mailbox(party)

    def effects(self):
        """What lies in every mailbox, and all that is stored beside the audit chains."""
        tables = ("client", "claim", "message", "delivery", "timer")
        return ([self.mail(party) for party in ("gemeente-ede", "opella", "menzis")],
                {table: self.gateway.query(f"SELECT * FROM {table}") for table in tables})

    def assert_told(self, status, outcome, expected_status, findings):
        """The answer is an OperationOutcome with exactly these findings, each with its rule, its place and its remedy."""
        self.assertEqual((status, outcome["resourceType"]), (expected_status, "OperationOutcome"), outcome)
        told = [[issue["details"]["coding"][0]["code"], *issue.get("expression", [""])] for issue in outcome["issue"]]
        self.assertEqual(told, findings)
        for issue, (rule, _) in zip(outcome["issue"], findings):
            self.assertEqual(issue["severity"], "error")
            self.assertTrue(issue["diagnostics"].startswith(self.texts[rule]), issue)
        self.assertIsNone(PERSONAL.search(json.dumps(outcome).encode()), outcome)

    def assert_recorded(self, since, *refusals):
        """Events after the first `since` are these refusals, each by its rules. One on the way in is answered before its event is
        written; several at once come in any order."""
        events = wait_for(lambda: (found := self.gateway.audit_events(since)) and len(found) >= len(refusals) and found)
        read = [message("schotvrij.v1.AuditEvent").FromString(event) for event in events]
        told = [json_format.MessageToDict(event) for event in read]
        self.assertEqual([(event["code"], event["outcome"]) for event in told], [("AUDIT_REFUSE", "AUDIT_REFUSED")] * len(refusals))
        self.assertEqual(sorted(list(event.rules) for event in read), sorted(refusals))
        for event, stored in zip(read, events):
            self.assertTrue(event.recorded_us and event.users and event.objects and event.source, event)
            self.assertIsNone(PERSONAL.search(stored))

    def assert_no_effect(self):
        self.assertEqual(self.effects(), self.before)
        said = self.gateway.log_text() + "\n".join(self.gateway.said)
        self.assertIsNone(PERSONAL.search(said.encode()))


class BadInput(Refusals):
    def test_every_refused_message_is_told_recorded_and_without_effect(self):
        for case in golden("cases.json"):
            with self.subTest(case["name"]):
                records = self.gateway.audit_records()
                status, outcome = self.gateway.fhir(case.get("caller", "opella"), "POST", "/fhir", body_of(case))
                self.assert_told(status, outcome, case["status"], case["findings"])
                self.assert_recorded(records, [rule for rule, _ in case["findings"]])
        self.assert_no_effect()
        # The key of all those refusals is as free as if they had never come.
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", example())
        self.assertEqual(status, 200, answer)
        self.assertEqual(len(self.mail()), len(self.before[0][0]) + 1)

    def test_score_at_the_threshold_is_accepted(self):
        case = next(case for case in golden("cases.json") if case["name"] == "score below the threshold")
        bundle = edited(example(key="drempel", bsn="999900031"), case["edits"])
        resource(bundle, "Observation")["valueInteger"] = 4
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", bundle)
        self.assertEqual(status, 200, answer)

    def test_same_message_again_is_answered_byte_for_byte_and_delivered_once(self):
        bundle = example(key="tweemaal", bsn="999900043")
        answers = []
        for _ in range(3):
            status, _ = self.gateway.fhir("opella", "POST", "/fhir", bundle)
            answers.append((status, self.gateway.text))
        self.assertEqual(answers, [answers[0]] * 3)
        self.assertEqual(answers[0][0], 200)
        self.assertEqual(len(self.mail()), len(self.before[0][0]) + 1)
        # The same words in another order and other white space are the same message.
        shuffled = {key: bundle[key] for key in reversed(bundle)}
        self.gateway.fhir("opella", "POST", "/fhir", json.dumps(shuffled, indent=3))
        self.assertEqual(self.gateway.text, answers[0][1])

    def test_same_id_with_other_content_is_refused(self):
        bundle = example(key="hergebruikt", bsn="999900055")
        self.assertEqual(self.gateway.fhir("opella", "POST", "/fhir", bundle)[0], 200)
        self.before, records = self.effects(), self.gateway.audit_records()
        resource(bundle, "Patient")["birthDate"] = "1950-01-01"
        status, outcome = self.gateway.fhir("opella", "POST", "/fhir", bundle)
        self.assert_told(status, outcome, 409, [["KEY-REUSED", "Bundle.entry[0].resource.identifier.value"]])
        self.assert_recorded(records, ["KEY-REUSED"])
        self.assert_no_effect()

    def test_second_registration_of_the_client_under_another_id_is_told_so(self):
        self.assertEqual(self.gateway.fhir("opella", "POST", "/fhir", example(key="eerste", bsn="999900067"))[0], 200)
        self.before, records = self.effects(), self.gateway.audit_records()
        status, outcome = self.gateway.fhir("opella", "POST", "/fhir", example(key="tweede", bsn="999900067"))
        self.assert_told(status, outcome, 409, [["ALREADY-REGISTERED", "Bundle.entry[1].resource"]])
        self.assert_recorded(records, ["ALREADY-REGISTERED"])
        self.assert_no_effect()

    def test_answer_to_a_message_that_is_not_there_is_refused(self):
        records = self.gateway.audit_records()
        status, outcome = self.gateway.answer("gemeente-ede", "0" * 32, "accepted")
        self.assert_told(status, outcome, 404, [["ANSWER-UNKNOWN", "Task.id"]])
        self.assert_recorded(records, ["ANSWER-UNKNOWN"])
        self.assert_no_effect()

    def test_request_that_can_be_read_in_two_ways_is_refused_and_smuggles_nothing(self):
        whole = json.dumps(example(key="gesmokkeld", bsn="999900080")).encode()
        hidden = (b"POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n"
                  % len(whole)) + whole
        for case in golden("requests.json"):
            with self.subTest(case["name"]):
                records = self.gateway.audit_records()
                request = case["head"].encode("latin-1") + (case.get("body", "").encode("latin-1") or hidden)
                said = self.gateway.raw("opella", request)
                self.assertEqual(len(re.findall(rb"HTTP/1\.1 \d", said)), 1, said)
                head, _, body = said.partition(b"\r\n\r\n")
                self.assert_told(int(head.split()[1]), json.loads(body), case["status"], case["findings"])
                self.assert_recorded(records, [rule for rule, _ in case["findings"]])
        self.assert_no_effect()

    def test_half_sent_request_is_ended_in_time_and_has_no_effect(self):
        whole = json.dumps(example(key="half", bsn="999900080")).encode()
        head = (b"POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(whole))
        # One at a time of each kind is given its whole time; together they take no longer.
        halves = {"half a head": head[:40], "head without body": head, "body without its last byte": head + whole[:-1]}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            told = dict(zip(halves, pool.map(lambda data: self.gateway.raw("opella", data), halves.values())))
        for name, said in told.items():
            with self.subTest(name):
                head, _, body = said.partition(b"\r\n\r\n")
                self.assert_told(int(head.split()[1]), json.loads(body), 408, [["HTTP-SLOW", ""]])
        self.assert_recorded(self.records_before, *[["HTTP-SLOW"]] * len(halves))
        self.assert_no_effect()

    def test_request_whose_sender_hangs_up_has_no_effect(self):
        whole = json.dumps(example(key="half", bsn="999900080")).encode()
        with socket.create_connection(("localhost", self.gateway.https_port), timeout=60) as plain:
            with self.gateway.tls("opella").wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(b"POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n"
                                   b"Content-Length: %d\r\n\r\n" % len(whole) + whole[:-1])
        self.assert_no_effect()

    def test_every_refusal_over_grpc_is_told_recorded_and_without_effect(self):
        with GrpcPeer(self.gateway, "opella") as opella, GrpcPeer(self.gateway, "menzis") as menzis:
            for case in golden("grpc.json"):
                with self.subTest(case["name"]):
                    records = self.gateway.audit_records()
                    request = registration("rpc", "999900092")
                    for path, given in case.get("set", {}).items():
                        set_field(request, path, value(given))
                    for path in case.get("clear", []):
                        place, field = holder(request, path)
                        place.ClearField(field)
                    peer = menzis if case.get("caller") == "menzis" else opella
                    request.client.name.given_names = "n" * case.get("given_names", 0)
                    said = peer.register(request.SerializeToString() + bytes.fromhex(case.get("append", "")))
                    self.assertEqual(said.code, case["code"], said)
                    self.assertEqual([list(each) for each in zip(said.rules, said.fields)], case["findings"])
                    for text, rule in zip(said.texts, said.rules):
                        self.assertTrue(text.startswith(self.texts[rule]), text)
                    self.assertIsNone(PERSONAL.search(said.raw), said)
                    self.assert_recorded(records, [rule for rule, _ in case["findings"]])
            self.assert_no_effect()

    def test_repeats_over_grpc_are_answered_as_over_fhir(self):
        with GrpcPeer(self.gateway, "opella") as opella:
            first = opella.register(registration("rpc-1", "999900109"))
            again = opella.register(registration("rpc-1", "999900109"))
            self.assertEqual((first.code, first.answer), ("OK", again.answer))
            self.assertEqual(len(self.mail()), len(self.before[0][0]) + 1)
            self.before = self.effects()
            other = registration("rpc-1", "999900109")
            other.client.birth_date = "1950-01-01"
            said = opella.register(other)
            self.assertEqual((said.code, said.rules), ("ALREADY_EXISTS", ("KEY-REUSED",)))
            said = opella.register(registration("rpc-2", "999900109"))
            self.assertEqual((said.code, said.rules), ("ALREADY_EXISTS", ("ALREADY-REGISTERED",)))
            self.assert_no_effect()


class InXml(Refusals):
    def test_every_refused_xml_is_told_recorded_and_without_effect(self):
        headers = {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+json"}
        for case in golden("xml.json"):
            with self.subTest(case["name"]):
                records = self.gateway.audit_records()
                status, outcome = self.gateway.fhir("opella", "POST", "/fhir", xml_body_of(case), headers)
                self.assert_told(status, outcome, case["status"], case["findings"])
                self.assert_recorded(records, [rule for rule, _ in case["findings"]])
        self.assert_no_effect()

    @unittest.skipUnless(shutil.which("npm"), "npm is missing: no foreign converter of FHIR can be had")
    def test_what_is_wrong_with_a_message_is_told_alike_of_its_xml(self):
        # The converter leaves out what is empty, which these cases are about.
        cases = [case for case in golden("cases.json") if "text" not in case and not case.get("json_only")]
        headers = {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+json"}
        for case, body in zip(cases, node_programs.in_xml([edited(example(), case["edits"]) for case in cases])):
            with self.subTest(case["name"]):
                status, outcome = self.gateway.fhir(case.get("caller", "opella"), "POST", "/fhir", body, headers)
                self.assert_told(status, outcome, case["status"], case["findings"])
        self.assert_no_effect()


class InOneNetwork(Refusals):
    networks = None

    def test_consent_withdrawn_before_is_not_undone_by_the_message(self):
        bundle = example(key="na-intrekking", bsn="999900079")
        withdrawal = resource(bundle, "Consent") | {"status": "inactive"}
        patient = {"type": "Patient", "identifier": resource(bundle, "Patient")["identifier"][0]}
        withdrawal |= {"patient": patient, "performer": [patient]}
        status, answer = self.gateway.fhir("opella", "POST", "/fhir/Consent", withdrawal)
        self.assertEqual(status // 100, 2, answer)
        self.before, records = self.effects(), self.gateway.audit_records()
        status, outcome = self.gateway.fhir("opella", "POST", "/fhir", bundle)
        self.assert_told(status, outcome, 422, [["CONSENT-WITHDRAWN", "Bundle.entry"]])
        self.assert_recorded(records, ["CONSENT-WITHDRAWN"])
        self.assert_no_effect()


def holder(message, path):
    """(message that holds the last field of `path`, its name); a number is a place in a list."""
    *parents, field = path.split(".")
    for step in parents:
        message = message[int(step)] if step.isdigit() else getattr(message, step)
    return message, field


def set_field(message, path, given):
    place, field = holder(message, path)
    if field.isdigit():
        place[int(field)] = given
    else:
        setattr(place, field, given)


if __name__ == "__main__":
    unittest.main()
