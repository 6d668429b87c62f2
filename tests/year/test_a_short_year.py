"""A year with few requests: what `make year` does with ten thousand."""

import pytest

from year.provider import Size, rules
from year.reading import faults
from year.simulation import Year


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_year_comes_to_its_end_and_every_query_is_answered_as_the_export_reads(tmp_path):
    year = Year(tmp_path, requests=110, size=Size(people=90))
    year.run()
    assert list(faults(year)) == []
    assert len(rules()) == 20
    kinds = {"action", "reminder", "escalation", "digest", "completed", "rejected", "ended", "actions"}
    assert kinds <= set(year.kinds)
