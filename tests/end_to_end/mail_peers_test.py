"""The foreign peers that the tests of incoming mail stand on, with each other and without the gateway: what those tests take for
granted of dovecot, of openssl and of the mails that are made."""
import datetime
import email
import email.policy
import imaplib
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import unittest
import zlib

import mail_peer
from imap_server import ImapServer
from mail_peer import LETTER, OURS, THEIRS, bounce, encrypted, opened, reply, sealed, signed, signing_pair, text_entity, verified


def parsed(mail):
    return email.message_from_bytes(mail, policy=email.policy.default)


class Mailbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ImapServer()
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        self.folder = self.id().rpartition(".")[2]

    def test_what_is_delivered_is_read_byte_for_byte_and_stays_unread(self):
        mails = [mail_peer.message(text_entity(f"Brief {number}, cliënt\n")) for number in range(3)]
        for mail in mails:
            self.server.deliver(mail, self.folder)
        self.assertEqual(self.server.messages(self.folder), mails)
        self.assertEqual(self.server.messages(self.folder), mails)
        self.assertEqual([flags & {"\\Seen", "\\Deleted"} for flags in self.server.flags(self.folder)], [set()] * 3)
        self.assertEqual(self.server.messages("Elders"), [])

    def test_a_mail_program_comes_in_over_both_kinds_of_tls(self):
        mail = mail_peer.message(text_entity("Akkoord\n"))
        for starttls in (False, True):
            with self.server.client(starttls=starttls) as program:
                self.assertEqual(program.append("INBOX", None, None, mail)[0], "OK")
                self.assertIn(b"MOVE", program.capability()[1][0].split())
        self.server.append(mail, flags="\\Seen")
        self.assertEqual(self.server.messages(), [mail] * 3)
        self.assertEqual([flags & {"\\Seen"} for flags in self.server.flags()], [set(), set(), {"\\Seen"}])
        self.assertGreaterEqual(self.server.logins(), 3)

    def test_a_folder_may_have_blanks_and_letters_above_ascii(self):
        for folder in ("Niet verwerkt", "Café & zo"):
            self.server.deliver(b"Subject: x\r\n\r\nx\r\n", folder)
            self.server.append(b"Subject: y\r\n\r\ny\r\n", folder)
            self.assertEqual(len(self.server.messages(folder)), 2)
        self.assertLessEqual({"INBOX", "Niet verwerkt", "Caf&AOk- &- zo"}, set(self.server.folders()))

    def test_a_wrong_password_is_refused(self):
        for wrong in ({"password": "another"}, {"user": "elders@zorgnet.example", "starttls": True}):
            with self.assertRaisesRegex(imaplib.IMAP4.error, "AUTHENTICATIONFAILED"):
                with self.server.client(**wrong):
                    pass

    def test_nobody_comes_in_without_tls(self):
        program = imaplib.IMAP4("127.0.0.1", self.server.starttls_port)
        self.addCleanup(program.shutdown)
        self.assertIn("STARTTLS", program.capabilities)
        with self.assertRaises(imaplib.IMAP4.error):
            program.login(self.server.user, self.server.password)

    def test_the_certificate_is_of_its_own_ca_alone(self):
        with self.assertRaisesRegex(ssl.SSLCertVerificationError, "self-signed|local issuer"):
            imaplib.IMAP4_SSL("localhost", self.server.port, ssl_context=ssl.create_default_context(), timeout=30)


class Outage(unittest.TestCase):
    def test_it_stops_altogether_and_comes_back_with_its_mail(self):
        with ImapServer() as server:
            group, ports = server.process.pid, (server.port, server.starttls_port)
            server.deliver(b"Subject: x\r\n\r\nx\r\n")
            with server.client() as program:
                server.stop()
                with self.assertRaises((imaplib.IMAP4.abort, OSError)):
                    program.noop()
            with self.assertRaises(ProcessLookupError):
                os.killpg(group, 0)
            with self.assertRaises(ConnectionRefusedError):
                server.messages()
            server.deliver(b"Subject: y\r\n\r\ny\r\n")
            server.start(settings="ssl = no")
            with self.assertRaises(imaplib.IMAP4.error):
                with server.client(starttls=True):
                    pass
            server.stop()
            server.start(settings="")
            self.assertEqual(len(server.messages()), 2)
            self.assertEqual((server.port, server.starttls_port), ports)
            server.hang()
            context = ssl.create_default_context(cafile=str(server.ca))
            with self.assertRaises(TimeoutError):
                imaplib.IMAP4_SSL("localhost", server.port, ssl_context=context, timeout=0.2)
            server.wake()
            self.assertEqual(len(server.messages()), 2)


