#!/usr/bin/python3
"""A real SMTP server (aiosmtpd) on loopback that keeps what it receives, and misbehaves on request.

    smtp_server.py --dir DIR --cert CERT --key KEY [--behaviour FILE] [--tls starttls|implicit] [--auth USER:PASSWORD]

Binds port 0 of 127.0.0.1 (or --port), prints "port N" on its own line once it listens, and runs until SIGTERM or, with
--until-eof, until its standard input ends. Needs Debian's python3-aiosmtpd. STARTTLS is offered, not demanded: a client that would
send in the clear is found out, not helped.

Each accepted message becomes DIR/NNNN.eml as it came over the wire. DIR/NNNN.env has its envelope: "from ADDRESS", "to ADDRESS",
"tls yes|no", "peer N" (N counts connections). DIR/commands.log has every command the server got, "peer N plain|tls COMMAND", with
addresses but no message text: what was said before TLS stood can be read there.

FILE is read afresh for every connection and message, so that a test may change it while the server runs. One word a line:

    accept            (also an absent or empty file) take everything
    reply CODE        answer the message, after DATA, with CODE ("reply 451")
    reply-rcpt CODE   answer RCPT TO with CODE
    reply-greeting CODE   greet with CODE instead of 220
    close             close the connection after the message without an answer
    close-after       answer the message and close the connection without QUIT
    stall             never answer the message
    no-starttls       do not offer STARTTLS
    other-certificate     use --other-cert and --other-key for TLS
"""

import argparse
import asyncio
import functools
import logging
import pathlib
import signal
import ssl
import sys
import threading
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Behaviour:
    """The words of the behaviour file, as they stand at this moment."""

    def __init__(self, file):
        self._file = file

    def words(self):
        if self._file is None or not self._file.exists():
            return {}
        lines = (line.split() for line in self._file.read_text().splitlines())
        return {line[0]: line[1] if len(line) > 1 else "" for line in lines if line}


class Mailbox:
    """Writes messages and commands below one directory."""

    def __init__(self, directory):
        self._directory = directory
        self._messages = 0
        directory.mkdir(parents=True, exist_ok=True)

    def keep(self, peer, tls, envelope):
        self._messages += 1
        stem = self._directory / f"{self._messages:04}"
        lines = [f"from {envelope.mail_from}", *(f"to {rcpt}" for rcpt in envelope.rcpt_tos),
                 f"tls {'yes' if tls else 'no'}", f"peer {peer}"]
        stem.with_suffix(".env").write_text("\n".join(lines) + "\n")
        # Renamed into place: a reader never sees half a message.
        part = stem.with_suffix(".part")
        part.write_bytes(envelope.original_content)
        part.rename(stem.with_suffix(".eml"))

    def log(self, peer, tls, command):
        with open(self._directory / "commands.log", "a", encoding="utf-8") as log:
            log.write(f"peer {peer} {'tls' if tls else 'plain'} {command}\n")


class Handler:
    def __init__(self, mailbox, behaviour):
        self._mailbox = mailbox
        self._behaviour = behaviour

    async def handle_RCPT(self, server, session, envelope, address, options):
        code = self._behaviour.words().get("reply-rcpt")
        if code:
            return f"{code} as told"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        words = self._behaviour.words()
        if "reply" in words:
            return f"{words['reply']} as told"
        if "stall" in words:
            await asyncio.Event().wait()
        if "close" in words:
            server.transport.abort()
            return "421 closing"
        self._mailbox.keep(server.peer_number, server.over_tls, envelope)
        if "close-after" in words:
            asyncio.get_running_loop().call_soon(server.transport.close)
        return "250 OK"


class Server(SMTP):
    """aiosmtpd with a log of commands and a greeting that can be refused."""

    def __init__(self, handler, mailbox, behaviour, peer_number, **options):
        super().__init__(handler, **options)
        self._mailbox = mailbox
        self._behaviour = behaviour
        self._greeted = False
        self.peer_number = peer_number

    @property
    def over_tls(self):
        return self.transport.get_extra_info("ssl_object") is not None

    async def push(self, status):
        code = self._behaviour.words().get("reply-greeting")
        if code and not self._greeted:
            status = f"{code} as told"
        self._greeted = True
        await super().push(status)

    def note(self, command):
        self._mailbox.log(self.peer_number, self.over_tls, command)


def logged(name):
    """smtp_NAME of aiosmtpd, with its command written down."""
    original = getattr(SMTP, f"smtp_{name}")

    @functools.wraps(original)
    async def handle(self, arg):
        self.note(f"{name} {arg}" if name in ("MAIL", "RCPT", "EHLO") else name)
        await original(self, arg)

    return handle


for command in ("HELO", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"):
    setattr(Server, f"smtp_{command}", logged(command))


def tls_context(cert, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", type=pathlib.Path, required=True, help="where messages go")
    parser.add_argument("--cert", required=True, help="certificate chain, PEM")
    parser.add_argument("--key", required=True, help="its key, PEM")
    parser.add_argument("--other-cert", help="for other-certificate")
    parser.add_argument("--other-key", help="for other-certificate")
    parser.add_argument("--behaviour", type=pathlib.Path, help="file that says how to misbehave")
    parser.add_argument("--tls", choices=("starttls", "implicit"), default="starttls")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="require this login")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    return parser.parse_args()


def authenticator(auth):
    user, _, password = auth.partition(":")

    def check(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=False)

    return check


async def serve(arguments):
    behaviour = Behaviour(arguments.behaviour)
    mailbox = Mailbox(arguments.dir)
    own = tls_context(arguments.cert, arguments.key)
    other = tls_context(arguments.other_cert, arguments.other_key) if arguments.other_cert else None
    peers = 0

    def protocol():
        nonlocal peers
        peers += 1
        words = behaviour.words()
        context = other if "other-certificate" in words else own
        options = {"hostname": "localhost", "enable_SMTPUTF8": False}
        if arguments.tls == "starttls" and "no-starttls" not in words:
            options["tls_context"] = context
        if arguments.auth:
            options.update(authenticator=authenticator(arguments.auth), auth_required=True,
                           auth_require_tls=arguments.tls == "starttls")
        return Server(Handler(mailbox, behaviour), mailbox, behaviour, peers, **options)

    implicit = own if arguments.tls == "implicit" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", arguments.port, ssl=implicit)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)

    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if arguments.until_eof:
        wait = lambda: (sys.stdin.buffer.read(), loop.call_soon_threadsafe(stop.set))
        threading.Thread(target=wait, daemon=True).start()
    await stop.wait()
    server.close()


if __name__ == "__main__":
    # Clients that break off are what it is here for.
    logging.disable()
    warnings.simplefilter("ignore")
    asyncio.run(serve(parse_arguments()))
