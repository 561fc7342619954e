"""R56: after an outage. Both sides of a day have the same sheet, as far as the recipient may know; what was taken over is given again
under its own ids, marked, and as today's rules allow; what waited for a mail partner goes at a pace, once, and slows nobody else."""
import json
import time
import unittest

import grpc

from closure_test import CLOSURE, taken_away, written
from grpc_peer import GrpcPeer, refusal
from harness import Gateway, bsns, example, run, today, wait_for
from life_cycle_test import step
from mail_home import CITY, PROVIDER, MailHome
from mail_route_test import edit, patient
from mailbox_test import withdrawal

KEYS = ("sent", "under_way", "delivered", "acknowledged", "answered", "withheld", "undeliverable")
TIES = ("delivered", "acknowledged", "answered")


class Sheets(unittest.TestCase):
    def gateway(self, **how):
        gateway = Gateway(**how)
        self.addCleanup(gateway.close)
        return gateway

    def register(self, gateway, key, bsn):
        bundle = example(key, bsn)
        status, answer = gateway.fhir("opella", "POST", "/fhir", bundle)
        self.assertEqual(status, 200, answer)
        return bundle

    def sheet(self, gateway, party, **request):
        with GrpcPeer(gateway, party) as peer:
            return peer.call("MailboxService", "ReadDaySheet", **request)

    def rows(self, sheet):
        """By (direction, counterpart, content): the numbers that are not 0."""
        direction = {1: "to", 2: "from"}
        return {(direction[row.direction], row.counterpart, row.content): {key: getattr(row, key) for key in KEYS if getattr(row, key)}
                for row in sheet.rows}

    def missing(self, sheet, direction, content="registration"):
        return [(each.message_id, each.lacks) for each in sheet.missing if each.direction == direction and each.content == content]

    def tie(self, gateway):
        """What holds of any two sheets of one day, in both directions; returns the sheet of each."""
        mine, theirs = self.sheet(gateway, "opella"), self.sheet(gateway, "gemeente-ede")
        parties = ("opella", "gemeente-ede")
        for sender, recipient, of_sender, of_recipient in ((mine, theirs, *parties), (theirs, mine, *parties[::-1])):
            for content in ("registration", "receipt"):
                sent = self.rows(sender).get(("to", of_recipient, content), {})
                received = self.rows(recipient).get(("from", of_sender, content), {})
                for key in TIES:
                    self.assertEqual(sent.get(key), received.get(key), (content, key, sent, received))
                self.assertEqual(sent.get("under_way"), received.get("under_way"))
                self.assertEqual(received.get("sent", 0), sent.get("sent", 0) - sent.get("withheld", 0) - sent.get("undeliverable", 0))
                lacking = [[each for each in sheet.missing if (each.direction, each.counterpart, each.content) == (way, other, content)]
                           for sheet, way, other in ((sender, 1, of_recipient), (recipient, 2, of_sender))]
                self.assertEqual(*[[each.lacks for each in side] for side in lacking])
                for one, other in zip(*lacking):
                    self.assertLessEqual(abs(one.age_seconds - other.age_seconds), 5)
        for sheet in (mine, theirs):
            for row in sheet.rows:
                self.assertEqual(row.sent, row.under_way + row.delivered + row.withheld + row.undeliverable)
        return mine, theirs

    def ids(self, gateway, place):
        """(exchange id, delivery id) of the registration that came in that place."""
        return gateway.query("SELECT exchange_id, delivery_id FROM delivery WHERE content_type = 'registration' ORDER BY number")[place]

    def refused(self, call):
        with self.assertRaises(grpc.RpcError) as error:
            call()
        said = refusal(error.exception)
        return said.code, list(said.rules), list(said.fields)


