"""Every command of the program: its help, its exit codes, what it masks, what a program can read of it."""
import datetime
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from harness import PROGRAM, REPOSITORY, Gateway, example, resource, run, today

EXAMPLE = REPOSITORY / "deploy/examples/registration.json"
FORM = REPOSITORY / "deploy/examples/registration_mail.txt"
NOT_YET = ("hl7v2", "vektis")
# What no command shows of the example unless it is told to.
PERSONAL = ("999900006", "Testmeer", "Voorbeeld", "Proefje", "1941-03")
INQUIRY = ("--network", "ede", "--purpose", "registration", "--to-role", "municipality")


def commands():
    """The words of every command, from the completion script."""
    script = run("completion", "bash").stdout
    return [words.split() for words in re.findall(r"^    '(.*)'\) echo", script, re.M)]


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, document):
        file = self.folder / name
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        return file

    def today(self):
        return self.write("registration.json", example())

    def without_consent(self):
        bundle = example()
        bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] != "Consent"]
        return self.write("no-consent.json", bundle)

    def wrong_bsn(self):
        return self.write("wrong-bsn.json", example(bsn="999900007"))

    def call(self, expected, *arguments, **options):
        """Standard output, after the exit code was held against `expected`."""
        done = run(*arguments, check=False, **options)
        self.assertEqual(done.returncode, expected, (arguments, done.stdout, done.stderr))
        self.said = done.stdout + done.stderr
        return done.stdout

    def assert_masked(self, text):
        for datum in PERSONAL:
            self.assertNotIn(datum, text)


class AllCommands(Files):
    def test_help_is_good_use_and_names_the_exit_codes(self):
        self.assertGreater(len(commands()), 18)
        for words in commands():
            text = self.call(0, *words, "--help")
            self.assertIn("Usage: schotvrij", text)
            self.assertIn("Exit codes: 0 good, 1 the message is at fault, 2 wrong use, 3 the system failed.", text)

    def test_wrong_use_is_2_and_says_so_on_standard_error(self):
        for words in ([], ["invented"], ["validate"], ["decode", "--format", "fhir-json"], ["validate", "--invented", EXAMPLE],
                      ["policy"], ["participant"], ["audit"], ["mailbox"], ["completion", "zsh"], ["serve"], ["init"],
                      ["submit", "--home", self.folder, "--as", "opella"], ["validate", "--format", "invented", EXAMPLE],
                      ["validate", "--format", "fhir-json", self.folder / "none"],
                      ["serve", "--home", self.folder / "none"], ["reload", "--home", self.folder / "none"],
                      ["audit", "verify", "--home", self.folder / "none"],
                      ["submit", "--home", self.folder / "none", "--as", "opella", EXAMPLE],
                      ["mailbox", "list", "--home", self.folder / "none", "--as", "opella"]):
            self.assertEqual(self.call(2, *words), "", words)
            self.assertNotEqual(self.said, "", words)

    def test_version(self):
        self.assertRegex(self.call(0, "version"), r"^schotvrij \d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)\n$")
        self.assertEqual(set(json.loads(self.call(0, "version", "--json"))), {"release", "published"})

    def completions(self, *words):
        script = ('source <("$0" completion bash); COMP_WORDS=(schotvrij "$@"); COMP_CWORD=$#; _schotvrij; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, PROGRAM, *words], check=True, capture_output=True, text=True,
                              cwd=self.folder)
        return done.stdout.split()

    def test_completion(self):
        script = self.write("completion", run("completion").stdout)
        subprocess.run(["bash", "-n", script], check=True)
        self.assertEqual(self.completions("val"), ["validate"])
        self.assertEqual(set(self.completions("")) - {"--help"}, {words[0] for words in commands() if words})
        self.assertEqual(self.completions("policy", ""), ["check", "show", "--help"])
        self.assertEqual(self.completions("mailbox", "list", "--home", "somewhere", "--w"), ["--wait"])
        self.assertEqual(self.completions("mailbox", "repeat", "--home", "somewhere", "--u"), ["--until"])
        self.write("message.json", "{}")
        self.assertEqual(self.completions("validate", "--format", "fhir-json", "mess"), ["message.json"])


