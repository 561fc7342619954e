"""Every command of README.md is run, and the quickstart does what the page says.

A command may end in a comment `# exits N`; without one it must end with 0. Commands run in the order of the page, in one shell, in
a directory that looks like a clone.
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import PROGRAM, REPOSITORY, run, today, wait_for

README = (REPOSITORY / "README.md").read_text()
# Of the client, as the example has it.
PERSONAL = ("999900006", "Testmeer", "Voorbeeld", "Proefje", "1941-03-07")
SERVE = "schotvrij serve "
# The tests cannot run themselves.
INSTEAD = {"tests/run.sh": "tests/run.sh --help", "tests/bench/run.sh": "tests/bench/run.sh --help",
           "tests/bench/run.sh --only batch": "tests/bench/run.sh --help"}


def blocks():
    return re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands(block):
    """(command, exit status) of each command; one that goes on over a backslash is one."""
    lines = block.replace("\\\n", "\\\0").splitlines()
    for line in (line.replace("\\\0", "\\\n") for line in lines):
        said = re.search(r"\s+# exits (\d+)$", line)
        yield (line[:said.start()], int(said[1])) if said else (line, 0)


class Clone:
    """A directory with the repository's files and the built program on PATH."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="schotvrij-readme-"))
        self.directory = self.root / "clone"
        self.directory.mkdir()
        for entry in REPOSITORY.iterdir():
            if not entry.name.startswith((".", "build")):
                (self.directory / entry.name).symlink_to(entry)
        (self.root / "bin").mkdir()
        (self.root / "bin/schotvrij").symlink_to(os.path.realpath(PROGRAM))
        temporary = self.root / "tmp"
        temporary.mkdir()
        self.environment = dict(os.environ, PATH=f"{self.root}/bin:{os.environ['PATH']}", SCHOTVRIJ=os.path.realpath(PROGRAM),
                                TMPDIR=str(temporary))

    def start(self, *arguments, **options):
        return subprocess.Popen(arguments, cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL, text=True, **options)

    def run(self, *arguments):
        """(exit status, standard output, standard error)."""
        process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def left_behind(self):
        return sorted((self.root / "tmp").iterdir())

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


def script():
    """The page as one shell script that ends with the number of the first command that ended otherwise than it says."""
    lines = ["set -u", "gateway=", "trap '[ -z \"$gateway\" ] || { kill $gateway; wait $gateway; }' EXIT"]
    number = 0
    for block in blocks():
        for command, status in commands(block):
            number += 1
            command = INSTEAD.get(command, command)
            if command.startswith(SERVE):
                lines.append(f"> serve.out; {command} >> serve.out 2> gateway.log & gateway=$!")
                lines.append("until grep -qx ready serve.out; do kill -0 $gateway || exit 101; sleep 0.1; done")
                continue
            lines.append(f"echo '# {number}' >&2")
            lines.append(command)
            lines.append(f"ended=$?; [ $ended = {status} ] || {{ echo \"ended with $ended instead of {status}\" >&2; exit 100; }}")
    return "\n".join(lines) + "\n", number


class Readme(unittest.TestCase):
    def setUp(self):
        self.clone = Clone()
        self.addCleanup(self.clone.remove)

    def test_the_two_commands_stand_near_the_top(self):
        first, second = blocks()[:2]
        self.assertEqual((first, second), ("deploy/quickstart.sh\n", "tests/run.sh\n"))
        self.assertLess(README[:README.index("tests/run.sh\n")].count("\n"), 25)

    def test_every_command_ends_as_it_says(self):
        text, number = script()
        self.assertGreater(number, 20)
        status, out, err = self.clone.run("bash", "-c", text)
        self.assertEqual(status, 0, f"{err[-2000:]}\n{text}")
        self.assertEqual(err.splitlines().count(f"# {number}"), 1, err[-2000:])
        log = (self.clone.directory / "gateway.log").read_text()
        self.assertIn('"event":"accepted"', log)
        for secret in PERSONAL:
            self.assertNotIn(secret, log)

    def test_every_command_of_the_program_is_in_the_table(self):
        named = set(re.findall(r"^\| `schotvrij ((?:[a-z][a-z-]* ?)+)", README, re.MULTILINE))
        there = set()
        for command in self.subcommands():
            inner = self.subcommands(command)
            there.update(f"{command} {name}" for name in inner) if inner else there.add(command)
        self.assertEqual({name.strip() for name in named}, there)

    def test_every_folder_has_a_line(self):
        named = re.findall(r"^\| `([a-z0-9_/]+/)` \|", README, re.MULTILINE)
        for folder in named:
            self.assertTrue((REPOSITORY / folder).is_dir(), folder)
        tracked = {path.parent.relative_to(REPOSITORY).as_posix() + "/"
                   for top in ("schemas", "policy", "adapters", "gateway", "deploy")
                   for path in (REPOSITORY / top).rglob("*.*") if path.is_file()}
        for folder in tracked:
            self.assertTrue(any(folder.startswith(name) for name in named) or folder in ("schemas/", "adapters/", "gateway/"), folder)

    def test_every_link_and_package_is_there(self):
        for target in re.findall(r"\]\(([^)#]+)\)", README):
            self.assertTrue((REPOSITORY / target).exists(), target)
        listed = set()
        for name in ("deploy/packages.txt", "tests/packages.txt"):
            lines = (REPOSITORY / name).read_text().splitlines()
            listed.update(line.split()[0] for line in lines if line and not line.startswith("#"))
        section = README[README.index("## What it stands on"):README.index("## What this release does not do")]
        rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
        named = {package for row in rows for package in re.findall(r"`([^`]+)`", row)}
        self.assertEqual(named - listed, set())

    def subcommands(self, *command):
        text = run(*command, "--help").stdout
        if "Subcommands:" not in text:
            return []
        return re.findall(r"^  ([a-z][a-z-]*) ", text[text.index("Subcommands:"):], re.MULTILINE)


