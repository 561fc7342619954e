"""iWmo on the command line: files of any size and number, what is told of them, and what is never half read as good."""
import itertools
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import tempfile
import unittest

from harness import PROGRAM, REPOSITORY, bsns, run

SYNTHETIC = REPOSITORY / "tests/adapters/iwmo/rules"
MESSAGES = ("WMO301", "WMO305", "WMO307", "WMO315", "WMO317", "WMO319", "WMO323", "WMO325")
RESIDENT_KB_MAX = 100 << 10
PERSONAL = ("999900006", "Voorbeeld", "1950-06-15")

HEAD = """<?xml version="1.0" encoding="UTF-8"?>\r
<w:Bericht xmlns:i="http://www.istandaarden.nl/iwmo/3_2/basisschema/schema" xmlns:w="http://www.istandaarden.nl/iwmo/3_2/wmo323/schema">\r
<w:Header><w:BerichtCode>484</w:BerichtCode><w:BerichtVersie>3</w:BerichtVersie><w:BerichtSubversie>2</w:BerichtSubversie>\r
<w:Afzender>98765432</w:Afzender><w:Ontvanger>0228</w:Ontvanger><w:BerichtIdentificatie><i:Identificatie>{key}</i:Identificatie>\r
<i:Dagtekening>2026-03-05</i:Dagtekening></w:BerichtIdentificatie><w:XsdVersie><i:BasisschemaXsdVersie>1.0.0</i:BasisschemaXsdVersie>\r
<i:BerichtXsdVersie>1.0.0</i:BerichtXsdVersie></w:XsdVersie></w:Header>\r
<w:Declaratie><w:DeclaratieNummer>D202602</w:DeclaratieNummer><w:DeclaratiePeriode><i:Begindatum>2026-02-01</i:Begindatum>\r
<i:Einddatum>2026-02-28</i:Einddatum></w:DeclaratiePeriode><w:DeclaratieDagtekening>2026-03-01</w:DeclaratieDagtekening>\r
<w:TotaalIngediendBedrag><i:TotaalBedrag>{total}</i:TotaalBedrag><i:DebetCredit>D</i:DebetCredit></w:TotaalIngediendBedrag>\r
<w:Clienten>\r
"""
LINE = """<w:Prestatie>\r
	<w:ProductReferentie><i:ReferentieNummer>R{number}</i:ReferentieNummer></w:ProductReferentie>\r
	<w:ToewijzingNummer>{number}</w:ToewijzingNummer>\r
	<w:ProductCategorie>02</w:ProductCategorie>\r
	<w:ProductCode>02A15</w:ProductCode>\r
	<w:ProductPeriode><i:Begindatum>2026-02-01</i:Begindatum><i:Einddatum>2026-02-28</i:Einddatum></w:ProductPeriode>\r
	<w:GeleverdVolume>16</w:GeleverdVolume>\r
	<w:Eenheid>04</w:Eenheid>\r
	<w:ProductTarief>1500</w:ProductTarief>\r
	<w:IngediendBedrag><i:Bedrag>24000</i:Bedrag><i:DebetCredit>D</i:DebetCredit></w:IngediendBedrag>\r
</w:Prestatie>\r
"""
TAIL = "</w:Clienten></w:Declaratie></w:Bericht>\r\n"


def declaration(clients, lines, key="B323"):
    """The pieces of a 323: so many clients with so many lines each."""
    yield HEAD.format(key=key, total=24000 * clients * lines)
    numbers = itertools.count(1)
    for bsn in itertools.islice(bsns(), clients):
        yield f"<w:Client><w:Bsn>{bsn}</w:Bsn><w:Prestaties>\r\n"
        yield from (LINE.format(number=next(numbers)) for _ in range(lines))
        yield "</w:Prestaties></w:Client>\r\n"
    yield TAIL