class FormatTools(Files):
    def test_formats_that_are_not_built_yet_say_so(self):
        for form in NOT_YET:
            for words in (["validate", "--format", form], ["decode", "--format", form], ["explain", "--from", form, *INQUIRY],
                          ["translate", "--from", form, "--to", "canonical", *INQUIRY],
                          ["translate", "--from", "fhir-json", "--to", form, *INQUIRY]):
                self.assertEqual(self.call(2, *words, EXAMPLE), "")
                self.assertRegex(self.said, f"'{form}' is not (read|written) by this release yet")

    def test_the_text_of_a_mail_is_read_as_well(self):
        self.assertEqual(self.call(0, "validate", "--format", "mail", FORM), f"{FORM}: good\n")
        self.assertIn("MAIL-NOT-UNDERSTOOD", self.call(1, "validate", "--format", "mail", EXAMPLE))

    def test_validate(self):
        self.assertEqual(self.call(0, "validate", "--format", "fhir-json", EXAMPLE), f"{EXAMPLE}: good\n")
        text = self.call(1, "validate", "--format", "fhir-json", EXAMPLE, self.wrong_bsn())
        self.assertIn("good", text)
        self.assertIn("BSN-ELEVEN-TEST", text)
        (issue,) = json.loads(self.call(1, "validate", "--json", "--format", "fhir-json", self.wrong_bsn()))["issues"]
        self.assertEqual((issue["severity"], issue["rule"], issue["path"]),
                         ("error", "BSN-ELEVEN-TEST", "Bundle.entry[1].resource.identifier[0].value"))
        self.call(0, "validate", "--format", "fhir-json", "-", input=EXAMPLE.read_text())
        self.call(1, "validate", "--format", "fhir-json", "-", input="{")

    def test_decode_masks_unless_told_and_reads_what_it_writes(self):
        masked = self.call(0, "decode", "--format", "fhir-json", EXAMPLE)
        self.assert_masked(masked)
        self.assertEqual(json.loads(masked)["client"]["bsn"], "***")
        revealed = self.call(0, "decode", "--reveal", "--format", "fhir-json", EXAMPLE)
        client = json.loads(revealed)["client"]
        self.assertEqual((client["bsn"], client["name"]["ownName"], client["birthDate"]),
                         ("999900006", "Testmeer", "1941-03-07"))
        again = self.write("canonical.json", revealed)
        self.assertEqual(json.loads(self.call(0, "decode", "--reveal", "--format", "canonical", again)), json.loads(revealed))
        self.assertEqual(self.call(1, "decode", "--format", "fhir-json", self.wrong_bsn()), "")
        self.assertNotIn("999900007", self.said)

    def test_xml_is_read_as_its_twin_in_json_and_written_as_well(self):
        twin = REPOSITORY / "tests/adapters/fhir/data/example.valid.xml"
        self.assertEqual(self.call(0, "validate", "--format", "fhir-xml", twin), f"{twin}: good\n")
        self.assertEqual(self.call(0, "decode", "--reveal", "--format", "fhir-xml", twin),
                         self.call(0, "decode", "--reveal", "--format", "fhir-json", EXAMPLE))
        self.call(1, "validate", "--format", "fhir-xml", EXAMPLE)
        text = twin.read_text().replace("2026-11-16", today()).replace("2027-11-15", today(365))
        for form in ("fhir-json", "fhir-xml"):
            words = ("translate", "--reveal", "--to", form, *INQUIRY)
            self.assertEqual(self.call(0, *words, "--from", "fhir-xml", self.write("today.xml", text)),
                             self.call(0, *words, "--from", "fhir-json", self.today()))

    def test_translate_masks_unless_told(self):
        for form in ("fhir-json", "fhir-xml", "canonical", "mail"):
            arguments = ("translate", "--from", "fhir-json", "--to", form, *INQUIRY, self.today())
            self.assert_masked(self.call(0, *arguments))
            revealed = self.call(0, *arguments, "--reveal")
            for told in ("999900006", "Testmeer"):
                self.assertIn(told, revealed)
            for kept in ("Voorbeeld", "Proefje", "1941-03"):
                self.assertNotIn(kept, revealed)

    def test_without_consent_nothing_is_translated_and_assumed_consent_marks_its_output(self):
        file = self.without_consent()
        for form in ("fhir-json", "fhir-xml", "canonical", "mail"):
            arguments = ("translate", "--reveal", "--from", "fhir-json", "--to", form, *INQUIRY, file)
            self.assertEqual(self.call(1, *arguments), "")
            self.assertIn("CONSENT-MISSING", self.said)
            assumed = self.call(0, *arguments, "--assume-consent")
            self.assertIn("ASSUMED CONSENT", self.said)
            self.assertIn("assumed-consent", assumed)  # in the message itself, wherever it is copied to
        self.assertNotIn("ssumed", self.call(0, "translate", "--from", "fhir-json", "--to", "mail", *INQUIRY, self.today()))

    def test_what_the_gateway_would_refuse_is_not_translated(self):
        later = ("--on", str(datetime.date.today() + datetime.timedelta(days=100)))  # the check of the criteria is too old
        for form in ("fhir-json", "fhir-xml", "canonical", "mail"):
            self.assertEqual(self.call(1, "translate", "--reveal", "--from", "fhir-json", "--to", form, *INQUIRY, *later,
                                       self.today()), "")
            self.assertIn("VERDICT-TOO-OLD", self.said)

    def test_translate_and_explain_for_a_purpose_that_no_rule_has_are_wrong_use(self):
        words = ("--network", "ede", "--purpose", "care", "--from-role", "provider", "--to-role", "municipality", self.today())
        self.assertEqual(self.call(2, "translate", "--from", "fhir-json", "--to", "mail", *words), "")
        self.assertEqual(self.call(2, "explain", "--from", "fhir-json", *words), "")
        self.assertIn("REGISTRATION", self.said)

    def test_translate_of_what_cannot_be_asked_is_wrong_use(self):
        asked = {"--network": "ede", "--purpose": "registration", "--to-role": "municipality"}
        for option, value in (("--network", "none"), ("--purpose", "none"), ("--to-role", "insurer"), ("--on", "2026-02-30"),
                              ("--on", "2019-01-01")):
            words = [word for pair in {**asked, option: value}.items() for word in pair]
            self.call(2, "translate", "--from", "fhir-json", "--to", "mail", *words, self.today())

    def test_explain(self):
        text = self.call(0, "explain", "--from", "fhir-json", *INQUIRY, self.today())
        self.assert_masked(text)
        self.assertRegex(text, r"client\.bsn +shared +ede-registration +.*Wmo 2015 artikel 5\.2\.9")
        self.assertRegex(text, r"client\.birth_date +withheld +ede-registration +no rule shares it")
        fields = json.loads(self.call(0, "explain", "--json", "--from", "fhir-json", *INQUIRY, self.today()))["fields"]
        shared = {field["path"]: field["as"] for field in fields if field["shared"]}
        self.assertEqual(shared, dict.fromkeys(["envelope.message_id", "envelope.sender", "client.bsn", "client.name.own_name",
                                                "client.name.own_prefix"], "ITSELF"))
        self.assertIn("registration.attestations[0].verdict", [field["path"] for field in fields if field["as"] == ""])
        self.call(1, "explain", "--from", "fhir-json", *INQUIRY, self.without_consent())
        report = json.loads(self.call(0, "explain", "--json", "--assume-consent", "--from", "fhir-json", *INQUIRY,
                                      self.without_consent()))
        self.assertTrue(report["assumed_consent"])


