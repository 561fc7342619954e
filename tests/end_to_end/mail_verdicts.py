"""What the mail opener should say of each mail of mail_peer: by gateway/opener/open_mail.h, and by reason.

    VERDICTS["signed_with_sha1"]  →  Verdict(rules={"MAIL-ALGORITHM"})
"""
import dataclasses
import typing

ANSWER = "the kit's text"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """`rules`: any of them may be said; "" is that the mail was opened. The others hold of a mail that was opened."""
    rules: frozenset
    text: typing.Optional[str] = None  # None: not said here
    encrypted: bool = False
    signer: str = ""                   # name of a pair of the kit
    author: typing.Optional[str] = ANSWER  # ANSWER: the kit's; None: not said here
    automatic: bool = False
    report: bool = False


def refused(*rules):
    return Verdict(frozenset(rules))


def plain(text=ANSWER, *or_rules, **how):
    """Opened, by nobody signed; or refused by one of those rules, where a mail may be read in more than one way."""
    return Verdict(frozenset({"", *or_rules}), text, **how)


def sealed(text=ANSWER, *or_rules, **how):
    return plain(text, *or_rules, **{"encrypted": True, "signer": "sender", **how})


def automatic(**how):
    return Verdict(frozenset({""}), "", automatic=True, report=True, author=None, **how)


SYNTAX, PARTS, NO_TEXT, ATTACHMENT = "MAIL-SYNTAX", "MAIL-PARTS", "MAIL-NO-TEXT", "MAIL-ATTACHMENT"
NOT_FOR_US, ALGORITHM, SIGNATURE = "MAIL-NOT-FOR-US", "MAIL-ALGORITHM", "MAIL-SIGNATURE"
SIZE, CHARACTERS = "TEXT-SIZE", "TEXT-CHARACTERS"
QUOTED = None
# A strange author is whoever the one address of the line is; where it is no address, there is none.
ELSEWHERE = "wmo@gemeente-elders.example"

GOOD = {
    "answer": sealed(), "answer_that_quotes": sealed(QUOTED), "answer_of_outlook": sealed(QUOTED),
    "answer_in_base64_latin1": sealed(), "answer_with_attachments": sealed(QUOTED), "answer_signed_beside": sealed(),
    "answer_in_cbc": sealed(), "answer_signed_with_rsa": sealed(signer="sender_rsa"),
    "answer_signed_only": sealed(encrypted=False), "answer_in_the_clear": plain(),
    "bounce_of_postfix": automatic(), "bounce_of_exim": automatic(), "bounce_that_is_delayed": automatic(),
    "away": plain(None, automatic=True),
}

