"""A gRPC client that is not ours: Debian's python3-grpcio, with messages made from the published schema by protoc.

    with GrpcPeer(gateway, "gemeente-ede") as peer:
        items = list(peer.watch(wait=False))
        peer.call("MailboxService", "Answer", delivery_id=items[0].delivery_id, state="ACCEPTED")
"""
import functools
import subprocess

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from harness import REPOSITORY

SECONDS = 30


@functools.cache
def services():
    """Services by name, of a pool with all that the published schema has."""
    described = subprocess.run(
        ["protoc", "-I", REPOSITORY / "schemas", "--include_imports", "--descriptor_set_out=/dev/stdout",
         "schotvrij/v1/services.proto"], check=True, capture_output=True).stdout
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
        pool.Add(file)
    return pool.FindFileByName("schotvrij/v1/services.proto").services_by_name


class GrpcPeer:
    def __init__(self, gateway, party):
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
        request, reply = (message_factory.MessageFactory().GetPrototype(type) for type in
                          (described.input_type, described.output_type))
        call = getattr(self.channel, kind)(f"/schotvrij.v1.{service}/{method}", request.SerializeToString, reply.FromString)
        return call(json_format.ParseDict(fields, request()), timeout=SECONDS)

    def call(self, service, method, **fields):
        return self.begin("unary_unary", service, method, fields)

    def watch(self, **fields):
        """The stream: iterate it for items, cancel() drops it."""
        return self.begin("unary_stream", "MailboxService", "Watch", fields)
