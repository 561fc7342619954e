"""A gateway at work, and clients that are not ours: what the end-to-end tests stand on.

    with Gateway() as gateway:
        status, answer = gateway.fhir("opella", "POST", "/fhir", example())

The program under test is named by the environment variable SCHOTVRIJ. Standard library only: http.client and ssl speak to the
FHIR listener, openssl and the SMTP server of tests/support stand for the municipality's mail.
"""
import copy
import datetime
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import zoneinfo

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SCHOTVRIJ", str(REPOSITORY / "build/release/gateway/schotvrij"))
FHIR = "application/fhir+json"


# Who has two in Ede, and the one it states where a test says nothing else.
HATS = {"menzis": "insurer"}


def stated(party):
    """The header that says so."""
    return {"Schotvrij-Role": HATS[party]} if party in HATS else {}


def today(days=0):
    now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Amsterdam"))
    return (now.date() + datetime.timedelta(days=days)).isoformat()


def example(key=None, bsn=None):
    """The registration of deploy/examples, as of today."""
    text = (REPOSITORY / "deploy/examples/registration.json").read_text()
    text = text.replace("2026-11-16", today()).replace("2027-11-15", today(365))
    if bsn:
        text = text.replace("999900006", bsn)
    if key:
        text = text.replace("ede-2026-000001", key)
    return json.loads(text)


def bsns(first=999_900_000):
    """Every BSN of the test range that passes the eleven-test, from `first` on."""
    for number in range(first, 1_000_000_000):
        digits = [int(digit) for digit in str(number)]
        if (sum(weight * digit for weight, digit in zip(range(9, 1, -1), digits)) - digits[8]) % 11 == 0:
            yield str(number)


def resource(bundle, kind):
    """The first resource of that type in a Bundle."""
    return next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind)


def run(*arguments, check=True, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], check=check, capture_output=True, text=True, timeout=120, **options)


def mail_certificates(directory):
    """Makes smtp.pem and smtp.key for a mail server on this machine, of a CA of its own; returns the CA's file."""
    certs = str(REPOSITORY / "tests/support/make_certs.sh")
    subprocess.run([certs, "ca", directory, "smtp-ca"], check=True, capture_output=True)
    subprocess.run([certs, "leaf", directory, "smtp-ca", "smtp", "/O=Mail/CN=localhost", "DNS:localhost,IP:127.0.0.1",
                    "serverAuth"], check=True, capture_output=True)
    return pathlib.Path(directory) / "smtp-ca.pem"


