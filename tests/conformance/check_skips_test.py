#!/usr/bin/env python3
"""No test can skip unseen: tests/check_skips.py knows how each framework we use says that a test did not run."""
import os
import subprocess
import sys
import tempfile
import unittest

import source_tree as tree

SKIPS = {
    "Store.Postgres": "[ RUN      ] Store.Postgres\n[  SKIPPED ] Store.Postgres (0 ms)\n[  SKIPPED ] 1 test, listed below:\n",
    "Edges/Store.Postgres/1": "[  SKIPPED ] Edges/Store.Postgres/1 (0 ms)\n",
    "DISABLED TEST": "  YOU HAVE 1 DISABLED TEST\n",
    "test_mail": "test_mail (__main__.Mail.test_mail) ... skipped 'no mail server'\n",
    "test_long": "test_long (__main__.Mail.test_long)\nSays what it is for. ... skipped 'slow'\n",
    "skipped": "Ran 3 tests in 0.1s\n\nOK (skipped=1)\n",
    "sends a Bundle": "ok 3 - sends a Bundle # SKIP no client\n",
}


def check(log, excuses, ci="true"):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("log", "skips")]
        for path, text in zip(paths, (log, excuses)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([sys.executable, str(tree.ROOT / "tests/check_skips.py"), *paths],
                              env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class CheckSkipsTest(unittest.TestCase):
    def test_a_skip_without_a_reason_fails_in_ci(self):
        for name, log in SKIPS.items():
            with self.subTest(name=name):
                code, said = check(log, "# none\n")
                self.assertEqual(code, 1)
                self.assertIn(name, said)

    def test_a_skip_with_a_reason_is_told_and_passes(self):
        code, said = check(SKIPS["Store.Postgres"], "Store.Postgres  comes with issue 7\n")
        self.assertEqual((code, said), (0, "skipped: Store.Postgres: comes with issue 7\n"))

    def test_a_skip_that_is_named_needs_no_second_reason_for_the_count(self):
        named = SKIPS["test_mail"] + "\nRan 3 tests in 0.1s\n\nOK (skipped=1)\n"
        self.assertEqual(check(named, "test_mail  needs a mail server\n")[0], 0)
        self.assertEqual(check(named + SKIPS["skipped"], "test_mail  needs a mail server\n")[0], 1)

    def test_a_name_without_a_reason_is_refused(self):
        self.assertNotEqual(check("", "Store.Postgres\n")[0], 0)

    def test_at_home_a_skip_is_only_told(self):
        code, said = check(SKIPS["Store.Postgres"], "", ci="")
        self.assertEqual(code, 0)
        self.assertIn("Store.Postgres", said)

    def test_tests_that_ran_are_no_skips(self):
        log = "[       OK ] Store.Sqlite (1 ms)\ntest_x (__main__.A.test_x) ... ok\nok 1 - sends\nOK\n"
        self.assertEqual(check(log, ""), (0, ""))


if __name__ == "__main__":
    unittest.main()
