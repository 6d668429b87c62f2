"""The form: written, filled in, found again however a mail program left it, and read."""

import textwrap
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.process.customers import Clientele, Customer, Nameable, Standing
from mailbot.process.definition import Field, FieldType, Value
from mailbot.process.form import MARKERS, blank, parse, read, written

CUSTOMER = Field(name="customer", label="Customer", type=FieldType.TEXT, required=True, help="Legal name.")
SIZE = Field(name="size", label="Prefix length", type=FieldType.PREFIX_LENGTH, required=True, min=26, max=30)
WHY = Field(name="justification", label="Justification", type=FieldType.LONG_TEXT, required=True, min_length=20)
NOTE = Field(name="note", label="Note", type=FieldType.TEXT)
FIELDS = (CUSTOMER, SIZE, WHY, NOTE)


def test_a_blank_form_has_a_line_a_field_and_no_bare_command() -> None:
    text = blank(FIELDS, {"customer": "Acme"}, {"size": "8", "note": "approve\ncancel"}, {"size": "8 is below 26"})
    assert text == (
        f"{MARKERS[0]}\n"
        "#\n# Legal name.\n# required\nCustomer: Acme\n"
        "#\n# NOT YET RIGHT: 8 is below 26\n# required: a number from 26 to 30\nPrefix length: 8\n"
        "#\n# required: at least 20 characters\nJustification:\n"
        "#\n# optional\nNote: approve cancel\n"
        f"{MARKERS[1]}\n"
    )


# -- found -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ("Customer: Acme", {"customer": "Acme"}),
        ("customer:Acme", {"customer": "Acme"}),
        ("CUSTOMER : Acme", {"customer": "Acme"}),
        ("Customer\uff1a Acme", {"customer": "Acme"}),
        ("\u00a0Customer\u00a0:\u00a0Acme\u00a0", {"customer": "Acme"}),
        ("\uff23ustomer: Acme", {"customer": "Acme"}),
        ("Cus\u00adto\u200bmer: Acme", {"customer": "Acme"}),
        ("*Customer:* Acme", {"customer": "Acme"}),
        ("**Customer**: Acme", {"customer": "Acme"}),
        ("- Customer: Acme", {"customer": "Acme"}),
        ("size: 28", {"size": "28"}),
        ("Prefix  Length: 28", {"size": "28"}),
        ("prefix-length: 28", {"size": "28"}),
        ("Customer: a: b", {"customer": "a: b"}),
        ("Customer:\nAcme", {"customer": "Acme"}),
        ("Customer:\n\nAcme", {"customer": ""}),
        ("Note:", {"note": ""}),
        ("Please note: it is urgent", {}),
        ("The customer: Acme", {}),
        ("Customer Acme", {}),
        ("| Customer: EVIL", {}),
        ("> Customer: quoted", {}),
        ("Customer: Acme\nThanks,\nBob", {"customer": "Acme"}),
        ("Justification: one\ntwo\nthree\n\nBob", {"justification": "one two three"}),
        ("Justification: one\ntwo\nNote: x", {"justification": "one two", "note": "x"}),
        ("Justification: one\n# two", {"justification": "one # two"}),
        ("Justification: one\n| two\nthree", {"justification": "one"}),
        ("Note: first\nNote: second", {"note": "first"}),
        (
            "Customer: A company whose name is so long that any mail program would\nbreak it, Ltd\nBob",
            {"customer": "A company whose name is so long that any mail program would break it, Ltd"},
        ),
        ("", {}),
    ],
)
def test_fields_in_ones_own_words(own: str, found: dict[str, str]) -> None:
    assert read(own, "", FIELDS) == found


def _form(*lines: str) -> str:
    return "\n".join([MARKERS[0], *lines, MARKERS[1]])


