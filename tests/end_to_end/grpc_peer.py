"""A gRPC client that is not ours: Debian's python3-grpcio, with messages made from the published schema by protoc.

    with GrpcPeer(gateway, "gemeente-ede") as peer:
        items = list(peer.watch(wait=False))
        peer.call("MailboxService", "Answer", delivery_id=items[0].delivery_id, state="ACCEPTED")
"""
import dataclasses
import functools
import subprocess

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from harness import HATS, REPOSITORY, today

SECONDS = 30
RPC_ERRORS = REPOSITORY / "tests/gateway/transport/grpc/googleapis/google/rpc"


@functools.cache
def pool():
    """All that the published schema has, and the error details of google.rpc."""
    made = descriptor_pool.DescriptorPool()
    described = subprocess.run(
        ["protoc", "-I", REPOSITORY / "schemas", "-I", RPC_ERRORS, "--include_imports", "--descriptor_set_out=/dev/stdout",
         "schotvrij/v1/services.proto", "schotvrij/v1/audit.proto", "schotvrij/v1/sealed.proto", "schotvrij/v1/facts.proto",
         "schotvrij/v1/breach.proto",
         "schotvrij/mail/v1/opened_mail.proto", "error.proto"], check=True, capture_output=True).stdout
    for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
        made.Add(file)
    return made


@functools.cache
def message(name):
    """The class of a message by its full name: message("schotvrij.v1.AuditEvent")."""
    return message_factory.MessageFactory(pool()).GetPrototype(pool().FindMessageTypeByName(name))


def services():
    return pool().FindFileByName("schotvrij/v1/services.proto").services_by_name


def registration(request_id="aanmelding-1", bsn="999900006"):
    """A sound RegisterRequest in the network Ede, as of today."""
    return json_format.ParseDict({
        "requestId": request_id, "network": "ede", "recipient": {"system": "cbs", "value": "0228"},
        "client": {"bsn": bsn, "name": {"ownName": "Testmeer", "ownPrefix": "van der"}},
        "registration": {
            "step": "REGISTER",
            "attestations": [{"criterion": "target-group", "verdict": "MET", "criteriaVersion": "ede-2024",
                              "checkedOn": today(), "checkerFunction": "30.000"}],
            "consents": [{"consentId": "toestemming-1", "scope": "PRIVACY", "state": "CONSENT_ACTIVE", "decision": "PERMIT",
                          "givenOn": today(), "validUntil": today(365), "givenBy": "CLIENT_SELF",
                          "purposes": ["REGISTRATION"], "recipients": ["gemeente-ede"]}]}},
        message("schotvrij.v1.RegisterRequest")())


@dataclasses.dataclass
class Said:
    """What a call was answered: status name, and the message or what the error's details say."""
    code: str
    answer: object = None
    rules: tuple = ()
    fields: tuple = ()
    texts: tuple = ()
    retry_seconds: int = 0
    raw: bytes = b""


def refusal(error):
    """A grpc.RpcError as Said."""
    said = Said(error.code().name, raw=dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b""))
    for detail in message("google.rpc.Status").FromString(said.raw).details:
        kind = detail.TypeName()
        if kind == "google.rpc.RetryInfo":
            said.retry_seconds = message(kind).FromString(detail.value).retry_delay.seconds
        elif kind == "google.rpc.BadRequest":
            for violation in message(kind).FromString(detail.value).field_violations:
                said.rules += (violation.reason,)
                said.fields += (violation.field,)
                said.texts += (violation.description,)
    return said


class GrpcPeer:
    """`role`: the hat that each call states."""

    def __init__(self, gateway, party, role=None):
        role = role or HATS.get(party)
        self.metadata = (("schotvrij-role", role),) if role else ()
        tls = gateway.home / "tls"
        credentials = grpc.ssl_channel_credentials(
            (tls / "ca.crt").read_bytes(), (tls / f"parties/{party}.key").read_bytes(), (tls / f"parties/{party}.crt").read_bytes())
        self.channel = grpc.secure_channel(f"localhost:{gateway.grpc_port}", credentials)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.channel.close()

    def begin(self, kind, service, method, fields):
        described = services()[service].methods_by_name[method]
        request, reply = (message(type.full_name) for type in (described.input_type, described.output_type))
        call = getattr(self.channel, kind)(f"/schotvrij.v1.{service}/{method}", request.SerializeToString, reply.FromString)
        return call(json_format.ParseDict(fields, request()), timeout=SECONDS, metadata=self.metadata)

    def call(self, service, method, **fields):
        return self.begin("unary_unary", service, method, fields)

    def watch(self, **fields):
        """The stream: iterate it for items, cancel() drops it."""
        return self.begin("unary_stream", "MailboxService", "Watch", fields)

    def register(self, request):
        """What Register says to a request, or to the bytes that stand for one."""
        data = request if isinstance(request, bytes) else request.SerializeToString()
        call = self.channel.unary_unary("/schotvrij.v1.RegistrationService/Register", lambda sent: sent,
                                        message("schotvrij.v1.RegisterResponse").FromString)
        try:
            return Said("OK", call(data, timeout=SECONDS, metadata=self.metadata))
        except grpc.RpcError as error:
            return refusal(error)
