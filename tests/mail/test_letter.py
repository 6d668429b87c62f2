"""Letters: every header as promised, whatever the values; templates overridden and checked."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email import policy as policies
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.errors import Severity
from mailbot.mail.letter import (
    LINK_MAX,
    Letterhead,
    Rendered,
    Templates,
    Thread,
    bar,
    bounce_address,
    compose,
    line,
    lines,
    mailto,
    message_id,
    reply_address,
    wrapped,
)
from mailbot.mail.token import Tokens, find

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOKEN = Tokens([b"of no value"]).sign("ana@example.net")
BOT = Letterhead(name="IP requests", address="ip-requests@example.net", zone=ZoneInfo("Europe/Paris"))
WORDS = Rendered(subject="[IP-42] Please approve", text="Hello\n", html="<p>Hello</p>\n")
REPLY = reply_address(BOT, TOKEN.text)


def letter(words=WORDS, bot=BOT, **changes):
    fields = {
        "to": "ana@example.net",
        "reply_to": REPLY,
        "token": TOKEN,
        "kind": "action",
        "serial": 1,
        "now": NOW,
        "reference": "IP-42",
        "step": "technical",
        "thread": Thread(root="<1@office.example>", last="<2@office.example>"),
    }
    return compose(words=words, letterhead=bot, **(fields | changes))


def read(written):
    return message_from_bytes(written.raw, policy=policies.default)


# -- headers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("From", "IP requests <ip-requests@example.net>"),
        ("To", "ana@example.net"),
        ("Reply-To", f"IP requests <{REPLY}>"),
        ("Subject", "[IP-42] Please approve"),
        ("Date", "Mon, 23 Nov 2026 09:00:00 +0100"),
        ("In-Reply-To", "<2@office.example>"),
        ("References", "<1@office.example> <2@office.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
        ("X-Mailbot-Request", "IP-42"),
        ("X-Mailbot-Kind", "action"),
        ("X-Mailbot-Step", "technical"),
        ("MIME-Version", "1.0"),
    ],
)
def test_a_letter_bears_every_header_that_is_promised(name, value):
    assert read(letter()).get_all(name) == [value]


@pytest.mark.parametrize(
    ("missing", "changes"),
    [
        ("Reply-To", {"reply_to": None}),
        ("In-Reply-To", {"thread": Thread()}),
        ("References", {"thread": None}),
        ("X-Mailbot-Request", {"reference": None}),
        ("X-Mailbot-Step", {"step": None}),
    ],
)
def test_a_header_with_nothing_to_say_is_left_out(missing, changes):
    assert missing not in read(letter(**changes))


def test_an_answer_says_that_it_is_one():
    assert read(letter(answers=True))["Auto-Submitted"] == "auto-replied"


def test_the_standard_library_finds_no_defect_and_both_texts():
    message = read(letter())
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Hello\n"
    assert message.get_body(("html",)).get_content().replace("\r\n", "\n") == "<p>Hello</p>\n"
    assert [part.defects for part in message.walk()] == [[], [], []]
    assert parsedate_to_datetime(message["Date"]) == NOW


def test_trap_38_the_same_letter_is_the_same_bytes():
    assert letter() == letter()


def test_letters_with_one_token_have_message_ids_of_their_own():
    others = [{"serial": 2}, {"kind": "reminder"}, {"now": NOW.replace(hour=9)}, {"to": "li@example.net"}]
    assert len({letter(**change).message_id for change in [{}, *others]}) == 1 + len(others)


@pytest.mark.parametrize(
    "domain",
    ["example.net", "a.very.long.name.of.a.department.of-a-university.example", "x" * 63 + "." + "y" * 60, "localhost"],
)
def test_a_message_id_carries_the_token_within_70_characters(domain):
    written = letter(bot=Letterhead(name="", address=f"bot@{domain}"))
    assert read(written)["Message-ID"] == written.message_id
    assert len(written.message_id) <= 70
    assert find(written.message_id) == (TOKEN.text,)
    assert re.fullmatch(r"<[^@\s]+@[a-z0-9][a-z0-9.-]*>", written.message_id)


def test_a_long_domain_is_cut_between_labels():
    assert message_id("bot@mail.it.some-university.example", TOKEN.text, "x" * 8).endswith(
        "@it.some-university.example>"
    )


@pytest.mark.parametrize("length", [60, 120, 240])
def test_thread_headers_are_neither_folded_nor_encoded(length):
    """Outlook's ids are long: encoded as RFC 2047 words they break threads."""
    ids = [f"<{mark * (length - 13)}@example.net>" for mark in "ab"]
    raw = letter(thread=Thread(root=ids[0], last=ids[1])).raw
    assert f"\r\nIn-Reply-To: {ids[1]}\r\n".encode() in raw
    assert f"\r\nReferences: {ids[0]} {ids[1]}\r\n".encode() in raw


