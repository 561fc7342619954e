"""A mailbox on a mail server that is not ours: dovecot, on free ports of this machine.

    server = ImapServer()
    server.deliver(mail)                 # as a mail server puts it there
    server.messages("Niet verwerkt")     # as another mail program reads it: nothing is marked as read
    server.stop()

Both kinds of TLS are there: `port` speaks it from the first byte (imaps), `starttls_port` after STARTTLS, and before that nobody
logs in. The certificate is of a CA of its own, `ca`. As root the server runs under the accounts that Debian makes for it, else
under that of whoever starts it.
"""
import base64
import contextlib
import grp
import imaplib
import os
import pathlib
import pwd
import re
import signal
import socket
import ssl
import subprocess
import tempfile

from harness import mail_certificates, wait_for

USER, PASSWORD = "schotvrij@zorgnet.example", "not-a-real-one"

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:{folder}/mail
mail_uid = {mail}
mail_gid = {mail_group}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
auth_mechanisms = plain login
auth_failure_delay = 0
ssl = required
ssl_cert = <{folder}/smtp.pem
ssl_key = <{folder}/smtp.key
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
passdb {{
  driver = passwd-file
  args = username_format=%u/%c {folder}/users
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={folder}/mail
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{settings}
"""


def folder_name(folder):
    """A folder's name as it goes over the wire: UTF-7 as IMAP has it (RFC 3501 5.1.3)."""
    def encoded(match):
        return "&" + base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
    return re.sub(r"[^\x20-\x7e]+", encoded, folder.replace("&", "&-"))


class ImapServer:
    """dovecot with one user, in a folder of its own. `settings`: more lines of its configuration ("ssl = no", say)."""

    host = "localhost"

    def __init__(self, user=USER, password=PASSWORD, settings=""):
        self.user, self.password, self.settings, self.process = user, password, settings, None
        self.scratch = tempfile.TemporaryDirectory(prefix="schotvrij-imap-")
        self.folder = pathlib.Path(self.scratch.name)
        self.folder.chmod(0o755)
        self.ca = mail_certificates(self.folder)
        if os.geteuid() == 0:
            self.accounts = {"internal": "dovecot", "login": "dovenull", "mail": "mail"}
        else:
            self.accounts = dict.fromkeys(("internal", "login", "mail"), pwd.getpwuid(os.geteuid()).pw_name)
        owner = pwd.getpwnam(self.accounts["mail"])
        self.owner = owner.pw_uid, owner.pw_gid
        for name in ("internal", "mail"):
            self.accounts[f"{name}_group"] = grp.getgrgid(pwd.getpwnam(self.accounts[name]).pw_gid).gr_name
        (self.folder / "run").mkdir(mode=0o755)
        self.own(self.folder / "mail")
        users = self.folder / "users"
        # dovecot takes what comes from its own address for secure enough; only who comes by TLS has a user here.
        users.write_text(f"{user}/TLS:{{PLAIN}}{password}\n")
        users.chmod(0o644)
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            self.port, self.starttls_port = one.getsockname()[1], other.getsockname()[1]
        self.delivered = 0
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    @property
    def url(self):
        return f"imaps://{self.host}:{self.port}"

    @property
    def starttls_url(self):
        return f"imap://{self.host}:{self.starttls_port}"

    def own(self, directory):
        """Makes it, where it is not there yet, for the account that the mail is kept under."""
        if not directory.is_dir():
            directory.mkdir(mode=0o700, exist_ok=True)  # the server may make it at this moment
            os.chown(directory, *self.owner)

    def start(self, settings=None):
        """Starts it, again with the same mail on the same ports, and waits until it listens."""
        if settings is not None:
            self.settings = settings
        configuration = self.folder / "dovecot.conf"
        configuration.write_text(CONFIGURATION.format(
            folder=self.folder, port=self.port, starttls_port=self.starttls_port, settings=self.settings, **self.accounts))
        with open(self.folder / "said", "ab") as said:
            self.process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(configuration)], stdout=said, stderr=said,
                                            start_new_session=True)
        wait_for(self.listens)

    def listens(self):
        if self.process.poll() is not None:
            raise RuntimeError("dovecot did not start:\n" + self.log())
        for port in (self.starttls_port,) if "ssl = no" in self.settings else (self.starttls_port, self.port):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except OSError:
                return False
        return True

    def stop(self):
        """Stops it and every process it has; the mail stays."""
        if self.process is None:
            return
        self.wake()
        # To each of them: dovecot by itself leaves those that still speak with somebody.
        for number in (signal.SIGTERM, signal.SIGKILL):
            self.signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired, TimeoutError):
                self.process.wait(timeout=2)
                wait_for(self.is_gone, 2)
                break
        else:
            raise RuntimeError("dovecot does not stop:\n" + self.log())
        self.process = None

    def close(self):
        self.stop()
        self.scratch.cleanup()

    def signal(self, number):
        """To all of its processes, which are one group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def is_gone(self):
        try:
            os.killpg(self.process.pid, 0)
            return False
        except ProcessLookupError:
            return True

    def hang(self):
        """From now on connections are taken and nothing is said on them."""
        self.signal(signal.SIGSTOP)

    def wake(self):
        self.signal(signal.SIGCONT)

    def log(self):
        return "".join(file.read_text(errors="replace") for name in ("said", "log") if (file := self.folder / name).is_file())

    def logins(self):
        """How often somebody came in."""
        return self.log().count("imap-login: Info: Login: ")

    @contextlib.contextmanager
    def client(self, starttls=False, user=None, password=None):
        """Another mail program that has logged in: imaplib, which verifies the server's certificate."""
        context = ssl.create_default_context(cafile=str(self.ca))
        if starttls:
            program = imaplib.IMAP4(self.host, self.starttls_port, timeout=30)
            program.starttls(context)
        else:
            program = imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=30)
        try:
            program.login(self.user if user is None else user, self.password if password is None else password)
            yield program
        finally:
            with contextlib.suppress(imaplib.IMAP4.abort, OSError):
                program.logout()

    def maildir(self, folder="INBOX"):
        """The directory that the folder's mail lies in."""
        return self.folder / "mail" / ("" if folder == "INBOX" else "." + folder_name(folder).replace("/", "."))

    def deliver(self, mail, folder="INBOX"):
        """Puts a mail there byte for byte, as a mail server does; dovecot may be stopped meanwhile. Makes the folder if need be."""
        directory = self.maildir(folder)
        for each in (directory, directory / "cur", directory / "new", directory / "tmp"):
            self.own(each)
        self.delivered += 1
        file = directory / "tmp" / f"{self.delivered:010}.P{os.getpid()}.localhost"
        file.write_bytes(mail)
        os.chown(file, *self.owner)
        # Renamed into place: a reader never sees half a mail.
        file.rename(directory / "new" / file.name)

    def append(self, mail, folder="INBOX", flags=None):
        """Puts a mail there as another mail program does, which ends each of its lines by CRLF."""
        with self.client() as program:
            self.said(program.append(f'"{folder_name(folder)}"', flags, None, mail))

    def fetched(self, what, folder):
        """(UID, what the server says) of each mail in the folder; none where there is no such folder."""
        with self.client() as program:
            if program.select(f'"{folder_name(folder)}"', readonly=True)[0] != "OK":
                return []
            uids = self.said(program.uid("SEARCH", "ALL"))[0].split()
            return [(uid, self.said(program.uid("FETCH", uid.decode(), what))) for uid in uids]

    @staticmethod
    def said(answer):
        status, data = answer
        if status != "OK":
            raise RuntimeError(f"the server says {status}: {data}")
        return data

    def messages(self, folder="INBOX"):
        """The mails in the folder, oldest first. To look changes nothing."""
        return [data[0][1] for _, data in self.fetched("(BODY.PEEK[])", folder)]

    def flags(self, folder="INBOX"):
        r"""What is marked on each of them, such as {"\\Seen"}."""
        return [{flag.decode() for flag in imaplib.ParseFlags(data[0])} for _, data in self.fetched("(FLAGS)", folder)]

    def folders(self):
        """Names of the folders as they go over the wire."""
        with self.client() as program:
            return sorted(re.search(rb'" "?(.*?)"?$', line)[1].decode() for line in self.said(program.list()))
