"""R10: a network's document names per participant a mailbox, a contact, a deputy and the staff that may handle what is exchanged; to others
in the organisation it is not there, and who it is now and will be is shown. R19 and R20: one of them who works for two parties."""
import json
import re
import unittest

import grpc

from certificates import issue
from grpc_peer import GrpcPeer, message, registration
from harness import Gateway, example, resource, rules, run, today, wait_for
from mail_home import CITY, MailHome
from mail_route_test import edit
from requirements_test import PROEFNETWERK, scored

SYSTEM = 'staff { key: "system" function: "systeem van de organisatie" system: true from: "2021-01-01" }'
# Of the organisations' people: whose certificate it is, and for which party.
PEOPLE = {"wmo": "gemeente-ede", "proef": "gemeente-ede", "nobody": "gemeente-ede", "arranger": "opella"}


def staff(key, since="2021-01-01", until=""):
    return f'staff {{ key: "{key}" function: "{key} of the test" from: "{since}"' + (f' until: "{until}" }}' if until else " }")


def with_staff(document, party, entries):
    """The document, with these staff of the party in the place of what it has."""
    block = re.search(rf'  party {{\n(?:(?!\n  }}).)*key: "{party}".*?\n  }}\n', document, re.S).group()
    bare = block.replace(f"    {SYSTEM}\n", "")
    return document.replace(block, bare[:-len("  }\n")] + "".join(f"    {entry}\n" for entry in entries) + "  }\n")


def people(home):
    """The municipality's desk has Ede, another has the other network, and the arranger sends; the organisations' systems have neither,
    but the municipality's has what the other network exchanges."""
    enrolment = home / "enrolment.conf"
    text = enrolment.read_text()
    for name, party in PEOPLE.items():
        issue(home / "tls", home / f"tls/parties/{name}", f"urn:example:{name}")
        text, count = re.subn(rf'(peer \{{\s*san_uri: "urn:schotvrij:party:{party}"\s*\}})',
                              rf'\1\n  peer {{ san_uri: "urn:example:{name}" staff: "{name}" }}', text)
        assert count == 1, text
    enrolment.write_text(text)
    ede = home / "policy/ede.txtpb"
    document = with_staff(ede.read_text(), "gemeente-ede", [staff("wmo")])
    ede.write_text(with_staff(document, "opella", [staff("arranger")]))
    document = with_staff(PROEFNETWERK, "gemeente-ede", [staff("proef"), SYSTEM])
    (home / "policy/proefnetwerk.txtpb").write_text(with_staff(document, "opella", [staff("arranger")]))
    edit(home / "schotvrij.conf", r'(policy_file: "[^"]*")', r'\1\npolicy_file: "policy/proefnetwerk.txtpb"')


def two_employers(home):
    """The arranger works at the municipality's desk as well, by another certificate; a colleague there does not."""
    people(home)
    ede = home / "policy/ede.txtpb"
    document = with_staff(ede.read_text(), "gemeente-ede", [staff("nobody")])
    for key in ("wmo", "arranger"):
        assert staff(key) in document
        document = document.replace(staff(key), staff(key).removesuffix("}") + 'person: "persoon-1" }')
    ede.write_text(document)


def in_other_network():
    return json.loads(json.dumps(scored(5)).replace("ede-2026-000001", "proef-2026-000001"))


def in_network(key):
    bundle = example()
    resource(bundle, "Task")["groupIdentifier"]["value"] = key
    return bundle


