"""Both parties work with clients that are not ours: fhir-kit-client, @grpc/grpc-js and curl.

The packages are named and pinned in node/, and installed by `npm ci` below the build folder.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness import FHIR, REPOSITORY, Gateway, example, today

HERE = pathlib.Path(__file__).parent / "node"


def installed():
    """A folder with the programs of node/ and their packages, made anew when one of them changed."""
    build = os.environ.get("SCHOTVRIJ_BUILD")
    folder = pathlib.Path(build) / "node" if build else pathlib.Path(tempfile.gettempdir()) / f"schotvrij-node-{os.getuid()}"
    folder.mkdir(parents=True, exist_ok=True)
    lock, done = HERE / "package-lock.json", folder / "installed.json"
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder)
        subprocess.run(["npm", "ci", "--no-progress"], cwd=folder, check=True, capture_output=True, timeout=300)
        shutil.copy(lock, done)
    for program in HERE.glob("*.mjs"):
        shutil.copy(program, folder)
    return folder


@unittest.skipUnless(shutil.which("npm"), "npm is missing: no foreign FHIR and gRPC client can be had")
class NodeClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = installed()
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def play(self, program, *arguments):
        done = subprocess.run(["node", program, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_fhir_kit_client_registers_reads_and_answers(self):
        registration = pathlib.Path(self.gateway.directory, "registration.json")
        registration.write_text(json.dumps(example()))
        seen = self.play("fhir_client.mjs", f"https://localhost:{self.gateway.https_port}/fhir", self.gateway.home, registration)
        self.assertEqual(seen["statement"], {"fhirVersion": "4.0.1", "resources": ["Bundle", "Task", "Patient", "Consent"]})
        self.assertEqual(seen["transaction"], {"type": "transaction-response", "status": ["201 Created"] + ["202 Accepted"] * 3})
        self.assertTrue(seen["repeatIsTheSame"])
        (patient,) = seen["patients"]
        self.assertEqual(patient["identifier"][0]["value"], "999900006")
        self.assertEqual(set(patient), {"resourceType", "id", "meta", "identifier", "name"})
        self.assertEqual(seen["task"], {"count": 1, "status": "requested"})
        self.assertEqual(seen["readFamily"], "van der Testmeer")
        self.assertEqual(seen["unknown"], {"status": 404, "rules": ["NOT-FOUND"]})
        self.assertEqual(seen["searchInUrl"], {"status": 400, "rules": ["SEARCH-PARAMETER"]})
        self.assertEqual(seen["lonePatient"], {"status": 422, "rules": ["FHIR-LONE-PATIENT"]})
        self.assertEqual(seen["waitingAfterReceived"], 0)
        self.assertIn({"status": "accepted", "key": "ede-2026-000001"}, seen["receipt"])
        self.assertNotIn("999900006", self.gateway.log_text())

    def test_grpc_js_registers_watches_acknowledges_and_answers(self):
        seen = self.play("grpc_client.mjs", f"localhost:{self.gateway.grpc_port}", self.gateway.home, REPOSITORY / "schemas",
                         today())
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
        lock = json.loads((HERE / "package-lock.json").read_text())
        for name, package in lock["packages"].items():
            self.assertNotIn("resolved", package, name)
            self.assertTrue(not name or "integrity" in package, name)


class Curl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def curl(self, party, path, *arguments):
        """(HTTP version, status, parsed body)"""
        tls = self.gateway.home / "tls"
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "30", "--cacert", tls / "ca.crt",
             "--cert", tls / f"parties/{party}.crt", "--key", tls / f"parties/{party}.key",
             "--write-out", "\n%{http_version} %{http_code}", *arguments, f"https://localhost:{self.gateway.https_port}{path}"],
            check=True, capture_output=True, text=True)
        body, _, told = done.stdout.rpartition("\n")
        version, status = told.split()
        return version, int(status), json.loads(body)

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


if __name__ == "__main__":
    unittest.main()
