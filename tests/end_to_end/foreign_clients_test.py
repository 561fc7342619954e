"""Both parties work with clients that are not ours: fhir-kit-client, @grpc/grpc-js and curl.

The packages are named and pinned in node/, and installed by `npm ci` below the build folder (node_programs.py).
"""
import json
import pathlib
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

import node_programs
from harness import FHIR, REPOSITORY, Gateway, example, today

FHIR_XML = "application/fhir+xml"


@unittest.skipUnless(shutil.which("npm"), "npm is missing: no foreign FHIR and gRPC client can be had")
class NodeClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def test_fhir_kit_client_registers_reads_and_answers(self):
        registration = pathlib.Path(self.gateway.directory, "registration.json")
        registration.write_text(json.dumps(example()))
        seen = node_programs.play("fhir_client.mjs", f"https://localhost:{self.gateway.https_port}/fhir", self.gateway.home,
                                  registration)
        self.assertEqual(seen["statement"], {"fhirVersion": "4.0.1", "resources": ["Bundle", "Task", "Patient", "Consent", "Flag"]})
        self.assertEqual(seen["transaction"], {"type": "transaction-response", "status": ["201 Created"] + ["202 Accepted"] * 3})
        self.assertTrue(seen["repeatIsTheSame"])
        (patient,) = seen["patients"]
        self.assertEqual(patient["identifier"][0]["value"], "999900006")
        self.assertEqual(set(patient), {"resourceType", "id", "meta", "identifier", "active", "name"})
        self.assertEqual(seen["task"], {"count": 1, "status": "requested"})
        self.assertEqual(seen["readFamily"], "van der Testmeer")
        self.assertEqual(seen["unknown"], {"status": 404, "rules": ["NOT-FOUND"]})
        self.assertEqual(seen["searchInUrl"], {"status": 400, "rules": ["SEARCH-PARAMETER"]})
        self.assertEqual(seen["lonePatient"], {"status": 422, "rules": ["FHIR-LONE-PATIENT"]})
        self.assertEqual(seen["waitingAfterReceived"], 0)
        self.assertIn({"status": "accepted", "key": "ede-2026-000001"}, seen["receipt"])
        self.assertNotIn("999900006", self.gateway.log_text())

    def test_grpc_js_registers_watches_acknowledges_and_answers(self):
        seen = node_programs.play("grpc_client.mjs", f"localhost:{self.gateway.grpc_port}", self.gateway.home,
                                  REPOSITORY / "schemas", today())
        self.assertEqual(seen["network"], "ede")
        self.assertTrue(seen["repeatIsTheSame"])
        violation = {"field": "client.bsn", "reason": "BSN-ELEVEN-TEST",
                     "description": "The BSN fails the eleven-test. Check the number with the client's record."}
        self.assertEqual(seen["refused"], {"code": "INVALID_ARGUMENT", "details": {
            "BadRequest": {"fieldViolations": [violation]},
            "ErrorInfo": {"reason": "BSN-ELEVEN-TEST", "domain": "schotvrij"}}})
        # Dropped without acknowledgement: the next stream begins where this one did.
        self.assertEqual((seen["dropped"], seen["resumed"], seen["resumedFromTheSame"]), (1, 2, True))
        self.assertEqual(seen["client"], {"bsn": "999900018", "name": {"own_name": "Testmeer", "own_prefix": "van der"}})
        self.assertEqual((seen["acknowledged"], seen["acknowledgedAgain"], seen["afterAcknowledge"]), (2, 0, 0))
        self.assertEqual(seen["noReason"]["details"]["ErrorInfo"]["reason"], "ANSWER-REASON")
        self.assertEqual(seen["notYours"], seen["notThere"])
        self.assertEqual(seen["notThere"]["code"], "NOT_FOUND")
        self.assertIn({"state": "REJECTED", "reason": "not-resident", "key": "grpc-1"}, seen["receipts"])

    def test_lock_file_names_no_host(self):
        lock = json.loads((node_programs.HERE / "package-lock.json").read_text())
        for name, package in lock["packages"].items():
            self.assertNotIn("resolved", package, name)
            # What comes within another package is vouched for with that.
            self.assertTrue(not name or "integrity" in package or package.get("inBundle"), name)