class People(unittest.TestCase):
    def gateway(self, change=people):
        gateway = Gateway(change=change)
        self.addCleanup(gateway.close)
        return gateway

    def register(self, gateway, bundle):
        status, outcome = gateway.fhir("arranger", "POST", "/fhir", bundle)
        self.assertEqual(status, 200, outcome)

    def ids(self, gateway, party):
        return [task["id"] for task in gateway.mailbox(party)]

    def audited(self, gateway, count):
        """Waits for so many events that somebody asked for what is not there for it."""
        def look():
            events = [message("schotvrij.v1.AuditEvent").FromString(event) for event in gateway.audit_events()]
            found = [event for event in events if "STAFF-NOT-NAMED" in event.rules]
            return found if len(found) >= count else None
        found = wait_for(look)
        self.assertEqual(len(found), count)
        return found

    def test_r10_what_is_for_the_staff_is_not_found_by_others_in_the_organisation_over_https(self):
        gateway = self.gateway()
        self.register(gateway, in_network("ede"))
        (task,) = self.ids(gateway, "wmo")
        unknown = task[:-4] + ("0000" if task[-4:] != "0000" else "1111")
        for other in ("gemeente-ede", "nobody"):
            self.assertEqual(self.ids(gateway, other), [])
            for ask in (lambda id: gateway.send(other, "GET", f"/fhir/Task/{id}"),
                        lambda id: gateway.send(other, "GET", f"/fhir/Patient/{id}"),
                        lambda id: gateway.send(other, "POST", "/fhir/Task/_search", f"_after={id}"),
                        lambda id: gateway.answer(other, id, "received"),
                        lambda id: gateway.answer(other, id, "accepted"),
                        lambda id: gateway.answer(other, id, "rejected", "not-resident")):
                self.assertEqual(ask(task), ask(unknown))
        self.assertEqual(self.ids(gateway, "wmo"), [task], "nothing of it had an effect")
        self.assertEqual(gateway.send("wmo", "GET", f"/fhir/Task/{task}")[0], 200)
        self.assertEqual(gateway.answer("wmo", task, "accepted")[0], 200)
        # Of each: two reads, an acknowledgement and the read behind it, two answers; a place in a list is not asked for.
        for event in self.audited(gateway, 2 * 6):
            self.assertEqual(event.users[0].id, "gemeente-ede")
        self.assertNotIn("999900006", gateway.log_text())

    def test_r10_nor_over_grpc_where_a_stream_that_waits_passes_it_by(self):
        gateway = self.gateway()
        with GrpcPeer(gateway, "gemeente-ede") as system, GrpcPeer(gateway, "wmo") as desk:
            waiting = system.watch(wait=True)
            self.register(gateway, in_network("ede"))
            (item,) = desk.watch(wait=False)
            self.assertEqual(list(system.watch(wait=False)), [])
            said = []
            for id in (item.delivery_id, item.delivery_id[:-4] + "ffff"):
                with self.assertRaises(grpc.RpcError) as refused:
                    system.call("MailboxService", "Answer", delivery_id=id, state="ACCEPTED", request_id="same")
                said.append((refused.exception.code(), refused.exception.details()))
                said.append(system.call("MailboxService", "Acknowledge", delivery_ids=[id]).acknowledged)
            self.assertEqual(said[:2], said[2:])
            self.assertEqual(said[1], 0)
            # The first that comes is of the other network, of which the system is staff.
            self.register(gateway, in_other_network())
            self.assertNotEqual(next(iter(waiting)).delivery_id, item.delivery_id)
            waiting.cancel()
            self.assertEqual(desk.call("MailboxService", "Acknowledge", delivery_ids=[item.delivery_id]).acknowledged, 1)
        self.audited(gateway, 2)

    def test_r10_staff_of_one_network_does_not_see_what_another_exchanges(self):
        gateway = self.gateway()
        self.register(gateway, in_network("ede"))
        self.register(gateway, in_other_network())
        (ede,), (proef,) = self.ids(gateway, "wmo"), self.ids(gateway, "proef")
        for reader, other in (("wmo", proef), ("proef", ede)):
            status, outcome = gateway.fhir(reader, "GET", f"/fhir/Task/{other}")
            self.assertEqual((status, rules(outcome)), (404, ["NOT-FOUND"]))
        self.assertEqual(self.ids(gateway, "gemeente-ede"), [proef])

    def test_r10_a_day_sheet_has_what_its_reader_may_know_of(self):
        gateway = self.gateway()
        self.register(gateway, in_network("ede"))
        self.register(gateway, in_other_network())
        for reader, messages in (("wmo", 1), ("proef", 1), ("gemeente-ede", 1), ("nobody", 0), ("arranger", 2), ("opella", 0)):
            with self.subTest(reader), GrpcPeer(gateway, reader) as peer:
                sheet = peer.call("MailboxService", "DaySheet")
                self.assertEqual(sum(line.messages for line in sheet.lines), messages)

    def test_r10_who_is_no_staff_cannot_send_in_the_network_or_learn_that_it_is_there(self):
        gateway = self.gateway()
        hidden = gateway.send("opella", "POST", "/fhir", in_network("ede"))
        self.assertEqual(hidden, gateway.send("opella", "POST", "/fhir", in_network("bestaat-niet")))
        self.assertEqual(hidden[0], 422)
        self.assertIn(b"NETWORK-UNKNOWN", hidden[1])
        unnamed = example()
        del resource(unnamed, "Task")["groupIdentifier"]
        self.assertEqual(rules(gateway.fhir("opella", "POST", "/fhir", unnamed)[1]), ["NETWORK-WHICH"])
        with GrpcPeer(gateway, "opella") as system, GrpcPeer(gateway, "arranger") as person:
            request, other = registration(), registration()
            other.network = "bestaat-niet"
            self.assertEqual(system.register(request), system.register(other))
            self.assertEqual(person.register(request).code, "OK")
            # What one of the staff sent is no repeat to another.
            self.assertEqual(system.register(request).rules, ("NETWORK-UNKNOWN",))
        self.audited(gateway, 3)

    def test_r10_a_change_has_a_day(self):
        gateway = self.gateway()
        self.register(gateway, in_network("ede"))
        ede = gateway.home / "policy/ede.txtpb"
        document = ede.read_text()
        for entries, seen in (([staff("wmo", until=today(-1)), staff("nobody", since=today())], {"nobody"}),
                              ([staff("wmo", until=today()), staff("nobody", since=today(1))], {"wmo"}),
                              ([staff("wmo", until=today(-1))], set()),
                              ([staff("wmo", since=today(1))], {"wmo", "nobody", "gemeente-ede"})):
            with self.subTest(entries):
                ede.write_text(document.replace(staff("wmo"), "\n    ".join(entries)))
                run("reload", "--home", gateway.home)
                self.assertEqual({name for name in ("wmo", "nobody", "gemeente-ede") if self.ids(gateway, name)}, seen)

    def test_r10_who_it_is_and_what_is_announced_is_shown_to_all(self):
        gateway = self.gateway()
        ede = gateway.home / "policy/ede.txtpb"
        edit(ede, r'(contact \{ function: "contactpersoon van de pilot" mail: "pilot@gemeente-ede.example" from: "2021-01-01") \}',
             rf'\1 until: "{today(9)}" }}\n    contact {{ function: "opvolger" mail: "opvolger@gemeente-ede.example" telephone: '
             rf'"0318 000000" from: "{today(10)}" }}')
        now = f"contact: contactpersoon van de pilot, pilot@gemeente-ede.example, 2021-01-01 to {today(9)}"
        later = f"contact: opvolger, opvolger@gemeente-ede.example, 0318 000000, {today(10)} to open, announced"
        for said in (run("policy", "check", ede).stdout, run("participant", "show", "gemeente-ede", "--home", gateway.home).stdout):
            for word in (now + "\n", later + "\n", "deputy: plaatsvervanger", "mailbox: schotvrij@gemeente-ede.example", "staff wmo: "):
                self.assertIn(word, said)
        self.assertIn(now, run("policy", "show", ede).stdout)
        shown = json.loads(run("participant", "show", "gemeente-ede", "--home", gateway.home, "--json").stdout)
        self.assertIn({"network": "ede", "what": "contact", "text": "opvolger, opvolger@gemeente-ede.example, 0318 000000",
                       "from": today(10), "until": ""}, shown["people"])
        edit(ede, r' *deputy \{[^\n]*@gemeente-ede[^\n]*\n', "")
        self.assertIn("[POLICY-DEPUTY-MISSING]", run("policy", "check", ede).stdout)
        self.assertEqual(run("reload", "--home", gateway.home, check=False).returncode, 0, "it is a warning")

    def test_r19_r20_who_works_for_both_parties_accepts_at_one_nothing_that_it_sent_for_the_other(self):
        gateway = self.gateway(two_employers)
        self.register(gateway, in_network("ede"))
        (task,) = self.ids(gateway, "wmo")
        status, outcome = gateway.answer("wmo", task, "accepted")
        self.assertEqual((status, rules(outcome)), (403, ["OWN-REQUEST"]))
        self.assertEqual(gateway.answer("nobody", task, "accepted")[0], 200)
        self.assertEqual(run("approval", "list", "--home", gateway.home).stdout, "nobody approved an own request\n")

    def test_r10_a_certificate_is_of_one_of_the_staff_or_of_nobody(self):
        gateway = self.gateway()
        self.register(gateway, in_network("ede"))
        new = issue(gateway.home / "tls", gateway.home / "tls/parties/new", "urn:example:new") + ".crt"
        run("participant", "rotate", "gemeente-ede", "--certificate", new, "--staff", "wmo", "--home", gateway.home)
        self.assertEqual(len(self.ids(gateway, "new")), 1)
        self.assertIn("staff wmo", run("participant", "check", "gemeente-ede", "--certificate", new, "--home", gateway.home).stdout)
        both = run("participant", "rotate", "gemeente-ede", "--certificate", new, "--home", gateway.home, check=False)
        self.assertEqual(both.returncode, 1, both.stdout)
        self.assertIn("nothing was changed", both.stderr)
        edit(gateway.home / "enrolment.conf", r'peer \{ san_uri: "urn:example:wmo" staff: "wmo" \}',
             r'\g<0>\n  peer { san_uri: "urn:example:wmo" staff: "proef" }')
        run("reload", "--home", gateway.home)
        self.assertEqual(gateway.send("wmo", "POST", "/fhir/Task/_search", "")[0], 401)


class ByMail(unittest.TestCase):
    def test_r10_who_writes_by_mail_is_staff_or_is_told_what_is_told_of_nothing(self):
        def desk_only(home):
            ede = home / "policy/ede.txtpb"
            ede.write_text(with_staff(ede.read_text(), "gemeente-ede", [staff("wmo")]))

        home = MailHome(change=desk_only)
        self.addCleanup(home.close)
        _, letter = home.register("een")
        before = home.settled()
        told = [home.notice(home.deliver(home.reply(letter, text, quote=quote))).text
                for text, quote in (("Akkoord", True), (f"Akkoord {'0' * 32}", False))]
        self.assertIn("[ANSWER-UNKNOWN]", told[0])
        self.assertEqual(told[0], told[1])
        self.assertEqual(home.settled(), before)
        edit(home.gateway.home / "enrolment.conf", rf'mail_sender \{{ address: "{CITY}"', r'\g<0> staff: "wmo"')
        run("reload", "--home", home.gateway.home)
        home.answer(letter, "Akkoord")
        self.assertIn("Uitkomst: geaccepteerd", home.receipt("een"))


if __name__ == "__main__":
    unittest.main()