# What is wrong of a whole mail.
MAILS = {
    "signature_stripped": refused(SIGNATURE),
    "signature_stripped_sealed": sealed(signer=""),  # as anybody may encrypt: GCM shows that nobody changed it
    "signature_over_other_text": refused(SIGNATURE),
    "signed_text_altered": refused(SIGNATURE),
    "unsigned_part_behind_the_signature": refused(SIGNATURE),
    "unsigned_text_before_what_is_signed": refused(SIGNATURE),
    "unsigned_text_after_what_is_signed": refused(SIGNATURE),
    "unsigned_alternative_to_what_is_signed": refused(SIGNATURE),
    "two_signed_texts": refused(SIGNATURE),
    "signed_by_a_stranger": sealed(signer="stranger"),  # trust is the caller's
    "signed_by_two": refused(SIGNATURE),
    "signed_by_a_stranger_with_our_certificate_beside": sealed(signer="stranger"),
    "signed_by_a_stranger_over_what_is_signed": refused(ALGORITHM),  # a third layer
    "signed_over_what_a_stranger_signed": refused(ALGORITHM),
    "signed_by_an_expired_certificate": sealed(signer="expired"),
    "signed_with_md5": refused(ALGORITHM),
    "signed_with_sha1": refused(ALGORITHM),
    "signed_long_ago": sealed(),
    "signed_without_attributes": refused(SIGNATURE),  # and so without a time
    "signed_without_a_certificate": refused(SIGNATURE),
    "signed_by_nobody": refused(SIGNATURE),
    "certificates_alone": refused(SIGNATURE),
    "signed_with_another_author": sealed(author=ELSEWHERE),
    "encrypted_for_another": refused(NOT_FOR_US),
    "encrypted_with_des3": refused(ALGORITHM),
    "encrypted_for_two_hundred": sealed(),
    "encrypted_and_altered_gcm": refused(SYNTAX),
    "encrypted_and_altered_cbc": refused(SIGNATURE),  # the same as with wrong padding: no oracle
    "encrypted_with_padding_altered": refused(SIGNATURE),
    "encrypted_between_the_halves_of_a_page": refused(SIGNATURE),
    "encrypted_beside_plain_text": refused(SIGNATURE),
    "encrypted_and_then_signed": refused(ALGORITHM),
    "encrypted_fifty_deep": refused(SIGNATURE),  # in CBC, and what is in it is not signed
    "signed_fifty_deep": refused(SIGNATURE),
    "cms_cut_short": refused(SYNTAX),
    "cms_of_signature_cut_short": refused(SYNTAX),
    "cms_of_nothing": refused(SYNTAX),
    "cms_of_rubbish": refused(SYNTAX),
    "cms_that_never_ends": refused(SYNTAX),
    "cms_that_never_ends_signed": refused(SYNTAX),
    "cms_that_claims_four_gigabytes": refused(SYNTAX),
    "cms_in_broken_base64": refused(SYNTAX),
    "compressed_letter": refused(ALGORITHM),
    "compressed_bomb": refused(ALGORITHM),
    "header_injected_by_subject": sealed(),
    "header_injected_by_from": sealed(author=""),  # its encoded word has a colon, and so begins a group
    "header_injected_by_message_id": refused(SYNTAX),  # it holds NUL
    "from_two_headers": refused(SYNTAX),
    "from_two_authors": sealed(author=""),
    "from_nobody": sealed(author=""),
    "from_an_empty_line": sealed(author=""),
    "from_a_group": sealed(author=""),
    "from_a_name_that_is_an_address": sealed(author=ELSEWHERE),
    "from_encoded_words_that_are_an_address": sealed(author=ELSEWHERE),
    "from_an_address_with_nul": refused(SYNTAX),
    "from_a_route": sealed(),
    "from_comments_in_comments": sealed(author=""),
    "from_ten_thousand_authors": sealed(author=""),
    "header_without_end": refused(NO_TEXT, SYNTAX),
    "header_runs_into_the_text": plain(None, NO_TEXT, SYNTAX),
    "header_line_of_a_megabyte": sealed(),
    "header_of_a_hundred_thousand_lines": sealed(),
    "header_folded_ten_thousand_times": sealed(),
    "header_of_ten_thousand_references": sealed(),
    "header_of_bytes_above_ascii": sealed(),
    "header_line_without_a_name": sealed(ANSWER, SYNTAX, NO_TEXT),
    "header_of_a_mailbox_file": sealed(ANSWER, SYNTAX),
    "header_of_two_content_types": refused(SYNTAX),  # for one reader it is text
    "header_of_two_message_ids": sealed(),
    "empty_mail": refused(SYNTAX, NO_TEXT),
    "empty_line": refused(SYNTAX, NO_TEXT),
    "rubbish": refused(SYNTAX, NO_TEXT, CHARACTERS),
    "lines_that_end_in_lf": plain(signer="sender"),  # a server on the way wrote them so; CRLF is what was signed
    "lines_that_end_in_cr": refused(SYNTAX, NO_TEXT),
    "bounce_of_ten_thousand_recipients": automatic(),
    "bounce_without_the_original": automatic(),
    "bounce_of_a_mail_that_was_never_sent": automatic(),
    "bounce_with_hostile_fields": Verdict(frozenset({"", SYNTAX}), "", automatic=True, report=True, author=None),
    "read_receipt": automatic(),
    "mail_of_a_list": sealed(automatic=True),
    "our_own_mail": refused(NOT_FOR_US),  # encrypted to its recipient
}

