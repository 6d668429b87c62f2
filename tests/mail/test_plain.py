"""Words for systems: nothing undefined, no value that begins a line, and letters that are the same to the byte."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.delivered import asset
from mailbot.mail.letter import Letterhead, PlainTemplates, Tongue, Unfit, plain_letter
from mailbot.mail.token import Tokens
from mailbot.target.base import KNOWN

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
VALUES = {
    "name": "Acme <b>",
    "two": "one\ntwo",
    "size": 28,
    "yes": True,
    "no": None,
    "many": ["a", "b"],
    "set": {"vlan": "7"},
}


@pytest.fixture
def written(tmp_path):
    """Renders a template with VALUES."""

    def render(template, *tongue, **values):
        (tmp_path / "it.txt").write_text(template)
        return PlainTemplates([tmp_path]).render("it", VALUES | values, *tongue)

    return render


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ name }}, {{ size }}, {{ yes }}\n", "Acme <b>, 28, true\n"),
        ("vlan {{ set.vlan }}", "vlan 7"),
        ("{{ two | line }}", "one two"),
        ("{{ two | bar }}\n", "| one\n| two\n"),
        ("{{ two | json }} {{ many | json }} {{ no | json }}", '"one\\ntwo" ["a", "b"] null'),
        ('{{ "\\x9b\\u2028\\u2029" | json }}', '"\\u009b\\u2028\\u2029"'),
        ("{% for one in many %}\nhost {{ one }}\n{% endfor %}\nend\n", "host a\nhost b\nend\n"),
        ("{% if no is none %}\nnone\n{% endif %}\n", "none\n"),
        ("{{ many | join(', ') }}", "a, b"),
    ],
)
def test_values_are_put_in_as_they_are(written, template, text):
    assert written(template) == text


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ two }}", "the template it.txt: 'one\\ntwo' holds more than one line: write `| line`, `| bar` or `| json`"),
        ("{{ no }}", "a value is not there"),
        ("{{ many }}", "a list is no text"),
        ("{{ set }}", "a dict is no text"),
        ("{{ nmae }}", "there is no 'nmae' here"),
        ("{{ set.vrf }}", "there is no 'vrf' here"),
        ("{{ name", "the template it.txt: "),
        ("{{ name | nofilter }}", "No filter named 'nofilter'"),
        ("{{ size / 0 }}", "division by zero"),
        ("{% include 'other.txt' %}", "there is no template other.txt"),
    ],
)
def test_trap_44_what_must_not_stand_there_is_refused_in_words(written, template, words):
    with pytest.raises(Unfit) as unfit:
        written(template)
    assert words in str(unfit.value)


@pytest.mark.parametrize(
    ("tongue", "template", "text"),
    [
        (Tongue.RECORDS, "{{ set.vlan }} TXT {{ name | quoted }}", '7 TXT "Acme <b>"'),
        (Tongue.RECORDS, "{{ 'a\"b\\\\é' | quoted }}", '"a\\034b\\092\\195\\169"'),
        (Tongue.RECORDS, "{{ ('x' * 256) | quoted }}", f'"{"x" * 255}" "x"'),
        (Tongue.XML, "<n>{{ name | line | e }}</n>", "<n>Acme &lt;b&gt;</n>"),
        (
            Tongue.JSON,
            '{"n": {{ name | json }}, "v": "{{ set.vlan }}", "s": {{ size }}}',
            '{"n": "Acme <b>", "v": "7", "s": 28}',
        ),
    ],
)
def test_what_a_filter_has_made_fit_for_a_tongue_is_put_in(written, tongue, template, text):
    assert written(template, tongue) == text


@pytest.mark.parametrize(
    ("tongue", "template", "words"),
    [
        (Tongue.RECORDS, "{{ name }}", "'Acme <b>' holds ' ', which stands for more than itself there: `| quoted`"),
        (Tongue.RECORDS, "{{ two | bar }}", "holds more than one line"),
        (Tongue.XML, "{{ name }}", "write `| e` behind it, last"),
        (Tongue.XML, "{{ name | e | line }}", "write `| e` behind it, last"),
        (Tongue.XML, "{{ name | json }}", "write `| e` behind it, last"),
        (Tongue.JSON, "\"{{ 'a\\\\b' }}\"", "write `| json` behind it, and no quotes around it"),
        (Tongue.JSON, "{{ name | quoted }}", "write `| json` behind it, and no quotes around it"),
    ],
)
def test_trap_44_signs_of_a_tongue_are_refused_until_a_filter_has_made_them_fit(written, tongue, template, words):
    with pytest.raises(Unfit) as unfit:
        written(template, tongue)
    assert words in str(unfit.value)


@given(st.text())
def test_no_value_ever_begins_a_line(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "plain"
    path.mkdir(exist_ok=True)
    (path / "one.txt").write_text("{{ value }}")
    (path / "made-fit.txt").write_text("{{ value | line }}{{ value | json }}")
    templates = PlainTemplates([path])
    try:
        assert len(templates.render("one", {"value": value}).splitlines()) <= 1
    except Unfit:
        assert len(f"{value}x".splitlines()) > 1 or not value.isprintable()
    assert len(templates.render("made-fit", {"value": value}).splitlines()) == 1


def test_the_users_own_template_comes_first_and_one_that_is_nowhere_is_told_where_it_should_be(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder, text in ((ours, "ours"), (theirs, "theirs")):
        folder.mkdir()
        (folder / "it.txt").write_text(text)
    templates = PlainTemplates([theirs, ours])
    assert templates.render("it", {}) == "theirs"
    (theirs / "it.txt").unlink()
    assert PlainTemplates([theirs, ours]).render("it", {}) == "ours"
    with pytest.raises(Unfit, match=f"there is no template {theirs}/other.txt"):
        templates.render("other", {})


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ nmae }}", r"'nmae' is not known here \(did you mean 'name'\?\)"),
        ("{{ vrf }}", "'vrf' is not known here; known are name, two"),
        ("{% for one in many %}", "Unexpected end of template"),
    ],
)
def test_a_look_finds_what_is_wrong_before_the_day(tmp_path, template, words):
    (tmp_path / "it.txt").write_text(template)
    with pytest.raises(Unfit, match=words):
        PlainTemplates([tmp_path]).check("it", ["name", "two"])


def test_our_own_templates_hold():
    names = [path.stem for path in (asset("templates") / "target").glob("*.txt")]
    assert names == ["order"]
    templates = PlainTemplates([asset("templates") / "target"])
    templates.check("order", KNOWN)


@given(st.text(max_size=100), st.text(max_size=300))
def test_a_plain_letter_is_whole_whatever_it_says(subject, text):
    token = Tokens([b"a key of the tests"]).sign("it")
    letter = plain_letter(
        subject=subject,
        text=text,
        letterhead=Letterhead(name="IP requests", address="bot@example.net"),
        to="orders@example.net",
        reference="IP-42",
        token=token,
        now=NOW,
    )
    message = message_from_bytes(letter.raw, policy=policy.default)
    assert message["To"] == "orders@example.net"
    assert message["Message-ID"] == letter.message_id
    assert token.text in letter.message_id
    assert token.text in letter.sender
    assert set(message.keys()) == {
        "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
        "X-Mailbot-Request", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert message.defects == []
