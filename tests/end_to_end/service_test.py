"""The gateway as a service: what it tells the service manager, the watchdog, and sockets that are handed over. The manager's part is
played over a real notification socket, and by systemd's own systemd-socket-activate."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from grpc_peer import GrpcPeer, registration
from harness import Gateway, bsns, example, run, wait_for

# Syncs wait as long as the file that SYNCS_WAIT names is there.
SLOW_SYNCS = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static long when_it_may(long call, int fd) {
  while (access(getenv("SYNCS_WAIT"), F_OK) == 0) usleep(10000);
  return syscall(call, fd);
}
int fsync(int fd) { return when_it_may(SYS_fsync, fd); }
int fdatasync(int fd) { return when_it_may(SYS_fdatasync, fd); }
"""
# Becomes the program with the descriptor as its first handed-over socket.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


def free_address():
    """systemd-socket-activate does not take port 0."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Service(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="schotvrij-service-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(str(self.folder / "notify"))
        self.notified.settimeout(60)
        self.addCleanup(self.notified.close)
        self.environment = {**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")}
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)
        self.gateway.stop()

    def start(self, **how):
        self.gateway.start(env=self.environment, **how)

    def told(self, word):
        """The next message that has the line `word`; those before it are passed over."""
        while word not in (message := self.notified.recv(4096).decode()).split("\n"):
            pass
        return message

    def activate(self, *sockets, **how):
        """Starts it under systemd-socket-activate, which binds (name, address) and waits for a first connection."""
        names, addresses = zip(*sockets)
        before = ["systemd-socket-activate", "--fdname=" + ":".join(names)]
        for kept in ("NOTIFY_SOCKET", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            before += ["-E", kept] if kept in self.environment else []
        for address in addresses:
            before += ["-l", address]
        path = next(address for address in addresses if address.startswith("/"))
        first = threading.Thread(target=wait_for, args=(lambda: self.connects(path), 60))
        first.start()
        try:
            self.start(before=before, **how)
        finally:
            first.join()

    @staticmethod
    def connects(path):
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
            return True
        except OSError:
            return False


class Notification(Service):
    def test_the_manager_is_told_of_each_stage(self):
        self.start()
        self.assertRegex(self.told("READY=1"), "STATUS=policy set [0-9a-f]{16}, 1 networks active, 0 inactive$")
        run("reload", "--home", self.gateway.home)
        self.assertRegex(self.told("RELOADING=1"), r"\nMONOTONIC_USEC=\d+$")
        self.told("READY=1")
        document = self.gateway.home / "policy/ede.txtpb"
        document.write_text("nonsense")
        self.assertEqual(run("reload", "--home", self.gateway.home, check=False).returncode, 1)
        self.told("RELOADING=1")
        self.assertIn("STATUS=a reload was refused; policy set", self.told("READY=1"))
        self.gateway.stop()
        self.told("STOPPING=1")


class Watchdog(Service):
    def test_it_is_kept_quiet_only_while_the_writer_gets_on(self):
        source, library, wait = self.folder / "slow.c", self.folder / "slow.so", self.folder / "wait"
        source.write_text(SLOW_SYNCS)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
        self.environment.update(WATCHDOG_USEC="2000000", LD_PRELOAD=str(library), SYNCS_WAIT=str(wait))
        self.start()
        self.told("WATCHDOG=1")
        wait.touch()
        answers = []
        sending = threading.Thread(target=lambda: answers.append(self.gateway.fhir("opella", "POST", "/fhir", example())[0]))
        sending.start()
        try:
            wait_for(lambda: self.gateway.admin("GET", "/health")[0] == 503)
            self.assertEqual(self.gateway.admin("GET", "/ready")[0], 503)
            self.notified.setblocking(False)
            with self.assertRaises(BlockingIOError):
                while True:
                    self.notified.recv(4096)
            # What stands still beats no more, however often one looks.
            for _ in range(20):
                self.assertEqual(self.gateway.admin("GET", "/health")[0], 503)
            with self.assertRaises(BlockingIOError):
                self.notified.recv(4096)
        finally:
            wait.unlink()
            sending.join()
        self.assertEqual(answers, [200])
        self.notified.settimeout(60)
        self.told("WATCHDOG=1")
        wait_for(lambda: self.gateway.admin("GET", "/health") == (200, "ok\n"))


class Activation(Service):
    def test_all_three_listeners_take_sockets_that_systemd_bound(self):
        operator = self.folder / "admin.sock"
        self.activate(("https", free_address()), ("grpc", free_address()), ("admin", str(operator)))
        clients = bsns()
        self.assertEqual(self.gateway.fhir("opella", "POST", "/fhir", example(key="een", bsn=next(clients)))[0], 200)
        with GrpcPeer(self.gateway, "opella") as peer:
            self.assertEqual(peer.register(registration(bsn=next(clients))).code, "OK")
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            self.assertEqual(len(list(peer.watch(wait=False))), 2)
        ready = subprocess.run(["curl", "-sS", "--unix-socket", operator, "http://localhost/ready"], capture_output=True, text=True)
        self.assertEqual(ready.stdout, "ready\n", ready.stderr)
        self.assertEqual(self.gateway.stop(), 0)
        self.assertTrue(operator.exists(), "it is systemd's")

    def test_who_connects_while_the_gateway_is_away_is_served_by_the_next(self):
        for name, served in (("https", self.fhir_answers), ("grpc", self.grpc_answers)):
            with socket.create_server(("127.0.0.1", 0)) as listening:
                hand_over = [sys.executable, "-c", HAND_OVER, str(listening.fileno()), name]
                self.start(before=hand_over, pass_fds=[listening.fileno()])
                self.assertTrue(served())
                self.gateway.stop()
                with socket.create_connection(listening.getsockname(), timeout=60) as early:
                    self.start(before=hand_over, pass_fds=[listening.fileno()])
                    tls = self.gateway.tls("gemeente-ede")
                    tls.set_alpn_protocols(["h2", "http/1.1"])
                    tls.wrap_socket(early, server_hostname="localhost").close()
                self.assertTrue(served(), name)
                self.gateway.stop()

    def fhir_answers(self):
        return self.gateway.fhir("opella", "GET", "/fhir/metadata")[0] == 200

    def grpc_answers(self):
        with GrpcPeer(self.gateway, "gemeente-ede") as peer:
            return list(peer.watch(wait=False)) == []

    def test_a_socket_that_no_listener_waits_for_ends_the_start(self):
        path = self.folder / "other.sock"
        with self.assertRaisesRegex(RuntimeError, "named other, .*they are named https, grpc and admin"):
            self.activate(("other", str(path)))
        self.assertEqual(self.gateway.process.wait(timeout=60), 2)


if __name__ == "__main__":
    unittest.main()