class Iwmo(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, pieces):
        file = self.folder / name
        with open(file, "w", encoding="utf-8", newline="") as out:
            out.writelines([pieces] if isinstance(pieces, str) else pieces)
        return file

    def edited(self, message, old, new):
        text = (SYNTHETIC / f"{message}.xml").read_bytes().decode()
        self.assertEqual(text.count(old), 1, old)
        return self.write("edited.xml", text.replace(old, new))

    def call(self, expected, *arguments, **options):
        """Standard output, after the exit code was held against `expected`."""
        done = run(*arguments, check=False, **options)
        self.assertEqual(done.returncode, expected, (arguments, done.stdout[-2000:], done.stderr))
        self.said = done.stdout + done.stderr
        return done.stdout

    def validate(self, expected, *files, options=()):
        """What is told to programs of each file."""
        return [json.loads(line) for line in self.call(expected, "validate", "--json", "--from", "iwmo", *options, *files).splitlines()]


class Validate(Iwmo):
    def test_good_messages_in_any_number(self):
        files = [SYNTHETIC / f"{message}.xml" for message in MESSAGES]
        told = self.validate(0, *files)
        self.assertEqual([each["file"] for each in told], list(map(str, files)))
        self.assertEqual([each["issues"] for each in told], [[]] * len(files))
        self.assertIn(f"{files[0]}: good\n", self.call(0, "validate", "--format", "iwmo", files[0]))

    def test_clients_and_lines_are_counted(self):
        file = self.write("323.xml", declaration(3, 4))
        (told,) = self.validate(0, file)
        self.assertEqual((told["clients"], told["lines"]), (3, 12))
        # What a 325 says of the whole is a part about nobody.
        (told,) = self.validate(0, SYNTHETIC / "WMO325.xml")
        self.assertEqual((told["clients"], told["lines"]), (2, 2))
        self.assertEqual(self.call(0, "validate", "--from", "iwmo", file), f"{file}: good, 3 clients, 12 lines\n")

    def test_level_2_is_told_with_rule_place_line_and_return_code_and_left_out_at_level_1(self):
        file = self.edited("WMO305", "<wmo305:Bsn>999900006<", "<wmo305:Bsn>999900007<")
        (told,) = self.validate(1, file)
        (issue,) = told["issues"]
        self.assertEqual((issue["rule"], issue["return_code"]), ("CS002", "0001"))
        self.assertRegex(issue["path"], r"^Bericht/Client/Bsn, line 19$")
        self.validate(1, file, options=("--level", "2"))
        (told,) = self.validate(0, file, options=("--level", "1"))
        self.assertEqual(told["issues"], [])

    def test_level_1_is_told_at_either_level_and_has_no_return_code(self):
        file = self.edited("WMO305", "<wmo305:Geslacht>2<", "<wmo305:Geslacht>5<")
        for level in ("1", "2"):
            (told,) = self.validate(1, file, options=("--level", level))
            (issue,) = told["issues"]
            self.assertEqual((issue["rule"], issue["path"], issue.get("return_code")), ("IWMO-CODE", "Bericht/Client/Geslacht, line 23", None))

    def test_a_format_without_levels_says_so(self):
        self.call(2, "validate", "--level", "1", "--format", "fhir-json", REPOSITORY / "deploy/examples/registration.json")
        self.assertIn("'fhir-json' has no levels", self.said)
        self.call(2, "validate", "--level", "3", "--from", "iwmo", SYNTHETIC / "WMO305.xml")

    def test_what_is_no_sound_iwmo_is_refused_and_says_what_it_is(self):
        good = (SYNTHETIC / "WMO305.xml").read_bytes().decode()
        first, rest = good.split("\n", 1)
        for rule, text in (("IWMO-NOT-IWMO", "<Bericht/>"), ("IWMO-TRUNCATED", good[:1000]), ("IWMO-TRUNCATED", ""),
                           ("IWMO-BOM", "\ufeff" + good), ("IWMO-RELEASE", good.replace("/3_2/", "/3_1/")),
                           ("IWMO-IJW", good.replace("iwmo/3_2/", "ijw/3_2/").replace("/wmo305/", "/jw305/")),
                           ("IWMO-DOCTYPE", f'{first}\n<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>\n{rest}'),
                           ("IWMO-LENGTH", good.replace(">98765432<", ">9876543<"))):
            (told,) = self.validate(1, self.write("wrong.xml", text))
            self.assertIn(rule, [issue["rule"] for issue in told["issues"]])
            self.assertNotIn("999900006", self.said)

    def test_the_same_message_twice_is_told_of_the_second(self):
        again = self.write("again.xml", (SYNTHETIC / "WMO305.xml").read_text())
        other = self.write("other.xml", (SYNTHETIC / "WMO305.xml").read_text().replace(">B305<", ">B305b<"))
        told = self.validate(0, SYNTHETIC / "WMO305.xml", SYNTHETIC / "WMO307.xml", again, other)
        self.assertEqual([[(issue["rule"], issue["severity"]) for issue in each["issues"]] for each in told],
                         [[], [], [("MESSAGE-TWICE", "warning")], []])
        self.assertIn(str(SYNTHETIC / "WMO305.xml"), told[2]["issues"][0]["text"])
        # An identification counts for one type of message and one sender.
        same = [self.write(f"{message}.xml", re.sub(">B30[57]<", ">B1<", (SYNTHETIC / f"{message}.xml").read_text()))
                for message in ("WMO305", "WMO307")]
        self.assertEqual([each["issues"] for each in self.validate(0, *same)], [[], []])

    def test_many_files_say_how_far_it_is(self):
        self.call(0, "validate", "--from", "iwmo", *[SYNTHETIC / "WMO319.xml"] * 120)
        self.assertIn("100 of 120 files\n", self.said)

    def test_a_file_that_is_not_there_does_not_keep_the_others_from_being_told(self):
        (told,) = self.validate(2, self.folder / "none.xml", SYNTHETIC / "WMO305.xml")
        self.assertEqual(told["issues"], [])

    def test_issues_beyond_those_of_one_answer_are_counted(self):
        pieces = (piece.replace("<i:Bedrag>24000", "<i:Bedrag>x") for piece in declaration(50, 5))
        (told,) = self.validate(1, self.write("323.xml", pieces))
        self.assertLessEqual(len(told["issues"]), 100)
        self.assertGreater(len(told["issues"]), 50)


