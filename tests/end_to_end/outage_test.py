"""R56: after an outage. What was taken over is given again by id or by period, under its own ids, marked, and as today's rules allow; what
waited for a partner reached by mail goes once, in order per client and at a pace, and slows nobody else."""
import json
import time
import unittest

import grpc

from closure_test import CLOSURE, taken_away, written
from grpc_peer import GrpcPeer, refusal
from harness import Gateway, bsns, example, run, today, wait_for
from life_cycle_test import step
from mail_home import CITY as CITY_ADDRESS
from mail_home import PROVIDER, MailHome
from mail_route_test import edit
from mailbox_test import withdrawal

CITY = "gemeente-ede"


class Repeat(unittest.TestCase):
    def gateway(self, **how):
        gateway = Gateway(**how)
        self.addCleanup(gateway.close)
        return gateway

    def register(self, gateway, key, bsn):
        """The bundle and the delivery that it became."""
        bundle = example(key, bsn)
        status, answer = gateway.fhir("opella", "POST", "/fhir", bundle)
        self.assertEqual(status, 200, answer)
        ((delivery,),) = gateway.query("SELECT delivery_id FROM delivery WHERE recipient = ? ORDER BY number DESC LIMIT 1", CITY)
        return bundle, delivery

    def again(self, gateway, party=CITY, **request):
        with GrpcPeer(gateway, party) as peer:
            return list(peer.begin("unary_stream", "MailboxService", "Repeat", request))

    def acknowledge(self, gateway, *deliveries):
        with GrpcPeer(gateway, CITY) as peer:
            peer.call("MailboxService", "Acknowledge", delivery_ids=list(deliveries))

    def lines(self, gateway, party):
        """The sheet of today, without what is missing and how old that is."""
        sheet = json.loads(run("day-sheet", "--home", gateway.home, "--as", party, "--json").stdout)
        return [{name: value for name, value in line.items() if name != "missing"} for line in sheet.get("lines", [])]

    def stored(self, gateway):
        return (gateway.query("SELECT delivery_id, state, answered, attempts, due FROM delivery ORDER BY number"),
                gateway.query("SELECT count(*) FROM message"))

    def test_r56_a_repeat_keeps_its_ids_is_marked_and_has_no_effect(self):
        gateway, numbers = self.gateway(), bsns()
        sent = [self.register(gateway, f"weer-{i}", next(numbers)) for i in range(4)]
        deliveries = [delivery for _, delivery in sent]
        with GrpcPeer(gateway, CITY) as peer:
            first = list(peer.watch())
        self.assertEqual([item.repeat for item in first], [False] * 4)
        self.acknowledge(gateway, *deliveries[:3])
        gateway.answer(CITY, deliveries[0], "accepted")
        before, sheets = self.stored(gateway), [self.lines(gateway, party) for party in (CITY, "opella")]
        by_period = self.again(gateway, **{"from": today()})
        self.assertEqual([item.delivery_id for item in by_period], deliveries[:3], "in order; what waits is no repeat")
        self.assertEqual([item.exchange for item in by_period], [item.exchange for item in first[:3]])
        self.assertTrue(all(item.repeat for item in by_period))
        by_id = self.again(gateway, delivery_ids=[deliveries[3], deliveries[1], deliveries[1]])
        self.assertEqual([(item.delivery_id, item.repeat) for item in by_id], [(deliveries[3], False), (deliveries[1], True)])
        self.assertEqual(self.again(gateway, **{"from": today(-1), "until": today(-1)}), [])
        self.assertEqual(self.stored(gateway), before)

        # The sheets say what they said, and the recipient's how often something was given again.
        sheets[0][0]["repeats"] = 4
        self.assertEqual([self.lines(gateway, party) for party in (CITY, "opella")], sheets)
        text = run("day-sheet", "--home", gateway.home, "--as", CITY).stdout
        self.assertIn("4 received, 3 delivered, 1 answered, 1 under way, 4 given again", text)
        self.assertEqual(gateway.audit()[0], 0)

    def test_r56_what_may_not_be_shown_any_more_is_not_repeated(self):
        gateway, numbers = self.gateway(), bsns()
        sent = [self.register(gateway, f"weg-{i}", next(numbers)) for i in range(3)]
        kept, withdrawn, foreign = (delivery for _, delivery in sent)
        self.acknowledge(gateway, kept, withdrawn, foreign)
        gateway.answer(CITY, foreign, "rejected", "not-resident")
        status, answer = gateway.fhir("opella", "POST", "/fhir/Consent", withdrawal(sent[1][0]))
        self.assertIn(status, (200, 201, 202), answer)
        self.assertEqual([item.delivery_id for item in self.again(gateway, delivery_ids=[kept, withdrawn, foreign])], [kept])
        self.assertEqual([item.delivery_id for item in self.again(gateway, **{"from": today(-30), "until": today()})], [kept])
        written(CITY, "suspended: true")(gateway.home)
        self.assertEqual(run("reload", "--home", gateway.home).returncode, 0)
        with self.assertRaises(grpc.RpcError) as error:
            self.again(gateway, delivery_ids=[kept])
        self.assertEqual(refusal(error.exception).rules, ("CALLER-SUSPENDED",))

    def test_r56_more_than_a_page_comes_whole_and_in_order(self):
        gateway, numbers = self.gateway(), bsns()
        deliveries = [self.register(gateway, f"veel-{i}", next(numbers))[1] for i in range(150)]
        acknowledged = deliveries[::2] + deliveries[1:121:2]
        self.acknowledge(gateway, *acknowledged)
        expected = [each for each in deliveries if each in acknowledged]
        self.assertEqual([item.delivery_id for item in self.again(gateway, **{"from": today()})], expected)
        self.assertEqual([item.delivery_id for item in self.again(gateway, delivery_ids=deliveries[::-1])], deliveries[::-1])

    def test_r56_what_came_by_mail_can_be_had_again(self):
        gateway = self.gateway(mail=True)
        _, delivery = self.register(gateway, "post", "999900006")
        wait_for(lambda: gateway.query("SELECT state FROM delivery") == [(3,)])
        (item,) = self.again(gateway, **{"from": today()})
        self.assertEqual((item.delivery_id, item.repeat, item.exchange.client.bsn), (delivery, True, "999900006"))

    def test_r56_what_is_asked_wrong_is_told_and_noted(self):
        gateway = self.gateway()
        _, theirs = self.register(gateway, "mis", "999900006")
        for party, request, code, rules, fields in (
                (CITY, {}, "INVALID_ARGUMENT", "REPEAT-WHAT", "delivery_ids"),
                (CITY, {"delivery_ids": [theirs], "from": today()}, "INVALID_ARGUMENT", "REPEAT-WHAT", "delivery_ids"),
                (CITY, {"from": "morgen"}, "INVALID_ARGUMENT", "DATE-FORM", "from"),
                (CITY, {"from": today(1)}, "INVALID_ARGUMENT", "DAY-TO-COME", "from"),
                (CITY, {"from": today(), "until": today(1)}, "INVALID_ARGUMENT", "DAY-TO-COME", "until"),
                (CITY, {"from": today(-31)}, "INVALID_ARGUMENT", "REPEAT-PERIOD", "until"),
                (CITY, {"delivery_ids": [theirs] * 1001}, "INVALID_ARGUMENT", "LIST-SIZE", "delivery_ids"),
                (CITY, {"delivery_ids": [theirs, "0" * 32]}, "NOT_FOUND", "NOT-FOUND", "delivery_ids[1]"),
                ("menzis", {"delivery_ids": [theirs]}, "NOT_FOUND", "NOT-FOUND", "delivery_ids[0]"),
                ("opella", {"delivery_ids": [theirs]}, "NOT_FOUND", "NOT-FOUND", "delivery_ids[0]")):
            before = gateway.audit_records()
            with self.assertRaises(grpc.RpcError, msg=request) as error:
                self.again(gateway, party, **request)
            said = refusal(error.exception)
            self.assertEqual((said.code, said.rules, said.fields), (code, (rules,), (fields,)), request)
            (event,) = wait_for(lambda: gateway.audit_events(before))
            self.assertIn(rules.encode(), event)

    def test_r56_the_command_shows_it_to_people_and_to_programs(self):
        gateway = self.gateway()
        _, delivery = self.register(gateway, "weer", "999900006")
        command = ["mailbox", "repeat", "--home", gateway.home, "--as", CITY]
        self.assertEqual(run(*command, "--from", today()).stdout, "nothing to give again\n")
        run("mailbox", "ack", "--home", gateway.home, "--as", CITY, delivery)
        text = run(*command, delivery).stdout
        self.assertTrue(text.startswith(f"delivery {delivery}\nrepeat\n"), text)
        self.assertNotIn("999900006", text)
        item = json.loads(run(*command, "--from", today(), "--until", today(), "--reveal", "--json").stdout)
        self.assertEqual((item["deliveryId"], item["repeat"], item["exchange"]["client"]["bsn"]), (delivery, True, "999900006"))
        done = run(*command, check=False)
        self.assertEqual((done.returncode, "REPEAT-WHAT" in done.stderr), (1, True), done.stderr)


