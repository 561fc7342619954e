"""Who gets in: mutual TLS on both listeners, certificates and the enrolment, and the listener that is not for outsiders."""
import http.client
import pathlib
import socket
import ssl
import unittest

import grpc

from certificates import issue, make_ca
from grpc_peer import GrpcPeer
from harness import Gateway, example, resource, rules

METADATA = b"GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n"
AGB = "http://fhir.nl/fhir/NamingSystem/agb-z"
# An HTTP/2 client's first words, with empty settings.
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"

VENDOR = """
participant {
  key: "ecd-vendor"
  name: "A vendor of client records"
  peer { san_uri: "urn:example:vendor" }
  acts_for: "opella"
}
"""


def enrol_vendor(home):
    enrolment = home / "enrolment.conf"
    enrolment.write_text(enrolment.read_text() + VENDOR)
    issue(home / "tls", home / "tls/parties/ecd-vendor", "urn:example:vendor")


class Identity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(change=enrol_vendor)
        cls.scratch = pathlib.Path(cls.gateway.directory)
        cls.tls = cls.gateway.home / "tls"

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def talk(self, port, certificate, said, change=None):
        """All that comes back over TLS, or the SSLError."""
        context = ssl.create_default_context(cafile=str(self.tls / "ca.crt"))
        if certificate:
            context.load_cert_chain(f"{certificate}.crt", f"{certificate}.key")
        if change:
            change(context)
        with socket.create_connection(("localhost", port), timeout=20) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="localhost") as stream:
                    stream.sendall(said)
                    heard = b""
                    while part := stream.recv(4096):
                        heard += part
                        if said == HTTP2:
                            break  # a server that speaks first has let us in
                    return heard
            except (ssl.SSLError, ConnectionError) as error:
                return error

    def https(self, certificate, change=None):
        return self.talk(self.gateway.https_port, certificate, METADATA, change)

    def grpc(self, certificate, change=None):
        def http2(context):
            context.set_alpn_protocols(["h2"])
            if change:
                change(context)
        return self.talk(self.gateway.grpc_port, certificate, HTTP2, http2)

    def assert_refused_by_tls(self, outcome):
        # An alert, or (gRPC sends none in TLS 1.3) the end of the connection: not one byte of the protocol above.
        self.assertTrue(outcome == b"" or isinstance(outcome, (ssl.SSLError, ConnectionError)), outcome)

    def test_no_certificate_is_no_connection(self):
        self.assert_refused_by_tls(self.https(None))
        self.assert_refused_by_tls(self.grpc(None))

    def test_certificate_of_another_ca_is_no_connection(self):
        other = self.scratch / "other"
        other.mkdir()
        make_ca(other)
        forged = issue(other, other / "opella", "urn:schotvrij:party:opella")
        self.assert_refused_by_tls(self.https(forged))
        self.assert_refused_by_tls(self.grpc(forged))

    def test_certificate_that_is_not_for_clients_is_no_connection(self):
        server = issue(self.tls, self.scratch / "server", "urn:schotvrij:party:opella", usage="serverAuth")
        self.assert_refused_by_tls(self.https(server))

    def test_certificate_that_is_not_enrolled_hears_401_and_nothing_else(self):
        stranger = issue(self.tls, self.scratch / "stranger", "urn:schotvrij:party:stranger")
        head, _, body = self.https(stranger).partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 401 "), head)
        self.assertEqual(body, b"")
        fields = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
        self.assertEqual(fields, {b"date", b"content-length", b"connection"})
        credentials = grpc.ssl_channel_credentials(*(pathlib.Path(name).read_bytes() for name in
                                                     (self.tls / "ca.crt", f"{stranger}.key", f"{stranger}.crt")))
        with grpc.secure_channel(f"localhost:{self.gateway.grpc_port}", credentials) as channel:
            for method in ("RegistrationService/Register", "ConsentService/Record", "SafetyService/Hold", "MailboxService/Acknowledge",
                           "MailboxService/Answer"):
                with self.assertRaises(grpc.RpcError) as refused:
                    channel.unary_unary(f"/schotvrij.v1.{method}")(b"", timeout=20)
                self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAUTHENTICATED)

    def test_a_name_like_an_enrolled_one_is_not_enrolled(self):
        for number, uri in enumerate(("urn:schotvrij:party:opella2", "urn:schotvrij:party:opell", "URN:schotvrij:party:opella")):
            near = issue(self.tls, self.scratch / f"near-{number}", uri)
            self.assertTrue(self.https(near).startswith(b"HTTP/1.1 401 "), uri)

    def test_https_speaks_tls_1_3_only(self):
        def older(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assert_refused_by_tls(self.https(str(self.tls / "parties/opella"), older))
        connection = http.client.HTTPSConnection("localhost", self.gateway.https_port, context=self.gateway.tls("opella"),
                                                 timeout=20)
        connection.request("GET", "/fhir/metadata")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()

    def test_grpc_takes_tls_1_2_with_aead_only(self):
        opella = str(self.tls / "parties/opella")

        def suites(names):
            def change(context):
                context.maximum_version = ssl.TLSVersion.TLSv1_2
                context.set_ciphers(names)
            return change
        for cbc in ("ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA"):
            self.assert_refused_by_tls(self.grpc(opella, suites(cbc)))
        self.assertIsInstance(self.grpc(opella, suites("ECDHE-ECDSA-AES256-GCM-SHA384")), bytes)
        self.assertIsInstance(self.grpc(opella), bytes)

        def old(context):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
        self.assert_refused_by_tls(self.grpc(opella, old))

    def named(self, key, bsn, sender):
        bundle = example(key, bsn)
        resource(bundle, "Task")["requester"]["identifier"] = sender
        return bundle

    def test_a_sender_that_the_caller_is_not(self):
        bundle = example("not me", "999900018")
        status, outcome = self.gateway.fhir("menzis", "POST", "/fhir", bundle)
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-NOT-FOR"]))
        # One that is not known here is answered no otherwise.
        unknown = self.named("not me", "999900018", {"system": AGB, "value": "99999999"})
        self.assertEqual(self.gateway.fhir("menzis", "POST", "/fhir", unknown), (status, outcome))
        search = "patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999900018"
        self.assertEqual(self.gateway.mailbox("gemeente-ede", "Task", search), [])

    def test_a_vendor_sends_for_whom_it_acts_and_for_no_other(self):
        status, answer = self.gateway.fhir("ecd-vendor", "POST", "/fhir", example("by vendor", "999900031"))
        self.assertEqual(status, 200, answer)
        (task,) = self.gateway.mailbox("gemeente-ede")
        self.assertEqual(task["requester"]["identifier"]["value"], "opella")
        cbs = {"system": "urn:schotvrij:identifier:cbs-gemeente", "value": "0228"}
        status, outcome = self.gateway.fhir("ecd-vendor", "POST", "/fhir", self.named("as ede", "999900031", cbs))
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-NOT-FOR"]))
        status, outcome = self.gateway.fhir("ecd-vendor", "GET", f"/fhir/Task/{task['id']}")
        self.assertEqual(status, 404)
        # What opella gets, its vendor fetches.
        self.gateway.answer("gemeente-ede", task["id"], "accepted")
        (receipt,) = self.gateway.mailbox("ecd-vendor")
        self.assertEqual(receipt["status"], "accepted")
        with GrpcPeer(self.gateway, "ecd-vendor") as peer:
            self.assertEqual(len(list(peer.watch())), 1)

    def test_metrics_health_and_reload_are_the_admin_listeners_alone(self):
        for path in ("/metrics", "/health", "/ready", "/reload"):
            for method in ("GET", "POST"):
                status, outcome = self.gateway.fhir("opella", method, path)
                self.assertIn(status, (404, 405), path)
                self.assertEqual(outcome["resourceType"], "OperationOutcome")
        status, text = self.gateway.admin("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertIn("schotvrij_networks", text)
        self.assertEqual(self.gateway.admin("GET", "/health"), (200, "ok\n"))
        self.assertEqual(self.gateway.admin("GET", "/ready")[0], 200)
        self.assertEqual(self.gateway.admin("GET", "/fhir/metadata")[0], 404)
        for service in ("grpc.health.v1.Health/Check", "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"):
            with GrpcPeer(self.gateway, "opella") as peer, self.assertRaises(grpc.RpcError) as refused:
                peer.channel.unary_unary(f"/{service}")(b"", timeout=20)
            self.assertEqual(refused.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_health_and_reflection_of_grpc_are_on_a_socket_of_the_owner_alone(self):
        file = self.gateway.home / "run/grpc-admin.sock"
        self.assertEqual(file.parent.stat().st_mode & 0o077, 0)
        with grpc.insecure_channel(f"unix:{file}") as channel:
            # HealthCheckResponse{status: SERVING}
            self.assertEqual(channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20), b"\x08\x01")
            # ServerReflectionRequest{list_services: "*"}
            reflection = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
            (services,) = reflection(iter([b"\x3a\x01*"]), timeout=20)
            self.assertIn(b"schotvrij.v1.RegistrationService", services)
            for service in ("RegistrationService/Register", "ConsentService/Record", "SafetyService/Hold", "MailboxService/Answer"):
                with self.assertRaises(grpc.RpcError) as refused:
                    channel.unary_unary(f"/schotvrij.v1.{service}")(b"", timeout=20)
                self.assertEqual(refused.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_the_admin_listener_refuses_outside_hosts(self):
        # A page in a browser of this machine can reach loopback by a name of its own; that name stands in Host.
        for host, expected in (("gateway.example", 403), ("gateway.example:80", 403), ("10.0.0.1", 403), ("", 400),
                               ("localhost.gateway.example", 403), ("localhost", 200), ("127.0.0.1:9464", 200)):
            connection = http.client.HTTPConnection("127.0.0.1", self.gateway.admin_port, timeout=20)
            connection.request("GET", "/metrics", headers={"Host": host})
            self.assertEqual(connection.getresponse().status, expected, host)
            connection.close()

    def test_the_admin_listener_is_on_loopback_alone(self):
        # Its line of /proc/net/tcp: 0100007F is 127.0.0.1, state 0A listens.
        port = f":{self.gateway.admin_port:04X}"
        listening = [line.split()[1] for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
                     if line.split()[3] == "0A"]
        self.assertEqual([address for address in listening if address.endswith(port)], [f"0100007F{port}"])
        self.assertFalse([line for line in pathlib.Path("/proc/net/tcp6").read_text().splitlines()[1:]
                          if line.split()[1].endswith(port) and line.split()[3] == "0A"])

    def test_an_outsider_leaves_no_record_but_a_count(self):
        before = self.gateway.audit()[1]["records"]
        stranger = issue(self.tls, self.scratch / "counted", "urn:schotvrij:party:counted")
        self.https(stranger)
        self.assertEqual(self.gateway.audit()[1]["records"], before)


if __name__ == "__main__":
    unittest.main()