class DaySheet(Sheets):
    def test_r56_both_sides_of_a_mailbox_have_the_same_sheet(self):
        gateway, numbers = self.gateway(), bsns()
        bundles = [self.register(gateway, f"dag-{i}", next(numbers)) for i in range(6)]
        accepted, rejected, acknowledged, waiting, withdrawn, erased = [self.ids(gateway, i) for i in range(6)]
        self.assertEqual(gateway.answer("gemeente-ede", accepted[1], "accepted")[0], 200)
        self.assertEqual(gateway.answer("gemeente-ede", rejected[1], "rejected", "unknown-person")[0], 200)
        self.assertEqual(gateway.answer("gemeente-ede", erased[1], "rejected", "not-resident")[0], 200)
        with GrpcPeer(gateway, "gemeente-ede") as peer:
            peer.call("MailboxService", "Acknowledge", delivery_ids=[acknowledged[1]])
        status, answer = gateway.fhir("opella", "POST", "/fhir/Consent", withdrawal(bundles[4]))
        self.assertIn(status, (200, 201, 202), answer)

        # Nothing may be shown of it any more, and nobody has looked: its recipient's sheet does not have it, nor says that it has not.
        mine, theirs = self.sheet(gateway, "opella"), self.sheet(gateway, "gemeente-ede")
        self.assertEqual(self.rows(mine)["to", "gemeente-ede", "registration"],
                         {"sent": 6, "delivered": 5, "acknowledged": 3, "answered": 3, "withheld": 1})
        self.assertEqual(self.rows(theirs)["from", "opella", "registration"], {"sent": 4, "delivered": 4, "acknowledged": 3, "answered": 2})

        with GrpcPeer(gateway, "gemeente-ede") as peer:
            self.assertEqual([item.delivery_id for item in peer.watch()], [waiting[1]])
        mine, theirs = self.sheet(gateway, "opella"), self.sheet(gateway, "gemeente-ede")
        self.assertEqual(self.rows(mine), {
            ("to", "gemeente-ede", "registration"): {"sent": 6, "delivered": 4, "acknowledged": 3, "answered": 3, "withheld": 2},
            ("from", "gemeente-ede", "receipt"): {"sent": 3, "delivered": 3},
            ("from", "", "receipt"): {"sent": 1, "delivered": 1}})
        self.assertEqual(self.rows(theirs), {
            ("from", "opella", "registration"): {"sent": 4, "delivered": 4, "acknowledged": 3, "answered": 2},
            ("to", "opella", "receipt"): {"sent": 3, "delivered": 3}})
        self.assertEqual(self.missing(mine, 1), [(acknowledged[0], 3), (waiting[0], 2)])
        self.assertEqual(self.missing(theirs, 2), [(acknowledged[1], 3), (waiting[1], 2)])
        self.assertEqual(mine.missing_total, 2 + 4)
        self.assertEqual(theirs.missing_total, 2 + 3)

        for party in ("opella", "gemeente-ede"):
            before = gateway.audit_records()
            self.sheet(gateway, party)
            (event,) = gateway.audit_events(before)
            for told in (b"day-sheet", today().encode(), party.encode()):
                self.assertIn(told, event)
        self.assertEqual(list(self.sheet(gateway, "menzis").rows), [])
        self.assertEqual(list(self.sheet(gateway, "opella", day=today(-1)).rows), [])
        self.assertEqual(list(self.sheet(gateway, "gemeente-ede", counterpart="menzis").rows), [])
        self.assertEqual(self.rows(self.sheet(gateway, "gemeente-ede", counterpart="opella")), self.rows(theirs))
        self.assertEqual(gateway.audit()[1]["findings"], [])

    def test_r56_what_was_answered_by_its_recipient_ties_in_all_numbers(self):
        gateway, numbers = self.gateway(), bsns()
        for i in range(3):
            self.register(gateway, f"dag-{i}", next(numbers))
        self.tie(gateway)
        gateway.answer("gemeente-ede", self.ids(gateway, 0)[1], "accepted")
        self.tie(gateway)
        for code in ("amend", "end"):
            status, answer = gateway.fhir("opella", "POST", "/fhir", step(code, f"stap-{code}", next(bsns())))
            self.assertEqual(status, 200, answer)
        mine, _ = self.tie(gateway)
        self.assertEqual(len(self.missing(mine, 1)), 4)
        waiting = [row[0] for row in gateway.query("SELECT delivery_id FROM delivery WHERE recipient = 'gemeente-ede' AND state = 2")]
        with GrpcPeer(gateway, "gemeente-ede") as peer:
            peer.call("MailboxService", "Acknowledge", delivery_ids=waiting)
        mine, theirs = self.tie(gateway)
        self.assertEqual([lacks for _, lacks in self.missing(mine, 1)], [3, 3, 3], "an ending is told and not asked")
        self.assertEqual([lacks for _, lacks in self.missing(theirs, 2)], [3, 3, 3])

    def test_r56_both_sides_of_a_mail_route_have_the_same_sheet(self):
        gateway, numbers = self.gateway(mail=True, change=patient), bsns()
        behaviour, states = gateway.smtp.behaviour, "SELECT state FROM delivery WHERE content_type = 'registration' ORDER BY number"

        def settle(*expected):
            wait_for(lambda: [row[0] for row in gateway.query(states)] == list(expected))

        for i in range(2):
            self.register(gateway, f"dag-{i}", next(numbers))
        settle(3, 3)
        self.assertEqual(gateway.answer("gemeente-ede", self.ids(gateway, 0)[1], "accepted")[0], 200)
        behaviour.write_text("reply 550\n")
        self.register(gateway, "dag-2", next(numbers))
        settle(3, 3, 4)
        behaviour.write_text("reply 451\n")
        self.register(gateway, "dag-3", next(numbers))
        settle(3, 3, 4, 1)
        mine, theirs = self.tie(gateway)
        self.assertEqual(self.rows(mine), {
            ("to", "gemeente-ede", "registration"):
                {"sent": 4, "under_way": 1, "delivered": 2, "acknowledged": 2, "answered": 1, "undeliverable": 1},
            ("from", "gemeente-ede", "receipt"): {"sent": 1, "delivered": 1}, ("from", "", "receipt"): {"sent": 1, "delivered": 1}})
        self.assertEqual(self.rows(theirs), {
            ("from", "opella", "registration"): {"sent": 3, "under_way": 1, "delivered": 2, "acknowledged": 2, "answered": 1},
            ("to", "opella", "receipt"): {"sent": 1, "delivered": 1}})
        self.assertEqual(self.missing(mine, 1), [(self.ids(gateway, 1)[0], 3), (self.ids(gateway, 3)[0], 1)])
        self.assertEqual(self.missing(theirs, 2), [(self.ids(gateway, 1)[1], 3), (self.ids(gateway, 3)[1], 1)])

        # Withheld before it got there: its recipient's sheet has only the ending, of which it is told for it may have the first.
        bundle = self.register(gateway, "dag-4", next(numbers))
        wait_for(lambda: gateway.query("SELECT max(attempts) FROM delivery WHERE delivery_id = ?", self.ids(gateway, 4)[1])[0][0] > 0)
        status, answer = gateway.fhir("opella", "POST", "/fhir/Consent", withdrawal(bundle))
        self.assertIn(status, (200, 201, 202), answer)
        settle(3, 3, 4, 1, 5, 1)
        mine, theirs = self.tie(gateway)
        self.assertEqual(self.rows(mine)["to", "gemeente-ede", "registration"],
                         {"sent": 6, "under_way": 2, "delivered": 2, "acknowledged": 2, "answered": 1, "withheld": 1, "undeliverable": 1})
        self.assertEqual(self.rows(theirs)["from", "opella", "registration"],
                         {"sent": 4, "under_way": 2, "delivered": 2, "acknowledged": 2, "answered": 1})

    def test_r56_what_is_asked_wrong_is_told_and_noted(self):
        gateway = self.gateway()
        menzis = {"system": "uzovi", "value": "3332"}
        for request, said in (({"day": today(1)}, ("INVALID_ARGUMENT", ["DAY-TO-COME"], ["day"])),
                              ({"day": "16-11-2026"}, ("INVALID_ARGUMENT", ["DATE-FORM"], ["day"])),
                              ({"day": "2026-02-30"}, ("INVALID_ARGUMENT", ["DATE-FORM"], ["day"])),
                              ({"counterpart": "nobody"}, ("NOT_FOUND", ["COUNTERPART-UNKNOWN"], ["counterpart"])),
                              ({"participant": menzis}, ("PERMISSION_DENIED", ["CALLER-NOT-FOR"], ["participant"]))):
            before = gateway.audit_records()
            code, rules, _ = self.refused(lambda: self.sheet(gateway, "opella", **request))
            self.assertEqual((code, rules), said[:2], request)
            (event,) = wait_for(lambda: gateway.audit_events(before))
            self.assertIn(rules[0].encode(), event)

    def test_the_command_shows_it_to_people_and_to_programs(self):
        gateway = self.gateway()
        self.register(gateway, "dag-0", "999900006")
        exchange_id, delivery_id = self.ids(gateway, 0)
        command = ["day-sheet", "--home", gateway.home, "--as"]
        text = run(*command, "opella").stdout
        for told in (f"day sheet of opella, {today()}", "to gemeente-ede, registration", "undeliverable", "missing 1",
                     f"{exchange_id}  not acknowledged  0m  to gemeente-ede, registration"):
            self.assertIn(told, text)
        sheet = json.loads(run(*command, "gemeente-ede", "--day", today(), "--with", "opella", "--json").stdout)
        self.assertEqual([row["sent"] for row in sheet["rows"]], ["1"])
        self.assertEqual([missing["messageId"] for missing in sheet["missing"]], [delivery_id])
        for part in ("999900006", "Testmeer"):
            self.assertNotIn(part, text + json.dumps(sheet))
        for more, status, told in ((["--day", today(1)], 1, "DAY-TO-COME"), (["--with", "nobody"], 1, "COUNTERPART-UNKNOWN"),
                                   (["--days", "1"], 2, "--days")):
            done = run(*command, "opella", *more, check=False)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(told, done.stdout + done.stderr)
        done = run(*command, "nobody", check=False)
        self.assertEqual((done.returncode, "no party nobody" in done.stderr), (2, True))