class Pace(unittest.TestCase):
    MAILS, A_MINUTE = 24, 240

    def test_r56_after_an_outage_mail_goes_once_at_its_pace_and_slows_nobody_else(self):
        def change(home):
            edit(home / "schotvrij.conf", r"\nmail \{", f"\nmail {{\n  participant_mails_per_minute: {self.A_MINUTE}")
            written(CITY, CLOSURE)(home)
        home = MailHome(change=change)
        self.addCleanup(home.close)
        gateway = home.gateway
        clients = [next(home.bsns) for _ in range(self.MAILS - 1)]
        for number, bsn in enumerate(clients):
            self.assertEqual(gateway.fhir("opella", "POST", "/fhir", example(f"wacht-{number}", bsn))[0], 200)
        self.assertEqual(gateway.fhir("opella", "POST", "/fhir", step("amend", "later", clients[0], surname="Andersma"))[0], 200)
        wait_for(lambda: gateway.log_text().count('"stage":"held"') >= len(clients))
        taken_away(CLOSURE)(gateway.home)
        self.assertEqual(run("reload", "--home", gateway.home).returncode, 0)
        # Another partner's mail, in the midst of it.
        ((delivered,),) = wait_for(lambda: gateway.query("SELECT delivery_id FROM delivery WHERE state = 3 ORDER BY number LIMIT 1"), 60)
        asked = time.monotonic()
        self.assertEqual(gateway.answer(CITY, delivered, "accepted")[0], 200)
        wait_for(lambda: home.letters(PROVIDER))
        self.assertLess(time.monotonic() - asked, 3)
        self.assertLess(len(home.letters(CITY_ADDRESS)), self.MAILS)

        letters = wait_for(lambda: len(found := home.letters(CITY_ADDRESS)) >= self.MAILS and found, 60)
        wait_for(lambda: gateway.query("SELECT count(*) FROM delivery WHERE state <> 3") == [(0,)])
        self.assertEqual(len(home.letters(CITY_ADDRESS)), self.MAILS)
        self.assertEqual(len({letter.header("Message-ID") for letter in letters}), self.MAILS)
        of_first = [letter.text for letter in letters if f"BSN: {clients[0]}" in letter.text]
        self.assertEqual(["Andersma" in text for text in of_first], [False, True], "in order per client")
        self.assertEqual(gateway.query("SELECT max(attempts) FROM delivery"), [(1,)])
        moments = sorted(file.stat().st_mtime for file in gateway.smtp.messages.glob("*.eml")
                         if f"To: {CITY_ADDRESS}".encode() in file.read_bytes())
        apart = 60 / self.A_MINUTE
        # A mail that was late by as much as a round of the dispatcher is not made to wait for its delay.
        self.assertGreater(moments[-1] - moments[0], apart * (self.MAILS - 1) - 1)
        for i, j in ((i, j) for i in range(self.MAILS) for j in range(i + 1, self.MAILS)):
            self.assertGreater(moments[j] - moments[i], apart * (j - i) - 1.2)


if __name__ == "__main__":
    unittest.main()
