"""The templates that docs/registries.md shows give what the registries take."""

import re
from pathlib import Path

import pytest

from mailbot.config.targets import Check
from mailbot.mail.letter import PlainTemplates
from mailbot.registry import faults
from mailbot.target.base import KNOWN

DOCS = Path(__file__).parents[2] / "docs" / "registries.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", DOCS.read_text(), re.MULTILINE | re.DOTALL)
SHOWN = [text for language, text in BLOCKS if not language]
GIVEN = {
    "id": "IP-42/register/ripe/1",
    "reference": "IP-42",
    "prefix": "192.0.2.16/28",
    "set": {"customer": "Acme\nmnt-by: EVIL-MNT", "customer_handle": "C12345678"},
}


@pytest.mark.parametrize("action", ["add", "remove"])
@pytest.mark.parametrize(("check", "place"), [(Check.RPSL, 0), (Check.ARIN, 1)])
def test_a_template_of_the_page_gives_what_its_registry_takes(
    tmp_path: Path, check: Check, place: int, action: str
) -> None:
    tmp_path.joinpath("shown.txt").write_text(SHOWN[place])
    text = PlainTemplates([tmp_path]).render("shown", {**GIVEN, "action": action})
    assert faults(check, text) == []
    assert "\nmnt-by: EVIL" not in text


@pytest.mark.parametrize(
    ("undoes", "addresses", "becomes", "gone"),
    [
        (None, [], ["192.0.2.32/29", "192.0.2.40/29"], ["192.0.2.16/28"]),
        ("move", ["192.0.2.32/29", "192.0.2.40/29"], ["192.0.2.16/28"], ["192.0.2.32/29", "192.0.2.40/29"]),
    ],
)
def test_what_is_moved_is_deleted_and_made_anew_and_undone_the_other_way_round(
    tmp_path: Path, undoes: str | None, addresses: list[str], becomes: list[str], gone: list[str]
) -> None:
    tmp_path.joinpath("shown.txt").write_text(SHOWN[2])
    held = [{"prefix": prefix} for prefix in addresses]
    told = {**GIVEN, "action": "change", "undoes": undoes, "addresses": held, "becomes": becomes}
    templates = PlainTemplates([tmp_path])
    templates.check("shown", KNOWN)
    text = templates.render("shown", told)
    assert faults(Check.RPSL, text) == []
    objects = [block.split("\n") for block in text.strip().split("\n\n")]
    nets = {block[0].split()[1]: any("delete:" in row for row in block) for block in objects}
    assert nets == {**dict.fromkeys(gone, True), **dict.fromkeys(becomes, False)}
