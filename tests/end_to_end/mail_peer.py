"""Mails as people's mail programs write them, as mail servers write them, and as nobody should.

    sender = signing_pair(directory, "ede", "wmo@gemeente-ede.example")
    entity = text_entity("Akkoord\n\nMet vriendelijke groet")
    mail = message(encrypted(signed(entity, *sender), recipient), sender.address, "schotvrij@zorgnet.example", "Bericht")

An entity is bytes: header lines of MIME, an empty line, a body; its lines end in CRLF. The cryptography is that of the openssl
command. As a program it writes a directory of mails and the keys they were made with:

    mail_peer.py DIRECTORY [--names PATTERN] [--max-bytes N]
"""
import argparse
import base64
import ctypes
import dataclasses
import datetime
import email.header
import email.message
import email.policy
import email.utils
import fnmatch
import pathlib
import secrets
import struct
import subprocess
import sys
import tempfile
import typing
import zlib

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
OURS, THEIRS = "schotvrij@zorgnet.example", "wmo@gemeente-ede.example"
OTHER_TEXT = "Afgewezen: woont hier niet\n"  # what an attacker would have it say
LETTER = "Een aanbieder meldt een cliënt bij u aan.\n\nBSN: 999900006\nGeslachtsnaam: van der Testmeer\n"


def openssl(*arguments, data=None):
    """What the command writes."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, timeout=60)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def crlf(text):
    """The text as bytes, with lines that end in CRLF."""
    data = text.encode() if isinstance(text, str) else text
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


# Keys.


class Pair(typing.NamedTuple):
    """Files of a certificate and its key. `signed(entity, *pair[:2])`."""
    certificate: pathlib.Path
    key: pathlib.Path
    address: str
    ca: pathlib.Path


def signing_pair(directory, name, address=None, ca=None, kind="ec", days=90, subject=None):
    """Makes DIRECTORY/NAME.pem and .key, to sign with and to be encrypted to. `ca`: name of the CA in that directory, made when it
    is not there yet. `kind`: ec (P-256) or rsa (2048 bits). `days`: how long it holds; -1 is a certificate that expired."""
    directory, ca = pathlib.Path(directory), ca or "mail-ca"
    address = address or f"{name}@gemeente-ede.example"
    if not (directory / f"{ca}.pem").exists():
        subprocess.run([str(SUPPORT / "make_certs.sh"), "ca", str(directory), ca], check=True, capture_output=True)
    pair = Pair(directory / f"{name}.pem", directory / f"{name}.key", address, directory / f"{ca}.pem")
    how = {"ec": ("EC", "ec_paramgen_curve:P-256"), "rsa": ("RSA", "rsa_keygen_bits:2048")}[kind]
    openssl("genpkey", "-algorithm", how[0], "-pkeyopt", how[1], "-out", pair.key)
    request = openssl("req", "-new", "-key", pair.key, "-subj", subject or f"/O=Gemeente Ede/CN={name}")
    with tempfile.NamedTemporaryFile("w") as extensions:
        use = "keyEncipherment" if kind == "rsa" else "keyAgreement"
        extensions.write(f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,{use}\n"
                         f"extendedKeyUsage=emailProtection\nsubjectAltName=email:{address}\n")
        extensions.flush()
        openssl("x509", "-req", "-CA", pair.ca, "-CAkey", directory / f"{ca}.key", "-set_serial",
                "0x" + secrets.token_hex(8), "-days", days, "-extfile", extensions.name, "-out",
                pair.certificate, data=request)
    return pair


# Entities.


def part(content_type, body, encoding=None, *headers):
    """An entity of these very bytes; what `encoding` says is not done to the body."""
    lines = [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"Content-Transfer-Encoding: {encoding}"] if encoding else []
    return crlf("\n".join([*lines, *headers, "", ""])) + body


def in_base64(data):
    """Lines of 76 characters, as mail has it."""
    return crlf(base64.encodebytes(data))


def multipart(kind, *parts, boundary=None, parameters=""):
    """Entities in one. `kind`: "mixed", "alternative", "signed" and such."""
    boundary = boundary or "=_grens_" + secrets.token_hex(8)
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + each + b"\r\n" for each in parts)
    return part(f'multipart/{kind};\n boundary="{boundary}"{parameters}', body + b"--" + boundary.encode() + b"--\r\n")


def text_entity(text, attachments=(), html=False, charset="utf-8", encoding="quoted-printable"):
    """A letter: text/plain, beside the same in HTML if `html` (True, or HTML of your own), before attachments of (filename,
    type, str or bytes)."""
    entity = email.message.MIMEPart(policy=email.policy.SMTP)
    entity.set_content(text, charset=charset, cte=encoding)
    if html:
        page = html if isinstance(html, str) else "<html><body><p>" + text.replace("\n", "<br>\n") + "</p></body></html>\n"
        entity.add_alternative(page, subtype="html", charset=charset, cte=encoding)
    for filename, kind, content in attachments:
        if isinstance(content, str):
            content = content.encode()
        maintype, subtype = kind.split("/")
        entity.add_attachment(content, maintype=maintype, subtype=subtype, filename=filename)
    return entity.as_bytes()


# Cryptographic Message Syntax (RFC 5652) in MIME (RFC 8551).


def pkcs7(data, kind, name="smime.p7m"):
    """The entity around CMS. `kind`: its smime-type."""
    return part(f'application/pkcs7-mime; smime-type={kind};\n name="{name}"', in_base64(data), "base64",
                f'Content-Disposition: attachment; filename="{name}"')


def content_of(entity):
    """The bytes that an entity has in base64: the CMS of `signed` and `encrypted`."""
    return base64.b64decode(entity.split(b"\r\n\r\n", 1)[1])


def signature(data, certificate, key, detached=False, digest="sha256", signing_time=None, options=()):
    """CMS SignedData. `signing_time`: a datetime other than now. `options`: more of the command's."""
    if signing_time:
        return signature_of_then(data, certificate, key, detached, digest, signing_time)
    return openssl("cms", "-sign", "-binary", "-md", digest, "-signer", certificate, "-inkey", key, "-outform", "DER",
                   *([] if detached else ["-nodetach"]), *options, data=data)


