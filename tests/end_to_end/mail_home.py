"""What the tests of mail that comes in stand on: a gateway with a mailbox on a real IMAP server, and a municipality and a provider that
have only mail.

    home = MailHome()
    mail = home.send(form("een", bsn), home.provider)     # signed, encrypted, put into the gateway's mailbox
    home.notice(mail).text                                # what its sender was told
    home.answer(home.letter(CITY, f"BSN: {bsn}"), "Akkoord")
    home.handled()                                        # nothing lies in the mailbox any more
"""
import dataclasses
import email
import email.policy
import json
import pathlib
import re
import unittest

import mail_peer
from harness import REPOSITORY, Gateway, bsns, today, wait_for
from imap_server import ImapServer
from mail_route_test import edit, patient
from open_mail import MailReader

OURS, CITY, PROVIDER = "gateway@gateway.example", "wmo@gemeente-ede.example", "aanmelding@opella.example"
SET_ASIDE = "Niet verwerkt"
DUE = 1  # delivery.state
DELIVERED, DEAD_LETTER, WITHHELD = 3, 4, 5


def form(key, bsn="999900006", **changes):
    """The form of deploy/examples, as of today. `changes`: label=value; None leaves the line out."""
    text = (REPOSITORY / "deploy/examples/registration_mail.txt").read_text()
    text = text.replace("2026-11-16", today()).replace("2027-11-15", today(365))
    text = text.replace("consent-2026-000001", f"consent-{key}").replace("ede-2026-000001", key).replace("999900006", bsn)
    for label, value in changes.items():
        line = "" if value is None else f"{label}: {value}\n"
        if f"\n{label}:" in text:
            text = re.sub(rf"^{label}: .*\n", line, text, flags=re.M)
        else:
            text = text.replace("\nBSN:", f"\n{line}BSN:")
    return text


def leaving(key, bsn, step, **lines):
    """The form of a step by which a client leaves; it holds little."""
    more = "".join(f"{label}: {value}\n" for label, value in lines.items())
    return f"Kenmerk: {key}\nSamenwerkingsverband: ede\nGemeente: 0228\nStap: {step}\nBSN: {bsn}\n{more}"


@dataclasses.dataclass
class Letter:
    """A mail of the gateway's: as the server got it, and what its reader reads."""
    mail: bytes
    text: str

    def header(self, name):
        return mail_peer.header(self.mail, name)

    @property
    def id(self):
        """Of the message, as "Bericht" names it."""
        return self.header("Subject").split()[1]


