"""R8: mail that is not what it says it is has no effect: of strangers, unsigned, unencrypted, for another key, in weak ciphers. Who
is enrolled hears of what came in its name; a stranger hears nothing; and no two machines write to each other."""
import re
import unittest

import mail_peer
from harness import REPOSITORY, wait_for
from mail_home import CITY, OURS, PROVIDER, MailTest, form

STRANGER = "wmo@gemeente-elders.example"


def bare(entity):
    """Neither signed nor encrypted."""
    return entity


def refusals_max():
    """How many a sender is told in an hour."""
    return int(re.search(r"kMailRefusalsPerHourMax = (\d+)", (REPOSITORY / "schemas/base/limits.h").read_text())[1])


class Foreign(MailTest):
    def told(self, mail, rule, party="gemeente-ede", address=CITY):
        """It is deleted, has no effect, and the enrolled one is told why, at its own address and nowhere else."""
        before, events = self.home.settled(), self.home.noted()
        self.home.deliver(mail)
        notice = self.home.notice(mail)
        self.assertEqual(notice.header("To"), address)
        self.assertIn(f"[{rule}]", notice.text)
        self.assertEqual(self.home.settled(), before)
        (event,) = wait_for(lambda: self.home.events()[events:])
        self.assertEqual((event["outcome"], event["sender"], event["reason"]), ("refused", party, rule))
        self.assertEqual(len(self.home.answers_to(mail)), 1)

    def silent(self, mail, reason):
        """It is set aside, has no effect, and nobody is told anything."""
        before, events, there = self.home.settled(), self.home.noted(), len(self.home.set_aside())
        letters = len(self.home.letters())
        self.home.deliver(mail)
        (event,) = wait_for(lambda: self.home.events()[events:])
        self.assertEqual((event["outcome"], event["reason"]), ("set-aside", reason))
        self.assertEqual(self.home.settled(), before)
        self.assertEqual(len(self.home.set_aside()), there + 1)
        self.assertEqual(self.home.set_aside()[-1], mail)
        self.assertEqual(len(self.home.letters()), letters)

    def test_r8_an_answer_that_is_not_the_citys_has_no_effect(self):
        home = self.home
        bsn, letter = home.register("vreemd")
        ours, oaep = home.ours.certificate, {"keyopt": "rsa_padding_mode:oaep"}
        signed = lambda entity: mail_peer.signed(entity, *home.city)
        for what, seal, rule in (
                ("in the clear", bare, "MAIL-SIGNATURE"),
                ("encrypted only", lambda entity: mail_peer.encrypted(entity, ours, **oaep), "MAIL-SIGNATURE"),
                ("encrypted only, in CBC", lambda entity: mail_peer.encrypted(entity, ours, "aes-256-cbc", **oaep),
                 "MAIL-SIGNATURE"),
                ("signed only", signed, "MAIL-NOT-ENCRYPTED"),
                ("of a stranger", lambda entity: home.sealed(entity, home.stranger), "MAIL-SENDER"),
                ("of another who is enrolled", lambda entity: home.sealed(entity, home.provider), "MAIL-SENDER"),
                ("for another key", lambda entity: mail_peer.encrypted(signed(entity), home.stranger.certificate),
                 "MAIL-NOT-FOR-US"),
                ("in 3DES", lambda entity: home.sealed(entity, home.city, cipher="des3"), "MAIL-ALGORITHM"),
                ("by PKCS#1 v1.5", lambda entity: mail_peer.encrypted(signed(entity), ours), "MAIL-ALGORITHM")):
            with self.subTest(what):
                self.told(home.reply(letter, "Akkoord", seal=seal), rule)
        self.assertEqual(home.state_of(letter)[1], 0)
        home.answer(letter, "Akkoord")
        self.assertIn("geaccepteerd", home.receipt("vreemd"))
        for secret in (bsn, "Testmeer"):
            self.assertNotIn(secret, home.log())

    def test_r8_a_registration_that_is_not_the_providers_has_no_effect(self):
        home, bsn = self.home, next(self.home.bsns)
        entity = mail_peer.text_entity(form("onbekend", bsn))
        for what, made, rule in (
                ("in the clear", entity, "MAIL-SIGNATURE"),
                ("signed only", mail_peer.signed(entity, *home.provider), "MAIL-NOT-ENCRYPTED"),
                ("of another who is enrolled", home.sealed(entity, home.city), "MAIL-SENDER")):
            with self.subTest(what):
                self.told(mail_peer.message(made, PROVIDER, OURS), rule, "opella", PROVIDER)
        self.assertFalse([each for each in home.letters() if bsn in each.text])
        self.assertNotIn(bsn, home.log())

    def test_r8_a_stranger_gets_no_answer_at_all(self):
        home, bsn = self.home, next(self.home.bsns)
        entity = mail_peer.text_entity(form("onbekend", bsn))
        for what, made in (("sealed", home.sealed(entity, home.stranger)), ("in the clear", entity),
                           ("by a key of the city's", home.sealed(entity, home.city))):
            with self.subTest(what):
                self.silent(mail_peer.message(made, STRANGER, OURS), "MAIL-SENDER")
        sealed = home.sealed(entity, home.city)
        for headers in ([("From", CITY), ("From", STRANGER)], [("From", f"{CITY}, {STRANGER}")], [("From", "")],
                        [("From", f'"{CITY}" <{STRANGER}>')], [("From", f"Wmo: {CITY};")]):
            with self.subTest(headers):
                self.silent(mail_peer.message(sealed, CITY, OURS, headers=headers), "MAIL-SENDER")
        commands = (home.gateway.smtp.messages / "commands.log").read_text()
        self.assertNotIn(STRANGER, commands)
        self.assertNotIn(bsn, home.log())

    def test_r8_who_may_not_send_that_is_told_so(self):
        self.told(self.mail(form("van-de-stad", next(self.home.bsns)), self.home.city), "SENDER-ROLE")

    def test_r8_a_refusal_of_what_is_proved_to_be_theirs_is_in_the_audit_trail(self):
        entity = mail_peer.text_entity(form("open", next(self.home.bsns)))
        for made, rule, noted in ((entity, "MAIL-SIGNATURE", 0),
                                  (mail_peer.signed(entity, *self.home.provider), "MAIL-NOT-ENCRYPTED", 1)):
            self.home.settled()
            before = self.home.gateway.audit_records()
            self.told(mail_peer.message(made, PROVIDER, OURS), rule, "opella", PROVIDER)
            wait_for(lambda: self.home.gateway.audit_records() >= before + noted)
            self.assertEqual(sum(rule.encode() in event for event in self.home.gateway.audit_events(before)), noted)


class Machines(MailTest):
    def test_r8_a_program_that_answers_every_refusal_is_not_answered_for_ever(self):
        home, most = self.home, refusals_max()
        _, letter = home.register("robot")
        mail = home.answer(letter, "Uw bericht is ontvangen.", seal=bare)
        for _ in range(most):
            told = home.notice(mail)
            mail = home.deliver(mail_peer.reply(told.mail, CITY, "Uw bericht is ontvangen."))
        self.assertEqual(wait_for(home.set_aside), [mail])
        wait_for(lambda: home.events()[-1].get("reason") == "too-many-refusals")
        self.assertEqual(home.answers_to(mail), [])
        self.assertEqual(sum("MAIL-SIGNATURE" in each.text for each in home.letters(CITY)), most)
        # Another is told what is wrong as before, and what the city says as it should has its effect.
        self.assertIn("MAIL-NOT-UNDERSTOOD", home.notice(home.send("Beste collega,", home.provider)).text)
        home.answer(letter, "Akkoord")
        self.assertIn("geaccepteerd", home.receipt("robot"))


if __name__ == "__main__":
    unittest.main()
