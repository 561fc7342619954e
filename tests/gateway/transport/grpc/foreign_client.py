"""A gRPC client that is not ours: Debian's python3-grpcio with messages that protoc made from the published schema.

    foreign_client.py --protos DIR --target 127.0.0.1:PORT --ca FILE [--cert FILE --key FILE] SCENARIO

Prints what it saw, one thing a line; the test compares the whole.
"""

import argparse
import sys
import threading

import grpc

parser = argparse.ArgumentParser()
parser.add_argument("--protos", required=True)
parser.add_argument("--target", required=True)
parser.add_argument("--ca")
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("scenario")
options = parser.parse_args()
sys.path.insert(0, options.protos)

from google.protobuf.any_pb2 import Any  # noqa: E402,F401
from schotvrij.v1 import mailbox_pb2, receipt_pb2, services_pb2  # noqa: E402
import error_pb2  # noqa: E402

REGISTER = "/schotvrij.v1.RegistrationService/Register"
SEND = "/schotvrij.v1.ExchangeService/Send"
WATCH = "/schotvrij.v1.MailboxService/Watch"
ACKNOWLEDGE = "/schotvrij.v1.MailboxService/Acknowledge"
ANSWER = "/schotvrij.v1.MailboxService/Answer"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
HEALTH = "/grpc.health.v1.Health/Check"
SECONDS = 60


def read(path):
    with open(path, "rb") as file:
        return file.read()


def connect():
    if not options.ca:
        return grpc.insecure_channel(options.target)
    credentials = grpc.ssl_channel_credentials(
        read(options.ca), read(options.key) if options.key else None, read(options.cert) if options.cert else None)
    return grpc.secure_channel(options.target, credentials)


def as_is(data):
    return data


def unary(channel, method, request, parse=as_is, **more):
    data = request if isinstance(request, bytes) else request.SerializeToString()
    return channel.unary_unary(method, as_is, parse)(data, timeout=SECONDS, **more)


def watch(channel, wait, **more):
    request = services_pb2.WatchRequest(wait=wait, **more)
    call = channel.unary_stream(WATCH, as_is, mailbox_pb2.MailboxItem.FromString)
    return call(request.SerializeToString(), timeout=SECONDS)


def print_item(item):
    print("item", item.delivery_id, item.exchange.client.bsn)


def print_error(error):
    print(error.code().name)
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if details is None:
        # Only our own words are ours to compare; those of gRPC's core are not.
        print("no details" + (", no text" if not error.details() else ""))
        return
    status = error_pb2.Status.FromString(details)
    if status.code != error.code().value[0] or status.message != error.details():
        print("the details disagree with the status")
    for detail in status.details:
        for kind in (error_pb2.BadRequest, error_pb2.ErrorInfo, error_pb2.RetryInfo):
            if not detail.Is(kind.DESCRIPTOR):
                continue
            message = kind()
            detail.Unpack(message)
            if kind is error_pb2.BadRequest:
                for violation in message.field_violations:
                    print("violation", violation.field or "-", violation.reason, bool(violation.description))
            elif kind is error_pb2.ErrorInfo:
                print("info", message.domain, message.reason, *(f"{k}={v}" for k, v in message.metadata.items()))
            else:
                print("retry", message.retry_delay.seconds)


def registration():
    request = services_pb2.RegisterRequest(request_id="aanmelding-1", network="proefnetwerk")
    request.recipient.system, request.recipient.value = "cbs", "0228"
    request.client.bsn = "999900006"
    request.client.name.own_name = "Proef"
    request.registration.step = 1
    return request


def register(channel):
    answer = unary(channel, REGISTER, registration(), services_pb2.RegisterResponse.FromString)
    print("registered", answer.message_id, answer.network)


def message():
    return services_pb2.SendRequest(exchange={
        "envelope": {"request_key": "T-000001", "network": "proefnetwerk", "recipient_identifier": {"system": "agb", "value": "00000001"}},
        "client": {"bsn": "999900006"},
        "allocation": {"products": [{"allocation_number": 100234, "from": "2026-03-01"}]}})


def send(channel):
    answer = unary(channel, SEND, message(), services_pb2.SendResponse.FromString)
    print("sent", answer.message_id, answer.network)


def send_without_key(channel):
    request = message()
    request.exchange.envelope.request_key = ""
    unary(channel, SEND, request)


def register_with_trace(channel):
    for value in ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-999900006-1-01"):
        unary(channel, REGISTER, registration(), metadata=(("traceparent", value), ("x-request-id", "999900006")))


def register_unknown_field(channel):
    # Field 99, a string: no schema names it.
    unary(channel, REGISTER, registration().SerializeToString() + b"\x9a\x06\x03abc")


def register_unknown_inside(channel):
    inside = registration().client.SerializeToString() + b"\x9a\x06\x03abc"
    unary(channel, REGISTER, b"\x0a\x01k\x2a" + bytes([len(inside)]) + inside)


