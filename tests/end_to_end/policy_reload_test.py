"""Policy documents and enrolment are read again while the gateway works: all of it or nothing, and the outcome is told."""
import json
import pathlib
import re
import signal
import tempfile
import unittest

from harness import REPOSITORY, Gateway, example, rules, run, wait_for

DOCUMENTS = REPOSITORY / "policy/documents"
LAST_LEAF = '      leaf { path: "envelope.sent_on" }\n    }\n\n    rule {\n      id: "ede-receipt"'
NETWORK = '      leaf { path: "envelope.network" written_need: "de gemeente werkt in twee netwerken" }\n'
# file:line:column: path: …, as every fault is told
FAULT = r"ede\.txtpb:\d+:\d+: network\.agreement\[\d\]\.rule\[0\]\.leaf\[5\]\.path: client\.birth_date: .*\[POLICY-WIDENS-LEAF\]"


def with_leaf(document, leaf):
    """The document whose registration rules share one leaf more."""
    assert document.count(LAST_LEAF) == 2
    return document.replace(LAST_LEAF, leaf + LAST_LEAF)


def widening(document):
    return with_leaf(document, '      leaf { path: "client.birth_date" }\n')


class Reload(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)
        self.document = self.gateway.home / "policy/ede.txtpb"
        self.enrolment = self.gateway.home / "enrolment.conf"
        self.good = self.document.read_text()

    def reload(self):
        done = run("reload", "--home", self.gateway.home, check=False)
        return done.returncode, done.stdout, done.stderr

    def register(self, key, bsn):
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", example(key, bsn))
        return status, rules(answer)

    def policy_set(self):
        (name,) = re.findall(r'schotvrij_policy_set{set="([0-9a-f]+)"} 1', self.gateway.admin("GET", "/metrics")[1])
        return name

    def test_a_wider_document_holds_for_what_comes_and_a_narrower_one_for_all(self):
        self.register("before", "999900006")
        before = self.policy_set()
        self.document.write_text(with_leaf(self.good, NETWORK))
        status, said, _ = self.reload()
        self.assertEqual(status, 0)
        self.assertRegex(said, r"^network ede: active\npolicy set [0-9a-f]{16}\n$")
        self.assertNotEqual(self.policy_set(), before)
        self.register("after", "999900018")
        # What was accepted under the narrower rule stays as narrow.
        tasks = self.gateway.mailbox("gemeente-ede")
        self.assertEqual([task.get("groupIdentifier", {}).get("value") for task in tasks], [None, "ede"])
        self.document.write_text(self.good.replace('      leaf { path: "client.name.own_prefix" }\n', ""))
        self.assertEqual(self.reload()[0], 0)
        for patient in self.gateway.mailbox("gemeente-ede", "Patient"):
            self.assertEqual(patient["name"][0]["family"], "Testmeer")
        self.assertEqual([task.get("groupIdentifier") for task in self.gateway.mailbox("gemeente-ede")], [None, None])
        self.assertEqual(self.gateway.audit()[0], 0)

    def test_a_bad_document_is_told_with_its_place_and_changes_nothing(self):
        before = self.policy_set()
        for bad, told in ((widening(self.good), FAULT), ("network {", r"ede\.txtpb:1:\d+: .*\[POLICY-SYNTAX\]"),
                          (self.good.replace("max_age_days", "max_age_dagen", 1),
                           r"ede\.txtpb:\d+:\d+: .*\[POLICY-UNKNOWN-FIELD\]")):
            self.document.write_text(bad)
            status, said, faults = self.reload()
            self.assertEqual((status, said), (1, ""))
            self.assertRegex(faults, told)
            self.assertTrue(faults.endswith("nothing was changed\n"), faults)
            self.assertEqual(self.policy_set(), before)
        self.document.unlink()
        status, said, faults = self.reload()
        self.assertEqual((status, said), (1, ""))
        self.assertIn("policy/ede.txtpb", faults)
        self.assertEqual(self.register("still", "999900031"), (200, []))
        self.document.write_text(self.good)
        self.assertEqual(self.reload()[0], 0)

    def test_a_bad_enrolment_is_told_with_its_place_and_changes_nothing(self):
        whole = self.enrolment.read_text()
        # A good document beside it is not taken over either.
        self.document.write_text(with_leaf(self.good, NETWORK))
        for bad, told in ((whole.replace("san_uri", "san_url", 1), r"enrolment\.conf:\d+:\d+: "),
                          (whole.replace('value: "0228"', 'value: "9"'), r"enrolment\.conf:\d+:\d+: "),
                          ("participant {", r"enrolment\.conf:\d+:\d+: ")):
            self.enrolment.write_text(bad)
            status, said, faults = self.reload()
            self.assertEqual((status, said), (1, ""), faults)
            self.assertRegex(faults, told)
            self.assertIn("nothing was changed", faults)
        self.enrolment.write_text(whole)
        self.assertEqual(self.register("enrolled", "999900043"), (200, []))
        self.assertNotIn("groupIdentifier", self.gateway.mailbox("gemeente-ede")[0])

    def test_a_network_is_inactive_while_a_party_that_its_rules_address_is_not_enrolled(self):
        whole = self.enrolment.read_text()
        self.enrolment.write_text(whole.replace('key: "gemeente-ede"', 'key: "another"'))
        status, said, _ = self.reload()
        self.assertEqual(status, 0)
        self.assertIn("network ede: inactive, not enrolled: gemeente-ede", said)
        self.assertEqual(self.register("inactive", "999911120"), (422, ["NETWORK-INACTIVE"]))
        self.enrolment.write_text(whole)
        self.assertIn("network ede: active", self.reload()[1])
        self.assertEqual(self.register("active", "999911120"), (200, []))

    def test_a_party_that_leaves_is_let_in_no_more(self):
        whole = self.enrolment.read_text()
        self.assertEqual(self.gateway.mailbox("menzis"), [])
        self.enrolment.write_text(whole.replace("urn:schotvrij:party:menzis", "urn:schotvrij:party:nobody"))
        self.assertEqual(self.reload()[0], 0)
        self.assertEqual(self.gateway.fhir("menzis", "GET", "/fhir/metadata"), (401, None))

    def test_sighup_does_the_same(self):
        log = self.gateway.log_text
        self.document.write_text(widening(self.good))
        self.gateway.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "nothing was changed" in log())
        self.assertRegex(log(), FAULT)
        self.assertEqual(self.register("after a bad one", "999900006"), (200, []))
        self.document.write_text(with_leaf(self.good, NETWORK))
        before = self.policy_set()
        self.gateway.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.policy_set() != before)
        self.register("after a good one", "999900018")
        self.assertEqual(self.gateway.mailbox("gemeente-ede")[-1]["groupIdentifier"]["value"], "ede")

    def test_a_gateway_that_does_not_run_is_said_so(self):
        self.gateway.stop()
        status, said, fault = self.reload()
        self.assertIn(status, (2, 3))
        self.assertEqual(said, "")
        self.assertNotEqual(fault, "")


