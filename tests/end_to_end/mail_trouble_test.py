"""R8: trouble with mail that comes in. Whatever fails, the gateway runs on and says why; nothing is lost, and nothing has its effect
twice."""
import random
import shutil
import signal
import tempfile
import unittest

from harness import example, mail_certificates, wait_for
from mail_home import CITY, MailHome, MailTest, form
from mail_route_test import edit

KILLS = 5


def hasty(home):
    """Waits a second for a mail server, and no longer."""
    edit(home / "schotvrij.conf", r"(\n  timeout \{\s*seconds: )\d+", r"\g<1>1")


class Trouble(MailTest):
    options = {"change": hasty}

    def trouble(self, reason):
        """Waits until it says so of a look that has yet to come; the gateway is ready and serves."""
        before = len(self.home.events("inbox-trouble"))
        (event, *_) = wait_for(lambda: self.home.events("inbox-trouble")[before:])
        wait_for(lambda: self.home.events("inbox-trouble")[-1]["reason"] == reason)
        self.assertEqual(event["level"], "warning")
        self.assertEqual(self.home.gateway.admin("GET", "/ready")[0], 200)

    def goes_on(self, key):
        bsn = next(self.home.bsns)
        self.home.send(form(key, bsn), self.home.provider)
        self.home.letter(CITY, f"BSN: {bsn}")
        self.home.handled()

    def test_r8_a_server_that_is_away_is_waited_for(self):
        bsn = next(self.home.bsns)
        self.home.imap.stop()
        self.addCleanup(lambda: self.home.imap.process or self.home.imap.start())
        mail = self.home.send(form("weg", bsn), self.home.provider)
        self.trouble("connect")
        status, answer = self.home.gateway.fhir("opella", "POST", "/fhir", example("weg-fhir", next(self.home.bsns)))
        self.assertEqual(status, 200, answer)
        self.home.imap.start()
        self.home.notice(mail)
        self.home.letter(CITY, f"BSN: {bsn}")

    def test_r8_a_server_that_hangs_is_waited_for(self):
        self.home.imap.hang()
        self.addCleanup(self.home.imap.wake)
        self.trouble("timeout")
        self.home.imap.wake()
        self.goes_on("hangt")

    def test_r8_a_password_that_is_wrong_is_told_and_tried_again(self):
        users = self.home.imap.folder / "users"
        right = users.read_text()
        users.write_text(right.replace(self.home.imap.password, "another-than-was-configured"))
        self.addCleanup(users.write_text, right)
        self.trouble("imap-login")
        users.write_text(right)
        self.goes_on("wachtwoord")
        self.assertNotIn(self.home.imap.password, self.home.log())

    def test_r8_a_server_of_another_ca_gets_no_password(self):
        imap = self.home.imap
        with tempfile.TemporaryDirectory() as other:
            mail_certificates(other)
            ours = {name: (imap.folder / name).read_bytes() for name in ("smtp.pem", "smtp.key")}
            imap.stop()
            for name in ours:
                shutil.copyfile(f"{other}/{name}", imap.folder / name)
        logins = imap.logins()
        imap.start()
        self.trouble("tls-verify")
        self.assertEqual(imap.logins(), logins)
        imap.stop()
        for name, content in ours.items():
            (imap.folder / name).write_bytes(content)
        imap.start()
        self.goes_on("andere-ca")

    def test_r8_a_mail_that_the_server_cannot_give_keeps_no_other_waiting(self):
        imap, bsn = self.home.imap, next(self.home.bsns)
        self.home.handled()
        imap.stop()
        self.home.send(form("onleesbaar", bsn), self.home.provider)
        (file,) = (imap.maildir("INBOX") / "new").glob("*")
        file.chmod(0)
        imap.start()
        self.trouble("imap-no")
        other = self.home.send("Ja, hoor", self.home.city)
        self.assertIn("MAIL-NOT-UNDERSTOOD", self.home.notice(other).text)
        for file in (imap.maildir("INBOX") / "cur").glob("*"):
            file.chmod(0o600)
        self.home.letter(CITY, f"BSN: {bsn}")

    def test_r8_what_was_only_marked_when_the_gateway_ended_is_deleted(self):
        imap, inbox = self.home.imap, self.home.imap.maildir("INBOX")
        self.home.handled()
        letters = len(self.home.letters())
        imap.stop()
        self.home.send("Ja, hoor", self.home.city)
        (file,) = (inbox / "new").glob("*")
        file.rename(inbox / "cur" / f"{file.name}:2,ST")  # seen, trashed: as between two commands of ours
        imap.start()
        self.home.handled()
        self.assertEqual(len(self.home.letters()), letters)

    def test_r8_what_cannot_be_told_yet_stays_and_has_its_effect_once(self):
        behaviour, bsn = self.home.gateway.smtp.behaviour, next(self.home.bsns)
        _, letter = self.home.register("later-0")
        self.home.settled()
        self.addCleanup(behaviour.write_text, "accept\n")
        behaviour.write_text("reply 451\n")
        taken = self.home.send(form("later-1", bsn), self.home.provider)
        refused = self.home.send("Ja, hoor", self.home.city)
        self.trouble("smtp-451")
        registered = "SELECT count(*) FROM message WHERE sender = 'opella'"
        count = self.home.gateway.query(registered)
        self.trouble("smtp-451")
        self.assertFalse(self.home.is_empty())
        self.assertEqual(self.home.gateway.query(registered), count)
        behaviour.write_text("accept\n")
        self.assertIn("Uw bericht is ontvangen", self.home.notice(taken).text)
        self.assertIn("MAIL-NOT-UNDERSTOOD", self.home.notice(refused).text)
        self.home.settled()
        self.assertEqual(self.home.gateway.query(registered), count)
        self.assertEqual(sum(f"BSN: {bsn}" in each.text for each in self.home.letters(CITY)), 1)
        self.assertEqual([len(self.home.answers_to(mail)) for mail in (taken, refused)], [1, 1])
        self.home.answer(letter, "Akkoord")
        self.assertIn("geaccepteerd", self.home.receipt("later-0"))

    def test_r8_later_mail_of_one_sender_waits_for_the_one_that_stays(self):
        behaviour, bsn = self.home.gateway.smtp.behaviour, next(self.home.bsns)
        self.home.settled()
        self.addCleanup(behaviour.write_text, "accept\n")
        behaviour.write_text("reply 451\n")
        first = self.home.send(form("volgorde-1", bsn), self.home.provider)
        second = self.home.send(form("volgorde-2", bsn, Stap="wijzigen", Geslachtsnaam="Andersma"), self.home.provider)
        self.trouble("smtp-451")
        behaviour.write_text("accept\n")
        for mail in (first, second):
            self.assertIn("Uw bericht is ontvangen", self.home.notice(mail).text)
        self.home.letter(CITY, "wijzigt", "Andersma", bsn)


