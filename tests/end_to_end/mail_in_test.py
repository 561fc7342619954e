"""R8: who has only mail takes part by mail. A municipality answers by reply, a provider registers with the form; both sign and encrypt,
and the gateway's mailbox is on a real IMAP server."""
import unittest

import mail_peer
from harness import today, wait_for
from mail_home import CITY, DELIVERED, OURS, PROVIDER, WITHHELD, MailTest, form, leaving

ANSWERS = (  # first line, what the provider reads, whether what the municipality had is gone
    ("Akkoord", "geaccepteerd door de ontvanger", None),
    ("GEACCEPTEERD.", "geaccepteerd door de ontvanger", None),
    ("niet  van ons", "de cliënt woont niet in de gemeente", "gone"),
    ("Onbekende persoon", "BSN en geslachtsnaam horen niet bij elkaar", None),
    ("AL BEKEND", "de cliënt is al aangemeld", None),
    ("doet niet meer mee", "de ontvanger doet voor deze cliënt niet meer mee", None),
    ("Geweigerd!", "een andere reden", None),
)


class Answers(MailTest):
    def test_r8_a_registration_and_its_answer_go_by_mail_alone(self):
        bsn, letter = self.home.register("alleen-mail")
        told = self.home.letter(PROVIDER, "Uw bericht is ontvangen").text
        self.assertIn("Samenwerkingsverband: ede", told)
        self.assertIn("Geslachtsnaam: van der Testmeer", letter.text)
        self.assertNotIn("Voorbeeld", letter.text)
        self.assertEqual(len(self.home.letters(CITY)), 1)
        self.home.answer(letter, "Akkoord\n\nMet vriendelijke groet,\nP. Proefje")
        self.assertIn("Uitkomst: geaccepteerd", self.home.receipt("alleen-mail"))
        self.home.settled()
        self.assertEqual(self.home.state_of(letter), (DELIVERED, 1))
        self.assertNotIn(bsn, self.home.receipt("alleen-mail"))

    def test_r8_each_answer_is_understood_in_both_ways_to_quote(self):
        for number, (answer, outcome, gone) in enumerate(ANSWERS):
            for outlook in (False, True):
                with self.subTest(answer, outlook=outlook):
                    key = f"antwoord-{number}-{outlook:d}"
                    bsn, letter = self.home.register(key)
                    mail = self.home.answer(letter, answer, outlook=outlook, html=outlook)
                    self.assertIn(outcome, self.home.receipt(key))
                    self.home.settled()
                    self.assertEqual(self.home.answers_to(mail), [], "an answer that is in effect is not answered")
                    self.assertEqual(self.home.state_of(letter), (WITHHELD if gone else DELIVERED, 1))
        self.assertEqual(self.home.set_aside(), [])

    def test_r8_what_is_not_theirs_is_shown_no_more_and_nothing_of_it_is_sent_any_more(self):
        bsn, letter = self.home.register("niet-van-ons")
        self.home.answer(letter, "NIET VAN ONS")
        self.assertIn("de cliënt woont niet in de gemeente", self.home.receipt("niet-van-ons"))
        self.home.settled()
        for kind in ("Task", "Patient"):
            status, text = self.home.gateway.send("gemeente-ede", "GET", f"/fhir/{kind}/{letter.id}")
            self.assertEqual(status, 410)
            self.assertNotIn(bsn.encode(), text)
        self.refused(self.mail(form("niet-van-ons-2", bsn, Stap="wijzigen")), "NOT-REGISTERED")
        self.refused(self.mail(form("niet-van-ons-3", bsn, Stap="heropenen")), "NOT-REGISTERED")
        self.assertEqual(sum(bsn in each.text for each in self.home.letters(CITY)), 1)

    def test_r8_the_same_answer_twice_is_one_and_a_different_one_is_told(self):
        _, letter = self.home.register("twee-keer")
        mail = self.home.answer(letter, "Akkoord")
        self.assertIn("geaccepteerd", self.home.receipt("twee-keer"))
        before = self.home.settled()
        self.home.deliver(mail)
        self.assertEqual(self.home.settled(), before)
        self.assertEqual(self.home.answers_to(mail), [])
        told = self.refused(self.home.reply(letter, "Geweigerd"), "ANSWER-TWICE")
        self.assertIn("Dit bericht is al beantwoord.", told)
        self.assertEqual(sum("Uw kenmerk: twee-keer\n" in each.text for each in self.home.letters(PROVIDER)), 1)

    def test_r8_an_answer_that_is_none_is_told_and_may_be_given_again(self):
        _, letter = self.home.register("nog-eens")
        for text, rule in (("Ja hoor, prima", "MAIL-ANSWER"), ("Kunt u mij bellen?", "MAIL-ANSWER"),
                           (form("in-antwoord", next(self.home.bsns)), "MAIL-ANSWER")):
            self.refused(self.home.reply(letter, text), rule)
        self.refused(self.home.reply(letter, "Akkoord", quote=False), "MAIL-ABOUT")
        _, other = self.home.register("en-een-ander")
        self.refused(self.home.reply(letter, f"Akkoord\n\nBericht: {other.id}"), "MAIL-ABOUT")
        self.refused(self.home.reply(letter, f"Akkoord {'0' * 32}", quote=False), "ANSWER-UNKNOWN")
        self.home.answer(letter, f"Akkoord {letter.id}", quote=False)
        self.assertIn("geaccepteerd", self.home.receipt("nog-eens"))

    def test_r8_an_answer_may_be_signed_beside_or_in_other_ways_that_programs_have(self):
        ways = {"beside": lambda entity: mail_peer.encrypted(mail_peer.signed(entity, *self.home.city, detached=True),
                                                             self.home.ours.certificate, keyopt="rsa_padding_mode:oaep"),
                "cbc": lambda entity: self.home.sealed(entity, self.home.city, cipher="aes-256-cbc")}
        for name, seal in ways.items():
            _, letter = self.home.register(f"manier-{name}")
            self.home.answer(letter, "Akkoord", seal=seal, charset="iso-8859-1", encoding="base64")
            self.assertIn("geaccepteerd", self.home.receipt(f"manier-{name}"))

    def test_r8_what_the_signature_says_counts_and_not_what_stands_around_it(self):
        _, mine = self.home.register("ondertekend")
        _, other = self.home.register("buitenkant")
        mail = self.home.reply(mine, "Akkoord").replace(mine.id.encode(), other.id.encode())
        self.assertEqual(mail_peer.header(mail, "Subject"), f"Re: Bericht {other.id}")
        self.home.deliver(mail)
        self.assertIn("geaccepteerd", self.home.receipt("ondertekend"))
        before = self.home.settled()
        self.assertEqual((self.home.state_of(mine)[1], self.home.state_of(other)[1]), (1, 0))
        # The same signed words again, with everything that is not signed made anew.
        sealed = mail.split(b"\r\n\r\n", 1)[1]
        again = self.home.deliver(mail_peer.message(
            b"Content-Type: application/pkcs7-mime; smime-type=authEnveloped-data; name=smime.p7m\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + sealed, CITY.upper(), OURS, f"Re: Bericht {other.id}"))
        self.assertEqual(self.home.settled(), before)
        self.assertEqual(self.home.answers_to(again), [])

    def test_r8_an_answer_to_a_message_of_another_is_unknown(self):
        _, letter = self.home.register("van-een-ander")
        self.home.answer(letter, "Akkoord")
        self.home.receipt("van-een-ander")
        _, letter = self.home.register("van-een-ander-2")
        self.refused(self.home.reply(letter, "Akkoord", self.home.provider), "ANSWER-UNKNOWN")
        told = self.home.letter(PROVIDER, "Uw kenmerk: van-een-ander\n")  # and a receipt is not answered by who reads it
        self.refused(self.home.reply(told, "Akkoord", self.home.provider), "ANSWER-UNKNOWN")
        self.assertEqual(self.home.state_of(letter), (DELIVERED, 0))


class Steps(MailTest):
    def clients(self):
        """The municipality's list, by nothing but the letters it got: BSN → surname, or None once it holds no more."""
        clients = {}
        for letter in self.home.letters(CITY):
            lines = dict(line.split(": ", 1) for line in letter.text.splitlines() if ": " in line)
            if "Bericht" not in lines:
                continue  # what it was told of an answer of its own
            about = lines.get("Gaat over bericht", lines["Bericht"])
            clients[about] = lines.get("Geslachtsnaam") if "eindigt" not in letter.text and "trekt" not in letter.text else None
        return clients

    def taken(self, text):
        mail = self.home.send(text, self.home.provider)
        self.assertIn("Uw bericht is ontvangen", self.home.notice(mail).text)
        self.home.settled()
        return mail

    def test_r8_a_registration_lives_by_forms(self):
        bsn, letter = self.home.register("leven-1")
        self.assertEqual(self.clients()[letter.id], "van der Testmeer")
        self.taken(form("leven-2", bsn, Stap="wijzigen", Geslachtsnaam="Andersma", Voorvoegsel=None, **{"Gaat over": "leven-1"}))
        self.home.letter(CITY, "Een aanbieder wijzigt", bsn, f"Gaat over bericht: {letter.id}")
        self.assertEqual(self.clients()[letter.id], "Andersma")
        self.taken(leaving("leven-3", bsn, "beëindigen", Einddatum=today(), Reden="verhuisd"))
        self.home.letter(CITY, "Een aanmelding eindigt.", letter.id)
        self.assertIsNone(self.clients()[letter.id])
        self.taken(form("leven-4", bsn, Stap="heropenen"))
        reopened = self.home.letter(CITY, "geldt weer", letter.id)
        self.assertEqual(self.clients()[letter.id], "van der Testmeer")
        self.home.answer(reopened, "Akkoord")
        self.assertIn("geaccepteerd", self.home.receipt("leven-4"))
        self.taken(leaving("leven-5", bsn, "intrekken"))
        withdrawn = self.home.letter(CITY, "trekt een aanmelding in", letter.id)
        self.assertIsNone(self.clients()[letter.id])
        self.assertNotIn(bsn, withdrawn.text)
        self.refused(self.home.reply(withdrawn, "Geweigerd"), "ANSWER-STEP")
        self.home.answer(withdrawn, "Akkoord")
        self.assertIn("geaccepteerd", self.home.receipt("leven-5"))

    def test_r8_what_is_wrong_with_a_form_is_told_by_its_line_and_has_no_effect(self):
        bsn, _ = self.home.register("fout-0")
        other, clients = next(self.home.bsns), self.clients()
        wrong_bsn = other[:-1] + str((int(other[-1]) + 1) % 10)
        for changes, rule, words in (
                ({"bsn": wrong_bsn}, "BSN-ELEVEN-TEST", "Het BSN bestaat niet."),
                ({"bsn": other[:-1]}, "BSN-LENGTH", "negen cijfers"),
                ({"BSN": None}, "BSN-MISSING", "Het BSN ontbreekt."),
                ({"Geslachtsnaam": None, "Voorvoegsel": None}, "SURNAME-MISSING", "De geslachtsnaam ontbreekt."),
                ({"MMSE": "17"}, "MAIL-FORM-LABEL", "regel 8: "),
                ({"Stap": "verplaatsen"}, "MAIL-FORM-WORD", "regel 6 (Stap): "),
                ({"Begindatum": "31-02-2026"}, "DATE-FORM", "regel 8 (Begindatum): "),
                ({"Burgerservicenummer": other}, "MAIL-FORM-TWICE", "regel 9 (BSN): "),
                ({"Gemeente": "9999"}, "RECIPIENT-UNKNOWN", "gemeentecode van vier cijfers"),
                ({"Uitkomst": "voldoet niet"}, "VERDICT-NOT-MET", "hoort volgens uw eigen uitkomst niet"),
                ({"Toestemming": "nee"}, "CONSENT-DENIED", "gaf geen toestemming"),
                ({"Stap": "wijzigen"}, "NOT-REGISTERED", "niet door u aangemeld")):
            with self.subTest(rule):
                told = self.refused(self.mail(form("fout-1", **{"bsn": other, **changes})), rule)
                self.assertIn(words, told)
                for value in (other, wrong_bsn, "Testmeer", "verplaatsen", "31-02-2026"):
                    self.assertNotIn(value, told)
        consent = "\n".join(line for line in form("fout-2", other).splitlines() if not line.startswith("Toestemming"))
        self.refused(self.mail(consent), "CONSENT-MISSING")
        self.refused(self.mail(form("fout-3", bsn)), "ALREADY-REGISTERED")
        self.refused(self.mail(form("fout-0", other)), "KEY-REUSED")
        self.refused(self.mail("Beste collega,\n\nWanneer belt u terug?\n"), "MAIL-NOT-UNDERSTOOD")
        self.assertEqual(self.clients(), clients)
        self.assertEqual(self.taken(form("fout-1", other)).count(b"From:"), 1)

    def test_r45_who_speaks_for_the_client_says_in_what_capacity(self):
        bsn = next(self.home.bsns)
        for changes, rule in (({}, "CONSENT-REPRESENTATIVE"),
                              ({"Vertegenwoordiger": "mentor", "Vertegenwoordiger t/m": today(-1)}, "CONSENT-REPRESENTED")):
            by = {"Toestemming gegeven door": "vertegenwoordiger", **changes}
            told = self.refused(self.mail(form("namens-fout", bsn, **by)), rule)
            self.assertIn("- Vertegenwoordiger: ", told)
        self.taken(form("namens", bsn, **{"Toestemming gegeven door": "vertegenwoordiger", "Vertegenwoordiger": "broer"}))
        self.assertIn("Geslachtsnaam", self.home.letter(CITY, bsn).text)

    def test_r8_the_same_form_twice_is_one_registration_and_the_same_is_told(self):
        bsn = next(self.home.bsns)
        mail = self.taken(form("dubbel", bsn))
        self.home.letter(CITY, bsn)
        before = self.home.settled()
        self.home.deliver(mail)
        told = wait_for(lambda: len(both := self.home.answers_to(mail)) == 2 and both)
        self.assertEqual(told[0].text, told[1].text)
        self.assertEqual(told[0].header("Message-ID"), told[1].header("Message-ID"))
        self.assertEqual(self.home.settled(), before)
        self.taken(form("dubbel", bsn))  # written out again, under the same key
        self.assertEqual(self.home.settled(), before)
        amendment = form("dubbel-2", bsn, Stap="wijzigen", Geslachtsnaam="Andersma")
        self.taken(amendment)
        before = self.home.settled()
        self.taken(amendment)
        self.assertEqual(self.home.settled(), before)

    def test_r8_the_form_may_be_an_attachment_of_text_beside_a_letter(self):
        bsn = next(self.home.bsns)
        mail = self.home.send("Beste collega,\n\nIn de bijlage een aanmelding.\n", self.home.provider, html=True,
                              attachments=[("aanmelding.txt", "text/plain", form("bijlage", bsn))])
        self.assertIn("Uw bericht is ontvangen", self.home.notice(mail).text)
        self.home.letter(CITY, bsn)

    def test_r8_another_document_beside_it_is_told(self):
        pdf = [("aanmelding.pdf", "application/pdf", b"%PDF-1.7\n")]
        told = self.refused(self.mail(form("document", next(self.home.bsns)), attachments=pdf), "MAIL-ATTACHMENT")
        self.assertIn("bijlage", told)


if __name__ == "__main__":
    unittest.main()
