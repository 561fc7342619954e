"""The files of deploy/, held against the tools they are for and against the program they are about."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import PROGRAM, REPOSITORY, Gateway, bsns, example

SYSTEMD = REPOSITORY / "deploy/systemd"
MONITORING = REPOSITORY / "deploy/monitoring"
SANITIZED = bool(os.environ.get("SCHOTVRIJ_SANITIZE"))
PROGRAMS = (PROGRAM, PROGRAM + "-mail-opener")
EXPOSURE_MAX = 15  # tenths, as systemd-analyze security counts: 0 is closed, 100 is open


def call(*command, **options):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, **options)


class Units(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="schotvrij-units-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_systemd_finds_no_fault_in_them(self):
        units = [shutil.copy(unit, self.folder) for unit in sorted(SYSTEMD.glob("*.s*")) if unit.suffix in (".service", ".socket")]
        self.assertEqual(len(units), 4)
        service = self.folder / "schotvrij.service"
        service.write_text(service.read_text().replace("/usr/bin/schotvrij", PROGRAM))
        done = call("systemd-analyze", "verify", "--man=no", *units)
        ours = [line for line in done.stderr.splitlines() if "schotvrij" in line]
        self.assertEqual((done.returncode, ours), (0, []), done.stderr)

    def test_the_service_is_shut_off_from_what_it_does_not_need(self):
        done = call("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager",
                    SYSTEMD / "schotvrij.service")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_its_user_is_made_by_systemd_sysusers(self):
        (self.folder / "etc").mkdir()
        done = call("systemd-sysusers", f"--root={self.folder}", SYSTEMD / "schotvrij.sysusers")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("schotvrij:", (self.folder / "etc/passwd").read_text())

    def test_the_options_it_starts_with_are_the_programs(self):
        service = (SYSTEMD / "schotvrij.service").read_text()
        for line in re.findall(r"^Exec(?:Start|Reload)=/usr/bin/schotvrij (.*)$", service, re.M):
            command, *words = line.split()
            self.assertEqual(call(PROGRAM, command, "--help").returncode, 0)
            for option in [word for word in words if word.startswith("--")]:
                self.assertIn(option, call(PROGRAM, command, "--help").stdout)
        names = set(re.findall(r"^FileDescriptorName=(\w+)$", "".join(unit.read_text() for unit in SYSTEMD.glob("*.socket")), re.M))
        self.assertEqual(names, {"https", "grpc", "admin"})

    @unittest.skipIf(SANITIZED, "a sanitizer makes system calls of its own")
    def test_no_system_call_it_makes_is_one_that_the_service_forbids(self):
        with Gateway(mail=True) as gateway:
            gateway.stop()
            traced = pathlib.Path(gateway.directory, "calls")
            gateway.start(before=["strace", "-f", "-qq", "-c", "-S", "name", "-U", "name", "-o", str(traced)])
            for key, bsn in zip(("een", "twee"), bsns()):
                self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example(key=key, bsn=bsn))[0], 200)
            gateway.smtp.received(2)
            self.assertEqual(gateway.admin("GET", "/metrics")[0], 200)
            # strace passes no signal on: the program itself is asked to stop.
            children = pathlib.Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children").read_text().split()
            os.kill(int(children[0]), 15)
            gateway.process.wait(timeout=120)
            made = {name for name in re.findall(r"^\s*(\w+)\s*$", traced.read_text(), re.M)} - {"syscall", "total"}
        self.assertIn("fdatasync", made)
        opened = self.folder / "opened"
        done = subprocess.run(["strace", "-f", "-qq", "-c", "-S", "name", "-U", "name", "-o", str(opened), PROGRAMS[1]], input=b"",
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        made |= {name for name in re.findall(r"^\s*(\w+)\s*$", opened.read_text(), re.M)} - {"syscall", "total"}
        self.assertIn("seccomp", made)
        allowed = set()
        for line in re.findall(r"^SystemCallFilter=(.*)$", (SYSTEMD / "schotvrij.service").read_text(), re.M):
            named = set().union(*(self.calls(word) for word in line.strip("~").split()))
            allowed = allowed - named if line.startswith("~") else allowed | named
        # execve starts it; SQLite gives its files to their folder's owner when it is run by root, as here and not in the service.
        self.assertEqual(made - allowed - {"execve", "fchown"}, set())

    @staticmethod
    def calls(name):
        """The system calls of that name: itself, or those of a group."""
        if not name.startswith("@"):
            return {name}
        found, todo = set(), [name]
        while todo:
            for word in re.findall(r"^    (\S+)$", call("systemd-analyze", "syscall-filter", "--no-pager", todo.pop()).stdout, re.M):
                (todo.append if word.startswith("@") else found.add)(word)
        return found


class Monitoring(unittest.TestCase):
    def test_each_alert_is_sound_and_does_what_its_tests_say(self):
        for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
            done = call("promtool", *command, cwd=MONITORING)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        alerts = set(re.findall(r"alert: (\w+)", (MONITORING / "alerts.yml").read_text()))
        tried = set(re.findall(r'alertname="(\w+)"', (MONITORING / "alerts_test.yml").read_text()))
        self.assertEqual(alerts, tried)

    def test_what_is_written_of_metrics_is_what_the_page_has(self):
        with Gateway() as gateway:
            for key, bsn in (("een", next(bsns())), ("twee", "999900007")):
                gateway.fhir("opella", "POST", "/fhir", example(key=key, bsn=bsn))
            page = gateway.admin("GET", "/metrics")[1]
        shown = set(re.findall(r"^# TYPE (\S+) ", page, re.M))
        told = set(re.findall(r"^\| `((?:schotvrij|process)_\w+)`", (MONITORING / "README.md").read_text(), re.M))
        self.assertEqual(shown ^ told, {"schotvrij_failures_total", "schotvrij_overdue_answers_total"},
                         "have their first line at the first failure and the first answer that is overdue")
        asked = set(re.findall(r"\bschotvrij_\w+", re.sub(r"action:.*|summary:.*", "", (MONITORING / "alerts.yml").read_text())))
        self.assertEqual({re.sub("_bucket$", "", name) for name in asked} - shown, set())

    def test_what_is_written_of_events_is_what_the_program_can_log(self):
        source = (REPOSITORY / "gateway/telemetry/event.h").read_text()
        kinds = re.findall(r'kName = "([\w-]+)";\n[^\n]*Level::k(\w+);(.*?)\n};', source, re.S)
        can = {name: (level.lower(), re.findall(r'visit\("(\w+)"', body)) for name, level, body in kinds}
        table = re.findall(r"^\| `([\w-]+)` \| (info|warning|error) \| ([^|]*)\|", (MONITORING / "README.md").read_text(), re.M)
        self.assertEqual({name: (level, re.findall(r"`(\w+)`", fields)) for name, level, fields in table}, can)
        self.assertGreater(len(can), 10)


class Container(unittest.TestCase):
    """There is no container engine where this runs: what can be known without one is."""

    @unittest.skipIf(SANITIZED, "a sanitizer brings libraries of its own")
    def test_the_image_has_every_library_that_the_program_asks_for(self):
        dynamic = "".join(call("readelf", "-d", program).stdout for program in PROGRAMS)
        found = dict(re.findall(r"^\s*(\S+) => (\S+) ", "".join(call("ldd", program).stdout for program in PROGRAMS), re.M))
        needed = set()
        for library in set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)) & set(found):
            for path in (found[library], os.path.realpath(found[library])):
                owner = call("dpkg", "-S", path)
                if owner.returncode != 0:  # the linker's name for it lies below /lib, the package has it there
                    owner = call("dpkg", "-S", path.removeprefix("/usr"))
                if owner.returncode == 0:
                    needed.add(owner.stdout.split(":")[0])
        base = {"libc6", "libgcc-s1", "libstdc++6", "zlib1g"}  # in every Debian image, or behind all the others
        text = (REPOSITORY / "deploy/container/Containerfile").read_text()
        has = set(re.findall(r"^      ([a-z0-9.+-]+) \\$", text.split("bookworm-slim")[1], re.M))
        self.assertGreater(len(needed), 8)
        self.assertEqual(needed - base - has, set())
        self.assertEqual(has - needed - {"ca-certificates", "tzdata"}, set())

    def test_it_starts_the_program_as_its_own_user_with_options_it_has(self):
        text = (REPOSITORY / "deploy/container/Containerfile").read_text()
        entry, command = (json.loads(re.search(rf"^{word} (\[.*\])$", text, re.M)[1]) for word in ("ENTRYPOINT", "CMD"))
        self.assertEqual(entry, ["/usr/bin/schotvrij"])
        help_text = call(PROGRAM, command[0], "--help").stdout
        for option in [word for word in command if word.startswith("--")]:
            self.assertIn(option, help_text)
        self.assertLess(text.index("\nUSER schotvrij\n"), text.index("\nENTRYPOINT"))
        for source in re.findall(r"^COPY ((?!--from)\S+(?: \S+)*) \S+$", text, re.M):
            for name in source.split():
                self.assertTrue((REPOSITORY / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
