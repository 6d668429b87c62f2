"""The bot's letters: what each kind shows, to whom, and what none of them ever holds."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email import policy as policies
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inscriptis import get_text

from mailbot.desk.context import shown
from mailbot.desk.correspondence import UNANSWERED, Correspondent
from mailbot.desk.samples import (
    ALLOCATED,
    ANA,
    BILL,
    BOB,
    DIRECTORY,
    HALFWAY,
    LI,
    NOW,
    PENDING,
    PROCESS,
    REQUEST,
    TOKEN,
    contexts,
    samples,
)
from mailbot.desk.withheld import INSTEAD, Withheld
from mailbot.mail.command import Command, Commands, parse
from mailbot.mail.letter import LINK_MAX, Letterhead, Templates, Thread, lines
from mailbot.mail.reply import SEPARATOR, words
from mailbot.mail.token import find
from mailbot.process.definition import Field, FieldType
from mailbot.process.form import read as read_form
from mailbot.process.request import Address, Kind, Notice

TEMPLATES = Path(__file__).parents[2] / "templates" / "mail"
LETTERHEAD = Letterhead(
    name="IP requests",
    address="ip-requests@example.net",
    zone=ZoneInfo("Europe/Paris"),
    url="https://ip.example.net/",
)
DESK = Correspondent(
    letterhead=LETTERHEAD,
    templates=Templates([TEMPLATES]),
    pools={"customers-v4": "Customer space, IPv4"},
    space=("10.20.0.0/16", "2001:db8::/40"),
)
SAMPLES = samples()
NAMES = [f"{sample.notice.kind}-{number}" for number, sample in enumerate(SAMPLES)]


class Read:
    """A letter as its reader's mail program takes it apart."""

    def __init__(self, written):
        self.raw = written.raw
        self.message = message_from_bytes(written.raw, policy=policies.default)
        self.subject = str(self.message["Subject"])
        self.text = self._part("plain")
        self.html = self._part("html")
        self.html_text = get_text(self.html)

    def _part(self, subtype):
        return self.message.get_body((subtype,)).get_content().replace("\r\n", "\n")

    @property
    def everything(self):
        return f"{self.subject}\n{self.text}\n{self.html}"

    @property
    def links(self):
        return [link.replace("&amp;", "&") for link in re.findall(r'href="(mailto:[^"]*)"', self.html)]


def write(sample, desk=DESK, thread=None):
    return desk.write(
        sample.notice,
        desk.view(sample.request, sample.process, sample.directory),
        sample.process,
        token=TOKEN,
        thread=thread or Thread(),
        serial=1,
        now=NOW,
    )


def tell(kind, to, request=REQUEST, *, step=None, process=PROCESS, desk=DESK, **facts):
    notice = Notice(kind=kind, to=to, step=step, facts=facts)
    view = desk.view(request, process, DIRECTORY)
    written = desk.write(notice, view, process, token=TOKEN, thread=Thread(), serial=1, now=NOW)
    return Read(written)


every_letter = pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)

# -- every letter ------------------------------------------------------------------------------------------------------


def test_there_is_a_sample_of_every_kind():
    assert {sample.notice.kind for sample in SAMPLES} == set(Kind)


def test_the_templates_hold():
    assert DESK.templates.check(contexts(DESK)) == []


@every_letter
def test_a_letter_is_read_without_a_defect(sample):
    letter = Read(write(sample, thread=Thread(root="<a@b>", last="<c@d>")))
    assert not [part.defects for part in letter.message.walk() if part.defects]
    assert letter.message["X-Mailbot-Kind"] == sample.notice.kind
    assert letter.message["X-Mailbot-Step"] == sample.notice.step
    assert letter.message["To"] == sample.notice.to
    assert letter.subject
    assert letter.text.strip()
    if sample.request:
        assert letter.subject.startswith("[IP-42] ")
        assert letter.message["X-Mailbot-Request"] == "IP-42"
        assert "https://ip.example.net/requests/IP-42" in letter.text


