"""R8: who has only mail takes part by mail. A municipality answers by reply, a provider registers with the form; both sign and encrypt,
and the gateway's mailbox is on a real IMAP server."""
import email
import email.policy
import re
import subprocess
import unittest

import mail_peer
from harness import REPOSITORY, Gateway, decrypt, example, run, today, wait_for
from imap_server import ImapServer
from mail_route_test import SECRETS, edit, patient

OURS, CITY, PROVIDER = "gateway@gateway.example", "wmo@gemeente-ede.example", "aanmelding@opella.example"


def form(key, bsn="999900006", **changes):
    """The form of deploy/examples, as of today. `changes`: label=value; None leaves the line out."""
    text = (REPOSITORY / "deploy/examples/registration_mail.txt").read_text()
    text = text.replace("2026-11-16", today()).replace("2027-11-15", today(365))
    text = text.replace("ede-2026-000001", key).replace("999900006", bsn)
    for label, value in changes.items():
        line = "" if value is None else f"{label}: {value}\n"
        text = re.sub(rf"^{label}: .*\n", line, text, flags=re.M) if f"\n{label}:" in text else text.replace("\nBSN:", f"\n{line}BSN:")
    return text


class MailIn(unittest.TestCase):
    def setUp(self):
        self.imap = ImapServer()
        self.addCleanup(self.imap.close)

    def start(self, **options):
        self.gateway = Gateway(mail=True, change=lambda home: self.arrange(home), **options)
        self.addCleanup(self.gateway.close)

    def arrange(self, home):
        """Makes both parties ones that write by mail: each has a pair to sign with, and is reached by mail."""
        patient(home)
        self.keys = home / "mail"
        self.city = mail_peer.signing_pair(self.keys, "wmo", CITY)
        self.provider = mail_peer.signing_pair(self.keys, "aanmelding", PROVIDER, kind="rsa")
        self.ours = mail_peer.signing_pair(self.keys, "inbox", OURS, kind="rsa")
        self.ours.key.chmod(0o600)
        (self.keys / "imap_password").write_text(self.imap.password + "\n")
        (self.keys / "imap_password").chmod(0o600)
        edit(home / "schotvrij.conf", r"\nmail \{", f"""
mail {{
  inbox {{
    imap_url: "{self.imap.url}"
    imap_ca_file: "{self.imap.ca}"
    imap_user: "{self.imap.user}"
    imap_password_file: "mail/imap_password"
    certificate_file: "mail/inbox.pem"
    key_file: "mail/inbox.key"
    interval {{ nanos: 200000000 }}
  }}""")
        enrolment = home / "enrolment.conf"
        city = f'mail_sender {{ address: "{CITY}" certificate_file: "mail/wmo.pem" }}'
        provider = f'mail_sender {{ address: "{PROVIDER}" certificate_file: "mail/aanmelding.pem" }}'
        edit(enrolment, r'(key: "gemeente-ede")', rf"\1\n  {city}")
        edit(enrolment, r'(key: "opella")', rf"\1\n  {provider}")
        text = enrolment.read_text()
        start = text.index('key: "opella"')
        route = f'route {{ mail {{ address: "{PROVIDER}" certificate_file: "mail/aanmelding.pem" cipher: AES_256_GCM }} }}'
        text = text[:start] + re.sub(r"route \{\s*mailbox \{\s*\}\s*\}", route, text[start:], count=1)
        enrolment.write_text(text)

    def letters(self, pair, address, count):
        """The first `count` letters to `address`, as its holder reads them, in order."""
        def found():
            mails = [file for file in sorted(self.gateway.smtp.messages.glob("*.eml"))
                     if email.message_from_bytes(file.read_bytes())["To"] == address]
            return len(mails) >= count and mails
        return [self.opened(file, pair) for file in wait_for(found)]

    def opened(self, file, pair):
        inner = mail_peer.openssl("cms", "-decrypt", "-in", file, "-recip", pair.certificate, "-inkey", pair.key)
        entity = mail_peer.openssl("cms", "-verify", "-CAfile", self.gateway.home / "tls/ca.crt", "-purpose", "any", data=inner)
        return email.message_from_bytes(entity, policy=email.policy.default).get_content()

    def sealed(self, text, sender, **how):
        entity = mail_peer.text_entity(text, **how)
        return mail_peer.sealed(entity, sender, [self.ours.certificate], keyopt=["rsa_padding_mode:oaep"])

    def send(self, text, sender, **headers):
        self.imap.deliver(mail_peer.message(self.sealed(text, sender), sender.address, OURS, **headers))

    def is_empty(self):
        wait_for(lambda: not self.imap.messages())

    def test_r8_a_registration_and_its_answer_go_by_mail_alone(self):
        self.start()
        self.send(form("ede-2026-000001"), self.provider)
        (told,) = self.letters(self.provider, PROVIDER, 1)
        self.assertIn("Uw bericht is ontvangen", told)
        (letter,) = self.letters_of_the_city(1)
        self.assertIn("BSN: 999900006", letter)
        self.assertIn("AKKOORD", letter)
        self.assertNotIn("Voorbeeld", letter)
        self.is_empty()

        quoted = "".join(f"> {line}\n" for line in letter.splitlines())
        self.send(f"Akkoord\n\nOp maandag schreef {OURS}:\n{quoted}", self.city)
        letters = self.letters(self.provider, PROVIDER, 2)
        self.assertIn("Uw kenmerk: ede-2026-000001", letters[1])
        self.assertIn("geaccepteerd", letters[1])
        self.is_empty()
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def letters_of_the_city(self, count):
        def found():
            mails = [file for file in sorted(self.gateway.smtp.messages.glob("*.eml"))
                     if "gemeente-ede" in email.message_from_bytes(file.read_bytes())["To"]]
            return len(mails) >= count and mails
        return [email.message_from_string(decrypt(file, self.gateway.home), policy=email.policy.default).get_content()
                for file in wait_for(found)]


if __name__ == "__main__":
    unittest.main()