class Homes(Files):
    def test_init_makes_a_home_for_its_owner_alone_and_refuses_another(self):
        home = self.folder / "home"
        self.assertIn("schotvrij serve --home", self.call(0, "init", home, "--network", "ede"))
        for file in home.rglob("*"):
            self.assertEqual(file.stat().st_mode & 0o077, 0, file)
        before = {file: file.stat().st_mtime_ns for file in home.rglob("*")}
        self.call(2, "init", home)
        self.assertIn("not an empty directory", self.said)
        self.assertEqual({file: file.stat().st_mtime_ns for file in home.rglob("*")}, before)
        self.call(2, "init", self.folder / "other", "--network", "none")
        self.assertFalse((self.folder / "other").exists())
        (self.folder / "empty").mkdir()
        self.call(0, "init", self.folder / "empty")

    def test_demo_plays_to_its_end(self):
        text = self.call(0, "demo")
        for told in ("van der Testmeer", "withheld", "accepted", "whole"):
            self.assertIn(told, text)

    def test_demo_keeps_its_home(self):
        home = self.folder / "kept"
        self.assertIn(str(home), self.call(0, "demo", "--keep", home))
        self.call(0, "audit", "verify", "--home", home)
        self.call(2, "demo", "--keep", home)

    def test_a_second_gateway_does_not_take_the_home(self):
        with Gateway() as gateway:
            self.assertEqual(self.call(3, "serve", "--home", gateway.home), "")
            self.assertIn("another gateway", self.said)
            self.assertEqual(gateway.fhir("opella", "GET", "/fhir/metadata")[0], 200)


