"""What the operator has of a running gateway: metrics that a foreign parser reads, readiness that tells the truth, and an end that
loses nothing."""
import datetime
import json
import re
import signal
import socket
import sqlite3
import subprocess
import unittest

from prometheus_client.parser import text_string_to_metric_families

from grpc_peer import GrpcPeer
from harness import Gateway, bsns, example, run, wait_for


class Operated(unittest.TestCase):
    def start(self, **options):
        self.gateway = Gateway(**options)
        self.addCleanup(self.gateway.close)
        self.clients = bsns()

    def send(self):
        bsn = next(self.clients)
        return self.gateway.fhir("opella", "POST", "/fhir", example(key=f"aanmelding-{int(bsn) % 100_000}", bsn=bsn))

    def ready(self):
        status, text = self.gateway.admin("GET", "/ready")
        return status, text.strip()

    def events(self, name):
        lines = [json.loads(line) for line in self.gateway.log_text().splitlines()]
        return [line for line in lines if line["event"] == name]


class Metrics(Operated):
    def samples(self):
        """{name: {labels: value}}, as Prometheus' own Python client reads the page; every family has its help."""
        status, page = self.gateway.admin("GET", "/metrics")
        self.assertEqual(status, 200)
        linted = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, timeout=60)
        self.assertEqual((linted.returncode, linted.stdout, linted.stderr), (0, "", ""))
        found = {}
        for family in text_string_to_metric_families(page):
            self.assertNotEqual(family.documentation, "", family.name)
            for sample in family.samples:
                found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
        return found

    def test_everything_that_is_asked_of_a_gateway_stands_on_the_page(self):
        self.start(mail=True)
        self.assertEqual(self.send()[0], 200)
        refused = example(key="aanmelding-fout", bsn="999900007")
        self.assertEqual(self.gateway.fhir("opella", "POST", "/fhir", refused)[0], 422)
        self.gateway.smtp.received(1)
        # The server holds the letter before the gateway has noted that it does.
        delivered = (("stage", "delivered"),)
        found = wait_for(lambda: (now := self.samples())["schotvrij_deliveries_total"][delivered] and now)

        content = (("content", "registration"), ("edge", "fhir-https"))
        self.assertEqual(found["schotvrij_intake_total"][content], 1)
        self.assertEqual(found["schotvrij_decisions_total"][(("network", "ede"),)], 1)
        self.assertEqual(found["schotvrij_refusals_total"][(("rule", "BSN-ELEVEN-TEST"),)], 1)
        self.assertEqual(found["schotvrij_deliveries_total"][delivered], 1)
        self.assertEqual({labels[0][1] for labels in found["schotvrij_backlog"]},
                         {"queued-units", "queued-bytes", "due-deliveries", "postponed-deliveries", "unvouched-records"})
        self.assertGreater(found["schotvrij_commit_seconds_count"][()], 0)
        self.assertGreater(found["schotvrij_store_sync_seconds_count"][()], 0)
        self.assertEqual(found["schotvrij_networks"], {(("state", "active"),): 1, (("state", "inactive"),): 0})
        self.assertEqual(len(found["schotvrij_policy_set"]), 1)
        release = json.loads(run("version", "--json").stdout)["release"]
        self.assertEqual(found["schotvrij_build_info"], {(("release", release),): 1})
        self.assertGreater(found["process_resident_memory_bytes"][()], 1 << 20)
        self.assertGreater(found["schotvrij_store_bytes"][(("file", "free"),)], 0)

    def test_r55_each_certificate_is_shown_with_the_end_that_openssl_reads(self):
        self.start(mail=True)
        shown = {tuple(value for _, value in labels): end
                 for labels, end in self.samples()["schotvrij_certificate_expiry_timestamp_seconds"].items()}
        home = self.gateway.home
        files = {("", "https-server"): "tls/server.crt", ("", "https-client-ca"): "tls/ca.crt",
                 ("", "grpc-server"): "tls/server.crt", ("", "grpc-client-ca"): "tls/ca.crt",
                 ("", "mail-signing"): "mail/signing.crt", ("", "mail-server-ca"): "mail/smtp_ca.crt",
                 ("gemeente-ede", "mail-recipient"): "mail/gemeente-ede.crt"}
        self.assertEqual(set(shown), set(files))
        for key, name in files.items():
            said = subprocess.run(["openssl", "x509", "-in", str(home / name), "-noout", "-enddate", "-dateopt", "iso_8601"],
                                  capture_output=True, text=True, check=True).stdout
            end = datetime.datetime.fromtimestamp(shown[key], datetime.timezone.utc)
            self.assertEqual(f"notAfter={end:%Y-%m-%d %H:%M:%S}Z", said.strip(), key)

    def test_what_waits_in_a_mailbox_is_shown_until_it_is_taken_over(self):
        self.start()
        for _ in range(3):
            self.assertEqual(self.send()[0], 200)
        city = (("recipient", "gemeente-ede"),)
        found = self.samples()
        self.assertEqual(found["schotvrij_mailbox_waiting"], {city: 3})
        self.assertGreaterEqual(found["schotvrij_mailbox_oldest_seconds"][city], 0)
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            ids = [item.delivery_id for item in peer.watch(wait=False)]
        run("mailbox", "ack", "--home", self.gateway.home, "--as", "gemeente-ede", *ids)
        found = self.samples()
        self.assertNotIn("schotvrij_mailbox_waiting", found)
        stages = {labels[0][1]: count for labels, count in found["schotvrij_deliveries_total"].items()}
        self.assertEqual(stages, {"available": 3, "delivered": 3, "retry": 0, "dead-letter": 0, "withheld": 0, "held": 0})


