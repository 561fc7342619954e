"""A municipality that is reached by secure mail: what others can read of it, what happens when the mail server will not, and how
it answers."""
import email
import email.policy
import json
import pathlib
import re
import signal
import subprocess
import unittest

from harness import Gateway, decrypt, example, rules, today, wait_for

# Nothing of these may be read by whoever carries the mail: the client, the target group, the network.
SECRETS = ("999900006", "Testmeer", "Voorbeeld", "Proefje", "opella", "ede-registration", "ede-2024", "dement", "cognitie",
           "doelgroep", "samenwerking", "registration", "aanmeld")


def edit(file, pattern, replacement):
    """Replaces the one match of `pattern` in the file."""
    text, count = re.subn(pattern, replacement, file.read_text(), flags=re.S)
    assert count == 1, (file, pattern, count)
    file.write_text(text)


def hasty(home):
    """Tries three times, a fifth of a second apart at the most."""
    edit(home / "schotvrij.conf", r"retry \{.*?attempts: 12\n\}",
         "retry {\n  first { nanos: 50000000 }\n  max { nanos: 200000000 }\n  attempts: 3\n}")


def patient(home):
    """Tries often enough for a test to change its mind."""
    hasty(home)
    edit(home / "schotvrij.conf", "attempts: 3", "attempts: 1000")


def rsa_recipient(home):
    """The municipality's certificate becomes one with an RSA key, and its mail client reads CBC only."""
    mail = home / "mail"

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    openssl("req", "-new", "-newkey", "rsa:2048", "-noenc", "-subj", "/O=Gemeente Ede/CN=post",
            "-keyout", mail / "gemeente-ede.key", "-out", mail / "request.pem")
    extensions = mail / "extensions"
    extensions.write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\n"
                          "extendedKeyUsage=emailProtection\nsubjectAltName=email:post@gemeente-ede.example\n")
    openssl("x509", "-req", "-in", mail / "request.pem", "-CA", home / "tls/ca.crt", "-CAkey", home / "tls/ca.key", "-days", "90",
            "-extfile", extensions, "-out", mail / "gemeente-ede.crt")
    edit(home / "enrolment.conf", "AES_256_GCM", "AES_256_CBC")


def structure(message):
    """What openssl says the CMS of a message is made of."""
    return subprocess.run(["openssl", "cms", "-cmsout", "-print", "-noout", "-in", str(message)], check=True,
                          capture_output=True, text=True).stdout