def signature_of_then(data, certificate, key, detached, digest, signing_time):
    """As the command makes it, at another time than now. The command cannot; the library that it is made of can."""
    crypto, pointer = ctypes.CDLL("libcrypto.so.3"), ctypes.c_void_p

    def call(name, *arguments):
        function = getattr(crypto, name)
        function.restype = pointer
        given = function(*(argument if isinstance(argument, (bytes, int, type(None))) else pointer(argument.value)
                           for argument in arguments))
        if not given:
            raise RuntimeError(f"{name} failed")
        return pointer(given)

    def memory(content):
        return call("BIO_new_mem_buf", content, len(content))

    pems = [pathlib.Path(file).read_bytes() for file in (certificate, key)]
    parsed = call("PEM_read_bio_X509", memory(pems[0]), None, None, None)
    private = call("PEM_read_bio_PrivateKey", memory(pems[1]), None, None, None)
    binary, partial, detach = 0x80, 0x4000, 0x40
    flags = binary | partial | (detach if detached else 0)
    cms = call("CMS_sign", None, None, None, None, flags)
    signer = call("CMS_add1_signer", cms, parsed, private, call("EVP_get_digestbyname", digest.encode()), flags)
    utc_time, signing_time_nid = 23, 52
    moment = signing_time.astimezone(datetime.timezone.utc).strftime("%y%m%d%H%M%SZ").encode()
    call("CMS_signed_add1_attr_by_NID", signer, signing_time_nid, utc_time, moment, len(moment))
    call("CMS_final", cms, memory(data), None, flags)
    with tempfile.NamedTemporaryFile() as out:
        bio = call("BIO_new_file", out.name.encode(), b"wb")
        call("i2d_CMS_bio", bio, cms)
        call("BIO_free", bio)
        return pathlib.Path(out.name).read_bytes()


def signed(entity, certificate, key, *_, detached=False, digest="sha256", signing_time=None, options=()):
    """The entity within its signature, or (`detached`) beside it in multipart/signed. `signed(entity, *pair)` will do."""
    made = signature(entity, certificate, key, detached, digest, signing_time, options)
    return beside(entity, made, digest) if detached else pkcs7(made, "signed-data")


def beside(entity, made, digest="sha256"):
    """multipart/signed of an entity and whatever signature."""
    micalg = {"sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512", "sha1": "sha-1"}.get(digest, digest)
    attached = part('application/pkcs7-signature; name="smime.p7s"', in_base64(made), "base64",
                    'Content-Disposition: attachment; filename="smime.p7s"')
    return multipart("signed", entity, attached, parameters=f';\n protocol="application/pkcs7-signature"; micalg={micalg}')


def envelope(data, recipients, cipher="aes-256-gcm", keyopt=()):
    """CMS EnvelopedData, or AuthEnvelopedData where the cipher is one of GCM."""
    recipients = [recipients] if isinstance(recipients, (str, pathlib.Path)) else recipients
    options = [each for option in ([keyopt] if isinstance(keyopt, str) else keyopt) for each in ("-keyopt", option)]
    return openssl("cms", "-encrypt", "-binary", f"-{cipher}", "-outform", "DER",
                   *(each for recipient in recipients for each in ("-recip", recipient, *options)), data=data)


def encrypted(entity, recipients, cipher="aes-256-gcm", keyopt=()):
    """The entity for one certificate file, or several. `keyopt`: "rsa_padding_mode:oaep" for a key of RSA, which otherwise has
    PKCS#1 v1.5; a key of an elliptic curve has ECDH."""
    kind = "authEnveloped-data" if cipher.endswith("gcm") else "enveloped-data"
    return pkcs7(envelope(entity, recipients, cipher, keyopt), kind)


def sealed(entity, sender, recipients, **how):
    """Signed by the pair and then encrypted, as most do it. `how`: of `encrypted`."""
    return encrypted(signed(entity, *sender), recipients, **how)


def opened(entity, pair):
    """What openssl decrypts with the key of that pair; an exception when it cannot."""
    return openssl("cms", "-decrypt", "-recip", pair.certificate, "-inkey", pair.key, data=entity)


def verified(entity, ca):
    """What openssl says was signed, by somebody whom the CA knows; an exception when it was not."""
    return openssl("cms", "-verify", "-CAfile", ca, data=entity)


# Mails.


def encoded_words(text):
    """A header's text as it may stand there."""
    return text if text.isascii() else email.header.Header(text, "utf-8", maxlinelen=70).encode(linesep="\n")


def pairs(headers):
    return list(headers.items() if isinstance(headers, dict) else headers)


def message(entity, from_=THEIRS, to=OURS, subject="Bericht", message_id=None, headers=(), date=None):
    """A whole mail. `from_` may be None: no such line. `headers`: more of them, a dict or pairs, as they are to stand there;
    one of the names From, To, Subject, Date, Message-ID and MIME-Version there is instead of the line that is made here."""
    headers = pairs(headers)
    given = {name.lower() for name, _ in headers}
    name, address = email.utils.parseaddr(from_ or "")
    lines = [("From", email.utils.formataddr((name, address)) if name else from_), ("To", to), ("Subject", encoded_words(subject)),
             ("Date", email.utils.format_datetime(date or datetime.datetime.now(datetime.timezone.utc))),
             ("Message-ID", message_id or email.utils.make_msgid(domain=(address.rpartition("@")[2] or "gemeente-ede.example"))),
             ("MIME-Version", "1.0")]
    lines = [(name, value) for name, value in lines if value is not None and name.lower() not in given] + headers
    return crlf("".join(f"{name}: {value}\n" for name, value in lines)) + entity


def header(mail, name):
    """A header of a mail as text in one line, or empty."""
    value = email.message_from_bytes(mail, policy=email.policy.compat32)[name] or ""
    return str(email.header.make_header(email.header.decode_header(" ".join(value.split()))))


def header_lines(mail):
    """The header of a mail, byte for byte."""
    return mail.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0].replace(b"\n", b"\r\n") + b"\r\n"