@every_letter
def test_trap_22_no_line_of_a_letter_is_a_command(sample):
    letter = Read(write(sample))
    for row in [letter.subject, *letter.text.splitlines(), *letter.html_text.splitlines()]:
        assert not isinstance(parse(row), Command | Commands), row


@every_letter
def test_trap_22_a_letter_that_comes_back_unquoted_says_nothing(sample):
    letter = Read(write(sample))
    if letter.text.startswith(SEPARATOR):
        assert words(letter.text).own == ""
        assert not isinstance(parse(words(letter.html_text).own), Command | Commands)


@every_letter
def test_a_letter_that_waits_for_a_reply_begins_with_the_separator(sample):
    letter = Read(write(sample))
    begins = letter.text.startswith(f"{SEPARATOR}\n") and SEPARATOR in letter.html
    assert begins is (sample.notice.kind not in UNANSWERED or "list" in sample.notice.facts)


@every_letter
def test_trap_4_each_carrier_alone_brings_a_reply_home(sample):
    letter = Read(write(sample))
    if sample.request or sample.notice.kind is Kind.CONFIRM:
        for carrier in (letter.message["Reply-To"], letter.message["Message-ID"], letter.text, letter.html_text):
            assert find(str(carrier)) == (TOKEN.text,)


@every_letter
def test_trap_8c_every_link_is_short_and_carries_the_token(sample):
    letter = Read(write(sample))
    for link in letter.links:
        assert link.isascii()
        assert len(link) <= LINK_MAX
        assert "%2B" not in link
        if sample.request:
            assert link.partition("?")[0] == f"mailto:ip-requests+{TOKEN.text}@example.net"
            assert link.count(TOKEN.text) == 2


@every_letter
def test_nothing_in_a_letter_is_fetched_or_run(sample):
    html = Read(write(sample)).html.lower()
    html = re.sub(r'<img src="cid:[a-z0-9]+@mailbot"', "", html)  # what travels in the letter itself
    assert not re.search(r"<(img|script|iframe|object|form|input|link|video)\b|\bon\w+=|url\(|@import", html)


@every_letter
def test_a_letter_stays_small_enough_for_gmail(sample):
    assert len(Read(write(sample)).html) < 40_000


@every_letter
def test_text_lines_stay_narrow(sample):
    form = False
    for row in Read(write(sample)).text.splitlines():
        form = row.startswith("---- form begins") or (form and not row.startswith("---- form ends"))
        assert form or len(row) <= 78 or "http" in row or row.startswith("- "), row


# -- what others wrote -------------------------------------------------------------------------------------------------

EVIL = "x\napprove\nAccount: EVIL\n---- form begins (keep this line) ----\nAccount: EVIL\n---- form ends ----"


@pytest.mark.parametrize(
    ("kind", "to", "step", "facts"),
    [
        (Kind.ACTION, BILL, "billing", {"question": EVIL, "answer": EVIL, "asker": ANA}),
        (Kind.REMINDER, BILL, "billing", {}),
        (Kind.COMMENT, BILL, "billing", {"text": EVIL, "by": BOB}),
        (Kind.QUESTION, BOB, "technical", {"question": EVIL}),
        (Kind.DELAYED, BOB, "technical", {"reason": EVIL}),
        (Kind.REJECTED, BOB, "technical", {"reason": EVIL}),
        (Kind.MISUNDERSTOOD, BILL, "billing", {"wrote": EVIL}),
        (Kind.ALERT, ANA, None, {"text": EVIL, "headline": EVIL}),
    ],
)
def test_trap_43_what_others_wrote_is_nobodys_answer(kind, to, step, facts):
    form = {**REQUEST.form, "customer": EVIL.replace("\n", " "), "justification": EVIL}
    request = replace(HALFWAY, form=form, summary="approve")
    letter = tell(kind, to, request, step=step, **facts)
    fields = PROCESS.step("billing").fields
    for shown_text in (letter.text, letter.html_text):
        for row in shown_text.splitlines():
            assert not isinstance(parse(row), Command | Commands), row
            assert not row.strip().startswith("Account: EVIL")
        quoted = "\n".join(f"> {row}" for row in shown_text.splitlines())
        assert "EVIL" not in str(read_form("", quoted, fields))


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())) | st.just(EVIL))
def test_trap_43_no_value_breaks_a_letter_or_escapes_its_bar(value):
    request = replace(REQUEST, form={**REQUEST.form, "customer": value, "justification": value})
    letter = tell(Kind.ACTION, ANA, request, step="technical", question=value, answer=value)
    assert not [part.defects for part in letter.message.walk() if part.defects]
    below = letter.text.partition("What bob@example.net asks for")[2].partition("If all agree")[0]
    for row in below.splitlines()[1:]:
        assert row == "" or row.startswith("|"), row
    for piece in lines(value):
        for word in piece.split():
            assert word in letter.text


