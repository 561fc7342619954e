#!/usr/bin/env python3
"""No text is built from a field that tells of a person: the schema says which fields do, and sensitive_text.csv who writes them
nevertheless and why. What a type can hold is held by must_not_compile.cc; protobuf's accessors give plain strings, so this reads code.

Reading cannot tell two fields of one name apart: a name that stands for something that tells of nobody as well is passed over."""
import csv
import pathlib
import re
import unittest

import source_tree as tree

FIELD = re.compile(r"^\s*(?:repeated |optional )?([\w.]+) (\w+) = \d+( \[[^\]]*\(sensitive\))?", re.M)
MESSAGE = re.compile(r"\bmessage (\w+)")
# Statements end at these; what a statement calls stays together.
STATEMENT = re.compile(r"[;{}]")
BUILDS = r"\bStr(Cat|Append|Join|Format|AppendFormat)\b|\bSubstitute(AndAppend)?\(|\b(std|fmt)::(v?format|format_to|print)\b|\bs?n?printf\(|" \
         r"<<|\bto_string\(|stringstream\b"
ADDS = r"|\+=?|\.(append|insert|push_back|replace)\("


def sensitive_fields(proto_texts):
    """{accessor: whether it gives text} of every name of which the schemas mark each field that is no message, and of Bsn."""
    found, others = {"digits": True}, set()
    texts = [tree.code(text) for text in proto_texts]
    messages = {name for text in texts for name in MESSAGE.findall(text)}
    for kind, name, marked in (field for text in texts for field in FIELD.findall(text)):
        if marked:
            found[name] = found.get(name, False) or kind in ("string", "bytes")
        elif kind not in messages:
            others.add(name)
    return {name: is_text for name, is_text in found.items() if name not in others}


def read_exceptions():
    lines = (pathlib.Path(__file__).parent / "sensitive_text.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def faults(path, text, fields, exceptions=()):
    found, line = [], 1
    may = {name for row in exceptions if tree.below(path, row["in"]) for name in row["fields"].split()}
    # A call of the accessor, and not of a member of what it gives unless that is text again.
    accessor = re.compile(r"(?:\.|->)(%s)\(\)(?!\.(?!substr|c_str|data|front|back|begin|at)\w)" % "|".join(fields))
    clean = tree.code(text)
    for statement in STATEMENT.split(clean):
        for name in {match[1] for match in accessor.finditer(statement)} - may:
            # The arrow and the increment are no sums.
            if re.search(BUILDS + (ADDS if fields[name] else ""), statement.replace("++", "")):
                found.append(f"{path}:{line + statement[:len(statement) - len(statement.lstrip())].count(chr(10))}: text is built with {name}()")
        line += statement.count("\n")
    return found


class SensitiveTextTest(unittest.TestCase):
    def setUp(self):
        self.fields = sensitive_fields(tree.read(name) for name in tree.files("schemas") if name.endswith(".proto"))

    def test_the_schema_names_fields(self):
        for name in ("bsn", "birth_date", "own_name", "given_names", "digits"):
            self.assertTrue(self.fields[name], name)
        self.assertFalse(self.fields["score"])

    def test_no_text_is_built_from_them(self):
        exceptions = read_exceptions()
        found = [fault for path in tree.sources(*tree.ROOMS) for fault in faults(path, tree.read(path), self.fields, exceptions)]
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_each_exception_is_needed(self):
        for row in read_exceptions():
            sources = [path for path in tree.sources(*tree.ROOMS) if tree.below(path, row["in"])]
            found = "\n".join(fault for path in sources for fault in faults(path, tree.read(path), self.fields))
            for name in row["fields"].split():
                self.assertIn(f"with {name}()", found, row)

    def test_each_way_of_building_text_is_found(self):
        for line in (
                'absl::StrCat("client ", exchange.client().bsn());',
                'Log(absl::StrCat(\n    "client ",\n    client->name().own_name()));',
                "absl::StrAppend(&text, bsn.digits());",
                'auto text = absl::StrFormat("%s", client.birth_date());',
                'auto text = std::format("{}", name.given_names());',
                "out << client.bsn();",
                'std::string text = "client " + client.bsn();',
                "text += client.bsn().substr(0, 4);",
                "text.append(name.own_prefix());",
                'std::snprintf(text, sizeof text, "%s", client.bsn().c_str());',
                'absl::StrCat("score ", assessment.score());',
                "std::to_string(item.score());"):
            with self.subTest(line=line):
                self.assertEqual(len(faults("gateway/exchange/a.cc", line, self.fields)), 1)

    def test_what_builds_no_text_is_left_alone(self):
        for line in (
                "sum += item.score();",
                "keys.Token(space, exchange.client().bsn());",
                'text += "bsn"; Use(client.bsn());',
                'absl::StrAppend(&out, role.bsn().may());',
                '// text += client.bsn();',
                "for (int i = 0; i < n; ++i) Check(client.bsn());"):
            with self.subTest(line=line):
                self.assertEqual(faults("gateway/exchange/a.cc", line, self.fields), [])


if __name__ == "__main__":
    unittest.main()
