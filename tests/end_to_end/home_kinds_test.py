"""R55: a test home and a production home have nothing in common. BSNs, certificates and stores of the one are refused by the other, which
says why. The certificates are openssl's, and those that `schotvrij init` makes."""
import pathlib
import re
import shutil
import ssl
import unittest
import urllib.error

import grpc

from certificates import issue, make_ca, openssl
from grpc_peer import GrpcPeer
from harness import Gateway, example, rules, run
from production_home import configure, production

TEXTBOOK_BSN = "123456782"  # outside the range for testing
MARK = "/O=Test/OU=Schotvrij test/CN=test"
PARTIES = ("opella", "gemeente-ede", "menzis")


def below(folder, name, mark, extensions):
    """Another authority below that of `folder`, in a folder of its own."""
    made = folder / name
    made.mkdir()
    (made / "ext").write_text(extensions)
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj", f"/O=Test{mark}/CN={name}",
            "-keyout", made / "ca.key", "-out", made / "ca.csr")
    openssl("x509", "-req", "-in", made / "ca.csr", "-CA", folder / "ca.crt", "-CAkey", folder / "ca.key", "-days", 30, "-extfile",
            made / "ext", "-out", made / "ca.crt")
    return made


class Kinds(unittest.TestCase):
    def start(self, change=None):
        gateway = Gateway(change=change)
        self.addCleanup(gateway.close)
        return gateway

    def serve_refuses(self, home):
        """What `serve` says of a home that it does not serve."""
        done = run("serve", "--home", home, check=False)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def assert_not_let_in(self, gateway, stem):
        """Whoever shows that certificate for opella has no effect by either listener."""
        before = gateway.query("SELECT count(*) FROM message")
        for name in ("crt", "key"):
            shutil.copy(f"{stem}.{name}", gateway.home / f"tls/parties/opella.{name}")
        try:
            status, answer = gateway.send("opella", "POST", "/fhir", example())
            self.assertEqual((status, answer), (401, b""))
        except (ssl.SSLError, ConnectionError, urllib.error.URLError):
            pass  # by TLS already
        with GrpcPeer(gateway, "opella") as peer:
            with self.assertRaises(grpc.RpcError) as refused:
                peer.call("MailboxService", "Acknowledge", deliveryIds=["0" * 32])
            self.assertIn(refused.exception.code(), (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE))
        self.assertEqual(gateway.query("SELECT count(*) FROM message"), before)

    def test_r55_each_home_takes_the_bsns_of_its_own_kind_only(self):
        for change, bsn, rule in ((None, TEXTBOOK_BSN, "BSN-NOT-TEST"), (production, "999900006", "BSN-TEST")):
            gateway = self.start(change)
            status, answer = gateway.fhir("opella", "POST", "/fhir", example(bsn=bsn))
            self.assertEqual((status, rules(answer)), (422, [rule]))
            self.assertEqual(gateway.query("SELECT count(*) FROM client"), [(0,)])

    def test_r55_a_production_home_does_not_load_certificates_of_a_test_home(self):
        gateway = self.start(production)
        gateway.stop()
        test = self.start().home / "tls"
        for name in ("ca.crt", "server"):
            with self.subTest(of=name):
                kept = gateway.home.parent / "kept"
                shutil.copytree(gateway.home / "tls", kept)
                for file in ([name] if "." in name else [f"{name}.crt", f"{name}.key"]):
                    shutil.copy(test / file, gateway.home / "tls" / file)
                said = self.serve_refuses(gateway.home)
                self.assertIn("is marked as of a test home, and this is a production home", said)
                self.assertIn(f"tls/{name}", said)
                shutil.rmtree(gateway.home / "tls")
                kept.rename(gateway.home / "tls")

    def test_r55_a_test_home_does_not_trust_the_authority_of_a_production_home(self):
        gateway = self.start()
        gateway.stop()
        real = self.start(production).home / "tls"
        with open(gateway.home / "tls/ca.crt", "a") as trusted:
            trusted.write((real / "ca.crt").read_text())
        said = self.serve_refuses(gateway.home)
        self.assertIn("tls/ca.crt has an authority that is not marked as of a test home", said)

    def test_r55_a_certificate_of_the_other_kind_gets_in_nowhere(self):
        test, real = self.start(), self.start(production)
        own = {gateway: pathlib.Path(gateway.directory) / "own" for gateway in (test, real)}
        for gateway, folder in own.items():
            shutil.copytree(gateway.home / "tls/parties", folder)
        self.assert_not_let_in(test, own[real] / "opella")
        self.assert_not_let_in(real, own[test] / "opella")

    def test_r55_the_mark_alone_keeps_out_what_an_authority_that_is_trusted_issued(self):
        real = self.start(production)
        marked = issue(real.home / "tls", pathlib.Path(real.directory) / "marked", "urn:schotvrij:party:opella", subject=MARK)
        self.assert_check(real, marked, "marked as of a test home, and this is a production home")
        self.assert_not_let_in(real, marked)

        def with_deep_authority(home):
            make_ca(home / "tls")
            for party in PARTIES:
                issue(home / "tls", home / f"tls/parties/{party}", f"urn:schotvrij:party:{party}")
            issue(home / "tls", home / "tls/server", "urn:example:server,DNS:localhost", usage="serverAuth")
        test = self.start(with_deep_authority)
        self.assertEqual(test.fhir("opella", "POST", "/fhir", example())[0], 200)
        unmarked = below(test.home / "tls", "unmarked", "", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n")
        stem = issue(unmarked, pathlib.Path(test.directory) / "real", "urn:schotvrij:party:opella")
        with open(f"{stem}.crt", "a") as chain:
            chain.write((unmarked / "ca.crt").read_text())
        self.assert_check(test, stem, "not marked as of a test home, and this is one")
        self.assert_not_let_in(test, stem)

    def assert_check(self, gateway, stem, words):
        done = run("participant", "check", "opella", "--home", gateway.home, "--certificate", f"{stem}.crt", check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(words, done.stdout)

    def test_r55_a_store_of_production_is_opened_by_no_test_home_nor_restored_into_one(self):
        gateway = self.start(production)
        gateway.stop()
        copy = pathlib.Path(gateway.directory) / "copy"
        run("init", copy, "--network", "ede", "--https-port", 0, "--grpc-port", 0, "--admin-port", 0)
        shutil.copytree(gateway.home / "data", copy / "data", dirs_exist_ok=True)
        shutil.copytree(gateway.home / "audit", copy / "audit", dirs_exist_ok=True)
        shutil.copytree(gateway.home / "keys", copy / "keys", dirs_exist_ok=True)
        words = "the store is of a PRODUCTION home, and the configuration says environment: TEST"
        self.assertIn(words, self.serve_refuses(copy))
        backup = pathlib.Path(gateway.directory) / "backup"
        run("backup", backup, "--home", copy, "--part", "all")
        done = run("restore", backup, "--home", backup.parent / "restored", check=False)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn(words, done.stderr)
        self.assertFalse((backup.parent / "restored").exists())
        whole = pathlib.Path(gateway.directory) / "whole"
        run("backup", whole, "--home", gateway.home, "--part", "all")
        run("restore", whole, "--home", whole.parent / "again")  # production stays production

    def test_r55_a_store_of_a_test_home_becomes_no_production_home(self):
        gateway = self.start()
        self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
        gateway.stop()
        production(gateway.home)
        self.assertIn("the store is of a TEST home, and the configuration says environment: PRODUCTION",
                      self.serve_refuses(gateway.home))


if __name__ == "__main__":
    unittest.main()