# What is wrong of an entity, in a mail that anybody could send. Signed and encrypted the same holds, unless SEALED says otherwise.
ENTITIES = {
    "multiparts_in_multiparts": refused(PARTS),
    "multiparts_of_one_boundary": plain(ANSWER, PARTS, NO_TEXT, SYNTAX),  # in each other, or beside each other
    "mails_in_mails": refused(ATTACHMENT),
    "ten_thousand_parts": refused(PARTS),
    "ten_thousand_empty_parts": refused(PARTS),
    "zip_bomb": refused(ATTACHMENT),
    "zip_that_claims_three_gigabytes": refused(ATTACHMENT),
    "attachment_with_a_path": plain("Akkoord\n\nMet vriendelijke groet,\nP. Proefje\nAfgewezen\n"),  # all that is text/plain
    "attachment_of_outlook": refused(ATTACHMENT),
    "text_of_five_megabytes": refused(SIZE),
    "text_in_an_unknown_charset": refused(CHARACTERS),
    "text_in_utf_7": refused(CHARACTERS),
    "text_in_utf_16": refused(CHARACTERS),
    "text_that_is_no_utf_8": refused(CHARACTERS),
    "text_that_says_ascii_and_is_not": plain("Akkoord, cliënt\n"),
    "text_with_nul_bytes": refused(CHARACTERS),
    "text_with_control_characters": plain(None),  # the adapter sees to it
    "text_of_one_line_of_a_megabyte": refused(SIZE),
    "text_of_a_hundred_thousand_lines": refused(SIZE),
    "text_of_nothing": refused(NO_TEXT),
    "text_in_an_unknown_encoding": refused(ATTACHMENT),  # RFC 2045 6.4
    "text_in_broken_base64": plain(None, CHARACTERS, SYNTAX),
    "text_in_broken_quoted_printable": plain(None, CHARACTERS, SYNTAX),
    "text_with_a_uuencoded_file": plain(None, ATTACHMENT),
    "text_in_html_alone": refused(NO_TEXT),
    "alternatives_that_contradict": plain("Akkoord\n"),
    "multipart_without_a_boundary": refused(NO_TEXT, SYNTAX),
    "multipart_whose_boundary_never_comes": refused(NO_TEXT, SYNTAX),
    "multipart_that_never_ends": plain(ANSWER, SYNTAX),
    "multipart_with_an_empty_boundary": plain(ANSWER, NO_TEXT, SYNTAX),
    "multipart_with_a_long_boundary": plain(ANSWER, NO_TEXT, SYNTAX),
    "multipart_whose_boundaries_begin_alike": plain("Akkoord\n\nMet vriendelijke groet,\nP. Proefje\nAfgewezen\n", NO_TEXT, SYNTAX),
    "multipart_in_base64": refused(NO_TEXT, SYNTAX, ATTACHMENT),
    "multipart_with_text_around_its_parts": plain(),
    "content_type_of_ten_thousand_parameters": plain(ANSWER, CHARACTERS, SYNTAX),
    "content_type_of_rubbish": plain(ANSWER, ATTACHMENT, SYNTAX, NO_TEXT),
    "message_partial": refused(ATTACHMENT),
    "message_external_body": refused(ATTACHMENT),
    "mail_that_is_passed_on": refused(ATTACHMENT),
    "header_fields_in_the_entity": refused(SYNTAX),  # the mail has two authors then
}
SEALED = {"header_fields_in_the_entity": sealed()}

# No answer at all, and exit status 1: no gateway asks for it.
NOT_TAKEN = {"larger_than_is_taken"}


def verdicts():
    """Name → Verdict of every mail of mail_peer.hostile() that is taken."""
    made = dict(MAILS)
    for name, verdict in ENTITIES.items():
        made[name] = verdict
        made[name + "_sealed"] = SEALED.get(name, dataclasses.replace(verdict, encrypted=True, signer="sender"))
    return made