class Resend(Sheets):
    def again(self, gateway, party="gemeente-ede", **request):
        with GrpcPeer(gateway, party) as peer:
            return list(peer.begin("unary_stream", "MailboxService", "Resend", request))

    def stored(self, gateway):
        return (gateway.query("SELECT delivery_id, state, answered, attempts, due FROM delivery ORDER BY number"),
                gateway.query("SELECT count(*) FROM message"))

    def test_r56_a_repeat_keeps_its_ids_is_marked_and_has_no_effect(self):
        gateway, numbers = self.gateway(), bsns()
        clients = [next(numbers) for _ in range(4)]
        bundles = [self.register(gateway, f"weer-{i}", bsn) for i, bsn in enumerate(clients)]
        deliveries = [self.ids(gateway, i)[1] for i in range(4)]
        with GrpcPeer(gateway, "gemeente-ede") as peer:
            first = list(peer.watch())
            self.assertEqual([item.repeat for item in first], [False] * 4)
            peer.call("MailboxService", "Acknowledge", delivery_ids=deliveries[:3])
        gateway.answer("gemeente-ede", deliveries[0], "accepted")
        before = self.stored(gateway)
        by_period = self.again(gateway, **{"from": today()})
        self.assertEqual([item.delivery_id for item in by_period], deliveries[:3], "in order; what waits is no repeat")
        self.assertEqual([item.exchange for item in by_period], [item.exchange for item in first[:3]])
        self.assertTrue(all(item.repeat for item in by_period))
        by_id = self.again(gateway, delivery_ids=[deliveries[3], deliveries[1], deliveries[1]])
        self.assertEqual([(item.delivery_id, item.repeat) for item in by_id], [(deliveries[1], True), (deliveries[3], False)])
        self.assertEqual(self.stored(gateway), before)
        # Policy is asked at that moment.
        status, answer = gateway.fhir("opella", "POST", "/fhir/Consent", withdrawal(bundles[1]))
        self.assertIn(status, (200, 201, 202), answer)
        self.assertEqual([item.delivery_id for item in self.again(gateway, delivery_ids=deliveries[:2])], [deliveries[0]])
        self.assertEqual([item.delivery_id for item in self.again(gateway, **{"from": today(-30), "until": today()})],
                         [deliveries[0], deliveries[2]])
        self.assertEqual(self.again(gateway, **{"from": today(-1), "until": today(-1)}), [])
        self.assertEqual(gateway.audit()[1]["findings"], [])

    def test_r56_more_than_a_page_comes_whole_and_in_order(self):
        gateway, numbers = self.gateway(), bsns()
        for i in range(150):
            self.register(gateway, f"veel-{i}", next(numbers))
        deliveries = [row[0] for row in gateway.query("SELECT delivery_id FROM delivery ORDER BY number")]
        with GrpcPeer(gateway, "gemeente-ede") as peer:
            peer.call("MailboxService", "Acknowledge", delivery_ids=deliveries[::2] + deliveries[1:21:2])
        expected = [each for i, each in enumerate(deliveries) if i % 2 == 0 or i < 21]
        self.assertEqual([item.delivery_id for item in self.again(gateway, **{"from": today()})], expected)
        self.assertEqual([item.delivery_id for item in self.again(gateway, delivery_ids=deliveries[::-1])], deliveries)
        mine, theirs = self.tie(gateway)
        self.assertEqual(self.rows(mine)["to", "gemeente-ede", "registration"], {"sent": 150, "delivered": 150, "acknowledged": 85})
        self.assertEqual([id for id, _ in self.missing(theirs, 2)], deliveries)

    def test_r56_what_came_by_mail_can_be_had_again(self):
        gateway = self.gateway(mail=True)
        self.register(gateway, "post", "999900006")
        wait_for(lambda: gateway.query("SELECT state FROM delivery") == [(3,)])
        (item,) = self.again(gateway, **{"from": today()})
        self.assertEqual((item.delivery_id, item.repeat), (self.ids(gateway, 0)[1], True))
        self.assertEqual(item.exchange.client.bsn, "999900006")

    def test_r56_what_is_asked_wrong_is_told_and_noted(self):
        gateway = self.gateway()
        self.register(gateway, "mis", "999900006")
        theirs = self.ids(gateway, 0)[1]
        for party, request, code, rules, fields in (
                ("gemeente-ede", {}, "INVALID_ARGUMENT", ["REPEAT-WHAT"], ["delivery_ids"]),
                ("gemeente-ede", {"delivery_ids": [theirs], "from": today()}, "INVALID_ARGUMENT", ["REPEAT-WHAT"], ["delivery_ids"]),
                ("gemeente-ede", {"from": "morgen"}, "INVALID_ARGUMENT", ["DATE-FORM"], ["from"]),
                ("gemeente-ede", {"until": today()}, "INVALID_ARGUMENT", ["DATE-FORM"], ["from"]),
                ("gemeente-ede", {"from": today(), "until": "x"}, "INVALID_ARGUMENT", ["DATE-FORM"], ["until"]),
                ("gemeente-ede", {"from": today(1)}, "INVALID_ARGUMENT", ["DAY-TO-COME"], ["from"]),
                ("gemeente-ede", {"from": today(), "until": today(1)}, "INVALID_ARGUMENT", ["DAY-TO-COME"], ["until"]),
                ("gemeente-ede", {"from": today(-31)}, "INVALID_ARGUMENT", ["REPEAT-PERIOD"], ["until"]),
                ("gemeente-ede", {"from": today(), "until": today(-1)}, "INVALID_ARGUMENT", ["REPEAT-PERIOD"], ["until"]),
                ("gemeente-ede", {"delivery_ids": [theirs] * 1001}, "INVALID_ARGUMENT", ["LIST-SIZE"], ["delivery_ids"]),
                ("gemeente-ede", {"delivery_ids": [theirs, "0" * 32]}, "NOT_FOUND", ["NOT-FOUND"], ["delivery_ids[1]"]),
                ("menzis", {"delivery_ids": [theirs]}, "NOT_FOUND", ["NOT-FOUND"], ["delivery_ids[0]"]),
                ("opella", {"delivery_ids": [theirs]}, "NOT_FOUND", ["NOT-FOUND"], ["delivery_ids[0]"])):
            before = gateway.audit_records()
            self.assertEqual(self.refused(lambda: self.again(gateway, party, **request)), (code, rules, fields), request)
            (event,) = wait_for(lambda: gateway.audit_events(before))
            self.assertIn(rules[0].encode(), event)

    def test_the_command_shows_it_to_people_and_to_programs(self):
        gateway = self.gateway()
        self.register(gateway, "weer", "999900006")
        delivery_id, command = self.ids(gateway, 0)[1], ["mailbox", "resend", "--home", gateway.home, "--as", "gemeente-ede"]
        self.assertEqual(run(*command, "--from", today()).stdout, "nothing to give again\n")
        run("mailbox", "ack", "--home", gateway.home, "--as", "gemeente-ede", delivery_id)
        text = run(*command, delivery_id).stdout
        self.assertTrue(text.startswith(f"delivery {delivery_id}\nrepeat\n"), text)
        self.assertNotIn("999900006", text)
        item = json.loads(run(*command, "--from", today(), "--until", today(), "--reveal", "--json").stdout)
        self.assertEqual((item["deliveryId"], item["repeat"], item["exchange"]["client"]["bsn"]), (delivery_id, True, "999900006"))
        done = run(*command, check=False)
        self.assertEqual((done.returncode, "REPEAT-WHAT" in done.stderr), (1, True), done.stderr)