def bounce(original, recipient, status="5.1.1", action="failed", style="postfix", whole=False, server="mx.gemeente-ede.example",
           diagnostic="550 5.1.1 Recipient address rejected: User unknown", headers=()):
    """What a mail server says of a mail that it could not deliver, yet or at all, or did (RFC 3464). `style`: postfix or exim. Of
    the original it has the header, or all of it if `whole`."""
    subject = {"failed": ("Undelivered Mail Returned to Sender", "Mail delivery failed: returning message to sender"),
               "delayed": ("Delayed Mail (still being retried)", "Warning: message delayed 24 hours")}.get(
                   action, ("Successful Mail Delivery Report", "Mail delivery report"))[style == "exim"]
    prose = {"failed": "could not be delivered to one or more recipients.", "delayed": "could not be delivered yet."}
    notice = f"This is the mail system at host {server}.\n\nYour message {prose.get(action, 'was delivered.')}\n\n"
    notice += f"<{recipient}>: {diagnostic}\n" if action in ("failed", "delayed") else f"<{recipient}>\n"
    per_mail, per_recipient = [f"Reporting-MTA: dns; {server}"], []
    if style == "postfix":
        per_mail += ["X-Postfix-Queue-ID: 4XyzAB12cdz9rq7",
                     f"X-Postfix-Sender: rfc822; {email.utils.parseaddr(header(original, 'From'))[1]}",
                     f"Arrival-Date: {email.utils.formatdate()}"]
        per_recipient = [f"Final-Recipient: rfc822; {recipient}", f"Original-Recipient: rfc822;{recipient}", f"Action: {action}",
                         f"Status: {status}"]
    else:
        per_recipient = [f"Action: {action}", f"Final-Recipient: rfc822;{recipient}", f"Status: {status}"]
    if action in ("failed", "delayed"):
        per_recipient += [f"Remote-MTA: dns; {server}", f"Diagnostic-Code: smtp; {diagnostic}"]
    report = "\n".join([*per_mail, "", *per_recipient, ""])
    about = part("message/rfc822", crlf(original)) if whole else part("text/rfc822-headers", header_lines(original))
    entity = multipart("report", part("text/plain; charset=us-ascii", crlf(notice)), part("message/delivery-status", crlf(report)),
                       about, parameters=";\n report-type=delivery-status")
    own = [("Return-Path", "<>"), ("Auto-Submitted", "auto-replied")] + [("X-Failed-Recipients", recipient)] * (style == "exim")
    return message(entity, f"Mail Delivery System <MAILER-DAEMON@{server}>", header(original, "From"), subject,
                   headers=own + pairs(headers))


