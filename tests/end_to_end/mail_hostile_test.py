"""R8: hostile mail in the gateway's own mailbox, made by openssl and by hand: it has no effect, is refused for the reason that it has, and
makes the gateway write to nobody but who is enrolled, nor anything that others made up."""
import dataclasses
import re
import tempfile
import unittest

import mail_peer
from harness import wait_for
from mail_home import CITY, OURS, PROVIDER, MailTest

MAILS = dict(mail_peer.hostile())
# What its sender, who is enrolled, is told of it.
TOLD = {
    "signature_stripped": "MAIL-SIGNATURE",
    "signature_stripped_sealed": "MAIL-SIGNATURE",
    "signature_over_other_text": "MAIL-SIGNATURE",
    "signed_by_a_stranger": "MAIL-SENDER",
    "signed_with_sha1": "MAIL-ALGORITHM",
    "encrypted_with_des3": "MAIL-ALGORITHM",
    "encrypted_for_another": "MAIL-NOT-FOR-US",
    "encrypted_and_altered_gcm": "MAIL-SYNTAX",
    "header_injected_by_subject": "MAIL-ABOUT",  # what is signed names no message
    "multiparts_in_multiparts_sealed": "MAIL-PARTS",
    "mails_in_mails_sealed": "MAIL-ATTACHMENT",
    "zip_bomb_sealed": "MAIL-ATTACHMENT",
    "compressed_bomb": "MAIL-ALGORITHM",
}
# A report that a mail did not fail, or not yet, is not spoken of.
UNSAID = {"bounce_with_hostile_fields"}


class Hostile(MailTest):
    options = {"kind": "ec"}  # as that of the kit

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="schotvrij-hostile-"))
        kit = mail_peer.make_kit(folder, from_=CITY, to=OURS, own=self.home.ours.certificate)
        self.kit = dataclasses.replace(kit, sender=self.home.city)

    def handled(self, name):
        """(mail, its event); nothing else comes of it."""
        mail = MAILS[name](self.kit)
        before, events = self.home.settled(), len(self.home.events())
        self.home.imap.deliver(mail)
        (event,) = [{}] if name in UNSAID else wait_for(lambda: self.home.events()[events:], 60)
        self.assertEqual(self.home.settled(), before)
        return mail, event

    def registered(self, key):
        bsn, letter = self.home.register(key)
        self.home.noted()
        return bsn, letter

    def ends_well(self, bsn, letter, key):
        """The city's own answer is taken as ever; only the two who are enrolled were ever written to; no log names the client."""
        self.home.answer(letter, "Akkoord")
        self.assertIn("geaccepteerd", self.home.receipt(key))
        commands = (self.home.gateway.smtp.messages / "commands.log").read_text()
        self.assertEqual(set(re.findall(r"(?i)rcpt to: ?<([^>]*)>", commands)), {CITY, PROVIDER})
        self.assertNotIn(bsn, self.home.log())


class Refused(Hostile):
    def test_r8_each_is_refused_for_its_reason_and_its_sender_is_told(self):
        bsn, letter = self.registered("vijandig")
        for name, rule in TOLD.items():
            with self.subTest(name):
                mail, event = self.handled(name)
                self.assertEqual((event["outcome"], event["sender"], event["reason"]), ("refused", "gemeente-ede", rule))
                notice = self.home.notice(mail)
                self.assertIn(f"[{rule}]", notice.text)
                self.assertEqual(notice.header("To"), CITY)
                self.assertEqual(notice.header("Bcc"), "")
        self.ends_well(bsn, letter, "vijandig")


class Others(Hostile):
    def test_r8_no_other_has_an_effect_and_the_mailbox_goes_on(self):
        bsn, letter = self.registered("overige")
        for name in MAILS:
            if name not in TOLD:
                with self.subTest(name):
                    _, event = self.handled(name)
                    self.assertIn(event.get("outcome"), (None,) if name in UNSAID else ("refused", "set-aside"))
        self.ends_well(bsn, letter, "overige")


if __name__ == "__main__":
    unittest.main()