class Pace(unittest.TestCase):
    MAILS, A_MINUTE = 24, 240

    def test_r56_after_an_outage_mail_goes_once_at_its_pace_and_slows_nobody_else(self):
        def change(home):
            edit(home / "schotvrij.conf", r"\nmail \{", f"\nmail {{\n  participant_mails_per_minute: {self.A_MINUTE}")
            written("gemeente-ede", CLOSURE)(home)
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
        wait_for(lambda: home.letters(CITY), 60)
        asked = time.monotonic()
        self.assertEqual(gateway.answer("gemeente-ede", home.letters(CITY)[0].id, "accepted")[0], 200)
        wait_for(lambda: home.letters(PROVIDER))
        self.assertLess(time.monotonic() - asked, 3)
        self.assertLess(len(home.letters(CITY)), self.MAILS)

        letters = wait_for(lambda: len(found := home.letters(CITY)) >= self.MAILS and found, 60)
        wait_for(lambda: gateway.query("SELECT count(*) FROM delivery WHERE state <> 3") == [(0,)])
        self.assertEqual(len(home.letters(CITY)), self.MAILS)
        self.assertEqual(len({letter.header("Message-ID") for letter in letters}), self.MAILS)
        of_first = [letter.text for letter in letters if f"BSN: {clients[0]}" in letter.text]
        self.assertEqual(["Andersma" in text for text in of_first], [False, True], "in order per client")
        self.assertEqual(gateway.query("SELECT max(attempts) FROM delivery"), [(1,)])
        moments = sorted(file.stat().st_mtime for file in gateway.smtp.messages.glob("*.eml")
                         if f"To: {CITY}".encode() in file.read_bytes())
        apart = 60 / self.A_MINUTE
        # A mail that was late by as much as a round of the dispatcher is not made to wait for its delay.
        self.assertGreater(moments[-1] - moments[0], apart * (self.MAILS - 1) - 1)
        for i, j in ((i, j) for i in range(self.MAILS) for j in range(i + 1, self.MAILS)):
            self.assertGreater(moments[j] - moments[i], apart * (j - i) - 1.2)


if __name__ == "__main__":
    unittest.main()
