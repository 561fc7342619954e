"""Finds a person in bytes, in whatever form a name or number may stand there.

    Search(["999900006", "Testmeer"]).found_in(data)    # {("999900006", "base64"), …}
"""
import base64
import math
import quopri
import urllib.parse


def base64_inside(raw):
    """What base64 makes of `raw` wherever it begins: the characters that do not depend on what stands before and after."""
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + raw + bytes(2))
        yield text[math.ceil(offset * 8 / 6):(offset + len(raw)) * 8 // 6]


def forms(value):
    """(name, bytes) of each form."""
    utf8 = value.encode()
    raws = {utf8, value.encode("latin-1"), value.upper().encode(), value.lower().encode()}
    wide = {value.encode("utf-16-le"), value.encode("utf-16-be")}
    for raw in raws:
        yield "plain", raw
        yield "URL", "".join(f"%{byte:02X}" for byte in raw).encode()
        yield "URL", "".join(f"%{byte:02x}" for byte in raw).encode()
        yield "URL", urllib.parse.quote(raw, safe="").encode()
        yield "quoted-printable", "".join(f"={byte:02X}" for byte in raw).encode()
        yield "quoted-printable", quopri.encodestring(raw)
        yield "octal", "".join(chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in raw).encode()
    for raw in wide:
        yield "UTF-16", raw
    for raw in raws | wide:
        yield "hex", raw.hex().encode()
        yield "hex", raw.hex().upper().encode()
        for text in base64_inside(raw):
            yield "base64", text
            yield "base64", text.translate(bytes.maketrans(b"+/", b"-_"))
    for escape in ("\\u{:04x}", "\\u{:04X}", "&#{:d};", "&#x{:x};", "&#x{:X};"):
        yield "escaped", "".join(letter if letter.isascii() else escape.format(ord(letter)) for letter in value).encode()
        yield "escaped", "".join(escape.format(ord(letter)) for letter in value).encode()


class Search:
    def __init__(self, values):
        self.needles = {(value, name, form) for value in values for name, form in forms(value)}

    def found_in(self, data):
        return {(value, name) for value, name, form in self.needles if form in data}