class Offline(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.bad = self.home / "ede.txtpb"
        self.bad.write_text(widening((DOCUMENTS / "ede.txtpb").read_text()))

    def test_check_of_good_documents(self):
        for files in ([], [DOCUMENTS / "national.txtpb", DOCUMENTS / "ede.txtpb"]):
            done = run("policy", "check", *files)
            self.assertRegex(done.stdout, r"^policy set [0-9a-f]{16} loads\nnetwork ede ")
            self.assertIn("in force", done.stdout)
        done = run("policy", "check", "--json")
        self.assertEqual((json.loads(done.stdout)["loads"], json.loads(done.stdout)["faults"]), (True, []))

    def test_check_of_a_bad_document(self):
        done = run("policy", "check", self.bad, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout + done.stderr, re.escape(str(self.home)) + "/" + FAULT)
        self.assertIn("does not load: 2 faults", done.stdout + done.stderr)
        report = json.loads(run("policy", "check", "--json", self.bad, check=False).stdout)
        self.assertFalse(report["loads"])
        fault = report["faults"][0]
        line = self.bad.read_text().splitlines()[fault["line"] - 1]
        self.assertEqual(line[fault["column"] - 1:].split(":")[0], "path")
        self.assertEqual((fault["rule"], fault["path"]), ("POLICY-WIDENS-LEAF", "network.agreement[0].rule[0].leaf[5].path"))

    def test_check_says_who_a_home_has_not_enrolled(self):
        home = self.home / "home"
        run("init", home)
        twin = self.home / "twin.txtpb"
        twin.write_text((DOCUMENTS / "ede.txtpb").read_text().replace('key: "ede"', 'key: "twin"')
                        .replace('key: "gemeente-ede"', 'key: "elsewhere"'))
        done = run("policy", "check", "--home", home, twin)
        self.assertIn("network twin (Domeinoverstijgend samenwerken Ede): inactive, not enrolled: elsewhere", done.stdout)

    def test_show(self):
        done = run("policy", "show")
        for told in ("national-registration", "ede-registration", "registration from provider to municipality", "client.bsn",
                     "Wmo 2015 artikel 5.2.9", "(unverified)"):
            self.assertIn(told, done.stdout)
        self.assertEqual(run("policy", "show", self.bad, check=False).returncode, 1)

    def test_files_that_are_not_there_are_wrong_use(self):
        for command in ("check", "show"):
            done = run("policy", command, self.home / "none", check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("none", done.stderr)


if __name__ == "__main__":
    unittest.main()