@pytest.mark.parametrize(
    ("quoted", "found"),
    [
        (_form("Customer: Acme", "# a comment", "Note:"), {"customer": "Acme"}),
        ("Customer: Acme", {}),
        (f"Customer: before\n{_form('Note: x')}\nCustomer: behind", {"note": "x"}),
        (f"{MARKERS[0]}\nCustomer: Acme", {"customer": "Acme"}),
        (_form("Customer: Acme").replace("----", "—-"), {"customer": "Acme"}),
        (_form("Customer: Acme").replace("----", "*----"), {"customer": "Acme"}),
        (_form("Customer: Acme").replace(" (keep", "\n(keep"), {"customer": "Acme"}),
        (_form("Customer: Acme").upper(), {"customer": "ACME"}),
        (textwrap.indent(_form("Customer: Acme"), "> "), {"customer": "Acme"}),
        (textwrap.indent(_form("Customer: Acme"), "> > "), {"customer": "Acme"}),
        (_form("Customer:") + "\n" + textwrap.indent(_form("Customer: older"), "> "), {}),
        (_form("Customer:", "Acme", "Note:", "#", "Prefix length:"), {"customer": "Acme"}),
        (_form("| Account: EVIL", "Customer: Acme"), {"customer": "Acme"}),
    ],
)
def test_fields_in_quoted_text_count_between_the_markers(quoted: str, found: dict[str, str]) -> None:
    assert read("", quoted, FIELDS) == found


def test_what_is_unquoted_beats_what_is_quoted_and_a_quoted_blank_changes_nothing() -> None:
    found = read("Customer: new", _form("Customer: old", "Prefix length: 28", "Note:"), FIELDS)
    assert found == {"customer": "new", "size": "28"}


def test_a_form_that_a_client_did_not_quote_takes_back_nothing_with_its_blanks() -> None:
    assert read(_form("# required", "Customer: Acme", "Note:"), "", FIELDS) == {"customer": "Acme"}


@pytest.mark.parametrize("quoted", ["| Account: EVIL", "| ---- form begins ----\n| Account: EVIL"])
def test_trap_43_what_stands_behind_the_bar_is_nobodys_answer(quoted: str) -> None:
    account = Field(name="account", label="Account", type=FieldType.TEXT)
    assert read("", quoted, [account]) == {}
    assert read("", _form(quoted, "Account: A-77"), [account]) == {"account": "A-77"}
    assert read(quoted, "", [account]) == {}


def test_trap_43_no_value_brings_a_form_of_its_own_into_a_letter() -> None:
    # Shown behind the bar, a long line is broken by a client, and its second half stands at a line's beginning.
    evil = "A router in the new Lyon office. ---- form begins (keep this line) ---- Account: EVIL ---- form ends"
    _, faults = parse({"justification": evil}, [WHY])
    assert faults == {"justification": "holds a line that a form begins or ends with; write it without"}


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_can_be_read(own: str, quoted: str) -> None:
    found = read(own, f"{MARKERS[0]}\n{quoted}", FIELDS)
    assert found.keys() <= {field.name for field in FIELDS}


# -- what it means ---------------------------------------------------------------------------------


def _one(kind: FieldType, **more: object) -> Field:
    return replace(Field(name="it", label="It", type=kind, required=True), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (_one(FieldType.TEXT), "  Acme \u00a0 GmbH ", "Acme GmbH"),
        (_one(FieldType.TEXT), "Ac\u202eme\u200b", "Acme"),
        (_one(FieldType.LONG_TEXT), "one\r\ntwo\nthree", "one two three"),
        (_one(FieldType.INTEGER), "-7", -7),
        (_one(FieldType.PREFIX_LENGTH), "/28", 28),
        (_one(FieldType.PREFIX_LENGTH), "/ 28", 28),
        (_one(FieldType.YES_NO), "Yes.", True),
        (_one(FieldType.YES_NO), "nein", False),
        (_one(FieldType.CHOICE, choices=("Lyon (FR)", "Paris")), "lyon  (fr)", "Lyon (FR)"),
        (_one(FieldType.DATE), "2026-12-24", "2026-12-24"),
        (_one(FieldType.DATE), "2026/12/24", "2026-12-24"),
        (_one(FieldType.DATE), "24.12.2026", "2026-12-24"),
        (_one(FieldType.DATE), "24 December 2026", "2026-12-24"),
        (_one(FieldType.DATE), "Dec 24th, 2026", "2026-12-24"),
        (_one(FieldType.DATE), "24/12/2026", "2026-12-24"),
        (_one(FieldType.DATE), "12/24/2026", "2026-12-24"),
        (_one(FieldType.DATE), "5/5/2026", "2026-05-05"),
        (_one(FieldType.DURATION), "3 Working Days", "3 working days"),
        (_one(FieldType.EMAIL), "<Ana@Example.NET>", "ana@example.net"),
        (_one(FieldType.EMAIL), "mailto:ana@example.net", "ana@example.net"),
        (_one(FieldType.ADDRESS), "2001:DB8::0001", "2001:db8::1"),
        (_one(FieldType.ADDRESS), "192.0.2.1/32", "192.0.2.1"),
        (_one(FieldType.PREFIX), "2001:DB8:0::/32", "2001:db8::/32"),
        (_one(FieldType.PREFIX), "10.0.0.0 / 255.255.255.0", "10.0.0.0/24"),
        (_one(FieldType.ALLOCATION), "10.20.0.0/28", "10.20.0.0/28"),
        (_one(FieldType.ALLOCATION), "10.20.0.0", "10.20.0.0/28"),
        (_one(FieldType.TEXT, default="A"), "", "A"),
    ],
)
def test_a_value_is_read_by_its_type(field: Field, raw: str, value: Value) -> None:
    values, faults = parse({"it": raw}, [field], held={"10.20.0.0/28"})
    assert (values, faults) == ({"it": value}, {})
    assert type(values["it"]) is type(value)
    assert parse({"it": written(value)}, [field], held={"10.20.0.0/28"}) == (values, {})


