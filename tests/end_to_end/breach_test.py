"""R6, R47: a wrong BSN and "not our resident" each open a breach record at once, durable with what takes the data back. It tells the
privacy officer what went where, how many of the 72 hours are left, what is contained, and fills in the supervisor's form."""
import json
import signal
import sqlite3
import unittest

from grpc_peer import message
from harness import Gateway, run, wait_for
from life_cycle_test import step
from prometheus_client.parser import text_string_to_metric_families

VALUES = ("999900006", "999900018", "Testmeer", "Proefje", "Andersma")
HOUR_US = 3600 * 1_000_000


class Breaches(unittest.TestCase):
    def start(self, **how):
        self.gateway = Gateway(**how)
        self.addCleanup(self.gateway.close)

    def send(self, *arguments, **changes):
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", step(*arguments, **changes))
        self.assertEqual(status, 200, answer)

    def breach(self, *arguments, status=0):
        done = run("breach", *arguments, "--home", self.gateway.home, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        for value in VALUES:
            self.assertNotIn(value, done.stdout + done.stderr)
        return done

    def open_breaches(self):
        return json.loads(self.breach("list", "--json").stdout)

    def show(self, identity):
        return json.loads(self.breach("show", identity, "--json").stdout)

    def metric(self, name):
        page = self.gateway.admin("GET", "/metrics")[1]
        return next(family.samples[0].value for family in text_string_to_metric_families(page) if family.name == name)

    def age(self, hours):
        """Makes each record as much older in the store."""
        base = sqlite3.connect(self.gateway.home / "data/schotvrij.db", timeout=30)
        for identity, stored in base.execute("SELECT breach_id, record FROM breach").fetchall():
            record = message("schotvrij.v1.BreachRecord").FromString(stored)
            record.discovered_us -= hours * HOUR_US
            base.execute("UPDATE breach SET record = ?, opened = opened - ? WHERE breach_id = ?",
                         (record.SerializeToString(), hours * HOUR_US, identity))
        base.commit()
        base.close()

    def test_r6_r47_a_wrong_bsn_opens_one_that_outlives_a_kill_and_is_contained_by_the_withdrawal(self):
        self.start()
        self.assertIn("no breach record is open", self.breach("list").stdout)
        self.send("register", "een")
        (task,) = self.gateway.mailbox("gemeente-ede")
        self.assertEqual(self.gateway.answer("gemeente-ede", task["id"], "accepted")[0], 200)  # it took it over
        self.send("amend", "twee", surname="Andersma")
        self.send("withdraw", "drie")
        self.gateway.stop(signal.SIGKILL)
        self.gateway.start()
        self.send("withdraw", "drie")  # the same again
        (breach,) = self.open_breaches()
        self.assertEqual({name: breach[name] for name in ("cause", "network", "sender", "persons", "places", "places_open", "overdue")},
                         {"cause": "wrong-person", "network": "ede", "sender": "opella", "persons": 1, "places": 2, "places_open": 1,
                          "overdue": False})
        self.assertIn(breach["hours_left"], (71, 72))
        shown = self.show(breach["breach"])
        self.assertEqual([(place["recipient"], place["exposure"], place["contained"] is None) for place in shown["went_to"]],
                         [("gemeente-ede", "taken-over", True), ("gemeente-ede", "unread", False)])
        self.assertEqual(set(shown["went_to"][0]["fields"]), {"client.bsn", "client.name.own_name", "client.name.own_prefix"})
        self.assertTrue(any(kind.endswith("(client.bsn)") for kind in shown["kinds"]), shown["kinds"])
        self.assertEqual((self.metric("schotvrij_breaches_open"), self.metric("schotvrij_breach_oldest_seconds") < 600), (1, True))
        (withdrawal,) = (each for each in self.gateway.mailbox("gemeente-ede") if each["code"]["coding"][0]["code"] == "withdraw")
        self.assertEqual(self.gateway.answer("gemeente-ede", withdrawal["id"], "accepted")[0], 200)
        shown = self.show(breach["breach"])
        self.assertEqual((shown["places_open"], shown["closed"]), (0, None), "contained is not closed")
        for value in VALUES:
            self.assertNotIn(value, self.gateway.log_text())
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def test_r6_r47_not_our_resident_by_mail_stays_open_until_somebody_closes_it(self):
        self.start(mail=True)
        self.send("register", "een")
        wait_for(lambda: self.gateway.query("SELECT delivery_id FROM delivery WHERE state = 3"))
        ((delivery,),) = self.gateway.query("SELECT delivery_id FROM delivery")
        self.assertEqual(self.gateway.answer("gemeente-ede", delivery, "rejected", "not-resident")[0], 200)
        (breach,) = self.open_breaches()
        self.assertEqual((breach["cause"], breach["places_open"]), ("wrong-recipient", 1))
        self.assertIn("gemeente-ede: mailed", self.breach("show", breach["breach"]).stdout)
        self.assertEqual(self.gateway.log_text().count('"event":"breach-opened"'), 1)
        self.breach("close", breach["breach"], "--note", "because", status=2)
        self.breach("close", "0" * 32, "--note", "no-risk", status=2)
        self.breach("close", breach["breach"], "--note", "no-risk")
        self.breach("close", breach["breach"], "--note", "notified", status=2)
        self.assertEqual(self.open_breaches(), [])
        (closed,) = json.loads(self.breach("list", "--all", "--json").stdout)
        self.assertEqual((closed["note"], closed["places_open"]), ("no-risk", 1))
        self.assertEqual(self.metric("schotvrij_breaches_open"), 0)
        events = [message("schotvrij.v1.AuditEvent").FromString(event) for event in self.gateway.audit_events()]
        self.assertEqual([(event.rules[:], [each.type for each in event.objects]) for event in events], [(["no-risk"], ["exchange", "breach"])])
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def test_r47_the_72_hours_are_shown_and_loud_once_they_are_over(self):
        self.start()
        self.send("register", "een")
        self.send("withdraw", "twee")
        self.age(71)
        self.assertIn(" 0 of 72 hours left", self.breach("list").stdout)
        self.age(2)
        done = self.breach("list", status=1)
        self.assertIn("OVERDUE by 2 hours", done.stdout)
        self.assertIn("OVERDUE", done.stderr)
        (breach,) = json.loads(self.breach("list", "--json", status=1).stdout)
        self.assertEqual((breach["overdue"], breach["hours_left"]), (True, -2))
        self.assertGreater(self.metric("schotvrij_breach_oldest_seconds"), 72 * 3600)
        self.breach("close", breach["breach"], "--note", "notified-late")
        self.breach("list")
        self.breach("list", "--all")

    def test_r47_the_form_of_each_controller_is_filled_in_as_far_as_it_is_known(self):
        self.start()
        self.send("register", "een")
        self.gateway.mailbox("gemeente-ede")
        self.send("withdraw", "twee")
        (breach,) = self.open_breaches()
        forms = self.show(breach["breach"])["forms"]
        self.assertEqual([form["controller"] for form in forms], ["opella", "gemeente-ede"])
        for form in forms:
            answers = {field["field"]: field["answer"] for field in form["fields"]}
            self.assertEqual({name for name, answer in answers.items() if answer},
                             {"organisation", "processor", "summary", "nature", "happened", "discovered", "persons", "kinds", "special",
                              "recipients", "measures"})
            self.assertIn("client.bsn", answers["special"])
            self.assertNotIn("client.name", answers["special"])
            self.assertEqual({field["status"] for field in form["fields"]}, {"recalled"})
        self.assertIn("Opella", forms[0]["fields"][1]["answer"])
        text = self.breach("show", breach["breach"]).stdout
        self.assertEqual(text.count("Wanneer is de inbreuk ontdekt [33(1)]: 20"), 2)
        self.assertIn("(in te vullen)", text)

    def test_r47_an_unread_registration_is_a_breach_of_its_sender_alone(self):
        self.start()
        self.send("register", "een")
        self.send("withdraw", "twee")
        (breach,) = self.open_breaches()
        shown = self.show(breach["breach"])
        self.assertEqual([place["exposure"] for place in shown["went_to"]], ["unread"])
        self.assertEqual([form["controller"] for form in shown["forms"]], ["opella"])


if __name__ == "__main__":
    unittest.main()
