"""A gateway that can be held at a point of its work while we look at it, and the mail server that it sends to.

    hold = Hold(file); hold.arm(FLUSH); ...; hold.has_reached(FLUSH)
    post = Post(directory); await post.listen(); post.gate.clear()
"""
import asyncio
import email
import logging
import mmap
import os
import pathlib
import struct
import sys
import warnings

from harness import REPOSITORY, mail_certificates

sys.path.append(str(REPOSITORY / "tests/support"))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import smtp_server

logging.getLogger("mail.log").disabled = True  # of lines that break off, which is what happens here
LIBRARY = pathlib.Path(os.environ.get("SCHOTVRIJ_BUILD", REPOSITORY / "build/release")) / "tests/end_to_end/libschotvrij_hold.so"
# Points of hold.cc, which says what each is.
READ_MESSAGE, BEGIN, HALF_PAGE, FLUSH, ANSWER, HALF_MAIL = (1 << bit for bit in range(6))


class Hold:
    """The side of hold.cc's Control that the test is on."""

    def __init__(self, file):
        self.file = pathlib.Path(file)
        self.file.write_bytes(bytes(16))
        with open(self.file, "r+b") as opened:
            self.control = mmap.mmap(opened.fileno(), 16)
        self.environment = {"LD_PRELOAD": str(LIBRARY), "SCHOTVRIJ_HOLD": str(self.file)}

    def reset(self, https_port=0, smtp_port=0):
        self.control[:] = struct.pack("=4I", 0, 0, https_port, smtp_port)

    def arm(self, point):
        """Holds who comes to `point`, or one of several, now instead of at the points that were armed before."""
        struct.pack_into("=I", self.control, 0, point)

    def has_reached(self, point):
        return struct.unpack_from("=I", self.control, 4)[0] & point != 0


class Line(smtp_server.Server):
    """One connection; what was begun on it and not ended ends with it."""

    def connection_lost(self, error):
        self.event_handler.post.in_text.discard(self.peer_number)
        super().connection_lost(error)


class Handler(smtp_server.Handler):
    def __init__(self, post):
        super().__init__(post, smtp_server.Behaviour(None))
        self.post = post

    async def handle_DATA(self, server, session, envelope):
        name = email.message_from_bytes(envelope.original_content)["Message-ID"].strip("<>")
        self.post.in_text.discard(server.peer_number)
        self.post.seen.setdefault(name, []).append(envelope.original_content)
        await self.post.gate.wait()
        self.post.accepted.add(name.partition("@")[0])
        return "250 OK"


class Post:
    """A mail server within the test: takes all, but while its gate is closed says so to nobody."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir()
        self.ca = mail_certificates(directory)
        self.gate = asyncio.Event()
        self.gate.set()
        self.in_text = set()   # connections that are sending a text
        self.seen = {}         # Message-ID → texts, as often as they came over the wire
        self.accepted = set()  # deliveries whose mail was answered 250

    async def listen(self):
        context = smtp_server.tls_context(self.directory / "smtp.pem", self.directory / "smtp.key")
        behaviour = smtp_server.Behaviour(None)
        peers = iter(range(1, sys.maxsize))
        self.server = await asyncio.get_running_loop().create_server(
            lambda: Line(Handler(self), self, behaviour, next(peers), hostname="localhost", enable_SMTPUTF8=False, tls_context=context),
            "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    def log(self, peer, tls, command):
        if command == "DATA":
            self.in_text.add(peer)

    def stop(self):
        self.server.close()