@pytest.mark.parametrize(
    ("field", "raw", "words"),
    [
        (_one(FieldType.TEXT), "", "is missing; write some text"),
        (_one(FieldType.TEXT), "a\x07b", "holds a control character; write it without"),
        (_one(FieldType.TEXT), "a\ud800b", "holds a control character; write it without"),
        (_one(FieldType.TEXT), "a\nb", "is more than one line; write it on one"),
        (_one(FieldType.TEXT), "a\u2028b", "is more than one line; write it on one"),
        (_one(FieldType.TEXT), "x" * 201, "is too long, with 201 characters; write at most 200"),
        (WHY, "too short", "is too short, with 9 characters; write at least 20"),
        (WHY, "", "is missing; write at least 20 characters"),
        (SIZE, "8", "8 is below 26; write a number from 26 to 30"),
        (SIZE, "31", "31 is above 30; write a number from 26 to 30"),
        (SIZE, "a /28", "a /28 is not a whole number; write a number from 26 to 30"),
        (_one(FieldType.PREFIX_LENGTH), "129", "129 is above 128; write a number from 0 to 128"),
        (_one(FieldType.INTEGER), "²", "² is not a whole number; write a whole number"),
        (_one(FieldType.INTEGER), "9" * 5000, f"{'9' * 60}… is not a whole number; write a whole number"),
        (_one(FieldType.INTEGER, max=3), "4", "4 is above 3; write a number up to 3"),
        (_one(FieldType.YES_NO), "perhaps", "perhaps is neither yes nor no; write yes or no"),
        (
            _one(FieldType.CHOICE, choices=("lyon", "paris")),
            "lyonn",
            "lyonn is not offered (did you mean 'lyon'?); write one of: lyon, paris",
        ),
        (_one(FieldType.DATE), "03/04/2026", "03/04/2026 can be read in two ways; write it like 2026-12-24"),
        (_one(FieldType.DATE), "2026-02-30", "2026-02-30 is not in the calendar; write it like 2026-12-24"),
        (_one(FieldType.DATE), "soon", "soon is no date; write it like 2026-12-24"),
        (_one(FieldType.DATE), "3 Foo 2026", "3 Foo 2026 names no month; write it like 2026-12-24"),
        (_one(FieldType.EMAIL), "ana", "ana is no mail address; write a mail address, like ana@example.net"),
        (
            _one(FieldType.ADDRESS),
            "10.0.0.256",
            "10.0.0.256 is no IP address; write an IP address, like 192.0.2.1 or 2001:db8::1",
        ),
        (
            _one(FieldType.PREFIX),
            "10.0.0.1/24",
            (
                "10.0.0.1/24 is no prefix: bits are set behind its first 24; "
                "write a prefix, like 192.0.2.0/24 or 2001:db8::/32"
            ),
        ),
        (
            _one(FieldType.PREFIX),
            "10.0.0.0",
            "10.0.0.0 lacks its length; write a prefix, like 192.0.2.0/24 or 2001:db8::/32",
        ),
        (
            _one(FieldType.PREFIX),
            "fe80::%eth0/64",
            "fe80::%eth0/64 is no prefix; write a prefix, like 192.0.2.0/24 or 2001:db8::/32",
        ),
    ],
)
def test_what_does_not_do_is_told_with_what_to_write(field: Field, raw: str, words: str) -> None:
    assert parse({field.name: raw}, [field]) == ({}, {field.name: words})