class Readiness(Operated):
    def test_no_active_network_is_not_ready_until_its_parties_are_enrolled(self):
        enrolment = {}

        def unenrol(home):
            enrolment["file"] = home / "enrolment.conf"
            enrolment["whole"] = enrolment["file"].read_text()
            enrolment["file"].write_text(enrolment["whole"].replace('key: "gemeente-ede"', 'key: "gemeente-elders"'))
        self.start(change=unenrol)
        status, why = self.ready()
        self.assertEqual(status, 503)
        self.assertIn("no network is active", why)
        self.assertEqual(self.gateway.admin("GET", "/health")[0], 200)
        enrolment["file"].write_text(enrolment["whole"])
        run("reload", "--home", self.gateway.home)
        self.assertEqual(self.ready(), (200, "ready"))

    def test_a_store_that_cannot_commit_is_not_ready_until_it_can(self):
        self.start()
        self.assertEqual(self.ready(), (200, "ready"))
        other = sqlite3.connect(self.gateway.home / "data/schotvrij.db", timeout=30, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        why = wait_for(lambda: (answer := self.ready())[0] == 503 and answer[1])
        self.assertRegex(why, "^the store (cannot commit: |has not committed)")
        self.assertEqual(self.gateway.admin("GET", "/health")[0], 200)
        other.execute("ROLLBACK")
        wait_for(lambda: self.ready() == (200, "ready"))


class Drain(Operated):
    def begin(self):
        """A connection with a request that the server is reading and of which the last byte is still to come, and that byte."""
        bsn = next(self.clients)
        body = json.dumps(example(key=f"aanmelding-{int(bsn) % 100_000}", bsn=bsn)).encode()
        plain = socket.create_connection(("localhost", self.gateway.https_port), timeout=60)
        connection = self.gateway.tls("opella").wrap_socket(plain, server_hostname="localhost")
        self.addCleanup(connection.close)
        connection.sendall(b"POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n"
                           b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        self.assertEqual(connection.recv(4096), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(body[:-1])
        return connection, body[-1:]

    @staticmethod
    def rest_of(connection):
        """All that is still said, up to the end; nothing when it was cut off."""
        said = b""
        try:
            while piece := connection.recv(4096):
                said += piece
        except OSError:
            pass
        return said

    def await_stopping(self):
        self.gateway.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.gateway.process.stdout.readline(), "stopping\n")
        wait_for(lambda: self.ready() == (503, "stopping"))

    def refuses_connections(self):
        try:
            self.gateway.fhir("opella", "GET", "/fhir/metadata")
        except OSError:
            return True
        return False

    def end(self):
        status = self.gateway.process.wait(timeout=60)
        self.gateway.process.stdout.close()
        self.gateway.log.close()
        self.gateway.process = None
        return status

    def test_what_was_begun_is_finished_and_nothing_new_is_taken(self):
        self.start()
        connection, rest = self.begin()
        self.assertEqual(self.send()[0], 200)
        self.await_stopping()
        wait_for(self.refuses_connections)
        connection.sendall(rest)
        self.assertEqual(self.rest_of(connection)[:13], b"HTTP/1.1 200 ")
        self.assertEqual(self.end(), 0)
        self.assertEqual([len(self.events(name)) for name in ("stopping", "hurried", "stopped")], [1, 0, 1])
        self.gateway.start()
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            self.assertEqual(len(list(peer.watch(wait=False))), 2)
        self.assertEqual(self.gateway.audit()[0], 0)

    def test_a_second_sigterm_does_not_wait_for_what_was_begun(self):
        self.start()
        connection, _ = self.begin()
        self.assertEqual(self.send()[0], 200)
        self.await_stopping()
        self.gateway.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(), 0)
        self.assertEqual(self.rest_of(connection), b"")
        self.assertEqual([len(self.events(name)) for name in ("stopping", "hurried", "stopped")], [1, 1, 1])
        self.gateway.start()
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            self.assertEqual(len(list(peer.watch(wait=False))), 1)
        self.assertEqual(self.gateway.audit()[0], 0)

    def test_what_takes_no_end_is_cut_off_after_the_grace(self):
        self.start()
        self.gateway.stop()
        self.gateway.start(options=["--grace", "1"])
        connection, _ = self.begin()
        self.assertEqual(self.send()[0], 200)
        self.await_stopping()
        self.assertEqual(self.rest_of(connection), b"")
        self.assertEqual(self.end(), 0)
        self.assertEqual([len(self.events(name)) for name in ("hurried", "stopped")], [0, 2])


class Help(unittest.TestCase):
    def test_serve_says_how_it_is_stopped_and_what_it_ends_with(self):
        said = run("serve", "--help").stdout
        for word in ("--home", "--grace", "SIGHUP", "SIGTERM", "Exit codes"):
            self.assertIn(word, said)

    def test_a_start_that_fails_names_place_and_remedy(self):
        with Gateway() as gateway:
            second = run("serve", "--home", gateway.home, check=False)
            self.assertEqual(second.returncode, 3, second.stderr)
            self.assertRegex(second.stderr, re.escape(str(gateway.home)) + ".*audit/checkpoints")
        missing = run("serve", "--home", "/nonexistent", check=False)
        self.assertEqual(missing.returncode, 2)
        self.assertIn("/nonexistent/schotvrij.conf", missing.stderr)


if __name__ == "__main__":
    unittest.main()