class MailHome:
    def __init__(self, change=None, inbox="", imap=None, kind="rsa"):
        """`change`: of the home, before it starts. `inbox`: more lines of the inbox. `kind`: of the key that mail to it is encrypted to."""
        self.imap = imap or ImapServer()
        self.more, self.change, self.kind, self.opened, self.delivered = inbox, change, kind, {}, 0
        self.bsns = bsns()
        try:
            self.gateway = Gateway(mail=True, change=self.arrange)
        except BaseException:
            self.imap.close()
            raise
        self.readers = {CITY: MailReader(self.gateway.home, "gemeente-ede"), PROVIDER: MailReader(self.gateway.home, "aanmelding")}

    def close(self):
        self.gateway.close()
        self.imap.close()

    def arrange(self, home):
        """Makes both parties ones that write by mail: each has a pair to sign with, and is reached by mail."""
        patient(home)
        self.keys = home / "mail"
        self.city = mail_peer.signing_pair(self.keys, "wmo", CITY)
        self.provider = mail_peer.signing_pair(self.keys, "aanmelding", PROVIDER, kind="rsa")
        self.stranger = mail_peer.signing_pair(self.keys, "stranger", CITY, "other-ca")
        self.ours = mail_peer.signing_pair(self.keys, "inbox", OURS, kind=self.kind)
        (self.keys / "aanmelding.crt").write_bytes(self.provider.certificate.read_bytes())  # as the reader names it
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
    interval {{ nanos: 100000000 }}
    {self.more}
  }}""")
        enrolment = home / "enrolment.conf"
        for party, address, name in (("gemeente-ede", CITY, "wmo"), ("opella", PROVIDER, "aanmelding")):
            edit(enrolment, rf'(key: "{party}")',
                 rf'\1\n  mail_sender {{ address: "{address}" certificate_file: "mail/{name}.pem" }}')
        edit(enrolment, r'(key: "gemeente-ede".*?route \{\s*mail \{\s*address: )"[^"]*"', rf'\1"{CITY}"')
        text = enrolment.read_text()
        start = text.index('key: "opella"')
        route = f'route {{ mail {{ address: "{PROVIDER}" certificate_file: "mail/aanmelding.pem" cipher: AES_256_GCM }} }}'
        enrolment.write_text(text[:start] + re.sub(r"route \{\s*mailbox \{\s*\}\s*\}", route, text[start:], count=1))
        if self.change:
            self.change(home)

    # What others write to it.

    def sealed(self, entity, sender, **how):
        padding = {"keyopt": ["rsa_padding_mode:oaep"]} if self.kind == "rsa" else {}
        return mail_peer.sealed(entity, sender, [self.ours.certificate], **{**padding, **how})

    def deliver(self, mail):
        self.imap.deliver(mail)
        self.delivered += 1
        return mail

    def noted(self):
        """How many mails the log has come to speak of, once it speaks of all that were delivered."""
        return wait_for(lambda: (count := len(self.events())) >= self.delivered and count) if self.delivered else 0

    def send(self, text, sender, headers=(), **how):
        """As one should: signed, encrypted. `how`: of text_entity."""
        entity = self.sealed(mail_peer.text_entity(text, **how), sender)
        return self.deliver(mail_peer.message(entity, sender.address, OURS, headers=headers))

    def reply(self, letter, text, sender=None, seal=None, quote=True, **how):
        """An answer to it, not delivered yet, which quotes it unless told otherwise."""
        sender = sender or self.city
        return mail_peer.reply(letter.mail, sender.address, text, letter.text if quote else "",
                               seal=seal or (lambda entity: self.sealed(entity, sender)), **how)

    def answer(self, letter, text, sender=None, **how):
        return self.deliver(self.reply(letter, text, sender, **how))

    # What it writes to them.

    def letters(self, to=None):
        """All that the SMTP server has, in order."""
        for file in sorted(self.gateway.smtp.messages.glob("*.eml")):
            if file not in self.opened:
                mail = file.read_bytes()
                inner = self.readers[mail_peer.header(mail, "To")].open(mail)
                text = email.message_from_string(inner.replace("\r\n", "\n"), policy=email.policy.default).get_content()
                self.opened[file] = Letter(mail, text)
        found = [letter for _, letter in sorted(self.opened.items())]
        return [letter for letter in found if to in (None, letter.header("To"))]

    def letter(self, to, *words):
        """The first to them that has all of these; waits for it."""
        return wait_for(lambda: next((each for each in self.letters(to) if all(word in each.text for word in words)), None))

    def answers_to(self, mail):
        return [each for each in self.letters() if each.header("In-Reply-To") == mail_peer.header(mail, "Message-ID")]

    def notice(self, mail):
        """What was said to who sent this mail; waits for it."""
        return wait_for(lambda: self.answers_to(mail))[0]

    # What it knows.

    def handled(self):
        """Waits until every mail is."""
        wait_for(self.is_empty, 120)  # many may wait

    def is_empty(self):
        """As the server keeps it; a mail goes from "new" to "cur" and is then gone."""
        return not any(any((self.imap.maildir("INBOX") / name).glob("*")) for name in ("new", "cur"))

    def settled(self):
        """Waits until all is sent, and notes that it is; what the store then holds of messages and of what became of them."""
        self.handled()
        wait_for(lambda: self.gateway.query("SELECT count(*) FROM delivery WHERE state = ?", DUE) == [(0,)])
        return (self.gateway.query("SELECT count(*) FROM message"),
                self.gateway.query("SELECT delivery_id, state, answered FROM delivery ORDER BY number"))

    def state_of(self, letter):
        """(state, answered) of the delivery that it was."""
        return self.gateway.query("SELECT state, answered FROM delivery WHERE delivery_id = ?", letter.id)[0]

    def register(self, key):
        """Registers one more client by mail; (BSN, the letter to the municipality, which is noted as sent)."""
        bsn = next(self.bsns)
        self.send(form(key, bsn), self.provider)
        letter = self.letter(CITY, f"BSN: {bsn}")
        wait_for(lambda: self.state_of(letter)[0] == DELIVERED)
        return bsn, letter

    def receipt(self, key):
        """What the provider hears of its message of that key; waits for it."""
        return self.letter(PROVIDER, f"Uw kenmerk: {key}\n").text

    def set_aside(self):
        return self.imap.messages(SET_ASIDE)

    def log(self):
        return pathlib.Path(self.gateway.directory, "log").read_text()

    def events(self, name="mail-in"):
        """Those of that name in the log."""
        lines = (json.loads(line) for line in self.log().splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("event") == name]


class MailTest(unittest.TestCase):
    """Tests that share one home; whatever came, the audit trail verifies."""

    options = {}  # of the home

    @classmethod
    def setUpClass(cls):
        cls.home = MailHome(**cls.options)
        cls.addClassCleanup(cls.home.close)

    def tearDown(self):
        self.assertEqual(self.home.gateway.audit()[1]["findings"], [])

    def refused(self, mail, *rules):
        """What the sender is told, which has these rules and no others; nothing else comes of it."""
        before = self.home.settled()
        self.home.deliver(mail)
        told = self.home.notice(mail).text
        self.assertIn("Er is niets mee gedaan.", told)
        found = [line.split("[")[-1].rstrip("]") for line in told.splitlines() if line.startswith("- ")]
        self.assertEqual(found, list(rules), told)
        self.assertEqual(self.home.settled(), before)
        return told

    def mail(self, text, sender=None, **how):
        """To the gateway, as it should be."""
        sender = sender or self.home.provider
        return mail_peer.message(self.home.sealed(mail_peer.text_entity(text, **how), sender), sender.address, OURS)