@pytest.mark.parametrize(
    "bad", ["", "no id", "<a b@c>", "<a@b>\r\nBcc: x@y.z", "<é@b>", f"<{'a' * 1000}@b>", "<a@b> <c@d>"]
)
def test_a_message_id_that_others_made_up_badly_is_left_out(bad):
    message = read(letter(thread=Thread(root=bad, last="<2@office.example>")))
    assert message["References"] == "<2@office.example>"
    assert "Bcc" not in message


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("separator", "expected"),
    [("+", "ip-requests+{}@example.net"), ("-", "ip-requests-{}@example.net"), ("", "ip-requests@example.net")],
)
def test_a_reply_goes_to_the_token_where_the_mail_system_can(separator, expected):
    bot = Letterhead(name="", address="ip-requests@example.net", subaddress=separator)
    assert reply_address(bot, TOKEN.text) == expected.format(TOKEN.text)


@pytest.mark.parametrize("length", [1, 20, 24, 25, 32, 33, 34, 35, 64])
def test_trap_3_a_local_part_stays_within_64_octets(length):
    bot = Letterhead(name="", address=f"{'b' * length}@example.net")
    for address in (reply_address(bot, TOKEN.text), bounce_address(bot, TOKEN.text, "a2b3c4d5")):
        assert len(address.partition("@")[0]) <= 64
        assert find(address) or address == bot.address


def test_without_sub_addresses_the_token_travels_in_the_subject():
    bot = Letterhead(name="", address="ip-requests@example.net", subaddress="")
    words = Rendered(subject="x" * 500, text="", html="")
    subject = read(letter(words, bot=bot, reply_to=bot.address))["Subject"]
    assert subject.endswith(f"… ({TOKEN.text})")
    assert TOKEN.text not in read(letter())["Subject"]


@pytest.mark.parametrize("kind", ["action", "completed", "alert", "confirm"])
def test_a_letter_has_a_bounce_address_of_its_own(kind):
    written = letter(kind=kind)
    mark = written.message_id.partition("@")[0].removeprefix("<")
    assert written.sender == f"ip-requests+b-{mark}@example.net"


@pytest.mark.parametrize("kind", ["forms", "misunderstood", "refused"])
def test_nobody_hears_that_an_unasked_answer_did_not_arrive(kind):
    assert letter(kind=kind).sender == ""


def test_without_sub_addresses_bounces_go_to_the_bot():
    bot = Letterhead(name="", address="ip-requests@example.net", subaddress="")
    assert letter(bot=bot, reply_to=bot.address).sender == bot.address


# -- any value ---------------------------------------------------------------------------------------------------------


@given(st.text())
def test_no_name_and_no_subject_adds_a_header_or_is_lost(text):
    bot = Letterhead(name=text, address="ip-requests@example.net")
    written = letter(Rendered(subject=line(text), text=text, html=text), bot=bot)
    head = written.raw.partition(b"\r\n\r\n")[0]
    message = read(written)
    names = [row.partition(b":")[0] for row in head.split(b"\r\n") if row[:1] not in (b" ", b"\t")]
    assert len(names) == len(set(names)) == 15
    assert head.isascii()
    shown = line(text)
    assert " ".join(str(message["Subject"]).split()) == (shown if len(shown) <= 200 else f"{shown[:199].rstrip()}…")
    assert message["From"].addresses[0].addr_spec == "ip-requests@example.net"


@pytest.mark.parametrize(
    "text",
    [
        "x\r\nBcc: all@example.net",
        "x\nBcc: all@example.net",
        "x\r\n\r\nbody",
        "x\rBcc: y",
        "x\x0bBcc: y",
        "x\u2028Bcc: y",
        "x\x00",
    ],
)
def test_trap_44_a_line_break_in_a_value_begins_no_header(text):
    bot = Letterhead(name=text, address="ip-requests@example.net")
    message = read(letter(Rendered(subject=text, text="", html=""), bot=bot, reference=text))
    assert "Bcc" not in message
    assert message["Subject"] == line(text)


