"""The store as the doors see it."""

import pytest

from mailbot.errors import Conflict
from mailbot.store import Store


@pytest.fixture
def store(url):
    made = Store(url)
    made.upgrade()
    yield made
    made.close()


def changing(conflicts):
    """A change that other bots come in between so many times; and what it wrote down of each try."""
    tries = []

    def change(tx):
        tries.append(len(tries))
        tx.set_fact(f"try {len(tries)}", "made")
        if len(tries) <= conflicts:
            raise Conflict("another bot was faster")
        return "done"

    return change, tries


@pytest.mark.parametrize("conflicts", [0, 1, 4])
def test_a_change_that_another_bot_came_in_between_is_begun_again_and_counts_once(store, conflicts):
    change, tries = changing(conflicts)
    assert store.committed(change) == "done"
    with store.transaction() as tx:
        assert tx.facts("try ") == {str(len(tries)): "made"}


def test_where_others_are_always_faster_it_is_told_and_nothing_stays(store):
    change, tries = changing(100)
    with pytest.raises(Conflict):
        store.committed(change)
    with store.transaction() as tx:
        assert tx.facts("try ") == {}
    assert len(tries) == 5
