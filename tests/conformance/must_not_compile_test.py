#!/usr/bin/env python3
"""Compiles each case of must_not_compile.cc: case 0 must compile, every other must fail for the reason it names.

  must_not_compile_test.py COMPILER FLAG...
"""
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(__file__).with_name("must_not_compile.cc")
CASE = re.compile(r"^#(?:el)?if CASE == (\d+)  // expect: (.*)$", re.M)
COMPILE = []


def compile_case(number):
    """Exit code and complaints."""
    command = [*COMPILE, "-fsyntax-only", f"-DCASE={number}", str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


class MustNotCompileTest(unittest.TestCase):
    def test_the_honest_way_compiles(self):
        code, complaints = compile_case(0)
        self.assertEqual(code, 0, complaints)

    def test_every_forbidden_line_is_refused_for_its_reason(self):
        cases = CASE.findall(SOURCE.read_text(encoding="utf-8"))
        self.assertGreaterEqual(len(cases), 5)
        self.assertEqual([int(number) for number, _ in cases], list(range(1, len(cases) + 1)))
        for number, reason in cases:
            with self.subTest(case=number):
                code, complaints = compile_case(number)
                errors = [line for line in complaints.splitlines() if " error: " in line]
                self.assertNotEqual(code, 0, "it compiled")
                self.assertRegex("\n".join(errors[:1]), reason)


if __name__ == "__main__":
    COMPILE = sys.argv[1:]
    if not COMPILE:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])
