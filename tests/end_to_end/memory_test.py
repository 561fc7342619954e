"""What is in memory stays there: no core is left of any command, and no other process of the same user reads it.

Where the tests run as root the programs run as nobody, since root may read all.
"""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import unittest

from harness import PROGRAM, Gateway, wait_for

NOBODY = 65534
SOMEBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
for options in ("ASAN_OPTIONS", "TSAN_OPTIONS"):  # a sanitizer takes a crash as its own, unless it is told not to
    os.environ[options] = os.environ.get(options, "") + ":handle_segv=0:handle_abort=0"
READER = "import sys; open(sys.argv[1], 'rb').read(1)"


def unlimited_core():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def readable(process, file):
    """Whether another process of its user reads that file of it."""
    return subprocess.run([sys.executable, "-c", READER, f"/proc/{process.pid}/{file}"], capture_output=True, check=False,
                          **SOMEBODY).returncode == 0


class Memory(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(change=self.give, popen={**SOMEBODY, "preexec_fn": unlimited_core})
        self.addCleanup(self.gateway.close)

    def give(self, home):
        """To the user that the gateway runs as: its home, and a copy of the program where that user reaches it."""
        self.folder = home.parent
        self.program = shutil.copy(PROGRAM, self.folder)
        if SOMEBODY:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def start(self, *words):
        process = subprocess.Popen(list(map(str, words)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   cwd=self.folder, preexec_fn=unlimited_core, **SOMEBODY)
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        return process

    def commands(self):
        """A command that shows a mailbox, and the gateway."""
        waiting = self.start(self.program, "mailbox", "list", "--wait", "--home", self.gateway.home, "--as", "gemeente-ede")
        wait_for(lambda: b"schotvrij\0mailbox" in pathlib.Path(f"/proc/{waiting.pid}/cmdline").read_bytes())
        yield waiting
        yield self.gateway.process

    def test_no_other_process_reads_it(self):
        anybody = self.start("cat")
        self.assertTrue(readable(anybody, "environ"), "this test cannot read what it should")
        for process in self.commands():
            wait_for(lambda: not readable(process, "environ"))  # from its first line on, which it may not have reached yet
            for file in ("environ", "mem", "maps", "auxv"):
                self.assertFalse(readable(process, file), file)

    def test_no_core_is_left(self):
        for how in (signal.SIGSEGV, signal.SIGABRT):
            for process in self.commands():
                wait_for(lambda: not readable(process, "environ"))
                self.assertEqual(self.dies(process, how), (how, False))
            self.gateway.process.stdout.close()
            self.gateway.log.close()
            self.gateway.start()
        left = {path.name for path in self.folder.iterdir() if "core" in path.name}
        self.assertEqual(left, set())

    def test_this_machine_would_leave_one(self):
        if self.dies(self.start("cat"), signal.SIGSEGV) != (signal.SIGSEGV, True):
            self.skipTest("no program leaves a core on this machine")

    @staticmethod
    def dies(process, how):
        """(signal that ended it, whether a core was left)."""
        process.send_signal(how)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -how
        return os.WTERMSIG(status), os.WCOREDUMP(status)


if __name__ == "__main__":
    unittest.main()
