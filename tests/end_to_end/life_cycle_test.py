"""R5: a registration through its life, over real sockets: amended, withdrawn as an error, ended and reopened. Each step reaches the
recipient in order and by the route of the first, and the desk's list is the provider's, whatever happens in between."""
import collections
import email.policy
import itertools
import os
import random
import re
import signal
import unittest

from harness import Gateway, bsns, changed, decrypt, example, rules, today, wait_for
from mail_route_test import patient

TASK = "urn:schotvrij:codesystem:task"
REASON = "urn:schotvrij:codesystem:end-reason"
MESSAGE = "urn:schotvrij:identifier:message"
SEED = int(os.environ.get("SCHOTVRIJ_SEED", random.SystemRandom().randrange(1 << 32)))
LEAVE = ("withdraw", "end")


def task_of(bundle):
    return next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Task")


def step_of(task):
    return task["code"]["coding"][0]["code"]


def step(code, key, bsn="999900006", about=None, end=None, reason=None, surname=None):
    """The message of one step. One by which the client leaves holds the Task alone."""
    def change(bundle):
        task = task_of(bundle)
        task["code"]["coding"][0]["code"] = code
        if about:
            task["basedOn"] = [{"type": "Task", "identifier": {"system": "urn:example:keys", "value": about}}]
        if code == "end":
            task["executionPeriod"] = {"end": end or today()}
        if reason:
            task["reasonCode"] = {"coding": [{"system": REASON, "code": reason}]}
        if code in LEAVE:
            task["for"] = {"type": "Patient", "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": bsn}}
            bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"] is task]
        if surname:
            patient = next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
            patient["name"] = [{"family": surname}]
    return changed(example(key=key, bsn=bsn), change)


class Desk:
    """What a municipality's desk makes of what it reads, by nothing but what stands in it: its list of clients."""

    def __init__(self, gateway, party="gemeente-ede"):
        self.gateway, self.party = gateway, party
        self.stands, self.seen = {}, []  # id of the registration's message → (BSN, surname), or None once it holds no more

    def read(self, most=1000):
        """Takes note of the next `most` that it has not seen; each read shows all of them again."""
        patients = {patient["id"]: patient for patient in self.gateway.mailbox(self.party, "Patient", "_count=100")}
        unseen = [task for task in self.gateway.mailbox(self.party, "Task", "_count=100") if task["id"] not in self.seen]
        for task in unseen[:most]:
            self.seen.append(task["id"])
            about = task["basedOn"][0]["identifier"]["value"] if "basedOn" in task else task["id"]
            # Of a registration that was an error only the withdrawal is shown.
            if step_of(task) not in ("register", "withdraw") and about not in self.stands:
                raise AssertionError(f"{step_of(task)} before the registration it is about")
            patient = patients.get(task["id"])
            who = patient and (patient["identifier"][0]["value"], patient["name"][0]["family"])
            self.stands[about] = None if step_of(task) in LEAVE else who

    def clients(self):
        return sorted(who for who in self.stands.values() if who)


