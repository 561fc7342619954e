#!/usr/bin/env python3
"""Holds the code to banned.csv: no clock, chance, sleep, thread or socket where none belongs, and nothing that prints people."""
import csv
import pathlib
import re
import unittest

import source_tree as tree


def read_rules():
    lines = (pathlib.Path(__file__).parent / "banned.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def faults(path, text, rules):
    found = []
    clean = tree.code(text)
    for rule in rules:
        if not any(tree.below(path, folder) for folder in rule["in"].split()):
            continue
        if any(tree.below(path, folder) for folder in rule["except"].split()):
            continue
        for match in re.finditer(rule["pattern"], clean):
            line = clean.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{line}: {match.group(0)}: {rule['why']}")
    return found


class BannedWordsTest(unittest.TestCase):
    def test_no_code_says_what_is_banned(self):
        rules = read_rules()
        found = []
        for path in tree.sources(*tree.ROOMS, "tests"):
            found += faults(path, tree.read(path), rules)
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_each_ban_finds_its_offender(self):
        offenders = {
            "auto t = std::chrono::system_clock::now();": "policy/a.cc",
            "absl::Time t = absl::Now();": "gateway/exchange/a.cc",
            "std::random_device chance;": "adapters/fhir/a.cc",
            "RAND_bytes(out, 16);": "gateway/identity/a.cc",
            "std::this_thread::sleep_for(a_while);": "tests/policy/a_test.cc",
            "std::thread worker(run);": "gateway/store/a.cc",
            "int s = ::socket(AF_INET, SOCK_STREAM, 0);": "gateway/exchange/a.cc",
            "Log(exchange.ShortDebugString());": "gateway/transport/http/a.cc",
            "Log(exchange.DebugString());": "tests/policy/a_test.cc",
            "std::ostream& operator<<(std::ostream& out, const Bsn& bsn);": "schemas/base/a.h",
            "friend void AbslStringify(Sink& sink, const Bsn& bsn);": "schemas/base/a.h",
            'Give(Encoded::From({}, bytes, "text/plain"));': "gateway/exchange/a.cc",
            "MessageToJsonString(exchange, &text);": "gateway/exchange/a.cc",
            "TextFormat::PrintToString(exchange, &text);": "gateway/exchange/a.cc",
            "std::cerr << 1;": "gateway/exchange/a.cc",
            "std::system(command);": "gateway/cli/a.cc",
            "sprintf(out, format);": "gateway/cli/a.cc",
        }
        rules = read_rules()
        for line, path in offenders.items():
            with self.subTest(line=line):
                self.assertEqual(len(faults(path, line, rules)), 1)
        used = {rule["pattern"] for rule in rules
                for line, path in offenders.items() if re.search(rule["pattern"], line)}
        self.assertEqual({rule["pattern"] for rule in rules} - used, set(), "a ban without an offender")

    def test_comments_literals_and_the_rooms_that_may_are_left_alone(self):
        rules = read_rules()
        for path, line in [
            ("policy/a.cc", "// std::thread would be wrong here"),
            ("policy/a.cc", 'Say("no sleep(1) here"); char c = \'"\'; // "'),
            ("policy/a.cc", 'R"(absl::Now())"'),
            ("policy/a.cc", "Instant now = clock.Now();"),
            ("gateway/transport/runtime/a.cc", "RAND_bytes(out, 16);"),
        ]:
            with self.subTest(line=line):
                self.assertEqual(faults(path, line, rules), [])


if __name__ == "__main__":
    unittest.main()
