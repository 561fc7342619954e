"""R8: what is wrong with the configuration of mail that comes in is told at the start, each with its place and its remedy."""
import re
import shutil
import unittest

from mail_home import CITY, PROVIDER, MailTest

FAULTS = (  # file, what is replaced, by what, what is said
    ("enrolment", rf'mail_sender \{{ address: "{PROVIDER}"', f'mail_sender {{ address: "{CITY}"',
     r"participant\[\d\].mail_sender.address: participant \S+: another participant writes from the same address"),
    ("enrolment", r"route \{ mail \{ [^}]*\} \}", "route { mailbox {} }",
     r"participant\[\d\].mail_sender: participant opella: its route is not by mail, .*; write route"),
    ("enrolment", r"mail/aanmelding.pem", "mail/weg.pem", r"participant\[\d\].mail_sender.certificate_file\[0\]: "),
    ("enrolment", r'mail_sender \{ address: "wmo[^}]*\}', f'mail_sender {{ address: "{CITY}" relay: "zorgnet" }}',
     r"participant\[\d\].mail_sender: participant gemeente-ede: no inbox takes its mail; write mail .* with its relay"),
    ("enrolment", r'mail_sender \{ address: "wmo[^}]*\}', f'mail_sender {{ address: "{CITY}" }}',
     r"participant\[\d\].mail_sender: participant gemeente-ede: name the certificates it signs with, or the relay"),
    ("schotvrij", r"\n  inbox \{.*?\n  \}", "",
     r"participant\[\d\].mail_sender: participant \S+: no inbox takes its mail; write mail"),
    ("schotvrij", r'    key_file: "mail/inbox.key"\n', "", r"mail.inbox\[0\].key_file: "),
    ("schotvrij", r"mail/inbox.key", "mail/wmo.key", r"mail.inbox\[0\].(key|certificate)_file: "),
    ("schotvrij", r"mail/imap_password", "mail/weg", r"mail.inbox\[0\].imap_password_file: "),
    ("schotvrij", r"    interval", '    folder: "Niet verwerkt"\n    interval',
     r"mail.inbox\[0\].set_aside_folder: the folder that mail comes in by; name another"),
    ("schotvrij", r"    interval", '    relay: "elders"\n    interval',
     r"mail.inbox\[0\].relay: none of the relays under mail; write its key"),
    ("schotvrij", r"imaps://", "pop3://", r"mail.inbox\[0\].imap_url: not imaps://HOST:PORT"),
)


class Configuration(MailTest):
    def faults(self):
        """What it says instead of starting."""
        before = len(self.home.gateway.log_text())
        with self.assertRaises(RuntimeError):
            self.home.gateway.start()
        self.home.gateway.process.wait()
        self.home.gateway.process.stdout.close()
        self.home.gateway.process = None
        return self.home.gateway.log_text()[before:]

    def test_r8_each_fault_is_told_at_its_place_with_its_remedy(self):
        self.home.gateway.stop()
        for name, pattern, replacement, says in FAULTS:
            file = self.home.gateway.home / f"{name}.conf"
            good = file.read_text()
            changed, count = re.subn(pattern, lambda match: replacement, good, count=1, flags=re.S)
            with self.subTest(says):
                self.assertEqual(count, 1)
                file.write_text(changed)
                try:
                    told = "enrolment" if says.startswith("participant") else name  # where it is missed, or where it stands
                    self.assertRegex(self.faults(), rf"{told}\.conf:\d+:\d+: {says}")
                finally:
                    file.write_text(good)
        self.home.gateway.start()

    def test_r8_without_the_program_that_opens_mail_it_does_not_start(self):
        gateway = self.home.gateway
        gateway.stop()
        program = gateway.program
        alone = gateway.home / "schotvrij"
        shutil.copyfile(program, alone)
        alone.chmod(0o755)
        gateway.program = str(alone)
        self.assertIn("schotvrij-mail-opener is not there or may not be run; it is installed beside schotvrij", self.faults())
        gateway.program = program
        gateway.start()


if __name__ == "__main__":
    unittest.main()
