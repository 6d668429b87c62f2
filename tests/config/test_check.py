"""What pydantic finds, told in plain words, at its place, all at once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import Field, ValidationError
from pydantic_core import core_schema

from mailbot.config.check import check, validate
from mailbot.config.document import Document
from mailbot.config.kinds import HIDDEN, Choice, Day, LeadTime, Line, Section, Several
from mailbot.config.wording import EXPECTED, phrase
from mailbot.errors import Faulty


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Approval(Section):
    kind: Literal["approval"]
    asks: Several[Line] = Field((), min_length=1)


class Allocate(Section):
    kind: Literal["allocate"]
    pool: Line
    length: Line | int | None = None  # as in the models of rule files: unions that are equal are shared


class Leaf(Section):
    colour: Choice[Colour] = Colour.RED
    made: str = Field(default="", validation_alias=HIDDEN)


class Rules(Section):
    type: Line
    size: int = Field(28, ge=20, le=30)
    ratio: float = 1.0
    needs: Literal["one", "all"] | Annotated[int, Field(ge=1)] = "one"
    lead_time: LeadTime | None = None
    dates: Several[Day] = ()
    leaf: Leaf | None = None
    leaves: dict[str, Leaf] = Field(default_factory=dict)
    open_: bool = Field(default=True, alias="open")
    step: Several[Annotated[Approval | Allocate, Field(discriminator="kind")]] = ()


def told(text: str, at: tuple = ()) -> list[str]:
    _, faults = check(Document.parse(Path("x"), text), Rules if not at else Leaf, at)
    return [str(fault).removeprefix("x:") for fault in faults]


MISTAKES = [
    ("", ['1:1: error: "type" is missing']),
    ("type = 5", ['1:8: error: "type" must be text in quotes, not a number']),
    ('typ = "x"', ['1:1: error: "type" is missing', "1:1: error: unknown key \"typ\" (did you mean 'type'?)"]),
    ("size = 31", ['1:1: error: "type" is missing', '1:8: error: "size" must be at most 30']),
    ('type = "x"\nsize = "28"', ['2:8: error: "size" must be a whole number, not text']),
    ('type = "x"\nsize = 28.0', ['2:8: error: "size" must be a whole number, not a fraction']),
    ('type = "x"\nsize = true', ['2:8: error: "size" must be a whole number, not true']),
    ('type = "x"\nratio = "1"', ['2:9: error: "ratio" must be a number, not text']),
    ('type = "x"\nopen = 1', ['2:8: error: "open" must be true or false, not a number']),
    ('type = "x"\nopen_ = true', ["2:1: error: unknown key \"open_\" (did you mean 'open'?)"]),
    (
        'type = "x"\nneeds = "al"',
        ['2:9: error: "needs" must be "one", "all" or a whole number, not \'al\' (did you mean \'all\'?)'],
    ),
    ('type = "x"\nneeds = 0', ['2:9: error: "needs" must be at least 1']),
    ('type = "x"\nneeds = []', ['2:9: error: "needs" must be "one", "all" or a whole number, not a list']),
    ('type = "x"\nlead_time = 8', ['2:13: error: "lead_time" must be text in quotes, not a number']),
    (
        'type = "x"\ndates = 2026-12-24',
        ['2:9: error: "dates" must be a list in [ ], not a date or time without quotes'],
    ),
    ('type = "x"\ndates = [[]]', ['2:10: error: item 1 of "dates" must be a date, like "2026-12-24", not a list']),
    ('type = "x"\nleaf = "red"', ['2:8: error: "leaf" must be a table, not text']),
    (
        'type = "x"\nleaf = { colour = "reed" }',
        ['2:19: error: "colour" must be "red" or "green", not \'reed\' (did you mean \'red\'?)'],
    ),
    ('type = "x"\n[leaf]\nmade = "y"', ['3:1: error: unknown key "made"; known here: colour']),
    ('type = "x"\n[leaf.colour]', ['2:7: error: "colour" must be "red" or "green", not a table']),
    ('type = "x"\n[leaves."a b"]\ncolor = "red"', ["3:1: error: unknown key \"color\" (did you mean 'colour'?)"]),
    ('type = "x"\n[[leaf]]', ['2:1: error: "leaf" must be a table, not a list']),
    ('type = "x"\n[[step]]', ['2:3: error: "kind" is missing in [[step]]']),
    (
        'type = "x"\n[[step]]\nkind = "alocate"',
        ['3:8: error: "kind" must be "approval" or "allocate", not \'alocate\' (did you mean \'allocate\'?)'],
    ),
    (
        'type = "x"\n[[step]]\nkind = "allocate"\nasks = []',
        ['2:3: error: "pool" is missing in [[step]]', '4:1: error: unknown key "asks"; known here: kind, length, pool'],
    ),
    ('type = "x"\n[[step]]\nkind = "approval"\nasks = []', ['4:8: error: "asks" must not be empty']),
    (
        'type = "x"\n[[step]]\nkind = "approval"\nasks = [1]',
        ['4:9: error: item 1 of "asks" must be text in quotes, not a number'],
    ),
    (
        'type = "x"\n[[step]]\nkind = "allocate"\npool = "p"\nlength = true',
        ['5:10: error: "length" must be text in quotes or a whole number, not true'],
    ),
    ('type = "x"\nstep = [1]', ['2:9: error: item 1 of "step" must be a table, not a number']),
]


@pytest.mark.parametrize(("text", "faults"), MISTAKES, ids=[text[-30:] for text, _ in MISTAKES])
def test_a_mistake_is_told_in_words_and_with_its_place(text, faults):
    assert told(text) == faults


def test_all_mistakes_of_a_file_are_told_at_once_in_its_order():
    text = 'lead_time = "8 hors"\nsize = 10\n[leaf]\ncolour = 1\n[[step]]\nkind = "allocate"\nlength = []\n'
    lines = [int(fault.split(":")[0]) for fault in told(text)]
    assert lines == [1, 1, 2, 4, 5, 7]


def test_a_part_of_a_file_is_checked_alone():
    assert told('[a]\n[[a.b]]\ncolour = "x"', ("a", "b", 0)) == [
        '3:10: error: "colour" must be "red" or "green", not \'x\''
    ]
    assert told("[a]", ("a", "b")) == ['1:2: error: "b" must be a table, not nothing']


def test_what_holds_comes_out_as_values():
    text = 'type = "x"\nlead_time = "8 working hours"\ndates = ["2026-12-24", 2026-12-25]\n[leaf]\ncolour = "green"\n'
    made = validate(Document.parse(Path("x"), text), Rules)
    assert (str(made.lead_time), len(made.dates), made.leaf) == ("8 working hours", 2, Leaf(colour=Colour.GREEN))
    with pytest.raises(ValidationError):
        made.size = 20  # type: ignore[misc]


def test_validate_raises_every_fault():
    with pytest.raises(Faulty) as faulty:
        validate(Document.parse(Path("x"), "size = 1\nratio = []"), Rules)
    assert len(faulty.value.faults) == 3


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\x1bb", "a\u2028b", "a\x85b"])
def test_trap_44_one_line_of_text_holds_no_control_characters(text):
    made, faults = check(Document(path=Path("x"), text="", value={"type": text}, spots={}, _lines=(0,)), Rules)
    assert made is None
    assert "is one line" in faults[0].message


@pytest.mark.parametrize("kind", get_args(core_schema.ErrorType))
def test_no_error_of_pydantics_is_told_in_its_own_words(kind):
    context: dict[str, Any] = {"min_length": 2, "max_length": 3, "gt": 1, "ge": 1, "lt": 1, "le": 1, "multiple_of": 2}
    words = EXPECTED.get(kind) or phrase(kind, context)
    assert not any(
        word in words.lower() for word in ("pydantic", "input", "instance", "python", "dictionary", "string")
    )
