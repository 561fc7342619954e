"""The search finds a person in every form that others write, and nobody where nobody is."""
import base64
import binascii
import json
import quopri
import random
import unittest
import urllib.parse

from person_search import Search

VALUES = ["999900006", "Abcdeëfghijk"]


class PersonSearch(unittest.TestCase):
    def assert_found(self, value, form, data):
        noise = random.randbytes(1000)
        self.assertIn((value, form), Search(VALUES).found_in(noise + data + noise), data)

    def test_each_form_is_found_wherever_it_begins(self):
        for value in VALUES:
            for before in ("", "a", "ab", "abc"):
                sentence = f"{before}{value} van der Testmeer"
                self.assert_found(value, "plain", sentence.encode())
                self.assert_found(value, "plain", sentence.encode("latin-1"))
                self.assert_found(value, "plain", sentence.upper().encode())
                for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
                    raw = sentence.encode(encoding)
                    self.assert_found(value, "base64", base64.b64encode(raw))
                    self.assert_found(value, "base64", base64.urlsafe_b64encode(raw))
                    self.assert_found(value, "hex", binascii.hexlify(raw))
                    self.assert_found(value, "hex", raw.hex().upper().encode())
                self.assert_found(value, "UTF-16", sentence.encode("utf-16"))
                self.assert_found(value, "URL", urllib.parse.quote(sentence).encode())
                self.assert_found(value, "URL", "".join(f"%{byte:02x}" for byte in sentence.encode()).encode())
                self.assert_found(value, "quoted-printable", quopri.encodestring(sentence.encode()))
                self.assert_found(value, "quoted-printable", "".join(f"={byte:02X}" for byte in sentence.encode()).encode())
                self.assert_found(value, "escaped", json.dumps(sentence).encode())
                self.assert_found(value, "escaped", "".join(f"&#{ord(letter)};" for letter in sentence).encode())

    def test_nobody_is_found_where_nobody_is(self):
        for other in (b"", random.randbytes(100_000), b"999900018 Abcdeefghijk", base64.b64encode(b"999900018")):
            self.assertEqual(Search(VALUES).found_in(other), set())


if __name__ == "__main__":
    unittest.main()
