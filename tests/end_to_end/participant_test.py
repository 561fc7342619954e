"""R54, as far as this release has it: who takes part is changed by command, at once on a running gateway, and is checked first."""
import json
import pathlib
import re
import subprocess
import time
import unittest

import grpc

from certificates import issue
from grpc_peer import GrpcPeer, refusal
from harness import Gateway, decrypt, example, rules, run, today
from mail_route_test import edit, patient

VENDOR = """# Agreed by telephone.
participant {
  key: "ecd-vendor"
  name: "A vendor of client records"  # of the test
  peer { san_uri: "urn:example:vendor" }
  acts_for: "opella"
}
"""


def fingerprint(certificate):
    said = subprocess.run(["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"], check=True,
                          capture_output=True, text=True).stdout
    return said.strip().split("=")[1]


class Participants(unittest.TestCase):
    def gateway(self, **how):
        gateway = Gateway(**how)
        self.addCleanup(gateway.close)
        self.enrolment = gateway.home / "enrolment.conf"
        return gateway

    def call(self, gateway, *words, ends=0):
        done = run("participant", *words, "--home", gateway.home, check=False)
        self.assertEqual(done.returncode, ends, (words, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def refused(self, gateway, *words, ends):
        """What it says; not a byte of the enrolment is another."""
        before = self.enrolment.read_bytes()
        said = self.call(gateway, *words, ends=ends)
        self.assertEqual(self.enrolment.read_bytes(), before)
        self.assertIn("nothing was changed", said)
        return said

    def left_behind(self, gateway, party):
        """States of what is left by its name, when it is removed."""
        said = self.call(gateway, "remove", party)
        return {name: state for state, name in re.findall(r"^(ok|warning|missing) (\w+): ", said, re.M)}

    def certificate(self, gateway, name, uri):
        """Of the home's CA, where the harness looks for a party's own."""
        return pathlib.Path(issue(gateway.home / "tls", gateway.home / "tls/parties" / name, uri) + ".crt")

    def status(self, gateway, party):
        """Of a search in the party's mailbox."""
        return gateway.send(party, "POST", "/fhir/Task/_search", "")[0]

    def test_r54_who_is_suspended_is_kept_out_at_its_next_call_until_it_is_resumed(self):
        gateway = self.gateway()
        before = self.enrolment.read_bytes()
        self.assertIn("reloaded", self.call(gateway, "suspend", "opella"))
        status, outcome = gateway.fhir("opella", "POST", "/fhir", example())
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-SUSPENDED"]))
        self.call(gateway, "suspend", "opella")
        self.assertIn("missing state: suspended", self.call(gateway, "check", "opella", ends=1))
        self.call(gateway, "resume", "opella")
        self.assertEqual(self.enrolment.read_bytes(), before)
        status, outcome = gateway.fhir("opella", "POST", "/fhir", example())
        self.assertEqual(status, 200, outcome)
        self.assertEqual(len(gateway.mailbox("gemeente-ede")), 1)

    def test_r54_a_suspension_holds_within_a_minute_for_each_edge_and_for_what_is_open(self):
        gateway = self.gateway()
        with GrpcPeer(gateway, "gemeente-ede") as peer:
            waiting = peer.watch(wait=True)
            began = time.monotonic()
            self.call(gateway, "suspend", "gemeente-ede")
            self.assertEqual(self.status(gateway, "gemeente-ede"), 403)
            with self.assertRaises(grpc.RpcError) as refused:
                peer.call("MailboxService", "Acknowledge", delivery_ids=["1"])
            self.assertEqual(refusal(refused.exception).rules, ("CALLER-SUSPENDED",))
            self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
            with self.assertRaises(grpc.RpcError) as refused:  # the stream ends where it would show something
                next(iter(waiting))
            self.assertEqual(refusal(refused.exception).rules, ("CALLER-SUSPENDED",))
            self.assertLess(time.monotonic() - began, 60)

    def test_r54_without_a_reload_the_gateway_goes_on_as_it_was(self):
        gateway = self.gateway()
        self.assertIn("not reloaded", self.call(gateway, "suspend", "opella", "--no-reload"))
        self.assertEqual(self.status(gateway, "opella"), 200)
        run("reload", "--home", gateway.home)
        self.assertEqual(self.status(gateway, "opella"), 403)

    def test_r54_without_a_gateway_the_file_is_changed_and_that_is_said(self):
        gateway = self.gateway()
        gateway.stop()
        self.assertIn("no gateway runs on this home", self.call(gateway, "suspend", "opella"))
        gateway.start()
        self.assertEqual(self.status(gateway, "opella"), 403)

    def test_r54_certificates_overlap_until_the_old_one_is_retired(self):
        gateway = self.gateway()
        old = self.certificate(gateway, "old", "urn:example:old")
        new = self.certificate(gateway, "new", "urn:example:new")
        edit(self.enrolment, r'san_uri: "urn:schotvrij:party:opella"', f'sha256: "{fingerprint(old).replace(":", "").lower()}"')
        run("reload", "--home", gateway.home)
        self.assertEqual((self.status(gateway, "old"), self.status(gateway, "new")), (200, 401))
        self.assertIn("missing holder", self.call(gateway, "check", "opella", "--certificate", new, ends=1))
        server = issue(gateway.home / "tls", gateway.home / "tls/parties/server", "urn:example:server", usage="serverAuth")
        self.assertIn("purpose", self.refused(gateway, "rotate", "opella", "--certificate", f"{server}.crt", ends=1))
        self.call(gateway, "rotate", "opella", "--certificate", new)
        self.assertEqual((self.status(gateway, "old"), self.status(gateway, "new")), (200, 200))
        self.assertIn("ok holder", self.call(gateway, "check", "opella", "--certificate", new))
        self.call(gateway, "rotate", "opella", "--retire", fingerprint(old))
        self.assertEqual((self.status(gateway, "old"), self.status(gateway, "new")), (401, 200))
        self.refused(gateway, "rotate", "opella", "--retire", fingerprint(new), ends=2)
        self.assertEqual(self.status(gateway, "new"), 200)

    def test_r54_a_certificate_for_mail_is_replaced_by_its_next_one(self):
        gateway = self.gateway(mail=True, change=patient)
        stem = gateway.home / "mail/next"
        issue(gateway.home / "tls", stem, "urn:example:next", usage="clientAuth")
        said = self.refused(gateway, "rotate", "gemeente-ede", "--mail-certificate", f"{stem}.crt", ends=1)
        self.assertIn("gemeente-ede", said)
        self.assertEqual(list((gateway.home / "mail").glob("gemeente-ede-*")), [])
        subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=next", "-keyout", f"{stem}.key", "-out",
                        f"{stem}.csr"], check=True, capture_output=True)
        pathlib.Path(f"{stem}.ext").write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\n"
                                               "extendedKeyUsage=emailProtection\nsubjectAltName=email:post@gemeente-ede.example\n")
        subprocess.run(["openssl", "x509", "-req", "-in", f"{stem}.csr", "-CA", gateway.home / "tls/ca.crt", "-CAkey",
                        gateway.home / "tls/ca.key", "-days", "40", "-extfile", f"{stem}.ext", "-out", f"{stem}.crt"],
                       check=True, capture_output=True)
        self.call(gateway, "rotate", "gemeente-ede", "--mail-certificate", f"{stem}.crt")
        self.assertRegex(self.call(gateway, "check", "gemeente-ede"), r"warning expiry: mail certificate until .*: within 60; ")
        status, outcome = gateway.fhir("opella", "POST", "/fhir", example())
        self.assertEqual(status, 200, outcome)
        (letter,) = [mail for mail in gateway.smtp.received(2) if b"To: pilot@gemeente-ede.example" not in mail.read_bytes()]
        self.assertIn("Testmeer", decrypt(letter, gateway.home, "next"))

    def test_r54_a_member_is_not_removed_and_what_is_no_member_is(self):
        gateway = self.gateway()
        said = self.refused(gateway, "remove", "menzis", ends=2)
        self.assertIn("ede as insurer from 2021-01-01 without end", said)
        before = self.enrolment.read_bytes()
        block = gateway.home / "vendor.conf"
        block.write_text(VENDOR)
        self.certificate(gateway, "ecd-vendor", "urn:example:vendor")
        self.call(gateway, "add", block)
        status, outcome = gateway.fhir("ecd-vendor", "POST", "/fhir", example())
        self.assertEqual(status, 200, outcome)
        block.write_text(VENDOR.replace('acts_for: "opella"', 'acts_for: "menzis"'))
        self.call(gateway, "replace", "ecd-vendor", block)
        status, outcome = gateway.fhir("ecd-vendor", "POST", "/fhir", example("another", "999900018"))
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-NOT-FOR"]))
        self.assertEqual(self.left_behind(gateway, "ecd-vendor"),
                         {"network": "ok", "waiting": "ok", "acts_for": "warning", "proof": "ok", "certificate": "warning"})
        self.assertEqual(self.enrolment.read_bytes(), before)
        self.assertEqual(self.status(gateway, "ecd-vendor"), 401)

    def test_r54_who_is_removed_by_force_leaves_a_list_of_what_is_to_do(self):
        gateway = self.gateway()
        self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
        said = self.call(gateway, "remove", "gemeente-ede", "--force")
        for line in ("warning network: ede is inactive without it: ", "warning member: still municipality in ede; ",
                     "warning waiting: 1 for it, not taken over; let the senders know",
                     "warning people: in ede: contact: contactpersoon van de pilot, pilot@gemeente-ede.example, ",
                     "; deputy: plaatsvervanger van de contactpersoon, ",
                     "ok proof: 1 peer entries are gone: ",
                     f'warning certificate: client certificate is in the home still: {gateway.home}/tls/parties/gemeente-ede.crt; '):
            self.assertIn(line, said)
        for person in ("999900006", "Testmeer"):
            self.assertNotIn(person, said)
        self.assertEqual(self.status(gateway, "gemeente-ede"), 401)

    def test_r54_who_was_followed_up_leaves_what_waits_to_its_successor(self):
        gateway = self.gateway()
        self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
        edit(gateway.home / "policy/ede.txtpb", r'membership \{ role: "municipality" from: "2021-01-01" \}\n',
             f'membership {{ role: "municipality" from: "2021-01-01" until: "{today(-1)}" }}\n'
             f'    succession {{ party: "gemeente-nieuw" from: "{today()}" source: "made up for tests" }}\n')
        edit(gateway.home / "policy/ede.txtpb", r'(?=  party \{\n    key: "menzis")',
             f'  party {{\n    key: "gemeente-nieuw"\n    name: "Gemeente Nieuw"\n'
             f'    membership {{ role: "municipality" from: "{today()}" }}\n  }}\n')
        said = self.call(gateway, "remove", "gemeente-ede")
        for line in ("ok network: none is inactive without it",
                     f"warning successor: in ede: gemeente-nieuw from {today()}, which is not enrolled; enrol it",
                     "warning waiting: 1 for it, not taken over; see that its successor gets it"):
            self.assertIn(line, said)

    def test_r54_the_checklist_says_what_is_there_and_what_is_missing(self):
        gateway = self.gateway()
        own = gateway.home / "tls/parties/gemeente-ede.crt"
        said = json.loads(self.call(gateway, "check", "gemeente-ede", "--certificate", own, "--json"))
        self.assertTrue(said["complete"])
        self.assertEqual({item["item"] for item in said["items"] if item["state"] != "ok"}, {"signature", "mandate"})
        self.assertEqual([item["item"] for item in said["items"]],
                         ["enrolled", "member", "identifier", "proof", "contact", "deputy", "mailbox", "signature", "mandate", "certificate",
                          "holder", "route", "expiry", "state"])
        block = gateway.home / "bare.conf"
        block.write_text('participant { key: "bare" name: "Kaal" }')
        self.assertIn("missing route: nothing can reach it; ", self.call(gateway, "add", block), "who is added is checked at once")
        said = json.loads(self.call(gateway, "check", "bare", "--json", ends=1))
        self.assertFalse(said["complete"])
        missing = {item["item"]: item["remedy"] for item in said["items"] if item["state"] == "missing"}
        self.assertEqual(set(missing), {"member", "proof", "route"})
        self.assertTrue(all(missing.values()))
        self.assertIn("missing holder: the enrolment takes it for gemeente-ede",
                      self.call(gateway, "check", "menzis", "--certificate", own, ends=1))
        self.call(gateway, "check", "nobody", ends=1)

    def test_r54_a_wrong_file_is_refused_at_its_line_and_nothing_is_changed(self):
        gateway = self.gateway()
        block = gateway.home / "wrong.conf"
        for text, place in ((VENDOR.replace("peer {", "pear {"), r"wrong.conf:5:3: "),
                            (VENDOR.replace('"opella"', '"nobody"'), r"wrong.conf:6:\d+: participant\[3\].acts_for\[0\]: "),
                            (VENDOR + VENDOR, r"wrong.conf:1:1: it holds 2 participants")):
            block.write_text(text)
            self.assertRegex(self.refused(gateway, "add", block, ends=1), place)
        block.write_text(VENDOR.replace("ecd-vendor", "menzis"))
        self.assertIn("is there already", self.refused(gateway, "add", block, ends=2))
        self.assertEqual(self.status(gateway, "opella"), 200)
        self.assertEqual([path.name for path in gateway.home.glob("enrolment.conf*")], ["enrolment.conf"])

    def test_r54_the_list_has_a_line_for_each_and_show_has_its_place(self):
        gateway = self.gateway()
        self.call(gateway, "suspend", "menzis")
        listed = {each["key"]: each for each in json.loads(self.call(gateway, "list", "--json"))}
        self.assertEqual(set(listed), {"opella", "gemeente-ede", "menzis"})
        self.assertEqual([(role["network"], role["role"]) for role in listed["menzis"]["roles"]],
                         [("ede", "insurer"), ("ede", "care_office")])
        self.assertEqual([key for key, each in listed.items() if each["suspended"]], ["menzis"])
        self.assertGreater(listed["opella"]["first_to_expire"]["days"], 60)
        self.assertEqual(len(self.call(gateway, "list").splitlines()), 3)
        shown = json.loads(self.call(gateway, "show", "menzis", "--json"))
        lines = self.enrolment.read_text().splitlines()
        self.assertEqual(lines[shown["line"] - 1:shown["line"] + 2], ["participant {", "  suspended: true", '  key: "menzis"'])
        self.assertRegex(self.call(gateway, "show", "menzis"), re.escape(f"{self.enrolment}:{shown['line']}\n"))
        self.call(gateway, "show", "nobody", ends=2)


if __name__ == "__main__":
    unittest.main()