class PartyCommands(Files):
    def test_submit_list_ack_and_answer(self):
        with Gateway() as gateway:
            home = ("--home", gateway.home)
            self.assertIn("200 received", self.call(0, "submit", *home, "--as", "opella", self.today()))
            self.call(1, "submit", *home, "--as", "opella", self.wrong_bsn())
            self.assertIn("BSN-ELEVEN-TEST", self.said)
            (answer,) = json.loads(self.call(0, "submit", "--json", *home, "--as", "opella", self.today()))
            self.assertEqual((answer["status"], answer["answer"]["type"]), (200, "transaction-response"))
            self.call(2, "submit", *home, "--as", "nobody", self.today())

            ede = (*home, "--as", "gemeente-ede")
            self.assert_masked(self.call(0, "mailbox", "list", *ede))
            item = json.loads(self.call(0, "mailbox", "list", *ede, "--json", "--reveal"))
            self.assertEqual(item["exchange"]["client"],
                             {"bsn": "999900006", "name": {"ownName": "Testmeer", "ownPrefix": "van der"}})
            delivery = item["deliveryId"]
            self.assertEqual(self.call(0, "mailbox", "ack", *ede, delivery), "acknowledged 1 of 1\n")
            self.assertEqual(json.loads(self.call(0, "mailbox", "ack", "--json", *ede, delivery)), {"acknowledged": 0})
            self.assertEqual(self.call(0, "mailbox", "list", *ede), "nothing waits\n")

            self.call(2, "mailbox", "answer", *ede, delivery, "perhaps")
            self.call(1, "mailbox", "answer", *ede, delivery, "rejected")
            self.assertIn("ANSWER-REASON", self.said)
            self.call(1, "mailbox", "answer", *home, "--as", "menzis", "--role", "insurer", delivery, "accepted")
            self.assertIn("ANSWER-UNKNOWN", self.said)
            self.call(0, "mailbox", "answer", *ede, delivery, "rejected", "--reason", "not-resident")
            receipt = json.loads(self.call(0, "mailbox", "list", "--json", *home, "--as", "opella"))["exchange"]["receipt"]
            self.assertEqual((receipt["state"], receipt["reason"], receipt["answeredOn"]), ("REJECTED", "not-resident", today()))

            self.assertIn("active", self.call(0, "reload", *home))
            self.assertTrue(json.loads(self.call(0, "audit", "verify", "--json", *home))["whole"])
            gateway.stop()
            self.call(3, "submit", *home, "--as", "opella", self.today())
            self.call(3, "mailbox", "list", *ede)

    def test_submit_of_a_lone_patient_says_what_to_send_instead(self):
        with Gateway() as gateway:
            file = self.write("patient.json", resource(example(), "Patient"))
            self.call(1, "submit", "--home", gateway.home, "--as", "opella", file)
            self.assertIn("FHIR-LONE-PATIENT", self.said)
            self.assertIn("Task (code register)", self.said)


if __name__ == "__main__":
    unittest.main()