def section(out, begins):
    """What stands below the heading that begins so."""
    parts = re.split(r"^== (.*)$", out, flags=re.MULTILINE)
    return next(text for title, text in zip(parts[1::2], parts[2::2]) if title.startswith(begins))


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.clone = Clone()
        self.addCleanup(self.clone.remove)

    def test_it_plays_the_registration_and_leaves_nothing(self):
        status, out, err = self.clone.run("deploy/quickstart.sh")
        self.assertEqual((status, err), (0, ""), out)
        self.assertIn("999900006", section(out, "What the provider sends"))
        self.assertIn('"status": "201 Created"', section(out, "What the gateway answers"))
        letter = section(out, "What the municipality gets")
        for told in ("CMS Verification successful", "BSN: 999900006", "Geslachtsnaam: van der Testmeer", today()):
            self.assertIn(told, letter)
        for kept in ("Voorbeeld", "Proefje", "1941-03", "ede-registration", "target-group", "cognitie"):
            self.assertNotIn(kept, letter)
        self.assertIn("withheld  client.birth_date", section(out, "What was withheld"))
        self.assertIn('"status": "accepted"', section(out, "The provider finds the answer"))
        self.assertIn("whole", section(out, "The audit trail"))
        self.assertEqual(self.clone.left_behind(), [])

    def test_keep_leaves_it_running_and_says_how_to_talk_to_it_and_to_stop_it(self):
        status, out, err = self.clone.run("deploy/quickstart.sh", "--keep")
        self.assertEqual((status, err), (0, ""), out)
        (work,) = self.clone.left_behind()
        told = section(out, "It is still running")
        advice, stopping = told.split("Stop it")
        said = "\n".join(line[2:] for line in advice.splitlines() if line.startswith("  "))
        status, answers, err = self.clone.run("bash", "-euo", "pipefail", "-c", said)
        self.assertEqual(status, 0, err)
        self.assertEqual(answers.count("201 Created"), 1)
        self.assertIn("BSN: 999900006", answers)
        self.assertIn("whole", answers)

        port = int((work / "home/run/https.port").read_text())
        self.assertFalse(is_free(port))
        log = (work / "home/gateway.log").read_text()
        self.assertIn('"event":"accepted"', log)
        for secret in (*PERSONAL, "999900018"):
            self.assertNotIn(secret, log)

        kill, remove = (line.strip() for line in stopping.splitlines() if line.startswith("  "))
        self.assertEqual(self.clone.run("bash", "-c", kill)[0], 0)
        self.assertTrue(wait_for(lambda: is_free(port)))
        wait_for(lambda: self.clone.run("bash", "-c", remove)[0] == 0)
        self.assertEqual(self.clone.left_behind(), [])

    def test_a_failure_names_its_step_and_leaves_nothing(self):
        for program, step in (("/bin/false", "Make a home"), ("/no/such/program", "look for the program")):
            status, out, err = self.clone.run("deploy/quickstart.sh", "--program", program)
            self.assertEqual(status, 1, out)
            self.assertIn(f"FAILED at this step: {step}", err)
            self.assertEqual(self.clone.left_behind(), [])

    def test_a_gateway_that_does_not_start_is_told_with_its_log(self):
        broken = self.clone.root / "broken"
        broken.write_text(f"#!/bin/sh\n[ \"$1\" = serve ] && {{ echo broken on purpose >&2; exit 3; }}\nexec '{PROGRAM}' \"$@\"\n")
        broken.chmod(0o700)
        status, out, err = self.clone.run("deploy/quickstart.sh", "--program", str(broken))
        self.assertEqual(status, 1, out)
        self.assertIn("broken on purpose", err)
        self.assertIn("FAILED at this step: Start the gateway", err)
        self.assertEqual(self.clone.left_behind(), [])

    def test_wrong_use_is_told(self):
        status, _, err = self.clone.run("deploy/quickstart.sh", "--unknown")
        self.assertEqual(status, 2)
        self.assertIn("--keep", err)
        self.assertEqual(self.clone.run("deploy/quickstart.sh", "--help")[0], 0)


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


if __name__ == "__main__":
    unittest.main()