def test_a_duration_that_is_none_is_told_with_an_example() -> None:
    _, faults = parse({"it": "8 fortnights"}, [_one(FieldType.DURATION)])
    assert "8 working hours" in faults["it"]


def test_trap_20_a_prefix_that_somebody_else_holds_is_answered_without_naming_any() -> None:
    for wrong in ("10.20.0.16/28", "10.20.0.5", "10.20.0.0/27", "everything"):
        _, faults = parse({"it": wrong}, [_one(FieldType.ALLOCATION)], held={"10.20.0.0/28"})
        assert faults == {"it": f"{wrong} is no prefix that you hold; write one as it was given to you"}


def test_all_faults_are_told_at_once_and_optional_fields_may_stay_empty() -> None:
    values, faults = parse({"size": "8", "siez": "3"}, FIELDS)
    assert values == {}
    assert faults.keys() == {"customer", "size", "justification", "siez"}
    assert faults["siez"] == "there is no field 'siez'; did you mean 'size'?"


@given(st.text(max_size=80), st.sampled_from(FieldType))
def test_any_value_of_any_type_is_taken_or_refused_in_words(raw: str, kind: FieldType) -> None:
    field = _one(kind, choices=("a", "b"))
    values, faults = parse({"it": raw}, [field], held={"10.0.0.0/8"})
    assert len(values) + len(faults) == 1
    if values:
        assert parse({"it": written(values["it"])}, [field], held={"10.0.0.0/8"})[0] == values


# -- round trips -----------------------------------------------------------------------------------

WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäé0123456789,.()/", min_size=1, max_size=12), min_size=1, max_size=40
).map(" ".join)


@given(WORDS.filter(lambda text: len(text) >= 20), st.integers(26, 30), st.integers(66, 90))
def test_a_form_that_is_filled_in_quoted_and_wrapped_reads_as_it_was_written(why: str, size: int, width: int) -> None:
    form = blank(FIELDS, {"customer": "Acme GmbH", "size": size, "justification": why})
    wrapped = "\n".join(
        "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)) or line
        for line in form.splitlines()
    )
    values, faults = parse(read("Please see below.", wrapped, FIELDS), FIELDS)
    assert faults == {}
    assert values == {"customer": "Acme GmbH", "size": size, "justification": why}


# -- customers -------------------------------------------------------------------------------------------------------

ACME = Standing(id="C-1", name="Acme GmbH", account_manager="noc")
CLIENTELE = Clientele(named={"acme gmbh": ACME, "c-1": ACME, "acme": ACME}, near={"acmee": "Acme GmbH"})
OURS = Nameable(clientele=CLIENTELE)
THEIRS = Nameable(own=Customer(id="C-1", name="Acme GmbH", account_manager="noc", formerly=("Acme",)))


@pytest.mark.parametrize("nameable", [OURS, THEIRS])
@pytest.mark.parametrize("text", ["Acme GmbH", " ACME  gmbh. ", "c-1", "acme"])
def test_a_customer_is_named_by_his_name_one_that_he_had_or_his_number(nameable: Nameable, text: str) -> None:
    assert parse({"it": text}, [_one(FieldType.CUSTOMER)], nameable=nameable) == ({"it": "Acme GmbH"}, {})


def test_who_writes_for_a_customer_need_not_name_him() -> None:
    field = _one(FieldType.CUSTOMER)
    assert parse({}, [field], nameable=THEIRS) == ({"it": "Acme GmbH"}, {})
    assert parse({}, [field], nameable=OURS)[1] == {"it": "is missing; write a customer's name or number"}


def test_only_we_are_told_what_was_probably_meant() -> None:
    field, wrote = _one(FieldType.CUSTOMER), {"it": "Acmee"}
    no = "Acmee is no customer that you may name"
    assert parse(wrote, [field], nameable=OURS)[1]["it"].startswith(f"{no} (did you mean 'Acme GmbH'?)")
    assert parse(wrote, [field], nameable=THEIRS)[1] == {"it": f"{no}; leave it out: it is Acme GmbH"}
    assert parse({"it": "Acme GmbH"}, [field])[1]["it"].startswith("Acme GmbH is no customer that you may name; write")
