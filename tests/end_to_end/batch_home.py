"""A home with several networks and two providers, and a Bundle of as many registrations as asked: what batches are tried with."""
import itertools
import json

from certificates import issue
from harness import bsns, example, resource

SECOND = "tweede-aanbieder"
PARTY = f'''  party {{
    key: "{SECOND}"
    name: "Tweede aanbieder"
    membership {{ role: "provider" from: "2021-01-01" }}
  }}
'''
PARTICIPANT = f'''
participant {{
  key: "{SECOND}"
  name: "Tweede aanbieder"
  identifier {{ system: "agb" value: "00000002" }}
  peer {{ san_uri: "urn:schotvrij:party:{SECOND}" }}
  route {{ mailbox {{ }} }}
}}
'''
# The test range has 9,091 sound BSNs: more registrations need more networks.
CLIENTS = 9_000


def networks(count):
    return ["ede"] + [f"ede-{n}" for n in range(2, count + 1)]


def prepare(count):
    """Makes a home one with `count` networks, and with a second provider in the first."""
    def change(home):
        document = (home / "policy/ede.txtpb").read_text()
        config = (home / "schotvrij.conf").read_text()
        for network in networks(count)[1:]:
            copy = document.replace('key: "ede"', f'key: "{network}"').replace('id: "ede-', f'id: "{network}-')
            (home / f"policy/{network}.txtpb").write_text(copy)
            config += f'policy_file: "policy/{network}.txtpb"\n'
        (home / "schotvrij.conf").write_text(config)
        place = '  party {\n    key: "menzis"'
        assert place in document
        (home / "policy/ede.txtpb").write_text(document.replace(place, PARTY + place, 1))
        enrolment = home / "enrolment.conf"
        enrolment.write_text(enrolment.read_text() + PARTICIPANT)
        issue(home / "tls", home / f"tls/parties/{SECOND}", f"urn:schotvrij:party:{SECOND}")
    return change


def networks_for(parts):
    return -(-parts // CLIENTS)


def registrations(parts):
    """`parts` registrations as FHIR in JSON text, each of its own client in its network, under its own key."""
    template = json.dumps(example(key="KEY", bsn="999900006"), separators=(",", ":"))
    assert '"value":"ede"' in template
    clients = list(itertools.islice(bsns(), CLIENTS))
    for n in range(parts):
        network = networks(networks_for(parts))[n // CLIENTS]
        yield (template.replace("KEY", f"reeks-{n + 1}").replace("999900006", clients[n % CLIENTS])
               .replace('"value":"ede"', f'"value":"{network}"'))


def bundle(parts):
    """The bytes of the Bundle, piece by piece: it never stands in memory whole."""
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    for n, text in enumerate(registrations(parts)):
        yield (b"," if n else b"") + b'{"resource":' + text.encode() + b"}"
    yield b"]}"


def write_bundle(path, parts):
    with open(path, "wb") as file:
        for piece in bundle(parts):
            file.write(piece)


def second_registration(key, bsn):
    """A registration by the second provider, by itself."""
    bundle = example(key=key, bsn=bsn)
    task = resource(bundle, "Task")
    task["requester"] = {"type": "Organization",
                         "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/agb-z", "value": "00000002"}}
    return bundle
