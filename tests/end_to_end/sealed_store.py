"""Opens what a home's store keeps under seal, with the home's keys and a program that is not ours (Debian's python3-cryptography).

    for kept in opened(gateway):
        kept.place, kept.message

An independent reading of the sealed form: one byte 1, eight bytes of the key's id, nonce, ciphertext and tag of AES-256-GCM; the
first nine bytes and the name of the row are authenticated with it.
"""
import dataclasses
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from grpc_peer import message

HEADER, NONCE = 9, 12


@dataclasses.dataclass
class Kept:
    place: str        # table and column
    plaintext: bytes  # a protobuf message
    message: object


def unseal(key, row, sealed):
    header, nonce, rest = sealed[:HEADER], sealed[HEADER:HEADER + NONCE], sealed[HEADER + NONCE:]
    return AESGCM(key).decrypt(nonce, rest, header + row.encode())


def opened(gateway):
    """Every sealed value of the store, opened; raises when one does not open."""
    secret = bytes.fromhex((gateway.home / "keys/kek.hex").read_text().strip())
    derive = lambda label: HKDF(hashes.SHA256(), 32, None, label).derive(secret)
    wrap, own = derive(b"schotvrij 1 wrap client keys"), derive(b"schotvrij 1 seal own rows")
    keys = {}
    for client, wrapped in gateway.query("SELECT client_id, wrapped_key FROM client"):
        keys[client] = unseal(wrap, f"client-key/{client}", wrapped)

    def read(place, kind, key, row, sealed):
        plaintext = unseal(key, row, sealed)
        return Kept(place, plaintext, message(f"schotvrij.v1.{kind}").FromString(plaintext))

    found = []
    for client, facts in gateway.query("SELECT client_id, facts FROM client WHERE facts_version > 0"):
        found.append(read("client.facts", "Facts", keys[client], f"facts/{client}", facts))
    for exchange, client, content, token, answer in gateway.query(
            "SELECT exchange_id, client_id, content, key_token, answer FROM message"):
        if exchange:
            found.append(read("message.content", "Exchange", keys[client], f"exchange/{exchange}", content))
        if answer:
            row = f"answer/{token.hex()}"
            key = hmac.digest(own, len(row).to_bytes(8, "big") + row.encode(), "sha256")
            found.append(read("message.answer", "StoredAnswer", key, row, answer))
    for delivery, client, frozen in gateway.query("SELECT delivery_id, client_id, frozen FROM delivery WHERE frozen != x''"):
        found.append(read("delivery.frozen", "FrozenDelivery", keys[client], f"delivery/{delivery}", frozen))
    return found