class SmtpServer:
    """The real SMTP server of tests/support, with STARTTLS, a certificate of its own CA and a folder of messages."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.messages = self.directory / "messages"
        self.messages.mkdir(parents=True)
        self.ca = mail_certificates(directory)
        self.behaviour = self.directory / "behaviour"
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(REPOSITORY / "tests/support/smtp_server.py"), "--dir", str(self.messages),
             "--cert", str(self.directory / "smtp.pem"), "--key", str(self.directory / "smtp.key"),
             "--behaviour", str(self.behaviour)],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[-1])

    def received(self, count, seconds=30):
        """Waits until `count` messages lie there, and returns their files."""
        return wait_for(lambda: (files := sorted(self.messages.glob("*.eml"))) and len(files) >= count and files, seconds)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def wait_for(look, seconds=30):
    """What `look` returns once it is true."""
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=seconds)
    while not (found := look()):
        if datetime.datetime.now() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain")
        time.sleep(0.05)
    return found


def split_audit_row(events, sizes):
    """The events of one row of the audit trail, which stand end to end."""
    if not sizes:
        return [events]
    split, at = [], 0
    for size, in struct.iter_unpack(">I", sizes):
        split.append(events[at:at + size])
        at += size
    return split


class Gateway:
    """A home, and `schotvrij serve` on free ports. `mail`: reach the municipality by mail, through a server that is made here or
    through one that is given. `environment` and `popen` are for `serve` alone."""

    program, popen = PROGRAM, {}

    def __init__(self, mail=False, home=None, change=None, environment=None, popen=None, program=PROGRAM):
        self.directory = tempfile.mkdtemp(prefix="schotvrij-e2e-")
        self.home = pathlib.Path(home or os.path.join(self.directory, "home"))
        self.smtp = SmtpServer(os.path.join(self.directory, "smtp")) if mail is True else mail or None
        self.program = program
        self.popen = {"env": {**os.environ, **(environment or {})}, **(popen or {})}
        options = ["--https-port", 0, "--grpc-port", 0, "--admin-port", 0]
        if mail:
            options += ["--smtp", f"smtp://localhost:{self.smtp.port}", "--smtp-ca", self.smtp.ca]
        run("init", self.home, "--network", "ede", *options)
        if change:
            change(self.home)
        self.process = None
        self.start()

    @classmethod
    def of(cls, home):
        """One that serves a home that is there already."""
        gateway = cls.__new__(cls)
        gateway.directory, gateway.home, gateway.smtp = tempfile.mkdtemp(prefix="schotvrij-e2e-"), pathlib.Path(home), None
        gateway.start()
        return gateway

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def start(self, options=(), before=(), **how):
        """`options` of serve; `before`: a command that runs the rest of its line; `how`: of subprocess.Popen."""
        self.log = open(os.path.join(self.directory, "log"), "a+")
        self.process = subprocess.Popen([*before, self.program, "serve", "--home", str(self.home), *options], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, **{**self.popen, **how})
        self.said = []
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if line == "ready\n":
                break
        else:
            raise RuntimeError("the gateway did not start:\n" + "\n".join(self.said) + self.log_text())
        self.https_port = int((self.home / "run/https.port").read_text())
        self.grpc_port = int((self.home / "run/grpc.port").read_text())
        self.admin_port = int((self.home / "run/admin.port").read_text())

    def log_text(self):
        return pathlib.Path(self.directory, "log").read_text()

    def stop(self, how=signal.SIGTERM):
        """Stops it; returns its exit status."""
        if self.process is None:
            return None
        self.process.send_signal(how)
        self.process.stdout.read()
        self.process.stdout.close()
        self.log.close()
        status = self.process.wait(timeout=60)
        self.process = None
        return status

    def close(self):
        self.stop()
        if self.smtp:
            self.smtp.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def tls(self, party):
        context = ssl.create_default_context(cafile=str(self.home / "tls/ca.crt"))
        if party:
            context.load_cert_chain(str(self.home / f"tls/parties/{party}.crt"), str(self.home / f"tls/parties/{party}.key"))
        return context

    def send(self, party, method, path, body=None, headers=None, timeout=60):
        """(status, body as it came). `body`: a resource, text or bytes."""
        connection = http.client.HTTPSConnection("localhost", self.https_port, context=self.tls(party), timeout=timeout)
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        kind = "application/x-www-form-urlencoded" if path.endswith("_search") else FHIR
        connection.request(method, path, body, {"Content-Type": kind, **stated(party), **(headers or {})})
        response = connection.getresponse()
        text = response.read()
        self.text = text
        self.headers = dict(response.getheaders())
        connection.close()
        return response.status, text

    def fhir(self, *arguments, **options):
        """As `send`: (status, parsed body)."""
        status, text = self.send(*arguments, **options)
        return status, json.loads(text) if text else None

    def admin(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=30)
        connection.request(method, path)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def mailbox(self, party, kind="Task", parameters=""):
        """Resources of that kind in the party's mailbox."""
        status, bundle = self.fhir(party, "POST", f"/fhir/{kind}/_search", parameters)
        assert status == 200, (status, bundle)
        return [entry["resource"] for entry in bundle.get("entry", [])]

    def answer(self, party, task_id, status, reason=None):
        task = {"resourceType": "Task", "id": task_id, "status": status, "intent": "order",
                "code": {"coding": [{"system": "urn:schotvrij:codesystem:task", "code": "register"}]}}
        if reason:
            task["statusReason"] = {"coding": [{"system": "urn:schotvrij:codesystem:answer-reason", "code": reason}]}
        return self.fhir(party, "PUT", f"/fhir/Task/{task_id}", task)

    def query(self, sql, *values):
        """Rows of the store, read by another program than ours."""
        base = sqlite3.connect(f"file:{self.home}/data/schotvrij.db?mode=ro", uri=True, timeout=30)
        try:
            return base.execute(sql, values).fetchall()
        finally:
            base.close()

    def audit_events(self, since=0):
        """The events of the audit chain that this process writes, as they are stored, those after the first `since`."""
        rows = self.query("SELECT event, sizes FROM audit WHERE chain = (SELECT max(number) FROM audit_chain) ORDER BY sequence")
        return [event for row in rows for event in split_audit_row(*row)][since:]

    def audit_records(self):
        return len(self.audit_events())

    def raw(self, party, data, timeout=60):
        """All the FHIR listener says to these bytes, up to the end of the connection."""
        with socket.create_connection(("localhost", self.https_port), timeout=timeout) as plain:
            with self.tls(party).wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(data)
                said = b""
                while piece := connection.recv(65536):
                    said += piece
                return said

    def audit(self):
        """Runs `schotvrij audit verify`: (exit status, parsed report)."""
        done = run("audit", "verify", "--home", self.home, "--json", check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)


def decrypt(message, home, party="gemeente-ede"):
    """What openssl makes of a message for `party`: decrypted with its key, signature verified against the home's CA."""
    home = pathlib.Path(home)
    inner = subprocess.run(["openssl", "cms", "-decrypt", "-in", str(message), "-recip", str(home / f"mail/{party}.crt"),
                            "-inkey", str(home / f"mail/{party}.key")], check=True, capture_output=True).stdout
    return subprocess.run(["openssl", "cms", "-verify", "-CAfile", str(home / "tls/ca.crt"), "-purpose", "any"],
                          input=inner, check=True, capture_output=True).stdout.decode()


def rules(outcome):
    """Rule ids of an OperationOutcome."""
    return [coding["code"] for issue in outcome.get("issue", []) for coding in issue.get("details", {}).get("coding", [])]


def changed(document, change):
    """A copy of `document` after `change(copy)`."""
    twin = copy.deepcopy(document)
    change(twin)
    return twin


if __name__ == "__main__":
    sys.exit("harness.py is for tests to import")
