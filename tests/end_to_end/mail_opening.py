"""The mail opener as the gateway starts it: a process for each mail.

    opening = open_mail(mail, "ours.pem", "ours.key")
    opening.mail.refused, opening.status, opening.seconds, opening.megabytes
"""
import dataclasses
import os
import pathlib
import subprocess
import tempfile
import threading
import typing

from grpc_peer import message
from harness import PROGRAM

OPENER = pathlib.Path(PROGRAM).with_name("schotvrij-mail-opener")
SECONDS_MAX = 60


@dataclasses.dataclass
class Opening:
    mail: typing.Any      # OpenedMail; None when there was no answer
    status: int           # of exit; negative: the signal it died of
    seconds: float        # of the processor
    megabytes: float      # at its largest
    complaints: bytes     # what it wrote to standard error


def request(mail, certificate=None, key=None):
    """OpenRequest, as bytes."""
    pems = [pathlib.Path(file).read_text() if file else "" for file in (certificate, key)]
    return message("schotvrij.mail.v1.OpenRequest")(mail=mail, certificate_pem=pems[0], key_pem=pems[1]).SerializeToString()


def open_bytes(data, command=(OPENER,)):
    """What the program does with these bytes as its request."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as complaints:
        asked.write(data)
        asked.seek(0)
        process = subprocess.Popen(list(map(str, command)), stdin=asked, stdout=subprocess.PIPE, stderr=complaints)
        end = threading.Timer(SECONDS_MAX, process.kill)
        end.start()
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        end.cancel()
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        complaints.seek(0)
        opened = message("schotvrij.mail.v1.OpenedMail").FromString(said) if process.returncode == 0 else None
        return Opening(opened, process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, complaints.read())


def open_mail(mail, certificate=None, key=None):
    return open_bytes(request(mail, certificate, key))
