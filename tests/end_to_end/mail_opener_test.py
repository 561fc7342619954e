"""The mail opener, given every mail of mail_peer and more that is odd: what it opens was so signed, and it never goes astray."""
import email
import os
import re
import ssl
import subprocess
import tempfile
import unittest

import mail_peer
from mail_opening import OPENER, open_bytes, open_mail, request
from mail_verdicts import ANSWER, GOOD, NOT_TAKEN, verdicts

SANITIZED = bool(os.environ.get("SCHOTVRIJ_SANITIZE"))
SECONDS, MEGABYTES = (60, 4096) if SANITIZED else (5, 512)
WORD = re.compile(r"[!-~]{0,254}\Z")
ABOUT_MAX = 16
RULES = {"", "MAIL-SYNTAX", "MAIL-PARTS", "MAIL-NO-TEXT", "MAIL-ATTACHMENT", "MAIL-NOT-FOR-US", "MAIL-ALGORITHM", "MAIL-SIGNATURE",
         "TEXT-SIZE", "TEXT-CHARACTERS"}


class OpenerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="schotvrij-opener-")
        cls.addClassCleanup(folder.cleanup)
        cls.keys = folder.name
        cls.kit = mail_peer.make_kit(folder.name)

    def opened(self, mail):
        """What it says of the mail, with the key of who it is to; what holds of any mail holds of this one."""
        opening = open_mail(mail, f"{self.keys}/ours.pem", f"{self.keys}/ours.key")
        self.assertEqual((opening.status, opening.complaints), (0, b""))
        self.assertLess(opening.seconds, SECONDS)
        self.assertLess(opening.megabytes, MEGABYTES)
        said = opening.mail
        self.assertIn(said.refused, RULES)
        if said.refused:
            self.assertEqual((said.text, said.HasField("report")), ("", False))
        else:
            self.assertNotEqual(bool(said.text), said.HasField("report"))
        if said.text:
            self.assertRegex(said.key, r"\A[0-9a-f]{64}\Z")
            self.assertTrue(said.text.endswith("\n"))
            self.assertNotRegex(said.text, "[\0\r]")
        report = said.report
        for word in (said.message_id, getattr(said, "from"), *said.about, report.message_id, report.action, report.status,
                     report.recipient):
            self.assertRegex(word, WORD)
        self.assertLessEqual(len(said.about), ABOUT_MAX)
        return said

    def signer(self, name):
        return ssl.PEM_cert_to_DER_cert(getattr(self.kit, name).certificate.read_text()) if name else b""

    def assert_as(self, verdict, said):
        self.assertIn(said.refused, verdict.rules)
        if said.refused:
            return
        if verdict.text is not None:
            self.assertEqual(said.text, self.kit.text if verdict.text == ANSWER else verdict.text)
        self.assertEqual((said.encrypted, said.signer), (verdict.encrypted, self.signer(verdict.signer)))
        self.assertEqual((said.automatic, said.HasField("report")), (verdict.automatic, verdict.report))
        if verdict.author is not None:
            self.assertEqual(getattr(said, "from"), self.kit.from_ if verdict.author == ANSWER else verdict.author)


