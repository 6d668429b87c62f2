"""Each mail that is not, or may not be, of whom it says, sent to a house that wants a verified From."""

import pytest
from spoofs import PAGE, ROWS, Scene, became, paged


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_trap_16_what_becomes_of_a_mail_that_may_be_forged(row, tmp_path):
    scene = Scene(tmp_path, row.config)
    assert became(scene, row.mail(scene)) == row.outcome


def test_the_page_tells_what_the_rows_say():
    assert len(ROWS) >= 40
    text = PAGE.read_text(encoding="utf-8")
    assert text == paged(text)
