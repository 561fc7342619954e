#!/usr/bin/env python3
"""Holds the includes to exactly the arrows of arrows.txt and libraries.txt."""
import re
import unittest

import source_tree as tree

INCLUDE = re.compile(r'^[ \t]*(?:#[ \t]*include|import)[ \t]*(["<])([^">]+)[">]', re.M)


def in_tree(included):
    """The file an include names, from the top of the repository; generated headers stand for their .proto."""
    return "schemas/" + included if included.startswith("schotvrij/") else included


def closure(start, read):
    """All files that `start` includes, directly or not."""
    seen, waiting = set(), [start]
    while waiting:
        for _, included in INCLUDE.findall(read(waiting.pop())):
            if in_tree(included) not in seen:
                seen.add(in_tree(included))
                waiting.append(in_tree(included))
    return seen


class Arrows:
    def __init__(self, arrows, libraries):
        self.arrows = arrows
        self.libraries = libraries

    def room(self, path):
        claims = [room for room in self.arrows if tree.below(path, room)]
        return max(claims, key=len, default=None)

    def allows(self, room, other):
        if room == other:
            return True
        for word in self.arrows[room]:
            if word == other or (word.endswith("/*") and tree.below(other, word[:-2])):
                return True
        return False

    def faults(self, path, text):
        """What is wrong with the includes of one file: a list of sentences."""
        room = self.room(path)
        if room is None:
            return [f"{path}: no row of arrows.txt claims this folder"]
        found = []
        for quote, included in INCLUDE.findall(text):
            fault = self._fault(path, room, quote, included)
            if fault:
                found.append(f"{path}: {fault}")
        return found

    def _fault(self, path, room, quote, included):
        target = in_tree(included)
        if target.split("/")[0] in tree.ROOMS:
            return self._fault_inside(path, room, target)
        for prefix, folders in self.libraries.items():
            matches = included.startswith(prefix) if prefix.endswith("/") else included == prefix
            if matches and not any(tree.below(path, folder) for folder in folders):
                return f"<{included}> belongs to {', '.join(folders)}"
        if quote == '"' and "/" not in included:
            return f'"{included}" is not named from the top of the repository'
        return None

    def _fault_inside(self, path, room, target):
        other = self.room(target)
        if other is None or not self.allows(room, other):
            return f"{room} may not include {target}"
        wire = re.match(r"(.*)/wire/", target)
        if wire and not tree.below(path, wire.group(1)):
            return f"{target} is private to {wire.group(1)}"
        return None


class IncludeGraphTest(unittest.TestCase):
    def setUp(self):
        self.arrows = Arrows(tree.rows("arrows.txt"), tree.rows("libraries.txt"))

    def test_every_include_follows_an_arrow(self):
        faults = []
        sources = tree.sources(*tree.ROOMS) + [name for name in tree.files("schemas") if name.endswith(".proto")]
        self.assertGreater(len(sources), 50, "the tree was not found")
        for path in sources:
            faults += self.arrows.faults(path, tree.read(path))
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_the_store_sees_no_content_type_by_any_way(self):
        def read(name):
            return tree.read(name) if (tree.ROOT / name).is_file() else ""
        for path in tree.sources("gateway/store"):
            seen = closure(path, read)
            self.assertEqual([name for name in seen if name.startswith("schemas/schotvrij/")], [], path)
        self.assertIn("c", closure("a", {"a": '#include "b"', "b": '#include "c"', "c": '#include "a"'}.get))

    def test_includes_against_the_arrows_are_found(self):
        """The rules of the house, each broken once."""
        for path, included in [
            ("schemas/base/bsn.h", "policy/engine.h"),
            ("schemas/base/bsn.h", "schotvrij/config/v1/config.pb.h"),
            ("schemas/schotvrij/v1/client.proto", "schotvrij/policy/v1/policy.proto"),
            ("policy/engine.h", "gateway/store/store.h"),
            ("policy/disclosure/answer.h", "policy/engine.h"),
            ("adapters/fhir/map/a.cc", "policy/engine.h"),
            ("adapters/fhir/map/a.cc", "adapters/canonical/canonical.h"),
            ("adapters/fhir/map/a.cc", "gateway/identity/enrolment.h"),
            ("gateway/store/store.h", "schotvrij/v1/exchange.pb.h"),
            ("gateway/store/store.h", "schotvrij/v1/facts.pb.h"),
            ("gateway/store/store.h", "policy/engine.h"),
            ("gateway/casefile/casefile.h", "gateway/store/store.h"),
            ("gateway/audit/audit.h", "gateway/store/store.h"),
            ("gateway/exchange/road.h", "gateway/transport/http/server.h"),
            ("gateway/transport/http/server.h", "gateway/store/store.h"),
            ("gateway/transport/http/server.h", "gateway/transport/grpc/edge.h"),
            ("gateway/transport/mail/mail.h", "gateway/cli/home.h"),
            ("gateway/exchange/road.cc", "adapters/fhir/wire/tree.h"),
            ("gateway/exchange/road.cc", "sqlite3.h"),
            ("gateway/exchange/road.cc", "thread"),
            ("adapters/fhir/map/a.cc", "openssl/evp.h"),
            ("policy/engine.cc", "engine.h"),
            ("elsewhere/a.cc", "schemas/base/bsn.h"),
        ]:
            with self.subTest(path=path, included=included):
                self.assertNotEqual(self.arrows.faults(path, f'#include "{included}"\n'), [])

    def test_includes_along_the_arrows_are_allowed(self):
        for path, included in [
            ("schemas/base/decoder.h", "schotvrij/v1/exchange.pb.h"),
            ("adapters/fhir/map/a.cc", "adapters/fhir/wire/tree.h"),
            ("adapters/fhir/map/a.cc", "policy/disclosure/encoded.h"),
            ("gateway/store/store.h", "schemas/base/runtime.h"),
            ("gateway/exchange/road.h", "gateway/store/store.h"),
            ("gateway/exchange/road.cc", "adapters/fhir/fhir.h"),
            ("gateway/transport/mail/mail.cc", "gateway/exchange/outbound.h"),
            ("gateway/main.cc", "gateway/cli/home.h"),
        ]:
            with self.subTest(path=path, included=included):
                self.assertEqual(self.arrows.faults(path, f'#include "{included}"\n'), [])


if __name__ == "__main__":
    unittest.main()