class EveryMail(OpenerTest):
    def test_a_good_mail_is_opened(self):
        self.assertEqual({name for name, _ in mail_peer.good()}, set(GOOD))
        for name, maker in mail_peer.good():
            with self.subTest(name):
                said = self.opened(maker(self.kit))
                self.assert_as(GOOD[name], said)
                number = mail_peer.header(self.kit.original, "Message-ID")[1:-1]
                self.assertEqual(said.report.message_id if said.HasField("report") else said.about[0] + "@zorgnet.example", number)

    def test_a_hostile_mail_does_nothing_but_what_the_table_says(self):
        expected = verdicts()
        self.assertEqual({name for name, _ in mail_peer.hostile()}, set(expected) | NOT_TAKEN)
        for name, maker in mail_peer.hostile():
            if name not in NOT_TAKEN:
                with self.subTest(name):
                    self.assert_as(expected[name], self.opened(maker(self.kit)))

    def test_what_is_too_large_ends_it(self):
        for name in NOT_TAKEN:
            opening = open_mail(dict(mail_peer.hostile())[name](self.kit))
            self.assertEqual((opening.status, opening.mail, opening.complaints), (1, None, b""), name)

    def test_the_largest_that_is_taken_is_opened_within_its_memory(self):
        filling = mail_peer.multipart("mixed", self.kit.letter(), mail_peer.part("image/png", b"x" * (10 << 20)))
        entity = filling[:(10 << 20) - 2048]
        self.assertEqual(self.opened(self.kit.mail(entity)).text, self.kit.text)
        for cipher in ("aes-256-gcm", "aes-256-cbc"):
            mail = self.kit.mail(self.kit.sealed(filling[:5 << 20], cipher=cipher))
            self.assertLess(len(mail), 10 << 20)
            self.assertEqual(self.opened(mail).text, self.kit.text)

    def test_what_is_no_request_ends_it(self):
        for data in (b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x0f", request(self.kit.mail(self.kit.letter()))[:-1]):
            self.assertEqual(open_bytes(data).status, 1)

    def test_without_a_key_nothing_is_decrypted(self):
        mail = self.kit.mail(self.kit.sealed())
        for pems in ((), (f"{self.keys}/ours.pem",), (f"{self.keys}/ours.pem", f"{self.keys}/sender.key"), (__file__, __file__)):
            said = open_mail(mail, *pems).mail
            self.assertIn(said.refused, {"MAIL-NOT-FOR-US", "MAIL-SYNTAX"})
            self.assertEqual((said.text, said.signer, said.key), ("", b"", ""))


class Layers(OpenerTest):
    """S/MIME in ways that mail_peer does not make."""

    def test_the_rule_tells_nothing_of_what_was_changed_in_cbc(self):
        """Every bit of the last blocks, and a letter with no signature: one rule."""
        whole = mail_peer.envelope(self.kit.signed(), self.kit.recipient, "aes-128-cbc")
        mails = [self.kit.mail(self.kit.encrypted(self.kit.letter(), cipher="aes-128-cbc")),
                 self.kit.mail(self.kit.encrypted(self.kit.signed(digest="sha1"), cipher="aes-128-cbc"))]
        for at in (1, 16, 17, 32, 33, 900):
            for bit in (1, 0x10, 0x80):
                made = bytearray(whole)
                made[-at] ^= bit
                mails.append(self.kit.mail(mail_peer.pkcs7(bytes(made), "enveloped-data")))
        self.assertEqual({self.opened(mail).refused for mail in mails}, {"MAIL-SIGNATURE"})

    def test_a_key_of_rsa_is_reached_by_oaep_only(self):
        rsa = mail_peer.signing_pair(self.keys, "ours-rsa", kind="rsa")

        def said(keyopt):
            mail = self.kit.mail(mail_peer.encrypted(self.kit.signed(), rsa.certificate, keyopt=keyopt))
            return open_mail(mail, rsa.certificate, rsa.key).mail

        self.assertEqual(said("rsa_padding_mode:oaep").text, self.kit.text)
        self.assertEqual((said(()).refused, said(()).text), ("MAIL-ALGORITHM", ""))

    def test_nor_where_a_recipient_of_the_same_name_and_number_has_ecdh(self):
        def certificate(name, *how):
            mail_peer.openssl("genpkey", *how, "-out", f"{self.keys}/{name}.key")
            mail_peer.openssl("req", "-x509", "-new", "-key", f"{self.keys}/{name}.key", "-subj", "/CN=twin", "-days", "2",
                              "-set_serial", "7", "-out", f"{self.keys}/{name}.pem")
            return f"{self.keys}/{name}.pem", f"{self.keys}/{name}.key"

        rsa = certificate("twin-rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        twin = certificate("twin-ec", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        made = mail_peer.envelope(self.kit.signed(), [twin[0], rsa[0]])
        for each in (made, with_fields(made, with_recipients_turned_round)):
            said = open_mail(self.kit.mail(mail_peer.pkcs7(each, "authEnveloped-data")), *rsa).mail
            self.assertEqual(said.refused, "MAIL-ALGORITHM")

    def test_a_tag_that_is_short_counts_for_nothing(self):
        made = mail_peer.envelope(self.kit.letter(), self.kit.recipient)
        for size in (1, 4, 11, 12, 16):
            said = self.opened(self.kit.mail(mail_peer.pkcs7(with_fields(made, with_tag_of(size)), "authEnveloped-data")))
            self.assertEqual(said.refused, "MAIL-ALGORITHM" if size < 12 else "", size)

    def test_a_signed_act_has_one_key_whatever_is_put_around_it(self):
        signed = self.kit.signed()
        keys = {self.opened(self.kit.mail(entity)).key for entity in
                (signed, self.kit.encrypted(signed), self.kit.encrypted(signed, cipher="aes-128-cbc"))}
        self.assertEqual(len(keys), 1)
        self.assertNotIn(self.opened(self.kit.mail(self.kit.signed(self.kit.letter("Afgewezen\n")))).key, keys)

    def test_a_signature_of_a_weak_key_is_none(self):
        key, certificate = f"{self.keys}/weak.key", f"{self.keys}/weak.pem"
        mail_peer.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", key)
        mail_peer.openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=weak", "-days", "2", "-out", certificate)
        mail = self.kit.mail(mail_peer.signed(self.kit.letter(), certificate, key))
        self.assertEqual(self.opened(mail).refused, "MAIL-ALGORITHM")

    def test_what_stands_beside_a_signature_is_not_read(self):
        other, signed = self.kit.letter(mail_peer.OTHER_TEXT), self.kit.signed()
        beside = self.kit.signed(detached=True)
        page = mail_peer.part("text/html", b"x")
        hidden = mail_peer.multipart("alternative", other, mail_peer.multipart("related", page, signed))
        for entity in (hidden, mail_peer.multipart("alternative", other, beside), mail_peer.multipart("mixed", other, beside),
                       mail_peer.multipart("related", signed, other), mail_peer.multipart("x-new", other, signed)):
            for mail in (self.kit.mail(entity), self.kit.mail(self.kit.encrypted(entity)), self.kit.mail(self.kit.sealed(entity))):
                self.assertEqual(self.opened(mail).refused, "MAIL-SIGNATURE")

    def test_text_around_the_signed_part_is_not_read(self):
        entity = self.kit.signed(detached=True)
        boundary = b"--" + email.message_from_bytes(entity).get_boundary().encode()
        preamble = entity.replace(boundary, b"Afgewezen\r\n" + boundary, 1) + b"Afgewezen\r\n"
        said = self.opened(self.kit.mail(preamble))
        self.assertEqual((said.text, bool(said.signer)), (self.kit.text, True))


def elements(der):
    """[(tag, content)] of DER that stand behind each other."""
    found = []
    while der:
        octets = der[1] & 0x7F if der[1] & 0x80 else 0
        size, begin = int.from_bytes(der[2:2 + octets], "big") if octets else der[1], 2 + octets
        found.append((der[0], der[begin:begin + size]))
        der = der[begin + size:]
    return found


def with_fields(der, change):
    """EnvelopedData or AuthEnvelopedData of the fields that `change` makes of its own: a list of DER."""
    (_, info), = elements(der)
    kind, (_, explicit) = elements(info)
    (_, content), = elements(explicit)
    fields = change([mail_peer.tlv(*each) for each in elements(content)])
    return mail_peer.tlv(0x30, mail_peer.tlv(*kind), mail_peer.tlv(0xA0, mail_peer.tlv(0x30, *fields)))


def with_tag_of(size):
    return lambda fields: [*fields[:-2], fields[-2].replace(b"\x02\x01\x10", b"\x02\x01" + bytes([size]), 1),
                           mail_peer.tlv(0x04, fields[-1][2:2 + size])]


def with_recipients_turned_round(fields):
    """BER, which may have a set in any order."""
    (_, recipients), = elements(fields[1])
    return [fields[0], mail_peer.tlv(0x31, *[mail_peer.tlv(*each) for each in reversed(elements(recipients))]), *fields[2:]]


class Texts(OpenerTest):
    def text_of(self, content_type, body, encoding=None):
        said = self.opened(self.kit.mail(mail_peer.part(content_type, body, encoding)))
        return said.refused or said.text

    def test_each_character_set_in_each_transfer_encoding(self):
        for charset, text in (("utf-8", "Cliënt wóónt in Gąbin €\n"), ("iso-8859-1", "Cliënt wóónt hier ½\n"),
                              ("iso-8859-15", "Cliënt kost €\n"), ("windows-1252", "“Cliënt” kost €\n"),
                              ("us-ascii", "Client\n")):
            for name in (charset, charset.upper(), f'"{charset}"'):
                for encoding in ("8bit", "binary", "base64", "quoted-printable", "Base64", "QUOTED-PRINTABLE"):
                    data = text.encode(charset)
                    body = {"base64": mail_peer.in_base64(data),
                            "quoted-printable": b"".join(b"=%02X" % byte for byte in data)}.get(encoding.lower(), data)
                    with self.subTest((name, encoding)):
                        self.assertEqual(self.text_of(f"text/plain; charset={name}", body, encoding), text)

    def test_other_names_of_them(self):
        for name, charset in (("utf8", "utf-8"), ("latin1", "iso-8859-1"), ("cp1252", "windows-1252"), ("ascii", "ascii"),
                              ("iso8859-1", "iso-8859-1"), ("iso_8859-1", "iso-8859-1"), ("iso8859-15", "iso-8859-15"),
                              ("latin9", "iso-8859-15")):
            text = "Akkoord\n" if charset == "ascii" else "Cliënt\n"
            with self.subTest(name):
                self.assertEqual(self.text_of(f"text/plain; charset={name}", text.encode(charset), "8bit"), text)

    def test_what_is_in_no_character_set_is_refused(self):
        for charset, data in (("x-eigen", b"a"), ("utf-8", b"\xc3"), ("utf-8", b"\xed\xa0\x80"), ("us-ascii", b"\xe9"),
                              ("utf-8", b"\xf4\x90\x80\x80"), ("utf-8", b"\xc0\xaf"), ("windows-1252", b"\x81"),
                              ("utf-16le", b"a\0"), ("iso-2022-jp", b"a"), ("utf-8//IGNORE", b"\xff"), ("utf-8", b"a\0b"), ("ebcdic-us", b"a")):
            with self.subTest((charset, data)):
                self.assertEqual(self.text_of(f'text/plain; charset="{charset}"', data + b"\r\n", "8bit"), "TEXT-CHARACTERS")

    def test_parameters_as_rfc_2231_has_them(self):
        for parameter in ("charset*=us-ascii'nl'iso-8859-1", "charset*0=iso-; charset*1=8859-1",
                          "charset*0*=''iso%2D; charset*1=8859-1", "CHARSET=iso-8859-1", "format=flowed; charset=iso-8859-1; x=y"):
            with self.subTest(parameter):
                self.assertEqual(self.text_of(f"text/plain; {parameter}", b"Cli\xebnt\r\n", "8bit"), "Cliënt\n")

    def test_no_content_type_at_all_is_text(self):
        self.assertEqual(self.opened(mail_peer.message(b"\r\nAkkoord\r\n")).text, "Akkoord\n")

    def test_lines_end_in_lf_and_the_last_one_does(self):
        self.assertEqual(self.text_of("text/plain", b"Akkoord\r\nja"), "Akkoord\nja\n")

    def test_of_alternatives_one_is_read(self):
        plain, page = self.kit.letter("Akkoord\n"), mail_peer.part("text/html", b"<p>Nee</p>")
        other = self.kit.letter("Afgewezen\n")
        invitation = mail_peer.part("text/calendar", b"BEGIN:VCALENDAR\r\n")
        for parts in ((plain, page), (page, plain), (plain, other), (mail_peer.multipart("mixed", plain), other),
                      (plain, mail_peer.multipart("related", page, mail_peer.part("image/png", b"x"))), (plain, invitation)):
            self.assertEqual(self.opened(self.kit.mail(mail_peer.multipart("alternative", *parts))).text, "Akkoord\n")

    def test_a_part_of_two_types_is_refused(self):
        twice = b"Content-Type: application/zip\r\n" + self.kit.letter()
        for entity in (mail_peer.multipart("mixed", self.kit.letter(), twice), mail_peer.multipart("alternative", twice)):
            for mail in (self.kit.mail(entity), self.kit.mail(self.kit.sealed(entity))):
                self.assertEqual(self.opened(mail).refused, "MAIL-SYNTAX")
        self.assertEqual(self.opened(self.kit.mail(self.kit.sealed(twice))).refused, "MAIL-SYNTAX")

    def test_each_limit_is_the_last_that_is_taken(self):
        for size, rule in ((65535, ""), (65536, "TEXT-SIZE")):
            self.assertEqual(self.opened(self.kit.mail(mail_peer.part("text/plain", b"x" * size))).refused, rule)
        page = mail_peer.part("text/html", b"x")
        for count, rule in ((62, ""), (63, "MAIL-PARTS")):
            entity = mail_peer.multipart("mixed", self.kit.letter(), *[page] * count)
            self.assertEqual(self.opened(self.kit.mail(entity)).refused, rule)
        entity = self.kit.letter()
        for depth in range(1, 10):
            entity = mail_peer.multipart("mixed", entity)
            self.assertEqual(self.opened(self.kit.mail(entity)).refused, "" if depth <= 8 else "MAIL-PARTS", depth)


class Headers(OpenerTest):
    def headers(self, *headers, **how):
        return self.opened(mail_peer.message(self.kit.letter(), self.kit.from_, self.kit.to, headers=headers, **how))

    def test_encoded_words_name_an_id_too(self):
        number = "0123456789abcdef" * 2
        for subject in (f"Re: Bericht {number}", f"=?utf-8?q?Re:_Bericht=20{number}?=", f"[EXTERN]Bericht {number}.",
                        mail_peer.email.header.Header(f"RE: Cliënt, bericht {number}", "utf-8").encode()):
            self.assertEqual(list(self.headers(("Subject", subject)).about), [number], subject)

    def test_no_more_is_about_than_anybody_would_name(self):
        ids = " ".join(f"<{i:032x}@zorgnet.example>" for i in range(2_000 if SANITIZED else 200_000))
        self.assertEqual(len(self.headers(("In-Reply-To", ids)).about), ABOUT_MAX)

    def test_a_message_id_is_one_word_or_none(self):
        for value, expected in (("<a@b.example>", "a@b.example"), ("  <a@b.example>  ", "a@b.example"), ("a@b.example", ""),
                                ("<a b@c.example>", ""), ("<a\x07@b.example>", ""), ("<a\n b@c.example>", ""),
                                ("<" + "a" * 254 + ">", "a" * 254), ("<" + "a" * 255 + ">", ""), ("<>", ""), ("", ""), ("<", ""),
                                ("<é@b.example>", "")):
            with self.subTest(value):
                self.assertEqual(self.headers(("Message-ID", value)).message_id, expected)

    def test_an_address_is_one_word_or_none(self):
        for value, expected in (("P. Proefje <P@EDE.example>", "p@ede.example"),
                                ("=?utf-8?q?Zo=C3=AB?= <p@ede.example>", "p@ede.example"), ("p@ede.example (Proefje)", "p@ede.example"),
                                ('"p q"@ede.example', ""), ("pé@ede.example", ""),
                                ("<p@ede.example> <q@ede.example>", None), ("undisclosed-recipients:;", ""), ("p", "")):
            with self.subTest(value):
                said = getattr(self.headers(("From", value)), "from")
                self.assertIn(said, {expected} if expected is not None else {"", "p@ede.example"})

    def test_what_a_program_wrote_is_known_by_its_header(self):
        for name, value in (("Auto-Submitted", "auto-replied"), ("Auto-Submitted", "auto-generated (x)"), ("Precedence", "bulk"),
                            ("auto-submitted", "Auto-Notified"), ("List-Id", "x"), ("Return-Path", "<>"), ("X-Autoreply", "yes"),
                            ("Precedence", " LIST")):
            self.assertTrue(self.headers((name, value)).automatic, name)
        for name, value in (("Auto-Submitted", "no"), ("Precedence", "normal"), ("Return-Path", f"<{self.kit.from_}>")):
            self.assertFalse(self.headers((name, value)).automatic, name)

    def test_what_a_server_reports_is_read(self):
        for style in ("postfix", "exim"):
            for status, action in (("5.1.1", "failed"), ("4.4.1", "delayed"), ("2.0.0", "delivered")):
                for whole in (False, True):
                    said = self.opened(mail_peer.bounce(self.kit.original, "Wmo@ede.example", status, action, style, whole))
                    report, number = said.report, mail_peer.header(self.kit.original, "Message-ID")[1:-1]
                    self.assertEqual((report.action, report.status, report.recipient, report.message_id),
                                     (action, status, "Wmo@ede.example", number))
                    self.assertTrue(said.automatic)


class Sandbox(OpenerTest):
    @unittest.skipIf(SANITIZED, "a sanitizer makes system calls of its own")
    def test_once_it_reads_it_makes_no_other_calls_than_these(self):
        """Whatever the mail is, after the filter of system calls was loaded."""
        allowed = set("read write close exit exit_group brk mmap munmap mremap mprotect madvise futex getrandom getpid gettid "
                      "clock_gettime gettimeofday rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack sched_yield "
                      "restart_syscall".split())
        makers = dict(mail_peer.good() + mail_peer.hostile())
        for name in ("answer", "answer_in_cbc", "answer_signed_with_rsa", "answer_in_base64_latin1", "answer_signed_beside",
                     "bounce_of_exim", "text_in_an_unknown_charset", "cms_that_never_ends", "mails_in_mails"):
            with self.subTest(name), tempfile.NamedTemporaryFile() as trace:
                data = request(makers[name](self.kit), f"{self.keys}/ours.pem", f"{self.keys}/ours.key")
                opening = open_bytes(data, ("strace", "-f", "-qq", "-o", trace.name, OPENER))
                self.assertEqual(opening.status, 0)
                calls = re.findall(r"^\d+ +(\w+)\(", trace.read().decode(errors="replace"), re.M)
                loaded = max(at for at, call in enumerate(calls) if call == "seccomp")
                self.assertGreater(len(calls), loaded + 2)
                self.assertEqual(set(calls[loaded + 1:]) - allowed, set())


if __name__ == "__main__":
    unittest.main()
