"""R56: each partner has a day sheet sent = delivered = acknowledged = answered, with the age of what is missing, the same on both
sides."""
import json
import unittest

import grpc

from grpc_peer import GrpcPeer, refusal
from harness import Gateway, bsns, example, run, today, wait_for

CITY = "gemeente-ede"
# Of these the sides say the same, when nothing of the day is kept from the recipient.
COUNTS = ("messages", "delivered", "answered", "underWay")


def sheet(gateway, party, *options, check=True):
    done = run("day-sheet", "--home", gateway.home, "--as", party, "--json", *options, check=check)
    return json.loads(done.stdout)


def line(gateway, party):
    """Counts and missing ids of the only line of today's sheet."""
    (one,) = sheet(gateway, party).get("lines", [])
    return tuple(one.get(name, 0) for name in COUNTS), {missing["messageId"] for missing in one.get("missing", [])}


class DaySheet(unittest.TestCase):
    def register(self, gateway, key, bsn):
        status, answer = gateway.fhir("opella", "POST", "/fhir", example(key, bsn))
        self.assertEqual(status, 200, answer)

    def exchange_of(self, gateway, delivery):
        ((exchange,),) = gateway.query("SELECT exchange_id FROM delivery WHERE delivery_id = ?", delivery)
        return exchange

    def test_r56_both_sides_of_a_mailbox_say_the_same(self):
        with Gateway() as gateway:
            numbers = bsns()
            for number in range(3):
                self.register(gateway, f"dag-{number}", next(numbers))
            accepted, refused, left = (task["id"] for task in gateway.mailbox(CITY))
            self.assertEqual(line(gateway, CITY), ((3, 0, 0, 3), {accepted, refused, left}))
            gateway.answer(CITY, accepted, "accepted")
            gateway.answer(CITY, refused, "rejected", "not-resident")
            run("mailbox", "ack", accepted, refused, "--home", gateway.home, "--as", CITY)
            self.assertEqual(line(gateway, CITY), ((3, 2, 2, 1), {left}))
            self.assertEqual(line(gateway, "opella"), ((3, 2, 2, 1), {self.exchange_of(gateway, left)}))
            run("mailbox", "ack", left, "--home", gateway.home, "--as", CITY)
            self.assertEqual(line(gateway, CITY), ((3, 3, 2, 0), {left}), "delivered, not answered")
            self.assertEqual(line(gateway, "opella"), ((3, 3, 2, 0), {self.exchange_of(gateway, left)}))
            text = run("day-sheet", "--home", gateway.home, "--as", "opella").stdout
            self.assertIn(f"day {today()}\nto {CITY}, registration: 3 sent, 3 delivered, 2 answered, 0 under way", text)
            self.assertEqual(sheet(gateway, CITY, "--day", today(-1)), {"day": today(-1)})
            self.assertEqual(sheet(gateway, "menzis", "--role", "insurer").get("lines", []), [])
            self.assertEqual(gateway.audit()[0], 0)

    def test_r56_by_mail_the_recipient_sees_what_its_server_took(self):
        with Gateway(mail=True) as gateway:
            numbers = bsns()
            self.register(gateway, "post-1", next(numbers))
            gateway.smtp.received(1)
            wait_for(lambda: line(gateway, "opella")[0] == (1, 1, 0, 0))
            self.assertEqual(line(gateway, CITY)[0], (1, 1, 0, 0))
            gateway.smtp.behaviour.write_text("reply 451\n")
            self.register(gateway, "post-2", next(numbers))
            self.assertEqual(line(gateway, "opella")[0], (2, 1, 0, 1))
            self.assertEqual(line(gateway, CITY)[0], (1, 1, 0, 0), "the other was not put before it")
            gateway.smtp.behaviour.write_text("reply 550\n")
            self.register(gateway, "post-3", next(numbers))
            wait_for(lambda: sheet(gateway, "opella")["lines"][0].get("undeliverable") == 1)
            self.assertEqual(line(gateway, CITY)[0], (1, 1, 0, 0))

    def test_r56_what_cannot_be_asked_is_refused_clearly(self):
        with Gateway() as gateway:
            for day, rule in ((today(1), "DAY-TO-COME"), ("2026-02-30", "DATE-FORM"), ("gisteren", "DATE-FORM")):
                with self.subTest(day):
                    done = run("day-sheet", "--home", gateway.home, "--as", CITY, "--day", day, check=False)
                    self.assertEqual((done.returncode, done.stdout), (1, ""))
                    self.assertIn(rule, done.stderr)
            with GrpcPeer(gateway, CITY) as peer:
                with self.assertRaises(grpc.RpcError) as raised:
                    peer.call("MailboxService", "DaySheet", participant={"system": "agb", "value": "00000001"})
                said = refusal(raised.exception)
                self.assertEqual((said.code, said.rules), ("PERMISSION_DENIED", ("CALLER-NOT-FOR",)))
            self.assertEqual(run("day-sheet", "--home", gateway.home, "--as", "nobody", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
