"""What structure.csv says of FHIR R4 is what a library that is not ours has from HL7's own definitions, and it finds what we write sound."""
import csv
import json
import shutil
import unittest

import node_programs
from harness import REPOSITORY


def rows(name):
    with open(REPOSITORY / "schemas/formats/fhir" / name, encoding="utf-8") as table:
        return list(csv.DictReader(line for line in table if not line.startswith("#")))


def expanded(types, name):
    """[element, type, whether it is a list] of a type, those of its bases first and each choice by its name."""
    for row in types[name]:
        element = row["element"]
        if not element:
            yield from expanded(types, row["of"])
        elif element.startswith("@"):
            yield [element[1:], "string", False]
        elif element.endswith("[x]"):
            yield from ([element[:-3] + of[0].upper() + of[1:], of, False] for of in row["of"].split())
        else:
            yield [element, row["of"], row["list"] == "list"]


@unittest.skipUnless(shutil.which("npm"), "npm is missing: no foreign library of FHIR can be had")
class Structure(unittest.TestCase):
    def test_every_type_has_the_elements_that_another_library_knows_in_their_order(self):
        types = {}
        for row in rows("structure.csv"):
            types.setdefault(row["type"], []).append(row)
        known = node_programs.play("fhir_structure.mjs", given=[name for name in types if "." not in name])
        self.assertGreater(len(set(known) & set(types)), 60)
        for name in set(known) & set(types):
            with self.subTest(name):
                # The library takes the id of an element, which is a text, for that of a resource; # is a reference within a type.
                told = [[element, "string" if element == "id" else of.removeprefix("#"), many] for element, of, many in known[name]]
                ours = [[element, "string" if element == "id" else of, many] for element, of, many in expanded(types, name)]
                self.assertEqual(ours, told)

    def test_what_is_written_is_valid_and_the_same_in_xml(self):
        written = sorted((REPOSITORY / "tests/adapters/fhir/data/written").glob("*.json"))
        self.assertGreater(len(written), 6)
        texts = [file.read_text(encoding="utf-8") for file in written]
        verdicts = node_programs.play("fhir_xml.mjs", given=[{"to": "valid", "text": text} for text in texts])
        from_xml = node_programs.from_xml([file.with_suffix(".xml").read_text(encoding="utf-8") for file in written])
        for file, text, verdict, same in zip(written, texts, verdicts, from_xml):
            with self.subTest(file.name):
                self.assertTrue(verdict["valid"], verdict["messages"])
                # Codes of other lists than HL7's it does not know.
                self.assertEqual([told for told in verdict["messages"] if told["severity"] not in ("information", "info", "warning")], [])
                self.assertEqual(same, json.loads(text))

    def test_every_type_that_is_named_is_there(self):
        there = {row["type"] for name in ("structure.csv", "primitives.csv") for row in rows(name)}
        named = {of for row in rows("structure.csv") for of in row["of"].split()}
        self.assertEqual(named - there, set())


if __name__ == "__main__":
    unittest.main()
