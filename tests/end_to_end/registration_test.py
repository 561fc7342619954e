"""One registration, over real sockets, with clients and a mail server that are not ours."""
import unittest

from harness import Gateway, decrypt, example, rules, today


class ByMailbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def test_municipality_gets_bsn_and_surname_and_answers(self):
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", example())
        self.assertEqual(status, 200, answer)
        (patient,) = self.gateway.mailbox("gemeente-ede", "Patient")
        bsn, client = patient["identifier"]
        self.assertEqual(bsn, {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999900006"})
        self.assertEqual(client["system"], "urn:schotvrij:identifier:client")
        self.assertEqual(set(patient), {"resourceType", "id", "meta", "identifier", "active", "name"})
        self.assertTrue(patient["active"])
        (name,) = patient["name"]
        self.assertEqual(name["family"], "van der Testmeer")
        self.assertNotIn("given", name)
        (task,) = self.gateway.mailbox("gemeente-ede")
        status, answer = self.gateway.answer("gemeente-ede", task["id"], "accepted")
        self.assertEqual(status, 200, answer)
        (receipt,) = self.gateway.mailbox("opella")
        self.assertEqual(receipt["status"], "accepted")
        self.assertEqual(receipt["identifier"][0]["value"], "ede-2026-000001")
        verified, report = self.gateway.audit()
        self.assertEqual(verified, 0, report)


class BySecureMail(unittest.TestCase):
    def test_municipality_reads_the_mail_with_openssl(self):
        with Gateway(mail=True) as gateway:
            status, answer = gateway.fhir("opella", "POST", "/fhir", example())
            self.assertEqual(status, 200, answer)
            (message,) = gateway.smtp.received(1)
            raw = message.read_text(errors="replace")
            for secret in ("999900006", "Testmeer", "ede-registration", "dement"):
                self.assertNotIn(secret, raw)
            letter = decrypt(message, gateway.home)
            for told in ("999900006", "van der Testmeer", today()):
                self.assertIn(told, letter)
            for kept in ("Voorbeeld", "Proefje", "1941-03", "dement", "cognitie", "target-group"):
                self.assertNotIn(kept, letter)


if __name__ == "__main__":
    unittest.main()