class LargeFiles(Iwmo):
    def resident_kb(self, *arguments):
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        with process.stderr:
            self.said = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, self.said)
        return usage.ru_maxrss

    def test_the_standards_limit_holds_unless_it_is_lifted_and_memory_is_bounded(self):
        file = self.write("323.xml", declaration(5000, 20))
        self.assertGreater(file.stat().st_size, 25 << 20)
        (told,) = self.validate(1, file)
        self.assertEqual([issue["rule"] for issue in told["issues"]], ["IWMO-SIZE"])
        (told,) = self.validate(0, file, options=("--no-size-limit",))
        self.assertEqual((told["clients"], told["lines"], told["issues"]), (5000, 100_000, []))
        if not os.environ.get("SCHOTVRIJ_SANITIZE"):
            for command in ("validate", "decode"):
                self.assertLess(self.resident_kb(command, "--from", "iwmo", "--no-size-limit", file), RESIDENT_KB_MAX)

    def test_a_long_file_says_how_far_it_is_where_somebody_looks_on(self):
        text = "".join(declaration(100, 20)).encode()
        half = text.index(b"<w:Client>", len(text) // 2)
        outside, inside = pty.openpty()
        with subprocess.Popen([PROGRAM, "validate", "--from", "iwmo", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=inside) as process:
            process.stdin.write(text[:half])
            process.stdin.flush()
            while not select.select([outside], [], [], 0.1)[0]:  # it says so after a second, when more comes
                process.stdin.write(b"\r\n" * 150_000)
                process.stdin.flush()
            process.stdin.write(text[half:])
            process.stdin.close()
            self.assertEqual(process.stdout.read(), b"-: good, 100 clients, 2000 lines\n")
        os.close(inside)
        self.assertRegex(os.read(outside, 10_000).decode(), r"^-: \d+ MB, \d+ clients\r\n")
        os.close(outside)


class Decode(Iwmo):
    def test_one_message(self):
        masked = self.call(0, "decode", "--from", "iwmo", SYNTHETIC / "WMO305.xml")
        for datum in PERSONAL:
            self.assertNotIn(datum, masked)
        exchange = json.loads(self.call(0, "decode", "--reveal", "--from", "iwmo", SYNTHETIC / "WMO305.xml"))
        self.assertEqual((exchange["client"]["bsn"], exchange["client"]["name"]["ownName"]), ("999900006", "Voorbeeld"))
        self.assertEqual(exchange["envelope"]["requestKey"], "B305")

    def test_clients_come_one_by_one_or_one_is_chosen(self):
        file = self.write("323.xml", declaration(3, 2))
        expected = list(itertools.islice(bsns(), 3))
        text = self.call(0, "decode", "--reveal", "--from", "iwmo", file)
        self.assertEqual(re.findall(r'"bsn": ?"(\d+)"', text), expected)
        chosen = json.loads(self.call(0, "decode", "--reveal", "--client", "2", "--from", "iwmo", file))
        self.assertEqual(chosen["client"]["bsn"], expected[1])
        self.assertEqual(len(chosen["declaration"]["lines"]), 2)
        self.assertEqual(self.call(2, "decode", "--client", "4", "--from", "iwmo", file), "")
        self.assertIn("holds 3 parts", self.said)

    def test_nothing_is_shown_of_a_file_that_breaks_off_or_is_wrong_at_its_end(self):
        pieces = list(declaration(3, 2))
        wrong_total = [pieces[0].replace(">144000<", ">144001<"), *pieces[1:]]
        for broken in (pieces[:-1], wrong_total):
            self.assertEqual(self.call(1, "decode", "--reveal", "--from", "iwmo", self.write("323.xml", broken)), "")
            self.assertRegex(self.said, "IWMO-TRUNCATED|TR358")

    def test_many_clients_take_a_file_since_it_is_read_twice(self):
        self.assertEqual(self.call(2, "decode", "--from", "iwmo", "-", input="".join(declaration(2, 1))), "")
        self.assertIn("name a file", self.said)
        self.call(0, "decode", "--from", "iwmo", "-", input="".join(declaration(1, 2)))
        self.call(0, "decode", "--client", "2", "--from", "iwmo", "-", input="".join(declaration(2, 1)))


class Formats(Iwmo):
    def test_each_release_and_source_is_named_and_what_is_derived(self):
        text = self.call(0, "version", "--formats")
        self.assertIn("iwmo: iWmo, release 3.2; read and written\n", text)
        self.assertIn("  official: WMO301 WMO305 WMO307 WMO315 WMO317 WMO319 WMO323\n", text)
        self.assertIn("  derived: WMO302 WMO306 WMO308 WMO316 WMO318 WMO320 WMO325\n", text)
        formats = {each["format"]: each for each in json.loads(self.call(0, "version", "--formats", "--json"))["formats"]}
        self.assertEqual({name for name, each in formats.items() if each["reads"] or each["writes"]},
                         {name for name, each in formats.items() if "release" in each})
        self.assertEqual((formats["iwmo"]["release"], formats["fhir-json"]["release"]), ("3.2", "4.0.1"))
        self.assertEqual({message["message"]: message["source"] for message in formats["iwmo"]["messages"]}["WMO306"], "derived")


class Translate(Iwmo):
    # Message, for what it goes, and to whom. A 301 has addresses, which the FHIR face of a client does not carry.
    WAYS = {"WMO305": ("delivery", "municipality"), "WMO307": ("delivery", "municipality"), "WMO315": ("wmo_decision", "municipality"),
            "WMO317": ("wmo_decision", "municipality"), "WMO319": ("wmo_decision", "provider"), "WMO323": ("declaration", "municipality")}

    def translated(self, message, file, source, target):
        purpose, role = self.WAYS[message]
        dated = re.search(r"Dagtekening>([0-9-]+)<", (SYNTHETIC / f"{message}.xml").read_text())[1]
        done = run("translate", "--from", source, "--to", target, "--network", "wmo", "--policy", REPOSITORY / "tests/support/wmo.txtpb",
                   "--purpose", purpose, "--to-role", role, "--on", dated, "--client", "1", "--reveal", file, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_what_may_go_of_a_message_is_the_same_by_way_of_fhir(self):
        for message in self.WAYS:
            with self.subTest(message):
                original = SYNTHETIC / f"{message}.xml"
                for syntax in ("fhir-json", "fhir-xml"):
                    there = self.folder / f"{message}.{syntax}"
                    there.write_text(self.translated(message, original, "iwmo", syntax))
                    self.assertEqual(self.translated(message, there, syntax, "iwmo"), self.translated(message, original, "iwmo", "iwmo"))


if __name__ == "__main__":
    unittest.main()