class Curl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def ask(self, party, path, *arguments):
        """(HTTP version, status, body)"""
        tls = self.gateway.home / "tls"
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "30", "--cacert", tls / "ca.crt",
             "--cert", tls / f"parties/{party}.crt", "--key", tls / f"parties/{party}.key",
             "--write-out", "\n%{http_version} %{http_code}", *arguments, f"https://localhost:{self.gateway.https_port}{path}"],
            check=True, capture_output=True, text=True)
        body, _, told = done.stdout.rpartition("\n")
        version, status = told.split()
        return version, int(status), body

    def curl(self, party, path, *arguments):
        """(HTTP version, status, parsed body)"""
        version, status, body = self.ask(party, path, *arguments)
        return version, status, json.loads(body)

    def test_registers_and_finds_it(self):
        version, status, statement = self.curl("opella", "/fhir/metadata")
        self.assertEqual((version, status, statement["resourceType"]), ("1.1", 200, "CapabilityStatement"))
        body = json.dumps(example(), indent=8)
        _, status, answer = self.curl("opella", "/fhir", "--header", f"Content-Type: {FHIR}", "--header", "Expect: 100-continue",
                                      "--data-binary", body)
        self.assertEqual(status, 200, answer)
        _, status, found = self.curl("gemeente-ede", "/fhir/Patient/_search", "--data-urlencode",
                                     "identifier=http://fhir.nl/fhir/NamingSystem/bsn|999900006")
        self.assertEqual((status, len(found["entry"])), (200, 1))

    def test_chunked_body(self):
        _, status, answer = self.curl("opella", "/fhir", "--header", f"Content-Type: {FHIR}", "--header",
                                      "Transfer-Encoding: chunked", "--data-binary", json.dumps(example("chunked", "999900043")))
        self.assertEqual(status, 200, answer)

    def test_asks_for_xml(self):
        for path, accept in (("/fhir/metadata", FHIR_XML), ("/fhir/metadata?_format=xml", FHIR)):
            _, status, statement = self.ask("opella", path, "--header", f"Accept: {accept}")
            root = xml.etree.ElementTree.fromstring(statement)
            self.assertEqual((status, root.tag), (200, "{http://hl7.org/fhir}CapabilityStatement"))
            formats = [element.get("value") for element in root.findall("{http://hl7.org/fhir}format")]
            self.assertEqual(formats, ["json", "xml"])
        _, status, outcome = self.ask("opella", "/fhir/Task/none", "--header", "Accept: text/xml")
        self.assertEqual((status, xml.etree.ElementTree.fromstring(outcome).tag), (404, "{http://hl7.org/fhir}OperationOutcome"))


@unittest.skipUnless(shutil.which("npm"), "npm is missing: no foreign converter of FHIR can be had")
class Xml(unittest.TestCase):
    """Both parties speak FHIR XML, which a converter that is not ours writes and reads."""

    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)

    def send(self, party, method, path, body=None, **headers):
        """(status, resource) of an answer in XML."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        status, text = self.gateway.send(party, method, path, body, headers)
        self.assertEqual(self.gateway.headers["Content-Type"], FHIR_XML)
        return status, node_programs.from_xml([text.decode()])[0]

    def test_the_whole_road_in_xml(self):
        registration, = node_programs.in_xml([example()])
        status, answer = self.send("opella", "POST", "/fhir", registration, Content_Type=FHIR_XML)
        self.assertEqual((status, answer["type"]), (200, "transaction-response"))
        # In JSON it is the same message, and its answer says the same.
        self.assertEqual(self.gateway.fhir("opella", "POST", "/fhir", example()), (200, answer))
        for kind in ("Task", "Patient"):
            status, page = self.send("gemeente-ede", "POST", f"/fhir/{kind}/_search", "", Accept=FHIR_XML)
            self.assertEqual((status, page), self.gateway.fhir("gemeente-ede", "POST", f"/fhir/{kind}/_search", ""))
            (entry,) = page["entry"]
            status, found = self.send("gemeente-ede", "GET", f"/fhir/{kind}/{entry['resource']['id']}", Accept=FHIR_XML)
            self.assertEqual((status, found), (200, entry["resource"]))
        self.assertEqual(found["identifier"][0]["value"], "999900006")
        task = self.gateway.mailbox("gemeente-ede")[0]
        for state, expected in (("received", "received"), ("accepted", None)):
            update, = node_programs.in_xml([{**task, "status": state}])
            status, told = self.send("gemeente-ede", "PUT", f"/fhir/Task/{task['id']}", update, Content_Type=FHIR_XML)
            self.assertEqual((status, told.get("status")), (200, expected))
        self.assertEqual([receipt["status"] for receipt in self.gateway.mailbox("opella")], ["accepted"])

    def test_what_is_written_is_what_a_validator_of_fhir_takes(self):
        self.gateway.fhir("opella", "POST", "/fhir", example())
        texts = [self.gateway.send(party, method, path, "", {"Accept": FHIR_XML})[1].decode() for party, method, path in (
            ("opella", "GET", "/fhir/metadata"), ("gemeente-ede", "POST", "/fhir/Task/_search"),
            ("gemeente-ede", "POST", "/fhir/Patient/_search"), ("opella", "GET", "/fhir/Task/none"))]
        for text, found in zip(texts, node_programs.play("fhir_xml.mjs", given=[{"to": "valid", "text": text} for text in texts])):
            self.assertEqual([each for each in found["messages"] if each["severity"] in ("error", "fatal")], [], text)


if __name__ == "__main__":
    unittest.main()
