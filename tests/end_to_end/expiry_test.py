"""R54: the contact of a participant, as its network's document names it, is warned by mail of a certificate that ends, once for each of 60,
30 and 7 days."""
import email
import email.policy
import subprocess
import unittest

from certificates import issue
from harness import Gateway, run, wait_for
from mail_route_test import edit

CITY_CONTACT, PROVIDER_CONTACT = "pilot@gemeente-ede.example", "pilot@opella.example"


def fingerprint(certificate):
    said = subprocess.run(["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"], check=True,
                          capture_output=True, text=True).stdout
    return said.strip().split("=")[1].replace(":", "").lower()


def mail_certificate(home, days):
    """The municipality's certificate for mail becomes one that is valid so long."""
    mail, tls = home / "mail", home / "tls"
    (mail / "gemeente-ede.ext").write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment,keyAgreement\n"
                                           "extendedKeyUsage=emailProtection\nsubjectAltName=email:wmo@gemeente-ede.example\n")
    subprocess.run(["openssl", "req", "-new", "-key", mail / "gemeente-ede.key", "-subj", "/CN=wmo", "-out", mail / "gemeente-ede.csr"],
                   check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", mail / "gemeente-ede.csr", "-CA", tls / "ca.crt", "-CAkey", tls / "ca.key", "-days",
                    str(days), "-extfile", mail / "gemeente-ede.ext", "-out", mail / "gemeente-ede.crt"], check=True, capture_output=True)


class Expiry(unittest.TestCase):
    def gateway(self, days):
        gateway = Gateway(mail=True, change=lambda home: mail_certificate(home, days))
        self.addCleanup(gateway.close)
        return gateway

    def warned(self, gateway, count):
        """(address, text) of each mail, when there are so many."""
        mails = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in gateway.smtp.received(count)]
        return [(mail["To"], mail.get_content().replace("\r\n", "\n")) for mail in mails]

    def noted(self, gateway, count):
        wait_for(lambda: gateway.query("SELECT count(*) FROM claim WHERE space = 'certificate-warning'") == [(count,)])

    def test_r54_the_contact_is_warned_once_for_each_of_the_days(self):
        gateway = self.gateway(days=50)
        ((to, text),) = self.warned(gateway, 1)
        self.assertEqual(to, CITY_CONTACT)
        certificate = gateway.home / "mail/gemeente-ede.crt"
        for line in ("Deelnemer: gemeente-ede\n", "Gebruik: versleutelen van mail aan u\n", fingerprint(certificate)):
            self.assertIn(line, text)
        self.noted(gateway, 1)
        for _ in range(2):
            gateway.stop()
            gateway.start()
            run("reload", "--home", gateway.home)
        # The next one has its own days: 30 is passed over, for 7 is more urgent.
        mail_certificate(gateway.home, days=5)
        run("reload", "--home", gateway.home)
        self.assertEqual([to for to, _ in self.warned(gateway, 2)], [CITY_CONTACT] * 2)
        self.noted(gateway, 2)

    def test_r54_of_a_certificate_that_lasts_nobody_is_warned_and_of_a_connection_the_newest_counts(self):
        gateway = self.gateway(days=90)
        edit(gateway.home / "enrolment.conf", r'(san_uri: "urn:schotvrij:party:opella"\s*\})',
             r'\1\n  peer { san_uri: "urn:example:old" }\n  peer { san_uri: "urn:example:new" }')
        run("reload", "--home", gateway.home)
        for name, days in (("old", 20), ("new", 25)):
            issue(gateway.home / "tls", gateway.home / f"tls/parties/{name}", f"urn:example:{name}", days=days)
            self.assertEqual(gateway.send(name, "POST", "/fhir/Task/_search", "")[0], 200)
        first, second = self.warned(gateway, 2)
        for (to, text), name in ((first, "old"), (second, "new")):
            self.assertEqual(to, PROVIDER_CONTACT)
            self.assertIn("Gebruik: verbinding met de gateway\n", text)
            self.assertIn(fingerprint(gateway.home / f"tls/parties/{name}.crt"), text)
        self.assertEqual(gateway.send("opella", "POST", "/fhir/Task/_search", "")[0], 200)
        self.noted(gateway, 2)
        gateway.stop()
        gateway.start()
        for name in ("opella", "old", "new"):
            self.assertEqual(gateway.send(name, "POST", "/fhir/Task/_search", "")[0], 200)
        self.noted(gateway, 2)
        self.assertEqual(len(gateway.smtp.received(2)), 2)


if __name__ == "__main__":
    unittest.main()
