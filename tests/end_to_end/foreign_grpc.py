"""A gRPC client that is not ours: Debian's grpcio, with messages that protoc makes from the published schema.

    client = GrpcClient(gateway)
    refusal = client.register("opella", client.registration(request_id="aanmelding-1"))
    refusal.code, refusal.rules, refusal.fields
"""
import contextlib
import dataclasses
import functools
import glob
import importlib
import subprocess
import sys
import tempfile

import grpc

from harness import REPOSITORY, today

REGISTER = "/schotvrij.v1.RegistrationService/Register"
WATCH = "/schotvrij.v1.MailboxService/Watch"


@dataclasses.dataclass
class Said:
    """What a call was answered: status name, and either the message or the details of the error."""
    code: str
    answer: object = None
    rules: tuple = ()
    fields: tuple = ()
    texts: tuple = ()
    retry_seconds: int = 0
    raw: bytes = b""


@functools.cache
def _folder():
    """Where the published messages lie, made once for the whole program."""
    folder = tempfile.TemporaryDirectory(prefix="schotvrij-pb2-")
    schemas = REPOSITORY / "schemas"
    protos = sorted(glob.glob("schotvrij/v1/*.proto", root_dir=schemas))
    subprocess.run(["protoc", "-I", ".", "--python_out", folder.name, *protos], cwd=schemas, check=True)
    rpc = REPOSITORY / "tests/gateway/transport/grpc/googleapis/google/rpc"
    subprocess.run(["protoc", "-I", str(rpc), "--python_out", folder.name, "error.proto"], check=True)
    sys.path.insert(0, folder.name)
    return folder


def published(module):
    """The module that protoc made of a published file: published("schotvrij.v1.audit_pb2")."""
    _folder()
    return importlib.import_module(module)


class GrpcClient:
    def __init__(self, gateway):
        self.gateway = gateway
        self.services = published("schotvrij.v1.services_pb2")
        self.consent = published("schotvrij.v1.consent_pb2")
        self.verdict = published("schotvrij.v1.registration_pb2")
        self.error = published("error_pb2")

    def registration(self, request_id="aanmelding-1", bsn="999900006"):
        """A sound registration in the network Ede, as of today."""
        request = self.services.RegisterRequest(request_id=request_id, network="ede")
        request.recipient.system, request.recipient.value = "cbs", "0228"
        request.client.bsn = bsn
        request.client.name.own_name, request.client.name.own_prefix = "Testmeer", "van der"
        request.registration.step = self.verdict.REGISTER
        request.registration.attestations.add(
            criterion="target-group", verdict=self.verdict.MET, criteria_version="ede-2024",
            checked_on=today(), checker_function="30.000")
        request.registration.consents.add(
            consent_id="toestemming-1", scope=self.consent.PRIVACY, state=self.consent.CONSENT_ACTIVE,
            decision=self.consent.PERMIT, given_on=today(), valid_until=today(365), given_by=self.consent.CLIENT_SELF,
            purposes=[self.consent.REGISTRATION], recipients=["gemeente-ede"])
        return request

    @contextlib.contextmanager
    def channel(self, party):
        read = lambda name: (self.gateway.home / "tls" / name).read_bytes()
        credentials = grpc.ssl_channel_credentials(
            read("ca.crt"), read(f"parties/{party}.key"), read(f"parties/{party}.crt"))
        with grpc.secure_channel(f"localhost:{self.gateway.grpc_port}", credentials) as channel:
            yield channel

    def register(self, party, request, seconds=60):
        """`request`: a RegisterRequest, or the bytes that stand for one."""
        data = request if isinstance(request, bytes) else request.SerializeToString()
        with self.channel(party) as channel:
            call = channel.unary_unary(REGISTER, lambda b: b, self.services.RegisterResponse.FromString)
            try:
                return Said("OK", call(data, timeout=seconds))
            except grpc.RpcError as error:
                return self._refusal(error)

    def mailbox(self, party, seconds=60):
        """All that waits for the party, oldest first."""
        items = published("schotvrij.v1.mailbox_pb2")
        with self.channel(party) as channel:
            call = channel.unary_stream(WATCH, lambda b: b, items.MailboxItem.FromString)
            return list(call(self.services.WatchRequest(wait=False).SerializeToString(), timeout=seconds))

    def _refusal(self, error):
        said = Said(error.code().name, texts=(error.details(),))
        said.raw = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
        for detail in self.error.Status.FromString(said.raw).details:
            for kind in (self.error.BadRequest, self.error.RetryInfo):
                if not detail.Is(kind.DESCRIPTOR):
                    continue
                message = kind()
                detail.Unpack(message)
                if kind is self.error.RetryInfo:
                    said.retry_seconds = message.retry_delay.seconds
                    continue
                said.rules += tuple(violation.reason for violation in message.field_violations)
                said.fields += tuple(violation.field for violation in message.field_violations)
                said.texts += tuple(violation.description for violation in message.field_violations)
        return said
