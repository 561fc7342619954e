"""R8: what mail servers and programs write. A bounce ends the delivery and its sender hears of it, once and only of what it can be
about; other reports change nothing; what a program wrote is never answered and lies where people look."""
import re
import unittest

import mail_peer
from harness import wait_for
from mail_home import CITY, DEAD_LETTER, DELIVERED, OURS, PROVIDER, MailTest, form


class MailReturned(MailTest):
    def without_effect(self, mail, set_aside):
        """It is handled and nothing comes of it. `set_aside`: whether it then lies there; else it is gone."""
        before, there, letters = self.home.settled(), self.home.set_aside(), len(self.home.letters())
        self.home.deliver(mail)
        self.assertEqual(self.home.settled(), before)
        self.assertEqual(self.home.set_aside(), there + [mail] * set_aside)
        self.assertEqual(len(self.home.letters()), letters)

    def test_r8_a_bounce_ends_the_delivery_and_the_client_may_be_registered_again(self):
        for style, whole in (("postfix", False), ("exim", False), ("postfix", True), ("exim", True)):
            with self.subTest(style, whole=whole):
                key = f"terug-{style}-{whole:d}"
                bsn, letter = self.home.register(key)
                bounce = self.home.deliver(mail_peer.bounce(letter.mail, CITY, style=style, whole=whole))
                told = self.home.receipt(key)
                self.assertIn("Uitkomst: niet bezorgd", told)
                self.assertIn("alle pogingen tot bezorging mislukten", told)
                self.home.settled()
                self.assertEqual(self.home.state_of(letter), (DEAD_LETTER, 0))
                self.without_effect(bounce, set_aside=False)
                self.refused(self.home.reply(letter, "Akkoord"), "ANSWER-UNKNOWN")
                self.home.send(form(f"{key}-opnieuw", bsn), self.home.provider)
                wait_for(lambda: sum(f"BSN: {bsn}" in each.text for each in self.home.letters(CITY)) == 2)
        self.assertEqual(self.home.set_aside(), [])
        outcomes = wait_for(lambda: (found := [event["outcome"] for event in self.home.events()]).count("report") >= 8 and found)
        self.assertEqual(outcomes.count("report"), 8)

    def test_r8_a_bounce_of_a_later_step_leaves_the_registration(self):
        bsn, _ = self.home.register("stap-terug")
        self.home.send(form("stap-terug-2", bsn, Stap="wijzigen", Geslachtsnaam="Andersma"), self.home.provider)
        letter = self.home.letter(CITY, "wijzigt", bsn)
        self.home.settled()
        self.home.deliver(mail_peer.bounce(letter.mail, CITY))
        self.assertIn("niet bezorgd", self.home.receipt("stap-terug-2"))
        self.refused(self.mail(form("stap-terug-3", bsn)), "ALREADY-REGISTERED")

    def test_r8_a_bounce_that_cannot_be_true_has_no_effect(self):
        _, letter = self.home.register("onwaar")
        receipt = self.home.notice(self.home.send("Beste collega,", self.home.provider))
        other = letter.mail.replace(f"{letter.id}@".encode(), f"{'0' * 32}@".encode())
        elsewhere = re.sub(rb"(?i)(Message-ID: <[^@]*@)[^>]*", rb"\1elders.example", letter.mail)
        for what, bounce in (("another recipient", mail_peer.bounce(letter.mail, "wmo@gemeente-elders.example")),
                             ("the sender", mail_peer.bounce(letter.mail, PROVIDER)),
                             ("an unknown message", mail_peer.bounce(other, CITY)),
                             ("another gateway", mail_peer.bounce(elsewhere, CITY)),
                             ("a notice", mail_peer.bounce(receipt.mail, PROVIDER))):
            with self.subTest(what):
                self.without_effect(bounce, set_aside=True)
        self.assertEqual(self.home.state_of(letter), (DELIVERED, 0))
        self.home.answer(letter, "Akkoord")
        self.assertIn("geaccepteerd", self.home.receipt("onwaar"))
        self.home.settled()
        self.without_effect(mail_peer.bounce(letter.mail, CITY), set_aside=False)
        self.assertEqual(self.home.state_of(letter), (DELIVERED, 1))

    def test_r8_a_report_that_a_mail_may_come_or_came_changes_nothing(self):
        _, letter = self.home.register("onderweg")
        for style in ("postfix", "exim"):
            for action, status in (("delayed", "4.4.1"), ("delivered", "2.0.0"), ("relayed", "2.0.0"), ("expanded", "2.0.0")):
                with self.subTest(action, style=style):
                    self.without_effect(mail_peer.bounce(letter.mail, CITY, status, action, style), set_aside=False)
        self.assertEqual(self.home.state_of(letter), (DELIVERED, 0))

    def test_r8_what_a_program_wrote_is_set_aside_and_never_answered(self):
        home = self.home
        bsn, letter = home.register("programma")
        akkoord = mail_peer.text_entity(mail_peer.answer_text(letter.mail, "Akkoord", letter.text))
        for what, mail in (
                ("out of office", mail_peer.out_of_office(letter.mail, CITY)),
                ("out of office that quotes", mail_peer.out_of_office(letter.mail, CITY, "Akkoord\n\n" + letter.text)),
                ("of a list", home.reply(letter, "Akkoord", headers={
                    "List-Id": "<wmo.gemeente-ede.example>", "Precedence": "list"})),
                ("sealed by a program", home.reply(letter, "Akkoord", headers={"Auto-Submitted": "auto-replied"})),
                ("a bounce in words", mail_peer.message(akkoord, "MAILER-DAEMON@mx.example", OURS, headers={"Return-Path": "<>"})),
                ("our own", letter.mail), ("our own notice", home.letters(PROVIDER)[0].mail),
                ("read receipt", mail_peer.read_receipt(mail_peer.Kit(home.city, None, None, None, None, CITY, OURS, "Gelezen", "",
                                                                      letter.mail)))):
            with self.subTest(what):
                self.without_effect(mail, set_aside=True)
        self.assertEqual(home.state_of(letter), (DELIVERED, 0))
        self.assertNotIn(bsn, home.log())

    def test_r8_a_mail_of_more_than_ten_megabytes_is_set_aside_and_not_fetched(self):
        home = self.home
        _, letter = home.register("groot")
        home.settled()
        there = len(home.set_aside())
        fetched = self.bytes_out()
        for number, megabytes in enumerate((10, 100), 1):
            entity = mail_peer.text_entity("Akkoord", attachments=[("a.bin", "application/octet-stream", bytes(megabytes * 786_432))])
            mail = mail_peer.message(entity, CITY, OURS)
            self.assertGreater(len(mail), megabytes << 20)
            home.deliver(mail)
            wait_for(lambda: [event.get("reason") for event in home.events()].count("BODY-SIZE") == number)
            self.assertEqual(len(home.imap.fetched("(RFC822.SIZE)", "Niet verwerkt")), there + number)
        self.assertLess(self.bytes_out() - fetched, 1 << 20)
        self.assertEqual(home.imap.fetched("(RFC822.SIZE)", "INBOX"), [])
        self.assertEqual(home.state_of(letter), (DELIVERED, 0))

    def bytes_out(self):
        """What the IMAP server says that it sent."""
        return sum(int(number) for number in re.findall(r"out=(\d+)", self.home.imap.log()))


if __name__ == "__main__":
    unittest.main()