class Killed(unittest.TestCase):
    def test_r8_killed_at_any_moment_each_mail_has_its_effect_once_and_is_answered(self):
        home = MailHome()
        self.addCleanup(home.close)
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        clients = [next(home.bsns) for _ in range(4 * KILLS)]
        mails = []
        for kill in range(KILLS):
            mails += [home.send(form(f"dood-{number}", clients[number]), home.provider) for number in range(4 * kill, 4 * kill + 4)]
            with self.subTest(seed=seed, kill=kill):
                reached = len(home.letters()) + moments.randrange(6)
                wait_for(lambda: home.is_empty() or len(list(home.gateway.smtp.messages.glob("*.eml"))) >= reached)
                home.gateway.stop(signal.SIGKILL)
                home.gateway.start()
        home.settled()
        self.assertEqual(home.set_aside(), [])
        for bsn, mail in zip(clients, mails):
            with self.subTest(seed=seed, bsn=bsn):
                told = [each for each in home.answers_to(mail)]
                self.assertTrue(told)
                self.assertEqual(len({(each.header("Message-ID"), each.text) for each in told}), 1)
                letters = [each for each in home.letters(CITY) if f"BSN: {bsn}" in each.text]
                self.assertEqual(len({each.header("Message-ID") for each in letters}), 1)
        self.assertEqual(home.gateway.query("SELECT count(*) FROM message"), [(len(clients),)])
        self.assertEqual(home.gateway.audit()[1]["findings"], [])


if __name__ == "__main__":
    unittest.main()
