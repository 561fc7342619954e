#!/usr/bin/env python3
"""The coverage maps have a row for everything: of HL7 v2 by the numbers of its fields, of iWmo and AW319 by the standard's own files.

Those files are not ours to publish. They are looked for in ../shared/data; without them the tests that need them skip.
"""
import csv
import re
import unittest
import xml.etree.ElementTree as xml

import source_tree as tree

STANDARDS = tree.ROOT.parent / "shared" / "data"
XSD = "{http://www.w3.org/2001/XMLSchema}"
# Fields of each segment in HL7 version 2.5.
SEGMENTS = {"MSH": 21, "PID": 39, "PV1": 52, "NK1": 39, "IN1": 53, "OBR": 49, "OBX": 19, "FT1": 31, "TXA": 23, "MRG": 7}


def rows(name):
    lines = (line for line in tree.read(f"schemas/maps/{name}.csv").splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines, strict=True))


class Schema:
    """The elements of one iWmo message as its XSD has them: path below Bericht to type; what only holds others has type "class"."""

    def __init__(self, path, base):
        self.types = dict(base)
        self.types.update(self.read(path))
        self.elements = {}
        self.walk("Root", "")

    @staticmethod
    def read(path):
        return {one.get("name"): one for one in xml.parse(path).getroot() if one.tag != XSD + "element"}

    def walk(self, name, prefix):
        for element in self.types[name].iter(XSD + "element"):
            path = prefix + element.get("name")
            kind = element.get("type") or element.find(f"{XSD}simpleType/{XSD}restriction").get("base")
            kind = kind.split(":")[-1]
            if self.types[kind].tag == XSD + "complexType":
                self.elements[path] = "class"
                self.walk(kind, path + "/")
            else:
                self.elements[path] = kind

    def length(self, kind):
        """Characters or digits at most, as a text; empty without a maximum."""
        restriction = self.types[kind].find(XSD + "restriction")
        for facet, of in (("maxLength", str), ("maxInclusive", lambda value: str(len(value)))):
            if (found := restriction.find(XSD + facet)) is not None:
                return of(found.get("value"))
        digits = re.fullmatch(r"\[0-9\]\{(\d+)\}", pattern.get("value")) if (
            pattern := restriction.find(XSD + "pattern")) is not None else None
        return digits.group(1) if digits else ""


class Hl7Test(unittest.TestCase):
    def test_every_field_of_every_segment_has_a_row(self):
        numbers = {}
        for row in rows("hl7v2"):
            numbers.setdefault(row["in"], []).append(int(re.fullmatch(r"[A-Z0-9]{3}-(\d+)(\.\d+)*", row["element"])[1]))
        self.assertEqual({segment: sorted(set(found)) for segment, found in numbers.items()},
                         {segment: list(range(1, fields + 1)) for segment, fields in SEGMENTS.items()})

    def test_a_field_has_rows_for_all_its_components_or_for_none(self):
        below = {}
        for element in {row["element"] for row in rows("hl7v2")}:
            for part in re.finditer(r"\.(\d+)", element):
                below.setdefault(element[:part.start()], set()).add(int(part[1]))
        whole = {row["element"] for row in rows("hl7v2")}
        for field, components in below.items():
            self.assertEqual(sorted(components), list(range(1, len(components) + 1)), field)
            self.assertNotIn(field, whole)


class StandardsTest(unittest.TestCase):
    def setUp(self):
        if not STANDARDS.is_dir():
            self.skipTest("the files of the standards are not beside this repository")

    def test_every_field_of_aw319_has_a_row(self):
        with open(STANDARDS / "vektis/AW319_v1.4_BERu7_fields.csv", encoding="utf-8", newline="") as file:
            fields = list(csv.DictReader(file))
        self.assertEqual(len(fields), 93)

        def kind(field):
            return "N EEJJMMDD" if field["patroon"] == "EEJJMMDD" else field["type"]
        self.assertEqual(
            {(row["in"], row["element"], row["name"], row["type"], row["length"], row["code_list"]) for row in rows("aw319")},
            {(one["record"], one["rubriek"], one["naam"], kind(one), one["lengte"], one["codelijst"].split("-")[0])
             for one in fields})

    def test_every_element_of_iwmo_has_a_row(self):
        base = Schema.read(STANDARDS / "iwmo/xsd/basisschema.xsd")
        files = sorted((STANDARDS / "iwmo").glob("xsd*/WMO*.xsd"))
        self.assertEqual(len(files), 14)
        for path in files:
            with self.subTest(message=path.stem):
                schema = Schema(path, base)
                expected = {(element, kind, "" if kind == "class" else schema.length(kind))
                            for element, kind in schema.elements.items()}
                found = {(row["element"], row["type"], row["length"]) for row in rows("iwmo")
                         if path.stem[3:] in row["in"].split()}
                self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main(verbosity=2)
