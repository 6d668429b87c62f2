"""Whom a process asks: that somebody can answer who does not ask for it himself, and that suppliers see little."""

from pathlib import Path

import pytest
from rulefiles import SIZE, TOP, step, words

ALONE = "and nobody approves his own request: name somebody else"
OWN = ": whoever asks for it is one of those asked, and approves nothing of his own"


def who(*names: str) -> str:
    return TOP.replace('["*@example.net"]', str(list(names)).replace("'", '"'))


@pytest.mark.parametrize(
    ("top", "keys", "error"),
    [
        (TOP, ['asks = ["{requester.email}"]'], f"only the requester is asked, who asks for it too, {ALONE}"),
        (TOP, ['asks = ["{requester.email}", "noc"]'], ""),
        (who("billing"), ['asks = ["billing"]'], f"only bill@example.net is asked, who asks for it too, {ALONE}"),
        (who("bill@example.net"), ['asks = ["billing"]'],
         f"only bill@example.net is asked, who asks for it too, {ALONE}"),
        (who("bill@example.net"), ['asks = ["{requester.email}"]'],
         f"only bill@example.net is asked, who asks for it too, {ALONE}"),
        (who("noc"), ['asks = ["ana@example.net"]'], ""),
        (who("noc"), ['asks = ["noc"]'], ""),
        (who("noc"), ['asks = ["noc"]', "needs = 2"], f"2 answers are needed, but 1 can be given{OWN}"),
        (who("noc"), ['asks = ["board"]', "needs = 2"], ""),
        (who("noc"), ['asks = ["board"]', "needs = 3"], f"3 answers are needed, but 2 can be given{OWN}"),
        (who("noc"), ['asks = ["noc"]', 'needs = "all"'], ""),
        (who("billing"), ['asks = ["board"]', "needs = 3"], ""),
        (who("billing"), ['asks = ["board"]', "needs = 4"], "4 answers are needed, but 3 can be given"),
        (TOP, ['asks = ["noc", "{requester.email}"]', "needs = 3"], "3 answers are needed, but 2 can be given"),
    ],
)  # fmt: skip
def test_an_approval_has_enough_voices_that_are_not_the_requesters(
    tmp_path: Path, top: str, keys: list[str], error: str
) -> None:
    assert words(tmp_path, step("approval", *keys), top=top) == ([f"error: {error}"] if error else [])


def test_a_task_may_be_the_requesters_own(tmp_path: Path) -> None:
    assert words(tmp_path, step("task", 'asks = ["{requester.email}"]'), top=who("billing")) == []


FIELD = '[[step.field]]\nname = "order"\ntype = "text"\nreference = true\n'


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (step("form", 'asks = ["party:scrubber"]', 'shows = ["size"]') + FIELD, []),
        (step("form", 'asks = ["party:scrubber"]', "shows = []") + FIELD, []),
        (step("form", 'asks = ["party:scrubber"]') + FIELD,
         ["party:scrubber sees nothing of the form: shows = [FIELDS], or [] where that is meant"]),
        (step("approval", 'asks = ["party:scrubber"]', "shows = []"),
         ["suppliers alone would decide on this: ask them by a form or task, and somebody of the house to approve"]),
        (step("approval", 'asks = ["party:scrubber"]', "shows = []") + FIELD, []),
        (step("approval", 'asks = ["party:scrubber", "noc"]', "shows = []"), []),
    ],
)  # fmt: skip
def test_suppliers_see_what_they_need_and_decide_nothing_of_the_houses(
    tmp_path: Path, text: str, warnings: list[str]
) -> None:
    assert words(tmp_path, SIZE, text) == [f"warning: {one}" for one in warnings]