@pytest.mark.parametrize("address", ["", "bob", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "a b@c", "a@b\x00"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="To cannot hold"):
        letter(to=address)


@pytest.mark.parametrize(
    "name", ['Ana "the" Ruiz', "Ruiz, Ana", "Ana (NOC)", "Ana\\", "Æna Rüiz " * 12, "=?utf-8?q?x?=", "安娜"]
)
def test_a_name_arrives_as_it_was(name):
    bot = Letterhead(name=name, address="ip-requests@example.net")
    shown = read(letter(bot=bot))["From"].addresses[0].display_name
    assert " ".join(shown.split()) == line(name)  # the standard library keeps a blank between encoded words


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain\n", "7bit"),
        ("From me\n.\n..\n", "7bit"),
        ("déjà vu, and much more of plain English\n", "quoted-printable"),
        ("x" * 3000, "quoted-printable"),
        ("漢字かな交じり文\n" * 20, "base64"),
    ],
)
def test_a_text_arrives_as_it_was_on_seven_bits(text, encoding):
    written = letter(Rendered(subject="x", text=text, html=f"<p>{text}</p>"))
    part = read(written).get_body(("plain",))
    assert part["Content-Transfer-Encoding"] == encoding
    assert part.get_content().replace("\r\n", "\n").removesuffix("\n") == text.removesuffix("\n")
    assert written.raw.isascii()


@given(st.text(), st.text())
def test_any_words_become_lines_that_every_relay_takes(text, html):
    raw = letter(Rendered(subject=text, text=text, html=html)).raw
    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\0" not in raw


def test_a_long_subject_is_folded():
    raw = letter(Rendered(subject="word " * 35, text="", html="")).raw
    subject = raw.partition(b"Subject: ")[2].partition(b"\r\nMessage-ID")[0]
    assert max(map(len, subject.split(b"\r\n"))) <= 78
    assert b"\r\n word" in subject


# -- words -------------------------------------------------------------------------------------------------------------


@given(st.text(), st.integers(min_value=10, max_value=80))
def test_trap_43_no_line_of_a_value_escapes_the_bar(text, width):
    shown = bar(text, width)
    assert all(row == "|" or row.startswith("| ") for row in shown.splitlines())
    assert shown.split() == [word for row in lines(text) for word in ["|", *row.split()]] or len(text) > width - 10


def test_a_barred_line_is_wrapped_before_a_mail_program_does_it():
    assert bar("word " * 30).splitlines() == ["| " + " ".join(["word"] * 14)] * 2 + ["| word word"]


def test_a_word_longer_than_the_line_stays_whole():
    url = "https://example.net/" + "x" * 100
    assert bar(f"see {url} there").splitlines() == ["| see", f"| {url}", "| there"]


@given(st.text())
def test_one_line_is_one_line(text):
    assert len(line(text).splitlines()) <= 1


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\x00", "\x1b", "\ufeff"])
def test_marks_that_change_how_a_name_reads_are_taken_out(mark):
    assert line(f"Ac{mark}me") == "Acme"
    assert lines(f"Ac{mark}me") == ("Acme",)


def test_paragraphs_are_wrapped_one_by_one():
    assert wrapped("one\ntwo\n\n  three " + "x" * 70) == "one two\n\nthree\n" + "x" * 70


def test_trap_22_no_wrapped_line_begins_with_a_quoted_command():
    assert wrapped('You may write "approve" or "reject" at once', 16).splitlines() == [
        "You may",
        'write "approve"',
        'or "reject" at',
        "once",
    ]


# -- links -------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=300), st.text(max_size=300))
def test_trap_8c_a_link_is_at_most_450_ascii_characters(subject, body):
    link = mailto(REPLY, line(subject), "\n".join(lines(body)), keep=TOKEN.text)
    if link is not None:
        assert link.isascii()
        assert len(link) <= LINK_MAX
        assert find(link) == (TOKEN.text,)


def test_trap_8c_a_link_keeps_its_plus_breaks_lines_with_crlf_and_ends_its_subject_with_the_token():
    link = mailto(REPLY, "Re: [IP-42] Acme & Söhne: /28", "Account: \nCost centre: \n", keep=TOKEN.text)
    parts = urlsplit(link)
    asked = parse_qs(parts.query, keep_blank_values=True)
    assert parts.path == REPLY
    assert "%0D%0A" in link
    assert "%2B" not in link
    assert asked == {
        "subject": [f"Re: [IP-42] Acme & Söhne: /28 ({TOKEN.text})"],
        "body": ["Account: \r\nCost centre: \r\n"],
    }


def test_a_subject_makes_room_for_the_body():
    link = mailto(REPLY, "Re: [IP-42] " + "word " * 90, "approve", keep=TOKEN.text)
    subject = unquote(parse_qs(urlsplit(link).query)["subject"][0])
    assert subject.startswith("Re: [IP-42] word")
    assert link.endswith(f"word%20({TOKEN.text})&body=approve")


