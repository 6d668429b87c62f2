"""Lists in JSON, read item by item."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.foreign import NoList, items

OBJECTS = st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=5) | st.integers() | st.none()), max_size=8)


def piecemeal(text: str, size: int):
    """As a slow source gives it."""
    source = io.StringIO(text)
    return lambda _: source.read(size)


@given(objects=OBJECTS, size=st.integers(1, 9), indent=st.sampled_from([None, 1]), wrapped=st.booleans())
def test_any_list_comes_out_as_it_went_in_however_it_is_cut(objects, size, indent, wrapped):
    value = {"code": 200, "success": True, "data": objects} if wrapped else objects
    assert list(items(piecemeal(json.dumps(value, indent=indent), size))) == objects


def test_the_only_page_of_an_answer_is_all_of_it():
    text = '{"count": 1, "next": null, "previous": null, "results": [{"next": "a"}]}'
    assert list(items(io.StringIO(text).read)) == [{"next": "a"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "no list"),
        ('{"prefixes": 7}', "no list"),
        ("[1]", "item 1 is no object"),
        ('[{"a": 1}, {"a"', "item 2 is no JSON"),
        ("[", "item 1 is no JSON"),
        ('{"count": 2, "next": "https://nb/?offset=1", "results": [{"a": 1}]}', "one page of several"),
        ('{"results": [{"a": 1}], "previous": null, "next":"https://nb/?offset=1"}', "one page of several"),
    ],
)
def test_what_is_no_whole_list_of_objects_is_told(text, words):
    with pytest.raises(NoList, match=words):
        list(items(io.StringIO(text).read))
