"""R8: nothing of the mail that comes in is kept or said in the open: neither who it is about, nor what its writers quote or say by
the way."""
import contextlib
import pathlib
import unittest

import mail_peer
from harness import today, wait_for
from mail_home import CITY, OURS, MailTest, form, leaving
from person_search import Search

SURNAME, PREFIX, ASIDE, QUOTED, LATER = "Zoëkmijtje", "Vanderzijde", "Kwakkelstein", "Oudekerkachter", "Nadiennaam"


class NothingOfAMailIsKept(MailTest):
    def test_r8_after_good_and_bad_mail_nobody_is_found_in_the_open(self):
        home, bsn = self.home, next(self.home.bsns)
        sent = {"Geslachtsnaam": SURNAME, "Voorvoegsel": PREFIX}
        mail = home.send(f"Beste {ASIDE},\n\n" + form("stil-1", bsn, **sent), home.provider)
        home.notice(mail)
        letter = home.letter(CITY, f"BSN: {bsn}")
        home.settled()
        for text in (f"Ja hoor {ASIDE}", f"Mevrouw {SURNAME} ken ik niet: {bsn}", f"{ASIDE} {bsn}: ja"):
            self.refused(home.reply(letter, text), "MAIL-ANSWER")
        self.refused(home.reply(letter, f"Akkoord {ASIDE}", seal=lambda entity: entity), "MAIL-SIGNATURE")
        wrong = bsn[:-1] + str((int(bsn[-1]) + 1) % 10)
        for text, rule in ((form("stil-2", wrong, **sent), "BSN-ELEVEN-TEST"),
                           (form("stil-3", bsn, Stap=SURNAME), "MAIL-FORM-WORD"),
                           (form("stil-4", bsn, **{SURNAME: bsn}), "MAIL-FORM-LABEL"),
                           (form("stil-6", bsn, Kenmerk=bsn, **sent), "KEY-FORM"),
                           (form("stil-5", bsn, Gemeente=bsn), "RECIPIENT-UNKNOWN")):
            self.refused(self.mail(text), rule)
        for header in ({"Auto-Submitted": "auto-replied"}, {"List-Id": f"<{SURNAME.encode('ascii', 'ignore').decode()}.example>"}):
            home.deliver(home.reply(letter, f"{ASIDE} {bsn}", headers=header))
        strange = mail_peer.text_entity(f"{SURNAME} {bsn}")
        home.deliver(mail_peer.message(strange, f"{ASIDE}@elders.example", OURS, f"{QUOTED} {bsn}"))
        home.deliver(mail_peer.bounce(letter.mail, f"{bsn}@elders.example", diagnostic=f"550 {bsn} {ASIDE} unknown"))
        home.answer(letter, f"Akkoord\n\nGroet,\n{ASIDE}\n\n> {QUOTED}", headers={"X-Note": bsn})
        self.assertIn("geaccepteerd", home.receipt("stil-1"))
        for key, text in (("stil-7", form("stil-7", bsn, Stap="wijzigen", Geslachtsnaam=LATER, Voorvoegsel=PREFIX)),
                          ("stil-8", leaving("stil-8", bsn, "beëindigen", Einddatum=today(), Reden="verhuisd")),
                          ("stil-9", form("stil-9", bsn, Stap="heropenen", **sent)),
                          ("stil-10", leaving("stil-10", bsn, "intrekken"))):
            home.notice(home.send(text, home.provider))
            home.settled()
            home.answer(home.letters(CITY)[-1], f"Akkoord\n\n{ASIDE}")
            self.assertIn("geaccepteerd", home.receipt(key))
        home.handled()
        self.assertEqual(len(wait_for(home.set_aside)), 4)
        wait_for(lambda: sum(event["outcome"] == "set-aside" for event in home.events()) == 4)

        search = Search([bsn, wrong, SURNAME, PREFIX, ASIDE, QUOTED, LATER])
        running = self.seen()
        home.gateway.stop()
        stopped = self.seen()
        home.gateway.start()
        names = {name for name, _ in running + stopped}
        for name in ("schotvrij.db", "schotvrij.db-wal", "checkpoints", "log", "metrics", "cmdline"):
            self.assertIn(name, names)
        self.assertTrue([name for name in names if name.endswith(".eml")])
        found = {(name, *one) for name, said in running + stopped for one in search.found_in(said)}
        self.assertEqual(found, set())
        self.assertEqual(home.imap.messages(), [])
        # The search would find them where they are.
        found = {value for value, _ in search.found_in(letter.text.encode())}
        self.assertEqual(found, {bsn, SURNAME, PREFIX})
        found = {value for each in home.set_aside() for value, _ in search.found_in(each)}
        self.assertLessEqual({bsn, ASIDE, QUOTED}, found)

    def seen(self):
        """(name, bytes) of every file of the gateway and of the mail server, and of what the system and the operator see of it."""
        directory = pathlib.Path(self.home.gateway.directory)
        said = [(file.name, file.read_bytes()) for file in directory.rglob("*") if file.is_file()]
        said.append(("names", "\n".join(map(str, directory.rglob("*"))).encode()))
        if self.home.gateway.process is None:
            return said
        said.append(("metrics", self.home.gateway.admin("GET", "/metrics")[1].encode()))
        process = pathlib.Path("/proc", str(self.home.gateway.process.pid))
        said.append(("cmdline", (process / "cmdline").read_bytes()))
        with contextlib.suppress(PermissionError):  # only root may look here
            said.append(("environ", (process / "environ").read_bytes()))
        return said


if __name__ == "__main__":
    unittest.main()