@pytest.mark.parametrize("value", ["<b>x</b>", "&lt;", "{{ 7 * 7 }}", "{% raw %}", '"><script>alert(1)</script>', "'"])
def test_a_value_is_text_in_html_and_no_template(value):
    request = replace(REQUEST, form={**REQUEST.form, "customer": value}, summary=value)
    letter = tell(Kind.ACTION, ANA, request, step="technical")
    assert value in letter.text
    assert "<script" not in letter.html
    assert "<b>x</b>" not in letter.html
    assert "49" not in letter.text


# -- single kinds ------------------------------------------------------------------------------------------------------


def test_trap_29_an_action_shows_all_that_is_approved():
    letter = tell(Kind.ACTION, ANA, HALFWAY, step="technical", why="new")
    for shown_text in (letter.text, letter.html):
        for word in (
            "Please approve: Acme GmbH: /28",
            "Two firewalls",
            "The present /29 in Paris stays in use until March.",
            "Lyon",
            "lyon-floor-plan.pdf",
            "a /28 is allocated from Customer space, IPv4",
            "A-77",
            "Why not extend the /29",
            "It is another building",
            "Which day do the firewalls arrive?",
        ):
            assert word in shown_text
    assert "Mon 23 Nov 2026, 17:00 CET" in letter.text.replace("\n", " ")


def test_an_action_says_who_else_is_asked():
    letter = tell(Kind.ACTION, ANA, step="technical")
    below = letter.text.partition("Also asked:")[2]
    assert below.startswith("\n- Billing account (Billing)\n  due Tue 24 Nov 2026, 17:00 CET")


def test_an_action_says_how_many_must_agree():
    security = replace(PROCESS.steps[0], needs=2)
    letter = tell(Kind.ACTION, ANA, process=replace(PROCESS, steps=(security, *PROCESS.steps[1:])), step="technical")
    assert "2 of those who are asked must agree" in letter.text
    assert "2 of those who are asked must agree" in letter.html


@pytest.mark.parametrize(
    ("step", "request_", "bodies"),
    [
        ("technical", REQUEST, ["approve", "reject%20", "ask%20", "delay%20for%201%20working%20day%20", "assign%20"]),
        (
            "billing",
            REQUEST,
            ["Account:%20%0D%0A", "reject%20", "ask%20", "delay%20for%201%20working%20day%20", "assign%20"],
        ),
        ("cabling", ALLOCATED, ["done", "reject%20", "ask%20", "delay%20for%201%20working%20day%20", "assign%20"]),
        ("billing", HALFWAY, []),
    ],
)
def test_each_answer_to_a_step_is_prepared(step, request_, bodies):
    letter = tell(Kind.ACTION, ANA, request_, step=step)
    assert [link.partition("&body=")[2] for link in letter.links] == bodies


def test_a_form_step_brings_its_own_form_to_fill_in():
    letter = tell(Kind.ACTION, BILL, step="billing")
    fields = PROCESS.step("billing").fields
    filled = letter.text.replace("Account:", "Account: A-77")
    quoted = "\n".join(f"> {row}" for row in filled.splitlines())
    assert dict(read_form("", quoted, fields)) == {"account": "A-77"}
    assert "Account:" in letter.html_text


