#!/usr/bin/env python3
"""The tree is clean: tables are whole, every rule id is both named and used, and nothing tells of a machine or a person."""
import csv
import re
import unittest

import source_tree as tree

GENERATED = ("package-lock.json",)
ISSUES = "schemas/codes/issue.csv"
# Printed in every textbook as the example; stands for "a BSN outside the test range" where a test must refuse one.
TEXTBOOK_BSN = "123456782"
MAKE_ISSUE = re.compile(r'\bMakeIssue\(\s*"([^"]*)"')


def table(name):
    """Header and rows as schemas/base/table.h reads them: # begins a comment, quotes as in RFC 4180."""
    text = tree.read(name)
    lines = (line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    records = [record for record in csv.reader(lines, strict=True) if record]
    return records[0], records[1:]


def texts():
    """Name and text of every text file of ours."""
    for name in tree.files():
        if name.endswith(GENERATED):
            continue
        try:
            yield name, tree.read(name)
        except UnicodeDecodeError:
            continue  # binary


def passes_eleven_test(digits):
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return any(c != "0" for c in digits) and sum(w * int(c) for w, c in zip(weights, digits)) % 11 == 0


class TablesTest(unittest.TestCase):
    def test_every_table_has_as_many_cells_as_its_header(self):
        for name in [name for name in tree.files(*tree.ROOMS) if name.endswith(".csv")]:
            with self.subTest(table=name):
                header, rows = table(name)
                self.assertEqual(len(set(header)), len(header), "a column twice")
                self.assertNotEqual(rows, [], "no rows")
                for row in rows:
                    self.assertEqual(len(row), len(header), row)
                    self.assertEqual([cell.strip() for cell in row], row, "blanks around a cell")

    def test_rule_ids_are_unique_and_well_formed(self):
        ids = [row[0] for row in table(ISSUES)[1]]
        self.assertEqual(sorted({i for i in ids if ids.count(i) > 1}), [])
        self.assertEqual([i for i in ids if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", i)], [])


class RuleIdsTest(unittest.TestCase):
    def setUp(self):
        self.ids = {row[0] for row in table(ISSUES)[1]}

    def test_every_rule_id_in_code_stands_in_the_table(self):
        unknown = [f"{name}: {rule}" for name in tree.sources(*tree.ROOMS)
                   for rule in MAKE_ISSUE.findall(tree.code(tree.read(name), keep_literals=True))
                   if rule not in self.ids]
        self.assertEqual(unknown, [])

    def test_every_rule_id_in_the_table_is_used(self):
        used = set()
        for name in tree.files(*tree.ROOMS):
            if name not in (ISSUES, "schemas/formats/mail/issues.csv") and name.endswith((".cc", ".h", ".csv")):
                used |= set(re.findall(r"[A-Z0-9]+(?:-[A-Z0-9]+)*", tree.code(tree.read(name), True)))
        self.assertEqual(sorted(self.ids - used), [])


class CleanTreeTest(unittest.TestCase):
    def test_no_file_names_a_path_of_somebodys_machine(self):
        path = re.compile(r"(?<![\w.}$*~-])/(?:home|root|Users|work|farm)/[\w.]")
        found = [f"{name}: {match.group(0)}" for name, text in texts() for match in path.finditer(text)]
        self.assertEqual(found, [])

    def test_every_bsn_is_from_the_test_range(self):
        number = re.compile(r"(?<![\w.])\d{9}(?![\w.])")
        found = [name for name, text in texts() for match in number.finditer(text)
                 if passes_eleven_test(match.group(0)) and not match.group(0).startswith("9999")
                 and match.group(0) != TEXTBOOK_BSN]
        self.assertEqual(found, [])

    def test_nothing_is_left_for_later_in_a_comment(self):
        mark = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
        found = [f"{name}: {match.group(0)}" for name, text in texts() if name != "LICENSE"
                 for match in mark.finditer(text)]
        self.assertEqual(found, [])

    def test_no_test_is_disabled(self):
        found = [name for name in tree.sources("tests") if "DISABLED" "_" in tree.read(name)]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