def register_not_utf8(channel):
    unary(channel, REGISTER, b"\x0a\x02\xff\xfe")


def register_cut_short(channel):
    unary(channel, REGISTER, registration().SerializeToString()[:-1])


def register_without_key(channel):
    request = registration()
    request.request_id = ""
    unary(channel, REGISTER, request)


def register_long_key(channel):
    request = registration()
    request.request_id = "k" * 129
    unary(channel, REGISTER, request)


def register_oversize(channel):
    request = registration()
    request.client.name.given_names = "n" * (1 << 20)
    unary(channel, REGISTER, request)


def register_beyond_all_frames(channel):
    request = registration()
    request.client.name.given_names = "n" * (4 << 20)
    unary(channel, REGISTER, request)


def register_compressed(channel):
    request = registration()
    request.client.name.given_names = "n" * 4096
    unary(channel, REGISTER, request, compression=grpc.Compression.Gzip)


def register_large_metadata(channel):
    unary(channel, REGISTER, registration(), metadata=(("x-large", "m" * (64 << 10)),))


def register_64_at_once(channel):
    call = channel.unary_unary(REGISTER, as_is, services_pb2.RegisterResponse.FromString)
    calls = [call.future(registration().SerializeToString(), timeout=SECONDS) for _ in range(64)]
    print("registered", len({one.result().message_id for one in calls}), "id for", len(calls), "calls")


def watch_what_waits(channel):
    for item in watch(channel, wait=False):
        print_item(item)
    print("ended")


def watch_for_another(channel):
    for item in watch(channel, wait=False, participant={"system": "agb", "value": "99999999"}):
        print_item(item)


def watch_and_drop(channel):
    # Takes one, acknowledges it, drops the connection and comes back on a new one.
    stream = watch(channel, wait=True)
    item = next(stream)
    print_item(item)
    request = services_pb2.AcknowledgeRequest(delivery_ids=[item.delivery_id])
    print("acknowledged", unary(channel, ACKNOWLEDGE, request, services_pb2.AcknowledgeResponse.FromString).acknowledged)
    print("acknowledged", unary(channel, ACKNOWLEDGE, request, services_pb2.AcknowledgeResponse.FromString).acknowledged)
    channel.close()
    with connect() as again:
        watch_what_waits(again)


def watch_three_then_cancel(channel):
    stream = watch(channel, wait=True)
    for _ in range(3):
        print_item(next(stream))
    stream.cancel()
    print("cancelled")


def watch_until_it_ends(channel):
    for item in watch(channel, wait=True):
        print_item(item)
        sys.stdout.flush()
    print("ended")


def watch_64_at_once(channel):
    streams = [watch(channel, wait=True) for _ in range(64)]
    seen = []
    threads = [threading.Thread(target=lambda s=s: seen.append(next(s).delivery_id)) for s in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("streams", len(seen), "items", len(set(seen)))
    try:
        next(watch(channel, wait=True))
    except grpc.RpcError as error:
        print_error(error)
    for stream in streams:
        stream.cancel()


def acknowledge_too_many(channel):
    unary(channel, ACKNOWLEDGE, services_pb2.AcknowledgeRequest(delivery_ids=["d"] * 1001))


def acknowledge_empty_id(channel):
    unary(channel, ACKNOWLEDGE, services_pb2.AcknowledgeRequest(delivery_ids=["d", ""]))


def answer_with(channel, state, **more):
    request = services_pb2.AnswerRequest(delivery_id="bezorging-1", state=state, **more)
    print("answered", unary(channel, ANSWER, request, services_pb2.AnswerResponse.FromString).message_id)


def answer(channel):
    answer_with(channel, receipt_pb2.ACCEPTED)
    answer_with(channel, receipt_pb2.REJECTED, reason="not-resident", request_id="mijn-sleutel",
                participant={"system": "cbs", "value": "0228"})


def answer_undeliverable(channel):
    answer_with(channel, receipt_pb2.UNDELIVERABLE)


def answer_about_nothing(channel):
    unary(channel, ANSWER, services_pb2.AnswerRequest(state=receipt_pb2.ACCEPTED))


def reflect(channel):
    call = channel.stream_stream(REFLECTION, as_is, as_is)
    reply = next(call(iter([b"\x3a\x00"]), timeout=SECONDS))  # list_services
    for name in ("schotvrij.v1.RegistrationService", "schotvrij.v1.ConsentService", "schotvrij.v1.ExchangeService", "schotvrij.v1.SafetyService",
                 "schotvrij.v1.MailboxService", "grpc.health.v1.Health"):
        print(name, name.encode() in reply)


def health(channel):
    print("health", unary(channel, HEALTH, b"").hex())


try:
    with connect() as opened:
        globals()[options.scenario](opened)
except grpc.RpcError as failed:
    print_error(failed)