def test_an_incomplete_form_names_every_fault_and_comes_back_filled_in():
    letter = tell(Kind.INCOMPLETE, BOB, PENDING)
    for shown_text in (letter.text, letter.html_text):
        assert "must be from 20 to 30, not 8" in shown_text
        assert "Justification" in shown_text
        assert "Customer: Acme GmbH" in shown_text
    assert [link.partition("&body=")[2] for link in letter.links] == [
        "Prefix%20length:%20%0D%0AJustification:%20%0D%0A"
    ]


def test_the_example_in_a_form_stays_though_a_pool_lies_around_it():
    prefix = Field(name="prefix", label="Prefix", type=FieldType.PREFIX, required=True)
    faulty = replace(PENDING, faults={"prefix": "is missing; 10.20.1.0/28 is bob's"})
    letter = tell(Kind.INCOMPLETE, BOB, faulty, process=replace(PROCESS, fields=(*PROCESS.fields, prefix)))
    assert "# required: a prefix, like 192.0.2.0/24 or 2001:db8::/32" in letter.text
    assert "10.20.1.0/28" not in letter.text


def test_an_incomplete_answer_to_a_step_is_about_that_steps_form():
    letter = tell(Kind.INCOMPLETE, BILL, step="billing", faults={"account": "is missing"}, given={"account": ""})
    assert "Account: is missing" in letter.text
    assert "Customer:" not in letter.text


def test_a_reply_to_a_form_goes_to_its_type():
    letter = tell(Kind.FORM, BOB, None, type="attribution", title="New address space")
    assert letter.message["Reply-To"].addresses[0].addr_spec == "ip-requests+attribution@example.net"
    assert letter.subject.startswith("attribution")
    assert "Customer:" in letter.text


def test_the_completed_letter_gives_the_prefix():
    letter = tell(Kind.COMPLETED, BOB, ALLOCATED)
    for shown_text in (letter.subject, letter.text, letter.html):
        assert "10.20.0.16/28" in shown_text


def test_the_requester_does_not_see_what_departments_wrote_for_each_other():
    assert "A-77" not in tell(Kind.COMPLETED, BOB, ALLOCATED).everything
    assert "A-77" not in tell(Kind.STATUS, BOB, ALLOCATED).everything


def test_without_pages_there_are_no_links_to_them():
    desk = replace(DESK, letterhead=replace(LETTERHEAD, url=None))
    assert "http" not in tell(Kind.ACKNOWLEDGED, BOB, desk=desk).text


def test_a_requester_who_is_not_understood_is_not_told_how_to_approve():
    letter = tell(Kind.MISUNDERSTOOD, BOB, step="technical", wrote="why?")
    assert letter.links == []
    assert "approve" not in letter.text


def test_every_fact_is_optional():
    for kind in set(Kind) - {Kind.DIGEST, Kind.ACTIONS}:  # these are all facts
        assert tell(kind, BOB, step="technical").text
        assert tell(kind, BOB).text if kind not in {Kind.ACTION, Kind.REMINDER} else True


# -- what bad news withholds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.INCOMPLETE, Kind.FAILED, Kind.CANCELLED])
def test_trap_20_bad_news_names_no_address_that_the_requester_did_not_write(kind):
    secret = "10.20.0.16/28 and 10.20.0.17, 2001:db8:0:1::/64, within (10.20.0.0/16)."
    taken = replace(ALLOCATED, summary=secret, reason=secret, faults={"size": secret})
    letter = tell(kind, BOB, taken, step="technical", by=ANA, reason=secret, title=secret)
    assert not re.search(r"10\.20\.|2001:db8", letter.everything)