class Mails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="schotvrij-mail-")
        cls.addClassCleanup(scratch.cleanup)
        cls.directory = pathlib.Path(scratch.name)
        cls.kit = mail_peer.make_kit(cls.directory)
        cls.ours = mail_peer.Pair(cls.kit.recipient, cls.kit.recipient.with_suffix(".key"), OURS, cls.kit.sender.ca)
        cls.original = cls.kit.original

    def structure(self, mail):
        return mail_peer.openssl("cms", "-cmsout", "-print", "-noout", data=mail).decode()

    def signing_of(self, mail):
        return verified(opened(mail, self.ours), self.kit.sender.ca)

    def test_what_is_signed_and_encrypted_is_opened_by_the_right_key_alone(self):
        ours_rsa = signing_pair(self.directory, "ours-rsa", OURS, kind="rsa")
        entity = text_entity("Akkoord, cliënt\n")
        for sender, recipient, how, told in (
                (self.kit.sender, self.ours, {}, "authEnvelopedData"),
                (self.kit.sender_rsa, self.ours, {"cipher": "aes-256-cbc"}, "aes-256-cbc"),
                (self.kit.sender, ours_rsa, {"cipher": "aes-128-gcm"}, "rsaEncryption"),
                (self.kit.sender, ours_rsa, {"cipher": "des3"}, "des-ede3-cbc"),
                (self.kit.sender_rsa, ours_rsa, {"keyopt": ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256")}, "rsaesOaep")):
            mail = mail_peer.message(sealed(entity, sender, recipient.certificate, **how))
            self.assertIn(told, self.structure(mail))
            self.assertEqual(verified(opened(mail, recipient), sender.ca), entity)
            self.assertRaises(RuntimeError, opened, mail, self.kit.stranger)
        two = encrypted(entity, [self.ours.certificate, ours_rsa.certificate])
        self.assertEqual([opened(two, pair) for pair in (self.ours, ours_rsa)], [entity] * 2)

    def test_a_signature_holds_for_its_text_and_its_certificate(self):
        entity, ca = text_entity("Akkoord\n"), self.kit.sender.ca
        for detached in (False, True):
            for digest in ("sha256", "sha512"):
                made = signed(entity, *self.kit.sender, detached=detached, digest=digest)
                self.assertEqual(verified(made, ca), entity)
                self.assertEqual(parsed(made).get_content_type(), "multipart/signed" if detached else "application/pkcs7-mime")
            for pair in (self.kit.stranger, self.kit.expired):
                self.assertRaises(RuntimeError, verified, signed(entity, *pair, detached=detached), ca)
        self.assertRaises(RuntimeError, verified, made.replace(b"Akkoord", b"Akkoorn"), ca)

    def test_a_signature_may_be_of_another_time(self):
        then = datetime.datetime(2026, 11, 1, 12, 30, 5, tzinfo=datetime.timezone.utc)
        entity = text_entity("Akkoord\n")
        for pair in (self.kit.sender, self.kit.sender_rsa):
            for detached in (False, True):
                made = signed(entity, *pair, detached=detached, signing_time=then)
                self.assertEqual(verified(made, pair.ca), entity)
                self.assertIn("UTCTIME:Nov  1 12:30:05 2026 GMT", self.structure(made))

    def test_a_letter_is_what_it_was_however_it_is_written(self):
        text = "Akkoord, cliënt\n\n" + "lang " * 300 + "\n"
        for how in ({}, {"encoding": "base64"}, {"charset": "iso-8859-1"}, {"html": True},
                    {"attachments": [("een.txt", "text/plain", "één\n"), ("twee.bin", "application/octet-stream", b"\0\r\n")]}):
            entity = text_entity(text, **how)
            self.assertNotRegex(entity, rb"(?<!\r)\n")
            self.assertNotIn(b"MIME-Version", entity)
            self.assertEqual(parsed(entity).get_body(("plain",)).get_content().replace("\r\n", "\n"), text)
        self.assertEqual([(each.get_filename(), each.get_content_type(), each.get_payload(decode=True))
                          for each in parsed(entity).iter_attachments()],
                         [("een.txt", "text/plain", "één\n".encode()), ("twee.bin", "application/octet-stream", b"\0\r\n")])

    def test_a_bounce_is_a_report_with_the_header_of_the_original(self):
        for style in ("postfix", "exim"):
            for whole in (False, True):
                mail = parsed(bounce(self.original, THEIRS, "5.2.2", style=style, whole=whole))
                self.assertEqual((mail.get_content_type(), mail["Content-Type"].params["report-type"]),
                                 ("multipart/report", "delivery-status"))
                self.assertEqual((mail["Return-Path"], mail["To"]), ("<>", OURS))
                notice, status, about = mail.iter_parts()
                self.assertIn(THEIRS, notice.get_content())
                of_mail, of_recipient = status.get_payload()
                self.assertEqual(of_mail["Reporting-MTA"], "dns; mx.gemeente-ede.example")
                self.assertEqual((of_recipient["Action"], of_recipient["Status"]), ("failed", "5.2.2"))
                self.assertRegex(of_recipient["Final-Recipient"], f"^rfc822; ?{THEIRS}$")
                returned = about.get_payload(0) if whole else parsed(about.get_payload(decode=True))
                self.assertEqual(returned["Message-ID"], parsed(self.original)["Message-ID"])
                self.assertEqual(bool(returned.get_payload()), whole)

    def test_a_reply_names_what_it_answers_and_quotes_it(self):
        for outlook, quoted in ((False, "> BSN: 999900006\n"), (True, "-----Oorspronkelijk bericht-----\nVan: " + OURS)):
            mail = reply(self.original, f'"Wmo-loket Ede, cliënten" <{THEIRS}>', "Akkoord\n", LETTER, outlook,
                         seal=lambda entity: sealed(entity, self.kit.sender, self.kit.recipient))
            head, original = parsed(mail), parsed(self.original)
            self.assertEqual((head["In-Reply-To"], head["References"]), (original["Message-ID"],) * 2)
            self.assertEqual((head["Subject"], head["To"]), ("Re: " + original["Subject"], OURS))
            self.assertEqual(head["From"].addresses[0].addr_spec, THEIRS)
            self.assertNotIn(b"999900006", mail)
            letter = parsed(self.signing_of(mail)).get_content().replace("\r\n", "\n")
            self.assertTrue(letter.startswith("Akkoord\n"))
            self.assertIn(quoted, letter)
        away = parsed(mail_peer.out_of_office(self.original))
        self.assertEqual((away["Auto-Submitted"], away["In-Reply-To"]), ("auto-replied", original["Message-ID"]))

    def test_every_ordinary_mail_that_is_sealed_opens_and_says_so(self):
        sealed_ones = 0
        for name, maker in mail_peer.good():
            mail = maker(self.kit)
            self.assertEqual(parsed(mail).defects, [], name)
            if parsed(mail)["Content-Type"].params.get("smime-type", "").endswith("nveloped-data"):
                sealed_ones += 1
                self.assertEqual(parsed(self.signing_of(mail)).get_body(("plain",)).get_content().split()[0], "Akkoord", name)
        self.assertEqual(sealed_ones, 8)

    def test_what_is_wrong_in_a_hostile_mail_is_what_is_said(self):
        hostile = dict(mail_peer.hostile())
        self.assertGreater(len(hostile), 100)
        self.assertRaises(RuntimeError, self.signing_of, hostile["signed_text_altered"](self.kit))
        self.assertRaises(RuntimeError, self.signing_of, hostile["signature_over_other_text"](self.kit))
        self.assertRaises(RuntimeError, self.signing_of, hostile["signed_by_a_stranger"](self.kit))
        self.assertRaises(RuntimeError, self.signing_of, hostile["signed_by_an_expired_certificate"](self.kit))
        self.assertRaises(RuntimeError, self.signing_of, hostile["signed_by_nobody"](self.kit))
        self.assertIn("md5", self.structure(opened(hostile["signed_with_md5"](self.kit), self.ours)))
        for name in ("encrypted_and_altered_gcm", "encrypted_for_another", "cms_cut_short", "cms_that_never_ends"):
            self.assertRaises(RuntimeError, opened, hostile[name](self.kit), self.ours)
        self.assertEqual(len(parsed(hostile["from_two_headers"](self.kit)).get_all("From")), 2)
        entity = opened(hostile["encrypted_fifty_deep"](self.kit), self.ours)
        for _ in range(3):
            self.assertTrue(entity.startswith(b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data"))
            made = entity.split(b"\r\n\r\n", 1)[1]
            entity = mail_peer.openssl("cms", "-decrypt", "-inform", "DER", "-inkey", self.ours.key, data=made)
        mail = hostile["zip_bomb_sealed"](self.kit)
        self.assertLess(len(mail), 3 << 20)
        self.assertEqual(self.signing_of(mail).count(b"application/zip"), 1)

    def test_a_bomb_is_sound_until_it_bursts(self):
        made, size, adler = mail_peer.deflate_bomb(b"Akkoord\n", 2)
        self.assertEqual(zlib.decompress(b"\x78\xda" + made + adler.to_bytes(4, "big")), b"Akkoord\n" + bytes(2 << 20))
        self.assertEqual(size, 8 + (2 << 20))

    def test_every_hostile_mail_can_be_made(self):
        for name, maker in mail_peer.hostile():
            if not name.endswith(("_sealed", "_deep")) and name not in ("empty_mail", "empty_line"):
                self.assertGreater(len(maker(self.kit)), 100, name)

    def test_the_program_writes_files(self):
        directory = self.directory / "mails"
        options = ["--names", "*-text-[io]*", "--max-bytes", "100000"]
        said = subprocess.run([sys.executable, mail_peer.__file__, str(directory), *options], check=True, capture_output=True,
                              text=True).stdout
        files = sorted(file.name for file in directory.glob("*.eml"))
        self.assertEqual(said, f"{len(files)} mails\n")
        self.assertIn("hostile-text-in-utf-7.eml", files)
        self.assertIn("hostile-text-in-utf-7-sealed.eml", files)
        self.assertNotIn("hostile-text-of-five-megabytes.eml", files)
        self.assertTrue((directory / "keys/ours.key").is_file())


if __name__ == "__main__":
    unittest.main()
