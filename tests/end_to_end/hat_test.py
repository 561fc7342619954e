"""R19 and R20 on the running program: who has two hats (petten) states one on each call, by HTTPS, gRPC and the command line; what came in
under one is not found under the other; who may approve an own request is listed; who acts on behalf of another reads nothing for it."""
import json
import unittest

import grpc

import grpc_peer
from grpc_peer import GrpcPeer, refusal
from harness import Gateway, example, resource, rules, run

HELD = '    membership { role: "provider" from: "2021-01-01" }\n'
OTHER_HAT = '    membership { role: "municipality" from: "2021-01-01" }\n'
AS_PROVIDER = {"Schotvrij-Role": "provider"}
AS_CITY = {"Schotvrij-Role": "municipality"}
MENZIS = '  party {\n    key: "menzis"'
ON_BEHALF = '    acts_on_behalf { party: "gemeente-ede" from: "2021-01-01" source: "volmacht, made up for tests" }\n'


def document(change):
    """Of a home: `change` makes of the text of its network's document another."""
    def edit(home):
        path = home / "policy/ede.txtpb"
        text = path.read_text()
        changed = change(text)
        assert changed != text
        path.write_text(changed)
    return edit


def two_hats(text):
    """Opella is a municipality too."""
    assert text.count(HELD) == 1
    return text.replace(HELD, HELD + OTHER_HAT)


def own_approval(text):
    return two_hats(text).replace('version: "2024"\n', 'version: "2024"\n    own_approval: "made up for tests"\n')


def to_itself():
    """The registration, and the consent in it, for its sender itself."""
    bundle = example()
    task = resource(bundle, "Task")
    city, provider = (json.dumps(task[party]["identifier"]) for party in ("owner", "requester"))
    return json.loads(json.dumps(bundle).replace(city, provider))