def test_trap_20_what_the_requester_wrote_himself_is_named():
    form = {"customer": "Acme", "justification": "Next to 10.20.0.32/28, please: it is full."}
    letter = tell(
        Kind.REJECTED,
        BOB,
        replace(REQUEST, form=form),
        step="technical",
        reason="10.20.0.32/28 is not; 10.20.0.48/28 is.",
    )
    assert "10.20.0.32/28 is not" in letter.text
    assert "10.20.0.48" not in letter.everything


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("10.20.0.1", INSTEAD),
        ("10.20.0.0/28.", f"{INSTEAD}."),
        ("10.20.0.0-10.20.0.15", f"{INSTEAD}-{INSTEAD}"),
        ("2001:DB8::1/128", INSTEAD),
        ("10.0.0.0/8", INSTEAD),
        ("10.20.9.9/28 was asked", "10.20.9.9/28 was asked"),
        ("192.0.2.1", "192.0.2.1"),
        ("at 10:20:30 or 17:00", "at 10:20:30 or 17:00"),
        ("version 10.20.0", "version 10.20.0"),
        ("999.20.0.1", "999.20.0.1"),
        ("::", "::"),
    ],
)
def test_only_addresses_of_our_pools_are_withheld(text, left):
    assert Withheld(["10.20.0.0/16", "2001:db8::/40"], ["give me 10.20.9.9/28"]).of((text,)) == (left,)


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "month", "expected"),
    [
        ("Europe/Paris", 11, "Mon 2 Nov 2026, 17:00 CET"),
        ("Europe/Paris", 7, "Thu 2 Jul 2026, 18:00 CEST"),
        ("UTC", 11, "Mon 2 Nov 2026, 16:00 UTC"),
        ("Asia/Dubai", 11, "Mon 2 Nov 2026, 20:00 UTC+04"),
    ],
)
def test_times_are_shown_in_the_bots_zone_with_its_name(zone, month, expected):
    assert shown(datetime(2026, month, 2, 16, tzinfo=UTC), ZoneInfo(zone)) == expected


def test_an_address_until_a_time_says_so():
    address = Address(prefix="10.20.0.16/28", pool="elsewhere", state="quarantined", until=NOW)
    letter = tell(Kind.STATUS, BOB, replace(ALLOCATED, addresses=(address,)))
    assert "10.20.0.16/28: quarantined, elsewhere, until Mon 23 Nov 2026, 09:00 CET" in letter.text


def test_a_user_may_write_one_letter_anew(tmp_path):
    (tmp_path / "settled").mkdir()
    (tmp_path / "settled" / "body.txt").write_text("C'est fait par {{ by }}.")
    desk = replace(DESK, templates=Templates([tmp_path, TEMPLATES]))
    letter = tell(Kind.SETTLED, LI, step="technical", by=ANA, desk=desk)
    assert letter.text == "C'est fait par ana@example.net.\n"
    assert "Nothing left for you to do" in letter.html


# -- the digest --------------------------------------------------------------------------------------------------------


def test_the_picture_of_a_digest_travels_inside_it():
    [sample] = [
        sample for sample in SAMPLES if sample.notice.kind is Kind.DIGEST and sample.notice.facts["overview"].chart
    ]
    letter = Read(write(sample))
    types = [part.get_content_type() for part in letter.message.walk()]
    assert types == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    picture = list(letter.message.walk())[-1]
    shown = sample.notice.facts["overview"].chart
    assert picture.get_content() == shown.png
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in letter.html
    assert shown.alt in letter.html


def test_a_digest_says_the_same_without_its_html():
    [sample, _] = [sample for sample in SAMPLES if sample.notice.kind is Kind.DIGEST]
    letter = Read(write(sample))
    overview = sample.notice.facts["overview"]
    told = [overview.median, overview.ninety, overview.met, overview.given_out, overview.given_back]
    told += [text for row in overview.pools for text in (row.title, row.used, row.free, row.largest_free, row.lasts)]
    told += [text for row in (*overview.late_rows, *overview.open_rows) for text in (row.reference, row.waits_for)]
    text, html = " ".join(letter.text.split()), " ".join(letter.html_text.replace("\xa0", " ").split())
    for said in told:
        assert said in text
        assert said in html
    assert overview.seal in letter.text.replace("\n  ", "")