class MailRoute(unittest.TestCase):
    def register(self, gateway, key="ede-2026-000001", bsn="999900006"):
        status, answer = gateway.fhir("opella", "POST", "/fhir", example(key, bsn))
        self.assertEqual(status, 200, answer)

    def commands(self, gateway):
        log = gateway.smtp.messages / "commands.log"
        return log.read_text() if log.exists() else ""

    def receipts(self, gateway):
        return [(task["identifier"][0]["value"], task["status"]) for task in gateway.mailbox("opella")]

    def test_the_envelope_tells_nothing_and_the_letter_what_the_rule_shares(self):
        with Gateway(mail=True) as gateway:
            self.register(gateway)
            (file,) = gateway.smtp.received(1)
            self.assertIn("tls yes", file.with_suffix(".env").read_text())
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            self.assertEqual(sorted(message.keys()), sorted([
                "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding", "Content-Disposition"]))
            self.assertRegex(message["Subject"], r"^Bericht [0-9a-f]{32}$")
            self.assertEqual(message.get_filename(), "smime.p7m")
            raw = file.read_text() + file.with_suffix(".env").read_text() + self.commands(gateway)
            for secret in SECRETS:
                self.assertNotIn(secret.lower(), raw.lower())
            told = structure(file)
            self.assertIn("id-smime-ct-authEnvelopedData", told)
            self.assertIn("aes-256-gcm", told)
            letter = email.message_from_string(decrypt(file, gateway.home), policy=email.policy.default)
            self.assertEqual(letter.get_content_type(), "text/plain")
            message_id = message["Subject"].split()[1]
            self.assertEqual(letter.get_content().splitlines(), [
                "Een aanbieder meldt een cliënt bij u aan.", "", "BSN: 999900006", "Geslachtsnaam: van der Testmeer", "",
                "Afzender: opella", f"Bericht: {message_id}", f"Verzonden op: {today()}"])
            verified, report = gateway.audit()
            self.assertEqual(verified, 0, report)

            # The municipality answers by the id that the letter names.
            status, outcome = gateway.answer("menzis", message_id, "accepted")
            self.assertEqual((status, rules(outcome)), (404, ["ANSWER-UNKNOWN"]))
            status, outcome = gateway.answer("gemeente-ede", message_id, "rejected", "not-resident")
            self.assertEqual(status, 200, outcome)
            (receipt,) = gateway.mailbox("opella")
            self.assertEqual((receipt["status"], receipt["statusReason"]["coding"][0]["code"]), ("rejected", "not-resident"))

    def test_rsa_recipient_that_reads_cbc_only(self):
        with Gateway(mail=True, change=rsa_recipient) as gateway:
            self.register(gateway)
            (file,) = gateway.smtp.received(1)
            told = structure(file)
            self.assertIn("pkcs7-envelopedData", told)
            self.assertIn("aes-256-cbc", told)
            letter = decrypt(file, gateway.home)
            self.assertIn("999900006", letter)

    def test_a_refusal_for_now_is_tried_again_with_the_same_message_id(self):
        with Gateway(mail=True, change=patient) as gateway:
            gateway.smtp.behaviour.write_text("reply 451\n")
            self.register(gateway)
            wait_for(lambda: self.commands(gateway).count("DATA") >= 2)
            # Not even the loss of the process between two attempts changes what was frozen before the first.
            gateway.stop(signal.SIGKILL)
            gateway.start()
            gateway.smtp.behaviour.write_text("accept\n")
            (file,) = gateway.smtp.received(1)
            message = email.message_from_bytes(file.read_bytes())
            frozen = message["Subject"].split()[1]
            self.assertTrue(message["Message-ID"].startswith(f"<{frozen}@"))
            attempts = [json.loads(line) for line in gateway.log_text().splitlines() if '"event":"delivery"' in line]
            self.assertEqual({attempt["delivery"] for attempt in attempts}, {frozen})
            self.assertIn("retry", [attempt["stage"] for attempt in attempts])
            self.assertEqual(self.receipts(gateway), [])
            self.assertEqual(gateway.audit()[0], 0)

    def test_a_refusal_for_good_is_a_dead_letter_that_the_sender_hears_of(self):
        with Gateway(mail=True, change=hasty) as gateway:
            gateway.smtp.behaviour.write_text("reply-rcpt 550\n")
            self.register(gateway)
            self.assertEqual(wait_for(lambda: self.receipts(gateway)), [("ede-2026-000001", "failed")])
            (receipt,) = gateway.mailbox("opella")
            self.assertEqual(receipt["statusReason"]["coding"][0]["code"], "delivery-failed")
            self.assertEqual(self.commands(gateway).count("RCPT"), 1)
            # The registration is open no more: another one may come.
            gateway.smtp.behaviour.write_text("accept\n")
            self.register(gateway, "ede-2026-000002")
            gateway.smtp.received(1)

    def test_every_attempt_refused_for_now_ends_as_dead_letter(self):
        with Gateway(mail=True, change=hasty) as gateway:
            gateway.smtp.behaviour.write_text("reply 451\n")
            self.register(gateway)
            self.assertEqual(wait_for(lambda: self.receipts(gateway)), [("ede-2026-000001", "failed")])
            self.assertEqual(self.commands(gateway).count("DATA"), 3)

    def test_without_starttls_nothing_is_said_and_it_is_tried_again(self):
        with Gateway(mail=True, change=patient) as gateway:
            gateway.smtp.behaviour.write_text("no-starttls\n")
            self.register(gateway)
            wait_for(lambda: gateway.log_text().count('"stage":"retry"') >= 2)
            self.assertNotRegex(self.commands(gateway), r"MAIL|RCPT|DATA|AUTH")
            gateway.smtp.behaviour.write_text("accept\n")
            (file,) = gateway.smtp.received(1)
            self.assertIn("tls yes", file.with_suffix(".env").read_text())
            self.assertNotRegex(self.commands(gateway), r"plain (MAIL|RCPT|DATA|AUTH)")

    def test_a_mail_server_of_another_ca_gets_nothing(self):
        def distrust(home):
            (home / "mail/smtp_ca.crt").write_bytes((home / "tls/ca.crt").read_bytes())
            patient(home)
        with Gateway(mail=True, change=distrust) as gateway:
            self.register(gateway)
            wait_for(lambda: gateway.log_text().count('"stage":"retry"') >= 1)
            self.assertNotRegex(self.commands(gateway), r"MAIL|RCPT|DATA|AUTH")
            self.assertEqual(list(pathlib.Path(gateway.smtp.messages).glob("*.eml")), [])


if __name__ == "__main__":
    unittest.main()