class Hats(unittest.TestCase):
    def start(self, change):
        self.gateway = Gateway(change=document(change))
        self.addCleanup(self.gateway.close)

    def tasks(self, headers):
        status, bundle = self.gateway.fhir("opella", "POST", "/fhir/Task/_search", "", headers)
        return [entry["resource"]["id"] for entry in bundle.get("entry", [])] if status == 200 else (status, rules(bundle))

    def verdict(self, task_id, headers):
        status, answer = self.gateway.fhir("opella", "PUT", f"/fhir/Task/{task_id}", {
            "resourceType": "Task", "id": task_id, "status": "accepted", "intent": "order",
            "code": {"coding": [{"system": "urn:schotvrij:codesystem:task", "code": "register"}]}}, headers)
        return status, rules(answer)

    def watch(self, *role):
        with GrpcPeer(self.gateway, "opella", *role) as peer:
            try:
                return [item.delivery_id for item in peer.watch(wait=False)]
            except grpc.RpcError as error:
                return refusal(error).rules

    def test_r19_each_edge_takes_the_hat_and_finds_nothing_of_the_other(self):
        self.start(two_hats)
        for headers, rule in (({}, "CALLER-WHICH-ROLE"), ({"Schotvrij-Role": "care_office"}, "CALLER-NOT-IN-ROLE")):
            with self.subTest(rule):
                status, answer = self.gateway.fhir("opella", "POST", "/fhir", example(), headers)
                self.assertIn(status, (400, 403, 422))
                self.assertEqual(rules(answer), [rule])
                self.assertEqual(self.tasks(headers)[1], [rule])
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", example(), AS_PROVIDER)
        self.assertEqual(status, 200, answer)
        (delivery,) = (task["id"] for task in self.gateway.mailbox("gemeente-ede"))
        self.gateway.answer("gemeente-ede", delivery, "accepted")

        (receipt,) = self.tasks(AS_PROVIDER)
        self.assertEqual(self.tasks(AS_CITY), [])
        self.assertEqual(self.gateway.fhir("opella", "GET", f"/fhir/Task/{receipt}", headers=AS_CITY)[0], 404)
        self.assertEqual(self.gateway.fhir("opella", "GET", f"/fhir/Task/{receipt}", headers=AS_PROVIDER)[0], 200)
        self.assertEqual(self.watch(), ("CALLER-WHICH-ROLE",))
        self.assertEqual(self.watch("municipality"), [])
        self.assertEqual(self.watch("provider"), [receipt])

        def sheet(*role):
            return run("day-sheet", "--home", self.gateway.home, "--as", "opella", "--json", *role, check=False)
        self.assertIn("CALLER-WHICH-ROLE", sheet().stdout)
        self.assertEqual(json.loads(sheet("--role", "municipality").stdout).get("lines", []), [])
        self.assertEqual(len(json.loads(sheet("--role", "provider").stdout)["lines"]), 1)
        listed = run("mailbox", "list", "--home", self.gateway.home, "--as", "opella", "--role", "provider")
        self.assertIn(receipt, listed.stdout)
        self.assertEqual(self.gateway.audit()[0], 0)

    def test_r19_grpc_takes_the_hat_with_a_registration(self):
        self.start(two_hats)
        for role, said in (((), ("CALLER-WHICH-ROLE",)), (("municipality",), ("SENDER-ROLE",)), (("provider",), ())):
            with GrpcPeer(self.gateway, "opella", *role) as peer:
                self.assertEqual(peer.register(grpc_peer.registration()).rules, said, role)

    def test_r19_an_own_request_is_approved_by_nobody(self):
        self.start(two_hats)
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", to_itself(), AS_PROVIDER)
        self.assertEqual(status, 200, answer)
        (mine,) = self.tasks(AS_CITY)
        self.assertEqual(self.tasks(AS_PROVIDER), [])
        status, said = self.verdict(mine, AS_CITY)
        self.assertEqual((status // 100, said), (4, ["OWN-REQUEST"]))
        self.assertEqual(run("approval", "list", "--home", self.gateway.home).stdout, "nobody approved an own request\n")

    def test_r19_where_the_document_lets_it_the_approval_is_listed_for_good(self):
        self.start(own_approval)
        self.gateway.fhir("opella", "POST", "/fhir", to_itself(), AS_PROVIDER)
        (mine,) = self.tasks(AS_CITY)
        self.assertEqual(self.verdict(mine, AS_CITY)[0], 200)
        self.gateway.stop()
        self.gateway.start()
        (listed,) = json.loads(run("approval", "list", "--json", "--home", self.gateway.home).stdout)
        self.assertEqual((listed["network"], listed["approved_by"], listed["role"]), ("ede", "opella", "municipality"))
        self.assertIn(f"exchange {listed['exchange']} in ede approved by opella as municipality at ",
                      run("approval", "list", "--home", self.gateway.home).stdout)
        self.assertEqual(self.gateway.query("SELECT count(*) FROM delivery WHERE recipient_role = 'provider'"), [(1,)])

    def test_r20_who_acts_on_behalf_of_another_reads_and_receives_nothing_for_it(self):
        self.start(lambda text: text.replace(MENZIS, MENZIS + "\n" + ON_BEHALF.rstrip("\n")))
        status, answer = self.gateway.fhir("opella", "POST", "/fhir", example())
        self.assertEqual(status, 200, answer)
        (delivery,) = (task["id"] for task in self.gateway.mailbox("gemeente-ede"))
        for role in ("insurer", "care_office"):
            headers = {"Schotvrij-Role": role}
            status, bundle = self.gateway.fhir("menzis", "POST", "/fhir/Task/_search", "", headers)
            self.assertEqual((status, bundle.get("entry", [])), (200, []))
            self.assertEqual(self.gateway.fhir("menzis", "GET", f"/fhir/Task/{delivery}", headers=headers)[0], 404)
        with GrpcPeer(self.gateway, "menzis", "municipality") as peer:
            with self.assertRaises(grpc.RpcError) as raised:
                list(peer.watch(wait=False, participant={"system": "cbs", "value": "0228"}))
            self.assertEqual(refusal(raised.exception).rules, ("CALLER-NOT-FOR",))


if __name__ == "__main__":
    unittest.main()
