"""R8 in a closed mail network: what comes in by the mailbox there is whose address it has; the same mail in another mailbox is
nobody's."""
import email
import email.policy
import pathlib
import tempfile
import unittest

import mail_peer
from harness import SmtpServer, wait_for
from imap_server import ImapServer
from mail_home import OURS, MailTest, form
from mail_route_test import edit

WMO, THERE = "wmo@zorgnet.example", "schotvrij@zorgnet.example"


class Network:
    """The network's own servers: one takes mail for its members, one has the gateway's mailbox."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="schotvrij-network-")
        self.smtp = SmtpServer(pathlib.Path(self.scratch.name, "smtp"))
        self.imap = ImapServer()

    def close(self):
        self.smtp.stop()
        self.imap.close()
        self.scratch.cleanup()

    def joined(self, home):
        """The municipality is in the network, and has no certificate."""
        edit(home / "schotvrij.conf", r"\nmail \{", f"""
mail {{
  relay {{ key: "zorgnet" smtp_url: "smtp://localhost:{self.smtp.port}" smtp_ca_file: "{self.smtp.ca}" from: "{THERE}" }}
  inbox {{
    imap_url: "{self.imap.url}"
    imap_ca_file: "{self.imap.ca}"
    imap_user: "{self.imap.user}"
    imap_password_file: "mail/imap_password"
    relay: "zorgnet"
    interval {{ nanos: 100000000 }}
  }}""")
        enrolment = home / "enrolment.conf"
        edit(enrolment, r'mail_sender \{ address: "wmo@[^}]*\}', f'mail_sender {{ address: "{WMO}" relay: "zorgnet" }}')
        edit(enrolment, r'(key: "gemeente-ede".*?route \{\s*)mail \{.*?\}',
             rf'\1relayed_mail {{ address: "{WMO}" relay: "zorgnet" }}')

    def letters(self):
        """(mail, text) of each that its server has."""
        mails = [file.read_bytes() for file in sorted(self.smtp.messages.glob("*.eml"))]
        read = lambda mail: email.message_from_bytes(mail, policy=email.policy.default).get_content().replace("\r\n", "\n")
        return [(mail, read(mail)) for mail in mails]

    def letter(self, *words):
        return wait_for(lambda: next(((mail, text) for mail, text in self.letters() if all(word in text for word in words)), None))


class Relayed(MailTest):
    @classmethod
    def setUpClass(cls):
        cls.network = Network()
        cls.addClassCleanup(cls.network.close)
        cls.options = {"change": cls.network.joined}
        super().setUpClass()

    def registered(self, key):
        bsn = next(self.home.bsns)
        self.home.send(form(key, bsn), self.home.provider)
        mail, text = self.network.letter(f"BSN: {bsn}")
        self.home.settled()
        return mail, text

    def test_r8_a_member_answers_in_its_network_with_and_without_a_quote(self):
        for key, quoted in (("netwerk-1", True), ("netwerk-2", False)):
            with self.subTest(quoted=quoted):
                mail, text = self.registered(key)
                self.network.imap.deliver(mail_peer.reply(mail, WMO, "Akkoord", text if quoted else ""))
                self.assertIn("geaccepteerd", self.home.receipt(key))
        wait_for(lambda: not self.network.imap.messages())

    def test_r8_who_answers_what_it_was_told_names_one_message(self):
        mail, text = self.registered("netwerk-3")
        self.network.imap.deliver(mail_peer.reply(mail, WMO, "Ja hoor"))
        told, notice = self.network.letter("MAIL-ANSWER")
        self.assertNotIn("BSN: 9", notice)
        number = mail_peer.header(mail, "Subject").split()[1]
        self.network.imap.deliver(mail_peer.reply(told, WMO, f"Akkoord\n\nBericht: {number}"))
        self.assertIn("geaccepteerd", self.home.receipt("netwerk-3"))

    def test_r8_the_same_mail_by_another_mailbox_is_nobodys(self):
        mail, text = self.registered("netwerk-4")
        before, there = self.home.settled(), len(self.home.set_aside())
        answer = mail_peer.reply(mail, WMO, "Akkoord", text)
        self.home.deliver(answer)
        self.assertEqual(self.home.settled(), before)
        self.assertEqual(self.home.set_aside()[there:], [answer])
        self.home.deliver(mail_peer.message(self.home.sealed(mail_peer.text_entity("Akkoord"), self.home.city), WMO, OURS))
        self.assertEqual(self.home.settled(), before)
        self.assertEqual(len(self.home.set_aside()), there + 2)
        self.network.imap.deliver(answer)
        self.assertIn("geaccepteerd", self.home.receipt("netwerk-4"))


if __name__ == "__main__":
    unittest.main()
