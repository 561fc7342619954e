#!/usr/bin/env python3
"""Says which tests skipped, by a log of ctest; ends with 1 in CI when one of them is not excused.

  tests/check_skips.py build/release/Testing/Temporary/LastTest.log tests/skips.txt

A line of the second file is a test's name as its framework prints it, blanks, and the reason why it may skip.
"""
import os
import re
import sys

PYTHON_NAMED = re.compile(r"^(\w+) \([\w.]+\)(?:\n.*)? \.\.\. skipped", re.M)  # python unittest -v
PYTHON_COUNTED = re.compile(r"^OK \(skipped=(\d+)\)", re.M)  # its last line, in quiet runs the only one

# How each framework says that a test did not run; the group is the test's name.
SKIPPED = [
    re.compile(r"^\[  SKIPPED \] ([\w/]+\.[\w/.]+)", re.M),  # GoogleTest, body or list at the end
    re.compile(r"^\s*YOU HAVE \d+ (DISABLED TESTS?)", re.M),  # GoogleTest
    PYTHON_NAMED,
    re.compile(r"^\s*(?:ok|not ok) \d+ - (.*?) # (?:SKIP|TO" r"DO)", re.M),  # node --test, TAP
    re.compile(r"^\S+ (\S.*?) \([\d.]+ms\) # (?:SKIP|TO" r"DO)", re.M),  # node --test, spec
    re.compile(r"^\d+/\d+ Test: (\S+)(?:\n(?!\d+/\d+ Test:).*)*?\nTest Skipped", re.M),  # ctest
]


def excused(path):
    with open(path, encoding="utf-8") as lines:
        rows = [line.split(None, 1) for line in lines if line.strip() and not line.startswith("#")]
    for row in rows:
        if len(row) != 2:
            sys.exit(f"{path}: {row[0]} has no reason")
    return {name: reason.strip() for name, reason in rows}


def main():
    log_path, skips_path = sys.argv[1:]
    reasons = excused(skips_path)
    with open(log_path, encoding="utf-8", errors="replace") as file:
        log = file.read()
    names = {match for pattern in SKIPPED for match in pattern.findall(log)}
    if sum(map(int, PYTHON_COUNTED.findall(log))) > len(PYTHON_NAMED.findall(log)):
        names.add("skipped")
    names = sorted(names)
    unexcused = [name for name in names if name not in reasons]
    for name in names:
        print(f"skipped: {name}: {reasons.get(name, 'NO REASON IN ' + skips_path)}")
    return 1 if unexcused and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