def test_a_body_that_does_not_fit_gives_no_link():
    assert mailto(REPLY, "x", "Label: \n" * 60, keep=TOKEN.text) is None


# -- templates ---------------------------------------------------------------------------------------------------------

SAMPLE = {"note": [{"name": "Ana", "row": {"label": "Customer"}, "odd": False}]}


def folder(path: Path, **files: str) -> Path:
    for name, text in {
        "subject": "Hello {{ name }}",
        "body": "Hi {{ name }}",
        "html": "<b>{{ name }}</b>",
        **files,
    }.items():
        target = path / "note" / {"subject": "subject.txt", "body": "body.txt", "html": "body.html"}.get(name, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return path


def test_html_is_escaped_and_text_is_not(tmp_path):
    words = Templates([folder(tmp_path)]).render("note", {"name": "<i>\nAna"})
    assert words == Rendered(subject="Hello <i> Ana", text="Hi <i>\nAna\n", html="<b>&lt;i&gt;\nAna</b>\n")


def test_a_user_overrides_one_file_at_a_time(tmp_path):
    ours = folder(tmp_path / "ours")
    own = tmp_path / "own" / "note" / "subject.txt"
    own.parent.mkdir(parents=True)
    own.write_text("Salut {{ name }}")
    words = Templates([tmp_path / "own", ours]).render("note", {"name": "Ana"})
    assert (words.subject, words.text) == ("Salut Ana", "Hi Ana\n")


@pytest.mark.parametrize(
    ("body", "number", "column", "message", "suggestion"),
    [
        ("a\n{{ nam }}", 2, 4, "'nam' is not known here", "name"),
        ("\n\n{% if odd %}{{ nme }}{% endif %}", 3, 16, "'nme' is not known here", "name"),
        ("{% if odd %}{{ row.lable }}{% endif %}", 1, 20, "'lable' is not known here", "label"),
        ("a\n{{ row['lable'] }}", 2, 9, "'lable' is not known here", "label"),
        ("a\n{% if %}", 2, 1, "Expected an expression, got 'end of statement block'", None),
        ("a\nb\n{{ name", 3, 1, "unexpected end of template, expected 'end of print statement'.", None),
        ("a\n{{ name + 1 }}", 2, 1, 'can only concatenate str (not "int") to str', None),
        ("{% extends 'gone.txt' %}", 1, 1, "there is no template 'gone.txt'", None),
    ],
)
def test_a_fault_in_a_template_is_told_with_its_place(tmp_path, body, number, column, *, message, suggestion):
    templates = Templates([folder(tmp_path, body=body)])
    faults = [(f.line, f.column, f.message, f.suggestion) for f in templates.check(SAMPLE)]
    assert faults == [(number, column, message, suggestion)]
    assert {f.file for f in templates.check(SAMPLE)} == {tmp_path / "note" / "body.txt"}


def test_names_that_a_template_makes_itself_are_no_faults(tmp_path):
    body = (
        "{% from 'note/parts' import greet %}{% import 'note/parts' as parts %}{% set a, b = 1, {'key': 2} %}"
        "{% for k, v in row.items() %}{{ loop.index }}{{ k }}{{ v }}{% endfor %}{{ a }}{{ b.key }}"
        "{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}{% call m(1) %}{% endcall %}"
        "{{ greet(name) }}{{ parts.greet(1) }}"
    )
    own = folder(tmp_path, body=body, parts="{% macro greet(who) %}{{ who }}{% endmacro %}")
    assert Templates([own]).check(SAMPLE) == []


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    templates = Templates([folder(tmp_path, subject="{{ a }}", body="{{ b }}\n{{ c }}", html="{{ d }}")])
    assert [f.message[1] for f in templates.check(SAMPLE)] == ["d", "b", "c", "a"]


def test_a_missing_template_is_told(tmp_path):
    (folder(tmp_path) / "note" / "body.html").unlink()
    assert [f.message for f in Templates([tmp_path]).check(SAMPLE)] == ["there is no template 'note/body.html'"]


def test_a_folder_that_no_letter_uses_is_a_warning(tmp_path):
    (tmp_path / "own" / "noet").mkdir(parents=True)
    faults = Templates([tmp_path / "own", folder(tmp_path / "ours")]).check(SAMPLE)
    assert [(f.severity, f.suggestion) for f in faults] == [(Severity.WARNING, "note")]