def out_of_office(original, from_=THEIRS, text="Ik ben tot en met vrijdag afwezig.\n", headers=()):
    """The answer of a program, not of a person."""
    return message(text_entity(text), from_, header(original, "From"), "Automatisch antwoord: " + header(original, "Subject"),
                   headers=[("In-Reply-To", header(original, "Message-ID")), ("References", header(original, "Message-ID")),
                            ("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), *pairs(headers)])


def answer_text(original, text, letter="", outlook=False):
    """The text of a reply above the letter that it answers, which the mail itself may not show: it is encrypted."""
    if not letter:
        return text
    sender, subject = header(original, "From"), header(original, "Subject")
    if outlook:
        return (f"{text}\n\n-----Oorspronkelijk bericht-----\nVan: {sender}\nVerzonden: maandag 16 november 2026 09:30\n"
                f"Aan: {header(original, 'To')}\nOnderwerp: {subject}\n\n{letter}")
    quoted = "".join(f"> {line}".rstrip() + "\n" for line in letter.splitlines())
    return f"{text}\n\nOp ma 16 nov 2026 om 09:30 schreef {sender}:\n{quoted}"


def reply(original, from_, text, letter="", outlook=False, seal=None, headers=(), **entity):
    """A person's answer. `letter`: what is quoted, with "> " or as Outlook does it. `seal`: what is done to the entity, such as
    `lambda entity: sealed(entity, sender, recipient)`. `entity`: of text_entity."""
    made = text_entity(answer_text(original, text, letter, outlook), **entity)
    subject, answered = header(original, "Subject"), header(original, "Message-ID")
    references = " ".join(filter(None, [header(original, "References"), answered]))
    prefix = "" if subject.lower().startswith(("re:", "antw:")) else "Re: "
    return message(seal(made) if seal else made, from_, header(original, "Reply-To") or header(original, "From"), prefix + subject,
                   headers=[("In-Reply-To", answered), ("References", references), *pairs(headers)])


# What mails are made of in a test: who writes, with what key, to whom.


@dataclasses.dataclass
class Kit:
    """What the makers of `good` and `hostile` go by; `dataclasses.replace(kit, recipient=…)` for a test's own."""
    sender: Pair        # P-256
    sender_rsa: Pair
    expired: Pair       # as the sender, with a certificate that expired yesterday
    stranger: Pair      # says it has the sender's address, and is of another CA
    recipient: pathlib.Path  # certificate that mail is encrypted to
    from_: str
    to: str
    subject: str
    text: str
    original: bytes     # what is answered

    def mail(self, entity, **how):
        return message(entity, **{"from_": self.from_, "to": self.to, "subject": self.subject, **how})

    def letter(self, text=None):
        return text_entity(self.text if text is None else text)

    def signed(self, entity=None, **how):
        return signed(self.letter() if entity is None else entity, *self.sender, **how)

    def encrypted(self, entity, **how):
        return encrypted(entity, self.recipient, **how)

    def sealed(self, entity=None, **how):
        return self.encrypted(self.signed(entity), **how)


def make_kit(directory, text="Akkoord\n\nMet vriendelijke groet,\nP. Proefje\n", from_=THEIRS, to=OURS, own=None):
    """A kit with keys that are made in the directory. `own`: the certificate file of who it is sent to; without it a pair
    DIRECTORY/ours.pem, ours.key is made."""
    pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
    number = secrets.token_hex(16)
    recipient = own or signing_pair(directory, "ours", to).certificate
    sender = signing_pair(directory, "sender", from_)
    letter = encrypted(text_entity(LETTER + f"\nBericht: {number}\n"), sender.certificate)
    original = message(letter, to, from_, f"Bericht {number}", message_id=f"<{number}@{to.rpartition('@')[2]}>",
                       headers={"Auto-Submitted": "auto-generated"})
    return Kit(sender=sender, sender_rsa=signing_pair(directory, "sender-rsa", from_, kind="rsa"),
               expired=signing_pair(directory, "expired", from_, days=-1),
               stranger=signing_pair(directory, "stranger", from_, "other-ca"), recipient=recipient, from_=from_, to=to,
               subject=f"Re: Bericht {number}", text=text, original=original)


# Mails as they should be.

GOOD, HOSTILE_MAILS, HOSTILE_ENTITIES = [], [], []


def listed(makers):
    return lambda maker: makers.append(maker) or maker


def good():
    """(name, maker) of ordinary mails; maker(kit) is the mail."""
    return [(maker.__name__, maker) for maker in GOOD]


def answered(kit, **how):
    return reply(kit.original, kit.from_, kit.text, **{"seal": kit.sealed, **how})


@listed(GOOD)
def answer(kit):
    return answered(kit)


@listed(GOOD)
def answer_that_quotes(kit):
    return answered(kit, letter=LETTER)


@listed(GOOD)
def answer_of_outlook(kit):
    return answered(kit, letter=LETTER, outlook=True, html=True)


@listed(GOOD)
def answer_in_base64_latin1(kit):
    return answered(kit, charset="iso-8859-1", encoding="base64")


@listed(GOOD)
def answer_with_attachments(kit):
    return answered(kit, attachments=[("handtekening.txt", "text/plain", "Gemeente Ede\n"),
                                      ("logo.png", "image/png", b"\x89PNG\r\n")])


@listed(GOOD)
def answer_signed_beside(kit):
    return answered(kit, seal=lambda entity: kit.encrypted(kit.signed(entity, detached=True)))


@listed(GOOD)
def answer_in_cbc(kit):
    return answered(kit, seal=lambda entity: kit.sealed(entity, cipher="aes-256-cbc"))


@listed(GOOD)
def answer_signed_with_rsa(kit):
    return answered(kit, seal=lambda entity: kit.encrypted(signed(entity, *kit.sender_rsa)))


@listed(GOOD)
def answer_signed_only(kit):
    return answered(kit, seal=kit.signed)


@listed(GOOD)
def answer_in_the_clear(kit):
    return answered(kit, seal=None)


@listed(GOOD)
def bounce_of_postfix(kit):
    return bounce(kit.original, kit.from_)


@listed(GOOD)
def bounce_of_exim(kit):
    return bounce(kit.original, kit.from_, style="exim")


@listed(GOOD)
def bounce_that_is_delayed(kit):
    return bounce(kit.original, kit.from_, "4.4.1", "delayed", diagnostic="451 4.4.1 Connection timed out", whole=True)


@listed(GOOD)
def away(kit):
    return out_of_office(kit.original, kit.from_)


# Mails as they should not be: what was signed, and by whom.


def hostile():
    """(name, maker) of mails that are wrong each in its own way; maker(kit) is the mail. What is wrong inside an entity comes
    twice: in a mail that anybody could send, and (`…_sealed`) signed and encrypted as it should be."""
    makers = [(maker.__name__, maker) for maker in HOSTILE_MAILS]
    for maker in HOSTILE_ENTITIES:
        makers.append((maker.__name__, lambda kit, maker=maker: kit.mail(maker(kit))))
        makers.append((maker.__name__ + "_sealed", lambda kit, maker=maker: kit.mail(kit.sealed(maker(kit)))))
    return makers


@listed(HOSTILE_MAILS)
def signature_stripped(kit):
    """multipart/signed, with its signature gone."""
    return kit.mail(multipart("signed", kit.letter(), parameters='; protocol="application/pkcs7-signature"; micalg=sha-256'))


@listed(HOSTILE_MAILS)
def signature_stripped_sealed(kit):
    return kit.mail(kit.encrypted(kit.letter()))


@listed(HOSTILE_MAILS)
def signature_over_other_text(kit):
    """Beside the text stands the signature of another."""
    made = signature(kit.letter(), *kit.sender[:2], detached=True)
    return kit.mail(kit.encrypted(beside(kit.letter(OTHER_TEXT), made)))


@listed(HOSTILE_MAILS)
def signed_text_altered(kit):
    """One bit of the letter within the signature."""
    made = bytearray(signature(kit.letter(), *kit.sender[:2]))
    made[made.index(b"\r\n\r\n") + 4] ^= 1
    return kit.mail(kit.encrypted(pkcs7(bytes(made), "signed-data")))


@listed(HOSTILE_MAILS)
def unsigned_part_behind_the_signature(kit):
    entity = kit.signed(detached=True)
    boundary = email.message_from_bytes(entity).get_boundary().encode()
    more = b"--" + boundary + b"\r\n" + kit.letter(OTHER_TEXT) + b"\r\n--" + boundary + b"--\r\n"
    return kit.mail(kit.encrypted(entity.removesuffix(b"--" + boundary + b"--\r\n") + more))


@listed(HOSTILE_MAILS)
def unsigned_text_before_what_is_signed(kit):
    return kit.mail(kit.encrypted(multipart("mixed", kit.letter(OTHER_TEXT), kit.signed(detached=True))))


@listed(HOSTILE_MAILS)
def unsigned_text_after_what_is_signed(kit):
    return kit.mail(kit.encrypted(multipart("mixed", kit.signed(), kit.letter(OTHER_TEXT))))


@listed(HOSTILE_MAILS)
def unsigned_alternative_to_what_is_signed(kit):
    return kit.mail(kit.encrypted(multipart("alternative", kit.letter(OTHER_TEXT), kit.signed())))


@listed(HOSTILE_MAILS)
def two_signed_texts(kit):
    return kit.mail(kit.encrypted(multipart("mixed", kit.signed(), kit.signed(kit.letter(OTHER_TEXT)))))


@listed(HOSTILE_MAILS)
def signed_by_a_stranger(kit):
    return kit.mail(kit.encrypted(signed(kit.letter(), *kit.stranger)))


@listed(HOSTILE_MAILS)
def signed_by_two(kit):
    return kit.mail(kit.encrypted(kit.signed(options=("-signer", kit.stranger.certificate, "-inkey", kit.stranger.key))))


@listed(HOSTILE_MAILS)
def signed_by_a_stranger_with_our_certificate_beside(kit):
    """Its certificate list begins with the sender's."""
    return kit.mail(kit.encrypted(signed(kit.letter(), *kit.stranger, options=("-certfile", kit.sender.certificate))))


@listed(HOSTILE_MAILS)
def signed_by_a_stranger_over_what_is_signed(kit):
    return kit.mail(kit.encrypted(signed(kit.signed(), *kit.stranger)))


@listed(HOSTILE_MAILS)
def signed_over_what_a_stranger_signed(kit):
    return kit.mail(kit.encrypted(kit.signed(signed(kit.letter(), *kit.stranger))))


@listed(HOSTILE_MAILS)
def signed_by_an_expired_certificate(kit):
    return kit.mail(kit.encrypted(signed(kit.letter(), *kit.expired)))


@listed(HOSTILE_MAILS)
def signed_with_md5(kit):
    return kit.mail(kit.encrypted(signed(kit.letter(), *kit.sender_rsa, digest="md5")))


@listed(HOSTILE_MAILS)
def signed_with_sha1(kit):
    return kit.mail(kit.encrypted(kit.signed(digest="sha1")))


@listed(HOSTILE_MAILS)
def signed_long_ago(kit):
    then = datetime.datetime(2020, 2, 29, 12, tzinfo=datetime.timezone.utc)
    return kit.mail(kit.encrypted(kit.signed(signing_time=then)))


@listed(HOSTILE_MAILS)
def signed_without_attributes(kit):
    return kit.mail(kit.encrypted(kit.signed(options=("-noattr",))))


@listed(HOSTILE_MAILS)
def signed_without_a_certificate(kit):
    return kit.mail(kit.encrypted(kit.signed(options=("-nocerts",))))


@listed(HOSTILE_MAILS)
def signed_by_nobody(kit):
    """SignedData with content, and an empty set of signers."""
    content = tlv(0x30, oid("1.2.840.113549.1.7.1"), tlv(0xA0, tlv(0x04, kit.letter())))
    return kit.mail(kit.encrypted(pkcs7(cms(2, number(1), tlv(0x31), content, tlv(0x31)), "signed-data")))


@listed(HOSTILE_MAILS)
def certificates_alone(kit):
    made = openssl("crl2pkcs7", "-nocrl", "-certfile", kit.sender.certificate, "-outform", "DER")
    return kit.mail(kit.encrypted(pkcs7(made, "certs-only", "smime.p7c")))


@listed(HOSTILE_MAILS)
def signed_with_another_author(kit):
    """The sender's signature, and another's address in From."""
    return kit.mail(kit.sealed(), from_="Gemeente <wmo@gemeente-elders.example>")


# What was encrypted, and how.


def tlv(tag, *content):
    """DER by hand: tag, length, value."""
    content = b"".join(content)
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if len(content) < 128 else bytes([0x80 | len(size)]) + size) + content


def number(value):
    return tlv(0x02, bytes([value]))


def oid(dotted):
    first, second, *others = map(int, dotted.split("."))
    data = bytes([first * 40 + second])
    for other in others:
        digits = [other & 0x7F]
        while other := other >> 7:
            digits.append(0x80 | other & 0x7F)
        data += bytes(reversed(digits))
    return tlv(0x06, data)


def cms(kind, *content):
    """ContentInfo of a SEQUENCE. `kind`: the last arc of pkcs7's own types, or an object identifier."""
    return tlv(0x30, oid(kind if isinstance(kind, str) else f"1.2.840.113549.1.7.{kind}"), tlv(0xA0, tlv(0x30, *content)))


def compressed(data):
    """CMS CompressedData (RFC 3274) of what zlib made, which Debian's openssl neither writes nor reads."""
    return cms("1.2.840.113549.1.9.16.1.9", number(0), tlv(0x30, oid("1.2.840.113549.1.9.16.3.8")),
               tlv(0x30, oid("1.2.840.113549.1.7.1"), tlv(0xA0, tlv(0x04, data))))


def deflate_bomb(text, megabytes=1024):
    """(raw deflate of the text and so many megabytes of NUL, its length, its Adler-32): one megabyte, again and again."""
    maker = zlib.compressobj(9, zlib.DEFLATED, -15)
    made = maker.compress(text) + maker.flush(zlib.Z_FULL_FLUSH)
    made += (maker.compress(bytes(1 << 20)) + maker.flush(zlib.Z_FULL_FLUSH)) * megabytes + maker.flush()
    high, low = divmod(zlib.adler32(text), 1 << 16)
    return made, len(text) + (megabytes << 20), (high + low * (megabytes << 20)) % 65521 << 16 | low


@listed(HOSTILE_MAILS)
def encrypted_for_another(kit):
    return kit.mail(encrypted(kit.signed(), kit.stranger.certificate))


@listed(HOSTILE_MAILS)
def encrypted_with_des3(kit):
    return kit.mail(kit.sealed(cipher="des3"))


@listed(HOSTILE_MAILS)
def encrypted_for_two_hundred(kit):
    return kit.mail(encrypted(kit.signed(), [kit.stranger.certificate] * 199 + [kit.recipient]))


@listed(HOSTILE_MAILS)
def encrypted_and_altered_gcm(kit):
    made = bytearray(envelope(kit.signed(), kit.recipient))
    made[-1] ^= 1
    return kit.mail(pkcs7(bytes(made), "authEnveloped-data"))


@listed(HOSTILE_MAILS)
def encrypted_and_altered_cbc(kit):
    made = bytearray(envelope(kit.signed(), kit.recipient, "aes-256-cbc"))
    made[-200] ^= 1
    return kit.mail(pkcs7(bytes(made), "enveloped-data"))


@listed(HOSTILE_MAILS)
def encrypted_with_padding_altered(kit):
    made = bytearray(envelope(kit.signed(), kit.recipient, "aes-256-cbc"))
    made[-17] ^= 0x55
    return kit.mail(pkcs7(bytes(made), "enveloped-data"))


@listed(HOSTILE_MAILS)
def encrypted_between_the_halves_of_a_page(kit):
    """What is decrypted would be sent away as the address of a picture, if these were joined."""
    return kit.mail(multipart("mixed", part("text/html", b'<img src="http://elders.example/'), kit.sealed(),
                              part("text/html", b'">')))


@listed(HOSTILE_MAILS)
def encrypted_beside_plain_text(kit):
    return kit.mail(multipart("mixed", kit.letter(OTHER_TEXT), kit.sealed()))


@listed(HOSTILE_MAILS)
def encrypted_and_then_signed(kit):
    return kit.mail(kit.signed(kit.encrypted(kit.letter())))


@listed(HOSTILE_MAILS)
def encrypted_fifty_deep(kit):
    data = kit.signed()
    for _ in range(49):
        data = part('application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
                    envelope(data, kit.recipient, "aes-128-cbc"), "binary")
    return kit.mail(kit.encrypted(data, cipher="aes-128-cbc"))


@listed(HOSTILE_MAILS)
def signed_fifty_deep(kit):
    data = kit.letter()
    for _ in range(50):
        data = part('application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
                    signature(data, *kit.sender[:2], options=("-nocerts",)), "binary")
    return kit.mail(kit.encrypted(data))


@listed(HOSTILE_MAILS)
def cms_cut_short(kit):
    made = envelope(kit.signed(), kit.recipient)
    return kit.mail(pkcs7(made[:len(made) // 2], "authEnveloped-data"))


@listed(HOSTILE_MAILS)
def cms_of_signature_cut_short(kit):
    made = signature(kit.letter(), *kit.sender[:2])
    return kit.mail(kit.encrypted(pkcs7(made[:-30], "signed-data")))


@listed(HOSTILE_MAILS)
def cms_of_nothing(kit):
    return kit.mail(pkcs7(b"", "enveloped-data"))


@listed(HOSTILE_MAILS)
def cms_of_rubbish(kit):
    return kit.mail(pkcs7(bytes(range(256)) * 16, "enveloped-data"))


@listed(HOSTILE_MAILS)
def cms_that_never_ends(kit):
    """An EnvelopedData whose content is sequences of indefinite length in each other, ten thousand deep."""
    return kit.mail(pkcs7(b"\x30\x80" + oid("1.2.840.113549.1.7.3") + b"\xa0\x80" + b"\x30\x80" * 10_000, "enveloped-data"))


@listed(HOSTILE_MAILS)
def cms_that_never_ends_signed(kit):
    """A SignedData whose content is octet strings of indefinite length in each other."""
    return kit.mail(pkcs7(b"\x30\x80" + oid("1.2.840.113549.1.7.2") + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" +
                          oid("1.2.840.113549.1.7.1") + b"\xa0\x80" + b"\x24\x80" * 10_000, "signed-data"))


@listed(HOSTILE_MAILS)
def cms_that_claims_four_gigabytes(kit):
    return kit.mail(pkcs7(b"\x30\x84\xff\xff\xff\xff" + oid("1.2.840.113549.1.7.3") + b"\xa0\x84\xff\xff\xff\xf0" + b"\x30" * 64,
                          "enveloped-data"))


@listed(HOSTILE_MAILS)
def cms_in_broken_base64(kit):
    return kit.mail(kit.sealed().replace(b"A", b"*").replace(b"\r\n\r\n", b"\r\n\r\n====\r\n", 1))


@listed(HOSTILE_MAILS)
def compressed_letter(kit):
    made = compressed(zlib.compress(kit.letter(), 9))
    return kit.mail(kit.encrypted(kit.signed(pkcs7(made, "compressed-data", "smime.p7z"))))


@listed(HOSTILE_MAILS)
def compressed_bomb(kit):
    """A gigabyte of letter in a megabyte."""
    made, _, adler = deflate_bomb(kit.letter())
    made = compressed(b"\x78\xda" + made + adler.to_bytes(4, "big"))
    return kit.mail(kit.encrypted(kit.signed(pkcs7(made, "compressed-data", "smime.p7z"))))


# What stands in the header.


@listed(HOSTILE_MAILS)
def header_injected_by_subject(kit):
    injected = base64.b64encode(b"Bericht\r\nBcc: elders@elders.example\r\n\r\nAkkoord").decode()
    return kit.mail(kit.sealed(), headers=[("Subject", f"=?utf-8?b?{injected}?=")])


@listed(HOSTILE_MAILS)
def header_injected_by_from(kit):
    return kit.mail(kit.sealed(), headers=[("From", f"=?utf-8?q?Wmo=0D=0ATo:_elders=40elders.example=0D=0A=0D=0A?= <{kit.from_}>")])


@listed(HOSTILE_MAILS)
def header_injected_by_message_id(kit):
    return kit.mail(kit.sealed(), message_id="<a\rSubject: x\0\x1b[2J\"'; --@elders.example>")


@listed(HOSTILE_MAILS)
def from_two_headers(kit):
    return kit.mail(kit.sealed(), headers=[("From", kit.from_), ("From", "wmo@gemeente-elders.example")])


@listed(HOSTILE_MAILS)
def from_two_authors(kit):
    return kit.mail(kit.sealed(), headers=[("From", f"{kit.from_}, wmo@gemeente-elders.example")])


@listed(HOSTILE_MAILS)
def from_nobody(kit):
    return kit.mail(kit.sealed(), from_=None)


@listed(HOSTILE_MAILS)
def from_an_empty_line(kit):
    return kit.mail(kit.sealed(), headers=[("From", "")])


@listed(HOSTILE_MAILS)
def from_a_group(kit):
    return kit.mail(kit.sealed(), headers=[("From", f"Wmo: {kit.from_};")])


@listed(HOSTILE_MAILS)
def from_a_name_that_is_an_address(kit):
    return kit.mail(kit.sealed(), headers=[("From", f'"{kit.from_}" <wmo@gemeente-elders.example>')])


@listed(HOSTILE_MAILS)
def from_encoded_words_that_are_an_address(kit):
    local, domain = kit.from_.split("@")
    return kit.mail(kit.sealed(), headers=[("From", f"=?utf-8?q?{local}=40{domain}=3E?= <wmo@gemeente-elders.example>")])


@listed(HOSTILE_MAILS)
def from_an_address_with_nul(kit):
    return kit.mail(kit.sealed(), headers=[("From", f"<{kit.from_}\0@gemeente-elders.example>")])


@listed(HOSTILE_MAILS)
def from_a_route(kit):
    return kit.mail(kit.sealed(), headers=[("From", f"<@elders.example,@{kit.from_.split('@')[1]}:{kit.from_}>")])


@listed(HOSTILE_MAILS)
def from_comments_in_comments(kit):
    return kit.mail(kit.sealed(), headers=[("From", "(" * 20_000 + f" {kit.from_}")])


@listed(HOSTILE_MAILS)
def from_ten_thousand_authors(kit):
    return kit.mail(kit.sealed(), headers=[("From", ",\n ".join(f"p{i}@gemeente-ede.example" for i in range(10_000)))])


@listed(HOSTILE_MAILS)
def header_without_end(kit):
    """No empty line, and so no body."""
    return kit.mail(b"").replace(b"\r\n\r\n", b"\r\n").rstrip(b"\r\n")


@listed(HOSTILE_MAILS)
def header_runs_into_the_text(kit):
    """No empty line before the letter."""
    return kit.mail(kit.text.encode())


@listed(HOSTILE_MAILS)
def header_line_of_a_megabyte(kit):
    return kit.mail(kit.sealed(), headers=[("X-Lang", "x" * (1 << 20))])


@listed(HOSTILE_MAILS)
def header_of_a_hundred_thousand_lines(kit):
    return kit.mail(kit.sealed(), headers=[("Received", "x")] * 100_000)


@listed(HOSTILE_MAILS)
def header_folded_ten_thousand_times(kit):
    return kit.mail(kit.sealed(), headers=[("Subject", "Bericht" + "\n " * 10_000 + "x")])


@listed(HOSTILE_MAILS)
def header_of_ten_thousand_references(kit):
    return kit.mail(kit.sealed(), headers=[("In-Reply-To", "\n ".join(f"<{i:032x}@zorgnet.example>" for i in range(10_000)))])


@listed(HOSTILE_MAILS)
def header_of_bytes_above_ascii(kit):
    return b"X-Naam: Zo\xeb \xff\xfe\r\n" + kit.mail(kit.sealed())


@listed(HOSTILE_MAILS)
def header_line_without_a_name(kit):
    return b": leeg\r\nzonder dubbele punt\r\n" + kit.mail(kit.sealed())


@listed(HOSTILE_MAILS)
def header_of_a_mailbox_file(kit):
    return b"From wmo@gemeente-ede.example Mon Nov 16 09:30:00 2026\r\n" + kit.mail(kit.sealed())


@listed(HOSTILE_MAILS)
def header_of_two_content_types(kit):
    return kit.mail(kit.sealed(), headers=[("Content-Type", "text/plain; charset=utf-8")])


@listed(HOSTILE_MAILS)
def header_of_two_message_ids(kit):
    return kit.mail(kit.sealed(), headers=[("Message-ID", "<a@gemeente-ede.example>"), ("Message-ID", "<b@gemeente-ede.example>")])


@listed(HOSTILE_MAILS)
def empty_mail(kit):
    return b""


@listed(HOSTILE_MAILS)
def empty_line(kit):
    return b"\r\n"


@listed(HOSTILE_MAILS)
def rubbish(kit):
    return bytes(range(256)) * 64


@listed(HOSTILE_MAILS)
def larger_than_is_taken(kit):
    """More than ten megabytes."""
    return kit.mail(text_entity(kit.text, attachments=[("groot.bin", "application/octet-stream", bytes(8 << 20))]))


@listed(HOSTILE_MAILS)
def lines_that_end_in_lf(kit):
    return kit.mail(kit.signed(detached=True)).replace(b"\r\n", b"\n")


@listed(HOSTILE_MAILS)
def lines_that_end_in_cr(kit):
    return kit.mail(kit.letter()).replace(b"\r\n", b"\r")


@listed(HOSTILE_MAILS)
def bounce_of_ten_thousand_recipients(kit):
    made = bounce(kit.original, kit.from_)
    more = "".join(f"Final-Recipient: rfc822; p{i}@gemeente-ede.example\nAction: failed\nStatus: 5.1.1\n\n" for i in range(10_000))
    return made.replace(b"Final-Recipient:", crlf(more) + b"Final-Recipient:", 1)


@listed(HOSTILE_MAILS)
def bounce_without_the_original(kit):
    entity = multipart("report", part("text/plain", b"Undelivered\r\n"), part("message/delivery-status", b"Action: failed\r\n"),
                       parameters="; report-type=delivery-status")
    return message(entity, "<>", kit.to, "Undelivered Mail Returned to Sender")


@listed(HOSTILE_MAILS)
def bounce_of_a_mail_that_was_never_sent(kit):
    return bounce(kit.original.replace(header(kit.original, "Message-ID").encode(), b"<nooit@zorgnet.example>"), kit.from_)


@listed(HOSTILE_MAILS)
def bounce_with_hostile_fields(kit):
    return bounce(kit.original, "a\0b\r\n\r\nFinal-Recipient: rfc822; x", "9" * 1000 + ".x.-1", "=?utf-8?q?failed=0A?=")


@listed(HOSTILE_MAILS)
def read_receipt(kit):
    """multipart/report, of another kind (RFC 8098)."""
    fields = (f"Final-Recipient: rfc822;{kit.from_}\nOriginal-Message-ID: {header(kit.original, 'Message-ID')}\n"
              "Disposition: manual-action/MDN-sent-manually; displayed\n")
    entity = multipart("report", kit.letter("Uw bericht is gelezen.\n"), part("message/disposition-notification", crlf(fields)),
                       parameters="; report-type=disposition-notification")
    return kit.mail(entity)


@listed(HOSTILE_MAILS)
def mail_of_a_list(kit):
    return kit.mail(kit.sealed(), headers={"List-Id": "<wmo.gemeente-ede.example>", "Precedence": "list"})


@listed(HOSTILE_MAILS)
def our_own_mail(kit):
    """What the gateway sent comes back."""
    return kit.original


# What stands in an entity.


@listed(HOSTILE_ENTITIES)
def multiparts_in_multiparts(kit):
    """Two thousand deep."""
    heads = b"".join(part(f"multipart/mixed; boundary=b{depth}", b"--b%d\r\n" % depth) for depth in range(2000))
    return heads + kit.letter() + b"".join(b"\r\n--b%d--" % depth for depth in reversed(range(2000))) + b"\r\n"


@listed(HOSTILE_ENTITIES)
def multiparts_of_one_boundary(kit):
    """Each has the boundary of the one that it is in."""
    heads = part("multipart/mixed; boundary=b", b"--b\r\n") * 50
    return heads + kit.letter() + b"\r\n--b--\r\n"


@listed(HOSTILE_ENTITIES)
def mails_in_mails(kit):
    """Five hundred deep."""
    return b"Content-Type: message/rfc822\r\n\r\n" * 500 + kit.letter()


@listed(HOSTILE_ENTITIES)
def ten_thousand_parts(kit):
    return multipart("mixed", kit.letter(), *[part("text/plain", b"x")] * 10_000)


@listed(HOSTILE_ENTITIES)
def ten_thousand_empty_parts(kit):
    return part("multipart/mixed; boundary=b", b"--b\r\n\r\n" * 10_000 + b"--b--\r\n")


def zip_of(deflated, size):
    """A zip file of one file, by hand: whatever it says of its size."""
    name = b"brief.txt"
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x5D70, 0, len(deflated), size, len(name), 0)
    local = b"PK\x03\x04" + fields + name + deflated
    central = b"PK\x01\x02\x14\0" + fields + bytes(14) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


@listed(HOSTILE_ENTITIES)
def zip_bomb(kit):
    """A gigabyte in a megabyte."""
    made, size, _ = deflate_bomb(b"Akkoord\n")
    return text_entity(kit.text, attachments=[("brief.zip", "application/zip", zip_of(made, size))])


@listed(HOSTILE_ENTITIES)
def zip_that_claims_three_gigabytes(kit):
    made = zip_of(deflate_bomb(b"Akkoord\n", 0)[0], 3 << 30)
    entity = text_entity(kit.text, attachments=[("brief.zip", "application/zip", made)])
    return entity.replace(b'filename="brief.zip"', b'filename="brief.zip"; size=3221225472')


@listed(HOSTILE_ENTITIES)
def attachment_with_a_path(kit):
    return text_entity(kit.text, attachments=[("../../../../etc/passwd", "text/plain", "Afgewezen\n")])


@listed(HOSTILE_ENTITIES)
def attachment_of_outlook(kit):
    return text_entity(kit.text, attachments=[("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22" + bytes(64))])


@listed(HOSTILE_ENTITIES)
def text_of_five_megabytes(kit):
    """Of base64, so that it is still taken when it is sealed."""
    return part("text/plain; charset=utf-8", in_base64(b"Akkoord\r\n" * 425_000), "base64")


@listed(HOSTILE_ENTITIES)
def text_in_an_unknown_charset(kit):
    return part("text/plain; charset=x-eigen-maaksel", crlf(kit.text), "8bit")


@listed(HOSTILE_ENTITIES)
def text_in_utf_7(kit):
    return part("text/plain; charset=utf-7", crlf(kit.text.encode("utf-7") + b"+ADw-script+AD4-\n"), "7bit")


@listed(HOSTILE_ENTITIES)
def text_in_utf_16(kit):
    return part("text/plain; charset=utf-16", in_base64(kit.text.encode("utf-16") + b"\x00"), "base64")


@listed(HOSTILE_ENTITIES)
def text_that_is_no_utf_8(kit):
    return part("text/plain; charset=utf-8", b"Akkoord \xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\r\n", "8bit")


@listed(HOSTILE_ENTITIES)
def text_that_says_ascii_and_is_not(kit):
    return part("text/plain; charset=us-ascii", crlf("Akkoord, cliënt\n"), "7bit")


@listed(HOSTILE_ENTITIES)
def text_with_nul_bytes(kit):
    return part("text/plain; charset=utf-8", b"Akk\0oord\r\n\0\r\n" + crlf(kit.text), "8bit")


@listed(HOSTILE_ENTITIES)
def text_with_control_characters(kit):
    return text_entity("Akkoord\x1b[2J\x07\u202edrookkA\u200b\ufeff\u2028Afgewezen\x85Afgewezen\x0bAfgewezen\x0c\n")


@listed(HOSTILE_ENTITIES)
def text_of_one_line_of_a_megabyte(kit):
    return part("text/plain; charset=utf-8", b"x" * (1 << 20) + b"\r\n" + crlf(kit.text), "8bit")


@listed(HOSTILE_ENTITIES)
def text_of_a_hundred_thousand_lines(kit):
    return part("text/plain; charset=utf-8", b"> \r\n" * 100_000 + crlf(kit.text), "8bit")


@listed(HOSTILE_ENTITIES)
def text_of_nothing(kit):
    return part("text/plain; charset=utf-8", b"")


@listed(HOSTILE_ENTITIES)
def text_in_an_unknown_encoding(kit):
    return part("text/plain; charset=utf-8", crlf(kit.text), "x-eigen-maaksel")


@listed(HOSTILE_ENTITIES)
def text_in_broken_base64(kit):
    return part("text/plain; charset=utf-8", b"QWtr=b29yZA*\xff\r\n=====\r\nQ", "base64")


@listed(HOSTILE_ENTITIES)
def text_in_broken_quoted_printable(kit):
    return part("text/plain; charset=utf-8", b"Akk=6ford=\r\n=ZZ =0 =\r\n=", "quoted-printable")


@listed(HOSTILE_ENTITIES)
def text_with_a_uuencoded_file(kit):
    return part("text/plain", crlf(kit.text) + b"begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n")


@listed(HOSTILE_ENTITIES)
def text_in_html_alone(kit):
    return part("text/html; charset=utf-8", b"<p>Akkoord<!-- --><script>alert(1)</script><div style=display:none>Afgewezen</div>" +
                b"<div>" * 10_000 + b"&#0;&#x110000;&" + b"amp;" * 1000, "8bit")


@listed(HOSTILE_ENTITIES)
def alternatives_that_contradict(kit):
    return text_entity("Akkoord\n", html="<p>Afgewezen: woont hier niet</p>\n")


@listed(HOSTILE_ENTITIES)
def multipart_without_a_boundary(kit):
    return part("multipart/mixed", b"--b\r\n" + kit.letter() + b"\r\n--b--\r\n")


@listed(HOSTILE_ENTITIES)
def multipart_whose_boundary_never_comes(kit):
    return part("multipart/mixed; boundary=nooit", kit.letter())


@listed(HOSTILE_ENTITIES)
def multipart_that_never_ends(kit):
    return part("multipart/mixed; boundary=b", b"--b\r\n" + kit.letter())


@listed(HOSTILE_ENTITIES)
def multipart_with_an_empty_boundary(kit):
    return part('multipart/mixed; boundary=""', b"--\r\n" + kit.letter() + b"\r\n----\r\n")


@listed(HOSTILE_ENTITIES)
def multipart_with_a_long_boundary(kit):
    return multipart("mixed", kit.letter(), boundary="b" * 100_000)


@listed(HOSTILE_ENTITIES)
def multipart_whose_boundaries_begin_alike(kit):
    inner = multipart("mixed", kit.letter(), boundary="bb")
    return multipart("mixed", inner, kit.letter("Afgewezen\n"), boundary="b")


@listed(HOSTILE_ENTITIES)
def multipart_in_base64(kit):
    return part("multipart/mixed; boundary=b", in_base64(b"--b\r\n" + kit.letter() + b"\r\n--b--\r\n"), "base64")


@listed(HOSTILE_ENTITIES)
def multipart_with_text_around_its_parts(kit):
    return part("multipart/mixed; boundary=b", b"Afgewezen\r\n--b\r\n" + kit.letter() + b"\r\n--b--\r\nAfgewezen\r\n")


@listed(HOSTILE_ENTITIES)
def content_type_of_ten_thousand_parameters(kit):
    return part("text/plain" + "".join(f";\n charset*{i}*=u" for i in range(10_000)), crlf(kit.text))


@listed(HOSTILE_ENTITIES)
def content_type_of_rubbish(kit):
    return part('text//plain;;; =; "\\; charset="utf-8', crlf(kit.text))


@listed(HOSTILE_ENTITIES)
def message_partial(kit):
    return part('message/partial; id="a@gemeente-ede.example"; number=1; total=2', kit.letter())


@listed(HOSTILE_ENTITIES)
def message_external_body(kit):
    return part('message/external-body; access-type=local-file; name="/etc/passwd"', b"Content-Type: text/plain\r\n\r\n")


@listed(HOSTILE_ENTITIES)
def mail_that_is_passed_on(kit):
    """What another wrote, as an attachment."""
    return multipart("mixed", kit.letter("Ter informatie.\n"), part("message/rfc822", kit.mail(kit.letter())))


@listed(HOSTILE_ENTITIES)
def header_fields_in_the_entity(kit):
    """What is signed names another author and subject than what is around it."""
    return crlf("From: wmo@gemeente-elders.example\nSubject: Afgewezen\nMessage-ID: <b@gemeente-elders.example>\n") + kit.letter()


# The directory of them all.


def write(directory, names="*", max_bytes=None):
    """Writes DIRECTORY/good-NAME.eml and hostile-NAME.eml, those whose names match and that are not larger than that, and the keys
    in DIRECTORY/keys; returns how many."""
    directory, count = pathlib.Path(directory), 0
    kit = make_kit(directory / "keys")
    for kind, makers in (("good", good()), ("hostile", hostile())):
        for name, maker in makers:
            file = f"{kind}-{name.replace('_', '-')}.eml"
            mail = maker(kit) if fnmatch.fnmatch(file, names) else None
            if mail is not None and (max_bytes is None or len(mail) <= max_bytes):
                (directory / file).write_bytes(mail)
                count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path, help="where mails and keys go")
    parser.add_argument("--names", default="*", help="file names of the mails to write, as a shell matches them")
    parser.add_argument("--max-bytes", type=int, help="leave out what is larger")
    arguments = parser.parse_args()
    print(f"{write(arguments.directory, arguments.names, arguments.max_bytes)} mails")


if __name__ == "__main__":
    sys.exit(main())