class LifeCycle(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)

    def send(self, message, status=200, party="opella"):
        got, answer = self.gateway.fhir(party, "POST", "/fhir", message)
        self.assertEqual(got, status, answer)
        return answer

    def tasks(self, party="gemeente-ede"):
        return self.gateway.mailbox(party, "Task")

    def test_each_step_reaches_the_desk_in_order_and_names_what_it_is_about(self):
        for message in (step("register", "een"), step("amend", "twee", about="een", surname="Andersma"),
                        step("end", "drie", about="een", reason="moved"), step("reopen", "vier")):
            self.send(message)
        tasks = self.tasks()
        self.assertEqual([step_of(task) for task in tasks], ["register", "amend", "end", "reopen"])
        for later in tasks[1:]:
            self.assertEqual(later["basedOn"], [{"type": "Task", "identifier": {"system": MESSAGE, "value": tasks[0]["id"]}}])
        patients = {patient["id"]: patient["name"][0]["family"] for patient in self.gateway.mailbox("gemeente-ede", "Patient")}
        self.assertEqual([patients.get(task["id"]) for task in tasks],
                         ["van der Testmeer", "Andersma", None, "van der Testmeer"])

    def test_r6_of_a_registration_that_was_an_error_only_the_withdrawal_is_shown(self):
        for message in (step("register", "een"), step("amend", "twee", surname="Andersma"), step("withdraw", "drie")):
            self.send(message)
        (withdrawal,) = self.tasks()
        self.assertEqual(step_of(withdrawal), "withdraw")
        about = withdrawal["basedOn"][0]["identifier"]["value"]
        status, text = self.gateway.send("gemeente-ede", "GET", f"/fhir/Patient/{about}")
        self.assertEqual(status, 410)
        self.assertNotIn(b"999900006", text)
        self.assertEqual(self.gateway.mailbox("gemeente-ede", "Patient"), [])
        self.send(step("register", "vier", bsn="999900018"))  # the right one
        self.assertEqual([step_of(task) for task in self.tasks()], ["withdraw", "register"])

    def test_who_leaves_is_not_named_and_neither_is_why(self):
        self.send(step("register", "een"))
        self.send(step("end", "twee", reason="wlz"))
        end = self.tasks()[1]
        self.assertEqual(set(end) - {"meta", "intent", "authoredOn", "requester", "status", "businessStatus"},
                         {"resourceType", "id", "code", "basedOn", "executionPeriod"})
        self.assertEqual(end["executionPeriod"], {"end": today()})
        status, text = self.gateway.send("gemeente-ede", "GET", f"/fhir/Task/{end['id']}")
        self.assertEqual(status, 200)
        for kept in (b"999900006", b"Testmeer", b"wlz", b"WLZ"):
            self.assertNotIn(kept, text)

    def test_what_cannot_follow_is_refused_and_has_no_effect(self):
        for code, rule in (("amend", "NOT-REGISTERED"), ("withdraw", "NOT-REGISTERED"), ("end", "NOT-REGISTERED"),
                           ("reopen", "NOT-REGISTERED")):
            self.assertEqual(rules(self.send(step(code, f"vroeg-{code}"), 404)), [rule])
        self.send(step("register", "een"))
        for message, status, rule in (
                (step("register", "weer"), 409, "ALREADY-REGISTERED"),
                (step("reopen", "open"), 404, "NOT-REGISTERED"),
                (step("end", "anders", about="iets-anders"), 404, "ABOUT-UNKNOWN"),
                (changed(step("end", "zonder"), lambda bundle: task_of(bundle).pop("executionPeriod")), 422, "END-DATE"),
                (step("end", "eerder", end="1999-01-01"), 422, "END-DATE"),
                (changed(step("withdraw", "einde"), lambda bundle: task_of(bundle).update(executionPeriod={"end": today()})), 422,
                 "END-ONLY"),
                (step("amend", "reden", reason="died"), 422, "END-ONLY"),
                (step("register", "over", about="een", bsn="999900018"), 404, "ABOUT-UNKNOWN"),
                (changed(step("end", "code"), lambda bundle: task_of(bundle)["code"]["coding"][0].update(code="stop")), 422,
                 "TASK-CODE")):
            with self.subTest(rule=rule):
                answer = self.send(message, status)
                self.assertIn(rule, rules(answer))
        self.assertEqual([step_of(task) for task in self.tasks()], ["register"])

    def test_a_step_sent_again_is_one_step(self):
        self.send(step("register", "een"))
        for _ in range(3):
            self.send(step("end", "twee"))
        self.assertEqual([step_of(task) for task in self.tasks()], ["register", "end"])

    def test_an_ending_is_told_after_the_consent_it_rested_on_was_withdrawn(self):
        self.send(step("register", "een"))
        consent = next(entry["resource"] for entry in example()["entry"] if entry["resource"]["resourceType"] == "Consent")
        patient = {"resourceType": "Patient", "id": "p", "identifier": [
            {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999900006"}]}
        consent = {**consent, "status": "inactive", "contained": [patient], "patient": {"reference": "#p"},
                   "performer": [{"reference": "#p"}]}
        status, answer = self.gateway.fhir("opella", "POST", "/fhir/Consent", consent, {"Idempotency-Key": "ingetrokken"})
        self.assertIn(status, (200, 201), answer)
        self.send(step("end", "twee", reason="consent-withdrawn"))
        self.assertEqual([step_of(task) for task in self.tasks()][-1:], ["end"])
        self.assertEqual(rules(self.send(step("reopen", "drie"), 422))[:1], ["CONSENT-WITHDRAWN"])

    def test_a_reopening_may_be_rejected_and_an_ending_may_not(self):
        self.send(step("register", "een"))
        self.send(step("end", "twee"))
        end = self.tasks()[1]
        status, answer = self.gateway.answer("gemeente-ede", end["id"], "rejected", "other")
        self.assertEqual((status, rules(answer)), (422, ["ANSWER-STEP"]))
        status, answer = self.gateway.answer("gemeente-ede", end["id"], "accepted")
        self.assertEqual(status, 200, answer)
        self.send(step("reopen", "drie"))
        status, answer = self.gateway.answer("gemeente-ede", self.tasks()[2]["id"], "rejected", "not-resident")
        self.assertEqual(status, 200, answer)
        self.assertEqual([(task["identifier"][0]["value"], task["status"]) for task in self.tasks("opella")],
                         [("twee", "accepted"), ("drie", "rejected")])
        self.send(step("end", "vier"), 404)  # it is ended again
        self.send(step("register", "vijf"))

    def test_r6_who_says_not_ours_finds_nothing_of_it_any_more(self):
        self.send(step("register", "een"))
        self.send(step("amend", "twee", surname="Andersma"))
        self.send(step("register", "ander", bsn="999900018"))
        first, amended, other = self.tasks()
        status, answer = self.gateway.answer("gemeente-ede", amended["id"], "rejected", "not-resident")
        self.assertEqual(status, 200, answer)
        self.assertEqual([task["id"] for task in self.tasks()], [other["id"]])
        for kind, gone in itertools.product(("Task", "Patient"), (first, amended)):
            status, text = self.gateway.send("gemeente-ede", "GET", f"/fhir/{kind}/{gone['id']}")
            self.assertEqual(status, 410)
            self.assertNotIn(b"999900006", text)
        (told,) = self.tasks("opella")
        self.assertEqual((told["identifier"][0]["value"], told["status"]), ("twee", "rejected"))
        self.assertEqual(told["statusReason"]["coding"][0]["code"], "not-resident")
        self.assertEqual(rules(self.send(step("reopen", "drie"), 404)), ["NOT-REGISTERED"])
        self.assertEqual(self.gateway.answer("gemeente-ede", amended["id"], "rejected", "not-resident")[0], 200)  # said again
        self.send(step("register", "vier"))  # where it is sent is the provider's to say
        self.assertEqual(len(self.tasks()), 2)
        self.assertEqual(self.gateway.audit()[1]["findings"], [])

    def test_whatever_is_sent_lost_and_repeated_the_desks_list_is_the_providers(self):
        chance = random.Random(SEED)
        numbers = list(itertools.islice(bsns(), 8))
        own = {}       # BSN → (state, surname) as the provider has it
        keys = itertools.count(1)
        desk = Desk(self.gateway)
        sent = collections.Counter()
        follows = {None: ["register"], "open": ["amend", "end", "withdraw"], "ended": ["reopen", "withdraw", "register"],
                   "withdrawn": ["register"]}
        for _ in range(90):  # what one page of a mailbox holds
            bsn = chance.choice(numbers)
            state, surname = own.get(bsn, (None, None))
            code = chance.choice(follows[state])
            surname = surname if code in LEAVE else f"Proef{next(keys)}"
            message = step(code, f"stap-{next(keys)}", bsn, surname=None if code in LEAVE else surname)
            with self.subTest(seed=SEED, bsn=bsn, code=code):
                for _ in range(chance.choice((1, 1, 2, 3))):  # its answer was lost, and it sends it again
                    self.send(message)
            sent[code] += 1
            own[bsn] = ({"withdraw": "withdrawn", "end": "ended"}.get(code, "open"), surname)
            if chance.random() < 0.2:
                desk.read(chance.randrange(9))
            if chance.random() < 0.05:
                self.gateway.stop(chance.choice((signal.SIGTERM, signal.SIGKILL)))
                self.gateway.start()
        desk.read()
        self.assertEqual(desk.clients(), sorted((bsn, surname) for bsn, (state, surname) in own.items() if state == "open"),
                         f"SCHOTVRIJ_SEED={SEED}")
        self.assertEqual(set(sent), {"register", "amend", "end", "withdraw", "reopen"}, f"SCHOTVRIJ_SEED={SEED}")
        self.assertEqual(self.gateway.audit()[1]["findings"], [])


class ByMail(unittest.TestCase):
    def test_each_step_is_a_letter_of_its_own_and_says_what_it_is_about(self):
        with Gateway(mail=True) as gateway:
            for message in (step("register", "een"), step("amend", "twee", surname="Andersma"), step("end", "drie", reason="died")):
                status, answer = gateway.fhir("opella", "POST", "/fhir", message)
                self.assertEqual(status, 200, answer)
            letters = [email.message_from_string(decrypt(message, gateway.home), policy=email.policy.default).get_content()
                       for message in gateway.smtp.received(3)]
            first = next(letter for letter in letters if "meldt een cliënt" in letter)
            number = next(line.split(": ")[1] for line in first.splitlines() if line.startswith("Bericht: "))
            amend = next(letter for letter in letters if "wijzigt een aanmelding" in letter)
            end = next(letter for letter in letters if "aanmelding eindigt" in letter)
            self.assertIn("Andersma", amend)
            for later in (amend, end):
                self.assertIn(f"Gaat over bericht: {number}", later)
            self.assertIn(f"Einddatum: {today()}", end)
            for kept in ("999900006", "Testmeer", "overleden", "died", "DIED"):
                self.assertNotIn(kept, end)
            self.assertNotIn("Proefje", "".join(letters))

    def stuck(self, gateway, message):
        """Sends what the mail server will not take for now."""
        gateway.smtp.behaviour.write_text("reply 451\n")
        retries = gateway.log_text().count('"stage":"retry"')
        status, answer = gateway.fhir("opella", "POST", "/fhir", message)
        self.assertEqual(status, 200, answer)
        wait_for(lambda: gateway.log_text().count('"stage":"retry"') > retries)

    def letters(self, gateway):
        return [email.message_from_string(decrypt(message, gateway.home), policy=email.policy.default).get_content()
                for message in sorted(gateway.smtp.messages.glob("*.eml"))]

    def told(self, gateway, key):
        """What became of the message, once its sender is told."""
        return wait_for(lambda: [task["status"] for task in gateway.mailbox("opella") if task["identifier"][0]["value"] == key])

    def test_r6_what_was_an_error_is_not_mailed_any_more(self):
        with Gateway(mail=True, change=patient) as gateway:
            self.stuck(gateway, step("register", "een"))
            status, answer = gateway.fhir("opella", "POST", "/fhir", step("withdraw", "twee"))
            self.assertEqual(status, 200, answer)
            gateway.smtp.behaviour.write_text("accept\n")
            self.assertEqual(self.told(gateway, "een"), ["failed"])
            gateway.smtp.received(1)
            (letter,) = self.letters(gateway)
            self.assertIn("trekt een aanmelding in", letter)
            self.assertNotIn("999900006", letter)
            self.assertEqual(gateway.audit()[1]["findings"], [])

    def test_r6_a_wrong_bsn_is_withdrawn_before_the_right_one_is_mailed(self):
        with Gateway(mail=True, change=patient) as gateway:
            status, answer = gateway.fhir("opella", "POST", "/fhir", step("register", "fout"))
            self.assertEqual(status, 200, answer)
            gateway.smtp.received(1)
            self.stuck(gateway, step("withdraw", "weg"))
            for number, bsn in enumerate(itertools.islice(bsns(999_900_010), 6)):
                status, answer = gateway.fhir("opella", "POST", "/fhir", step("register", f"goed-{number}", bsn=bsn))
                self.assertEqual(status, 200, answer)
            gateway.smtp.behaviour.write_text("accept\n")
            gateway.smtp.received(8)
            said = [letter.splitlines()[0] for letter in self.letters(gateway)]
            self.assertEqual([line for line in said if "trekt" in line], said[1:2])

    def test_r6_who_says_not_ours_gets_no_more_mail_of_it(self):
        with Gateway(mail=True, change=patient) as gateway:
            status, answer = gateway.fhir("opella", "POST", "/fhir", step("register", "een"))
            self.assertEqual(status, 200, answer)
            gateway.smtp.received(1)
            number = re.search(r"Bericht: (\w+)", self.letters(gateway)[0])[1]
            self.stuck(gateway, step("amend", "twee", surname="Andersma"))
            status, answer = gateway.answer("gemeente-ede", number, "rejected", "not-resident")
            self.assertEqual(status, 200, answer)
            gateway.smtp.behaviour.write_text("accept\n")
            self.assertEqual(self.told(gateway, "twee"), ["failed"])
            self.assertEqual(len(self.letters(gateway)), 1)
            self.assertEqual(gateway.audit()[1]["findings"], [])


if __name__ == "__main__":
    unittest.main()
