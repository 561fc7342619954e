"""R23 and R54, as far as sending goes: to a municipality that announced a closure, or that is suspended, nothing is sent; no attempt is
spent, nothing fails, and what waited goes in order once it is open. Who is suspended is served no more, from the reload on."""
import unittest

from harness import Gateway, decrypt, example, rules, run, wait_for
from life_cycle_test import step
from mail_route_test import edit, patient

CLOSURE = 'closure { from: "2020-01-01T00:00:00+01:00" until: "2999-01-01T00:00:00+01:00" }'


def written(party, line):
    """Adds the line to the party's enrolment."""
    return lambda home: edit(home / "enrolment.conf", rf'key: "{party}"\n', f'key: "{party}"\n  {line}\n')


def taken_away(line):
    return lambda home: (home / "enrolment.conf").write_text((home / "enrolment.conf").read_text().replace(line, ""))


class Closure(unittest.TestCase):
    def gateway(self, *changes, **how):
        def change(home):
            for each in changes:
                each(home)
        gateway = Gateway(change=change, **how)
        self.addCleanup(gateway.close)
        return gateway

    def send(self, gateway, message):
        status, answer = gateway.fhir("opella", "POST", "/fhir", message)
        self.assertEqual(status, 200, answer)

    def reload(self, gateway, change):
        change(gateway.home)
        done = run("reload", "--home", gateway.home, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def waits_and_goes(self, gateway, lift):
        """What is sent meanwhile is held, and goes in order once it is lifted."""
        for message in (step("register", "een"), step("amend", "twee", surname="Andersma"), step("end", "drie")):
            self.send(gateway, message)
        wait_for(lambda: gateway.log_text().count('"stage":"held"') >= 2)
        self.assertEqual(list(gateway.smtp.messages.glob("*")), [])
        self.assertEqual(gateway.mailbox("opella"), [])
        self.reload(gateway, lift)
        letters = [decrypt(message, gateway.home) for message in gateway.smtp.received(3)]
        self.assertEqual([next(word for word in ("aan.", "wijzigt", "eindigt") if word in letter) for letter in letters],
                         ["aan.", "wijzigt", "eindigt"])
        log = gateway.log_text()
        for trouble in ("retry", "dead-letter", "withheld"):
            self.assertNotIn(f'"stage":"{trouble}"', log)
        self.assertEqual(gateway.query("SELECT max(attempts) FROM delivery"), [(1,)])

    def test_r23_an_announced_closure_holds_what_is_sent(self):
        gateway = self.gateway(patient, written("gemeente-ede", CLOSURE), mail=True)
        self.waits_and_goes(gateway, taken_away(CLOSURE))

    def test_r54_to_who_is_suspended_nothing_is_sent(self):
        gateway = self.gateway(patient, written("gemeente-ede", "suspended: true"), mail=True)
        self.waits_and_goes(gateway, taken_away("suspended: true"))

    def test_r54_who_is_suspended_is_served_no_more_from_the_reload_on(self):
        gateway = self.gateway()
        self.send(gateway, step("register", "een"))
        (task,) = gateway.mailbox("gemeente-ede")
        self.reload(gateway, written("opella", "suspended: true"))
        status, outcome = gateway.fhir("opella", "POST", "/fhir", example("twee", "999900018"))
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-SUSPENDED"]))
        status, outcome = gateway.fhir("opella", "POST", "/fhir/Task/_search", "")
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-SUSPENDED"]))
        self.assertEqual(gateway.mailbox("gemeente-ede"), [task])
        self.reload(gateway, written("gemeente-ede", "suspended: true"))
        status, outcome = gateway.answer("gemeente-ede", task["id"], "accepted")
        self.assertEqual((status, rules(outcome)), (403, ["CALLER-SUSPENDED"]))
        self.reload(gateway, taken_away("suspended: true"))
        status, outcome = gateway.answer("gemeente-ede", task["id"], "accepted")
        self.assertEqual(status, 200, outcome)
        self.assertEqual(len(gateway.mailbox("opella")), 1)
        self.assertEqual(gateway.audit()[1]["findings"], [])

    def test_r23_a_closure_that_is_no_closure_is_refused_at_its_place(self):
        gateway = self.gateway()
        for line, place in (('closure { from: "31-12-2026" until: "2027-01-02T08:00:00+01:00" }', r"closure\[0\].from"),
                            ('closure { from: "2027-01-02T08:00:00+01:00" until: "2027-01-01T08:00:00+01:00" }',
                             r"closure\[0\].until")):
            written("gemeente-ede", line)(gateway.home)
            done = run("reload", "--home", gateway.home, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stdout + done.stderr, rf"enrolment.conf:\d+:\d+: participant\[\d\].{place}: ")
            taken_away(line)(gateway.home)


if __name__ == "__main__":
    unittest.main()
