#!/usr/bin/env python3
"""What a rule must share before an iWmo message can be built (required.csv) follows from the element trees and the coverage map."""
import csv
import unittest

import source_tree as tree

# Content whose kind says which of two messages it is.
KINDS = {"305": "DELIVERY_STARTED", "307": "DELIVERY_STOPPED", "315": "REQUEST_ALLOCATION", "317": "REQUEST_CHANGE"}
# A return is made from the sender's own document (Echo): of a Receipt it needs what became of it, and of what.
RETURN = {("receipt", "", "receipt.request_key"), ("receipt", "", "receipt.state")}


def rows(path):
    lines = (line for line in tree.read(path).splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines, strict=True))


def required(number, elements, paths):
    """Paths of the elements that every message `number` has."""
    occurs = {row["element"]: row["occurs"] for row in elements if number in row["in"].split()}
    for element in occurs:
        above = element.split("/")
        if all(occurs["/".join(above[:i + 1])] in ("1", "+") for i in range(len(above))):
            yield from (row["path"] for row in paths if row["element"] == element and number in row["in"].split()
                        and row["type"] != "class" and row["path"] and not row["path"].startswith("wire."))


class RequiredTest(unittest.TestCase):
    def test_the_table_has_what_every_message_has_and_nothing_else(self):
        elements, paths = rows("schemas/formats/iwmo/elements.csv"), rows("schemas/maps/iwmo.csv")
        expected = set(RETURN)
        for message in rows("schemas/formats/iwmo/messages.csv"):
            number, content = message["message"].removeprefix("WMO"), message["content"]
            if content == "receipt":
                continue
            kind = KINDS.get(number, "")
            expected |= {(content, kind, path) for path in required(number, elements, paths)}
            if kind:
                expected.add((content, "", f"{content}.kind"))
        both = {(content, path) for content, kind, path in expected
                if sum((content, other, path) in expected for other in KINDS.values()) == 2}
        expected = {one for one in expected if (one[0], one[2]) not in both} | {(content, "", path) for content, path in both}
        table = [(row["content_type"], row["step"], row["path"]) for row in rows("schemas/formats/iwmo/required.csv")]
        self.assertEqual(sorted(table), sorted(expected))


if __name__ == "__main__":
    unittest.main()
