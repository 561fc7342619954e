"""R7: a municipality that reads its mail in a portal of a closed mail network is reached through the submission server of that
network, here exim, with a login and TLS that is verified; it has no key of its own, and nothing goes by any other way."""
import email
import email.policy
import os
import pathlib
import pwd
import re
import socket
import subprocess
import tempfile
import unittest

from harness import Gateway, example, mail_certificates, today, wait_for
from mail_route_test import SECRETS, edit, patient

PASSWORD = "not-a-real-one"

# A network's own server: who submits has logged in, over TLS.
CONFIGURATION = """
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/spool/pid
tls_certificate = {folder}/smtp.pem
tls_privatekey = {folder}/smtp.key
tls_advertise_hosts = *
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_mail = encrypted
acl_smtp_rcpt = known
host_lookup =
rfc1413_query_timeout = 0s
begin acl
encrypted:
  deny !encrypted = *
  accept
known:
  deny !authenticated = *
  accept domains = zorgnet.example
  deny
begin routers
portal:
  driver = accept
  transport = portal
begin transports
portal:
  driver = appendfile
  directory = {folder}/portal
  maildir_format
  user = Debian-exim
begin authenticators
login:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{gateway}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


class Relay:
    """exim as the submission server of a closed network, and the portal that its mail lies in."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="schotvrij-relay-")
        self.folder = pathlib.Path(self.scratch.name)
        self.folder.chmod(0o755)
        self.ca = mail_certificates(self.folder)
        exim = pwd.getpwnam("Debian-exim")
        for name in ("spool", "portal"):
            (self.folder / name).mkdir()
            os.chown(self.folder / name, exim.pw_uid, exim.pw_gid)
        os.chown(self.folder / "smtp.key", exim.pw_uid, exim.pw_gid)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        configuration = self.folder / "exim.conf"
        configuration.write_text(CONFIGURATION.format(port=self.port, folder=self.folder, password=PASSWORD))
        self.process = subprocess.Popen(["/usr/sbin/exim4", "-C", str(configuration), "-bdf"], stderr=subprocess.DEVNULL)
        wait_for(self.listens)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except OSError:
            return False

    def mail(self):
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                for file in sorted((self.folder / "portal").glob("new/*"))]

    def log(self):
        return "".join(file.read_text() for file in (self.folder / "spool").glob("*log") if file.is_file())

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.scratch.cleanup()


def behind(relay, password=PASSWORD, ca=None):
    """Makes the municipality one that only this relay reaches: there is no other mail server, and no key of the municipality's."""
    def change(home):
        patient(home)
        (home / "mail/password").write_text(password + "\n")
        (home / "mail/password").chmod(0o600)
        edit(home / "schotvrij.conf", r"\nmail \{.*?\n\}\n", f"""
mail {{
  relay {{
    key: "zorgnet"
    smtp_url: "smtp://localhost:{relay.port}"
    smtp_ca_file: "{ca or relay.ca}"
    smtp_user: "gateway"
    smtp_password_file: "mail/password"
    from: "schotvrij@zorgnet.example"
  }}
}}
""")
        edit(home / "enrolment.conf", r"mail \{.*?\n    \}", 'relayed_mail { address: "wmo@zorgnet.example" relay: "zorgnet" }')
        for name in ("crt", "key"):
            (home / f"mail/gemeente-ede.{name}").unlink()
    return change


@unittest.skipUnless(os.geteuid() == 0, "exim delivers into a portal of its own only when root starts it")
class RelayProfile(unittest.TestCase):
    def setUp(self):
        self.relay = Relay()
        self.addCleanup(self.relay.stop)

    def gateway(self, **how):
        gateway = Gateway(mail=self.relay, change=behind(self.relay, **how))
        self.addCleanup(gateway.close)
        status, answer = gateway.fhir("opella", "POST", "/fhir", example("ede-2026-000001", "999900006"))
        self.assertEqual(status, 200, answer)
        return gateway

    def test_r7_the_portal_has_what_the_rule_shares_and_nobody_else_anything(self):
        gateway = self.gateway()
        (letter,) = wait_for(self.relay.mail)
        self.assertRegex(letter["Received"], r"(?s)esmtpsa .*TLS1\.[23]")
        self.assertEqual((letter["From"], letter["To"]), ("schotvrij@zorgnet.example", "wmo@zorgnet.example"))
        self.assertRegex(letter["Subject"], r"^Bericht [0-9a-f]{32}$")
        self.assertEqual(sorted(letter.keys()), sorted([
            "Received", "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
            "Content-Transfer-Encoding"]))
        message_id = letter["Subject"].split()[1]
        self.assertEqual(letter.get_content().splitlines(), [
            "Een aanbieder meldt een cliënt bij u aan.", "", "BSN: 999900006", "Geslachtsnaam: van der Testmeer", "",
            "Afzender: opella", f"Bericht: {message_id}", f"Verzonden op: {today()}"])
        for header in letter.values():
            for secret in SECRETS:
                self.assertNotIn(secret.lower(), header.lower())

        status, outcome = gateway.answer("gemeente-ede", message_id, "accepted")
        self.assertEqual(status, 200, outcome)
        (receipt,) = gateway.mailbox("opella")
        self.assertEqual(receipt["status"], "accepted")
        verified, report = gateway.audit()
        self.assertEqual(verified, 0, report)

        gateway.stop()
        kept = [gateway.log_text().encode(), self.relay.log().encode()]
        kept += [file.read_bytes() for file in gateway.home.rglob("*") if file.is_file()]
        for bytes_ in kept:
            for secret in (b"999900006", b"Testmeer", PASSWORD.encode()):
                self.assertTrue(secret not in bytes_ or bytes_ == PASSWORD.encode() + b"\n", secret)

    def test_r7_a_relay_that_does_not_know_us_gets_nothing_and_it_is_tried_again(self):
        gateway = self.gateway(password="another")
        wait_for(lambda: gateway.log_text().count('"reason":"smtp-login"') >= 2)
        self.assertEqual(self.relay.mail(), [])

    def test_r7_a_relay_of_another_ca_gets_nothing_and_it_is_tried_again(self):
        gateway = self.gateway(ca="tls/ca.crt")
        wait_for(lambda: gateway.log_text().count('"reason":"tls-verify"') >= 2)
        self.assertEqual(self.relay.mail(), [])
        self.assertNotIn("gateway", self.relay.log())

    def test_r7_a_route_without_a_profile_is_refused_at_start(self):
        gateway = self.gateway()
        gateway.stop()
        routed = (gateway.home / "enrolment.conf").read_text()
        for route, place in (("", "route"), ('relayed_mail { address: "wmo@zorgnet.example" relay: "elsewhere" }',
                                             "route.relayed_mail.relay")):
            (gateway.home / "enrolment.conf").write_text(re.sub(r"relayed_mail \{.*?\}", route, routed))
            with self.assertRaisesRegex(RuntimeError, rf"participant\[\d\]\.{re.escape(place)}: participant gemeente-ede: "):
                gateway.start()
        (gateway.home / "enrolment.conf").write_text(routed)
        gateway.start()


if __name__ == "__main__":
    unittest.main()
