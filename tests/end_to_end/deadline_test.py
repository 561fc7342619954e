"""R23: an agreement's deadline counts Dutch working days, shows the same on both sides' day sheets, and who did not answer in time is
counted, whatever became of the gateway meanwhile."""
import datetime
import json
import pathlib
import sqlite3
import tempfile
import unittest

from harness import REPOSITORY, Gateway, bsns, example, run, today, wait_for
from mail_route_test import edit

CITY = "gemeente-ede"
OVERDUE = 'schotvrij_overdue_answers_total{network="ede",recipient="gemeente-ede"} '


def easter(year):
    """The anonymous computation of 1876."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    left = (32 + 2 * e + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * left) // 451
    month, day = divmod(h + left - 7 * m + 114, 31)
    return datetime.date(year, month, day + 1)


def is_working_day(day):
    year, days = day.year, datetime.timedelta
    kings_day = datetime.date(year, 4, 27)
    if kings_day.weekday() == 6:
        kings_day -= days(1)
    moving = [easter(year) + days(after) for after in (-2, 1, 39, 50)]
    fixed = [datetime.date(year, *on) for on in ((1, 1), (5, 5), (12, 25), (12, 26))]
    return day.weekday() < 5 and day not in (kings_day, *moving, *fixed)


def after(day, working_days):
    while working_days > 0:
        day += datetime.timedelta(days=1)
        working_days -= is_working_day(day)
    return day


def with_deadline(working_days):
    """Writes it into the agreement that is in force, whose steps are the last in the document."""
    def change(home):
        document = home / "policy/ede.txtpb"
        before, step, rest = document.read_text().rpartition('    step: "receipt"\n')
        deadline = f'    deadline {{ content: "registration" answer_within_working_days: {working_days} }}\n'
        document.write_text(before + step + deadline + rest)
    return change


class Deadline(unittest.TestCase):
    def sheet(self, gateway, party):
        (line,) = json.loads(run("day-sheet", "--home", gateway.home, "--as", party, "--json").stdout)["lines"]
        return line

    def test_r23_both_sides_see_by_when_an_answer_is_due(self):
        for working_days in (1, 5, 60):
            with self.subTest(working_days), Gateway(change=with_deadline(working_days)) as gateway:
                day = today()
                self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
                due = after(datetime.date.fromisoformat(day), working_days).isoformat()
                for party in ("opella", CITY):
                    line = self.sheet(gateway, party)
                    self.assertEqual([missing.get("answerDue") for missing in line["missing"]], [due], day)
                    self.assertNotIn("overdue", line)
                    text = run("day-sheet", "--home", gateway.home, "--as", party).stdout
                    self.assertIn(f" old, answer due {due}\n", text)
                (task,) = gateway.mailbox(CITY)
                gateway.answer(CITY, task["id"], "accepted")
                run("mailbox", "ack", task["id"], "--home", gateway.home, "--as", CITY)
                self.assertNotIn("missing", self.sheet(gateway, CITY))

    def test_r23_what_was_not_answered_when_the_day_is_over_is_counted_after_a_restart_too(self):
        with Gateway(change=with_deadline(5)) as gateway:
            numbers = bsns()
            for key in ("een", "twee", "drie"):
                self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example(key, next(numbers)))[0], 200)
            answered, *others = gateway.mailbox(CITY)
            gateway.answer(CITY, answered["id"], "accepted")
            self.assertNotIn(OVERDUE, gateway.admin("GET", "/metrics")[1])
            gateway.stop()
            self.turn_the_clock(gateway)
            gateway.start()
            wait_for(lambda: OVERDUE + "2" in gateway.admin("GET", "/metrics")[1])
            wait_for(lambda: gateway.log_text().count('"answer-overdue"') == 2)
            told = [json.loads(line) for line in gateway.log_text().splitlines() if '"answer-overdue"' in line]
            self.assertEqual({event["delivery"] for event in told}, {task["id"] for task in others})
            self.assertEqual({(event["recipient"], event["network"]) for event in told}, {(CITY, "ede")})
            wait_for(lambda: gateway.query("SELECT count(*) FROM timer WHERE kind = 'answer'") == [(0,)])
            self.assertEqual(gateway.audit()[1]["findings"], [])

    def turn_the_clock(self, gateway):
        """As if the days had passed: every answer is due."""
        base = sqlite3.connect(gateway.home / "data/schotvrij.db")
        self.assertEqual(base.execute("UPDATE timer SET due = 1 WHERE kind = 'answer'").rowcount, 3)
        base.commit()
        base.close()

    def test_r23_the_shipped_document_names_no_deadline(self):
        self.assertNotIn("deadline", (REPOSITORY / "policy/documents/ede.txtpb").read_text())
        with Gateway() as gateway:
            self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example())[0], 200)
            (missing,) = self.sheet(gateway, "opella")["missing"]
            self.assertNotIn("answerDue", missing)
            self.assertEqual(gateway.query("SELECT count(*) FROM timer WHERE kind = 'answer'"), [(0,)])

    def test_r23_a_deadline_that_cannot_be_is_refused_at_its_place(self):
        home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="schotvrij-deadline-")))
        for words, fault in (('content: "registration" answer_within_working_days: 61', "POLICY-DEADLINE-DAYS"),
                             ('content: "consent" answer_within_working_days: 5', "POLICY-DEADLINE-CONTENT")):
            document = home / "ede.txtpb"
            document.write_text((REPOSITORY / "policy/documents/ede.txtpb").read_text())
            edit(document, r'(.*    step: "receipt"\n)', rf"\1    deadline {{ {words} }}\n")
            checked = run("policy", "check", document, check=False)
            self.assertEqual(checked.returncode, 1)
            self.assertRegex(checked.stdout + checked.stderr, rf"ede\.txtpb:\d+:\d+: .*deadline\[0\].*\[{fault}\]")


if __name__ == "__main__":
    unittest.main()
