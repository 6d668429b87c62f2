"""What may stand behind the "?" of a call: read, and told in OpenAPI, from one table. What nobody knows is refused."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from mailbot.config.address import normal
from mailbot.errors import near_miss
from mailbot.store.lists import ANY, Cut, Span
from mailbot.web.api.errors import wrong_query

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LONGEST = 500
"""Characters of one value."""
USUAL, MOST = 50, 100
"""Rows of a page, where nobody says how many; and at most."""
DEEPEST = 1_000
"""Rows that may be left out by their number: each of them has to be looked at."""
FARTHEST = 10**12


class Kind(StrEnum):
    TEXT = "text"
    SEVERAL = "several"
    """Texts with commas between them: any of them. Whatever has a comma, or blanks around it, stands in quotes."""
    ADDRESS = "address"
    MOMENT = "moment"
    SPAN = "span"
    """From a moment on, and before another: a second of a time, all of a day."""
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`choices` are the only texts that it takes; `beyond` says what to do where `most` is too little."""

    name: str
    words: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    most: int = FARTHEST
    beyond: str = ""

    def read(self, text: str) -> Any:
        """Raises Refused."""
        if "\0" in text or len(text) > LONGEST:
            raise wrong_query(self.name, f"a text of at most {LONGEST} characters, without control characters")
        match self.kind:
            case Kind.MOMENT:
                return moment(self.name, text)
            case Kind.SPAN:
                begin = moment(self.name, text)
                return begin, begin + (DAY if _is_day(text) else SECOND)
            case Kind.NUMBER:
                return self._number(text)
            case Kind.FLAG:
                return self._one_of(text, ("true", "false")) == "true"
            case Kind.ADDRESS:
                return self._address(text)
            case Kind.SEVERAL:
                return [self._one_of(one, self.choices) for one in self._several(text)]
            case Kind.TEXT:
                return self._one_of(text, self.choices)

    def _several(self, text: str) -> list[str]:
        """priority="1" asks for 1, externalId="A,B" for one of that name."""
        try:
            (found,) = csv.reader([text], skipinitialspace=True, strict=True)
        except (csv.Error, ValueError):
            raise wrong_query(self.name, 'texts with commas between them, like A,B or "A,B",C') from None
        return found if '"' in text else [one.strip() for one in found] or [""]

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < len(str(FARTHEST)) and int(text) <= self.most):
            beyond = f"; {self.beyond}" if self.beyond else ""
            raise wrong_query(self.name, f"a whole number from 0 to {self.most}{beyond}")
        return int(text)

    def _address(self, text: str) -> str:
        found = normal(text)
        if found is None:
            raise wrong_query(self.name, "a mail address, like ana@example.net")
        return found

    def _one_of(self, text: str, choices: tuple[str, ...]) -> str:
        if choices and text not in choices:
            raise wrong_query(self.name, f"one of {', '.join(choices)}")
        return text

    @property
    def schema(self) -> dict[str, Any]:
        """For OpenAPI."""
        limits: Mapping[Kind, dict[str, Any]] = {
            Kind.NUMBER: {"type": "integer", "minimum": 0, "maximum": self.most},
            Kind.FLAG: {"type": "boolean"},
            Kind.MOMENT: {"type": "string", "format": "date-time"},
            Kind.SPAN: {"type": "string", "format": "date-time"},
            Kind.ADDRESS: {"type": "string", "format": "email"},
        }
        one = {"type": "string", "maxLength": LONGEST, **({"enum": list(self.choices)} if self.choices else {})}
        if self.kind is Kind.SEVERAL:
            return {"type": "array", "items": one, "minItems": 1}
        return limits.get(self.kind, one)


def moment(name: str, text: str) -> datetime:
    """A time with its offset ("2026-11-23T10:00:00Z"), or a day, which begins in UTC. Raises Refused."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        _ = found.timestamp()
    except (ValueError, OverflowError):
        raise wrong_query(name, 'a day or a time, like "2026-11-23T10:00:00Z"') from None
    if not 1970 <= found.year <= 9000:  # noqa: PLR2004 (what databases count in)
        raise wrong_query(name, "a time between 1970 and 9000")
    return found


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def spans(name: str, words: str) -> tuple[Parameter, ...]:
    """The filters of a date: itself, and before and after it. A day is all of it, in UTC."""
    ends = {"": "is", ".gt": "is later than", ".gte": "is not before", ".lt": "is before", ".lte": "is not later than"}
    return tuple(Parameter(name=name + end, words=f"{words} {how} this.", kind=Kind.SPAN) for end, how in ends.items())


LIMIT = Parameter(name="limit", words=f"So many at most; {USUAL} where nothing is said.", kind=Kind.NUMBER, most=MOST)
PAGE = (Parameter(name="offset", words="So many are left out, from the first.", kind=Kind.NUMBER), LIMIT)
"""Of a list that is there whole."""


def followed(after: str, kind: Kind = Kind.TEXT) -> tuple[Parameter, ...]:
    """Of a list that may be long: each page begins behind the last row of the one before, as its Link says."""
    return (
        Parameter(
            name="offset",
            words="So many are left out, from the first; go on with `after`.",
            kind=Kind.NUMBER,
            most=DEEPEST,
            beyond="beyond that, follow the Link to the next page",
        ),
        LIMIT,
        Parameter(name="after", words=after, kind=kind),
    )


AFTER = "Those that come after this one, as the list is ordered: what its next Link says."
FIELDS = Parameter(name="fields", words="Only these, with commas between them, and dots into what they hold.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What stood there, by name."""

    request: Request
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """None where it did not."""
        return self.values.get(name)

    def span(self, name: str) -> Span:
        asked = {
            end: self.values[name + end] for end in ("", ".gt", ".gte", ".lt", ".lte") if name + end in self.values
        }
        begins = [begin for end, (begin, _) in asked.items() if end in {"", ".gte"}]
        begins += [over for end, (_, over) in asked.items() if end == ".gt"]
        ends = [over for end, (_, over) in asked.items() if end in {"", ".lte"}]
        ends += [begin for end, (begin, _) in asked.items() if end == ".lt"]
        return (max(begins, default=None), min(ends, default=None)) if asked else ANY

    @property
    def cut(self) -> Cut:
        limit = self.values.get("limit")
        return Cut(most=USUAL if limit is None else limit, offset=self.values.get("offset") or 0)

    @property
    def is_paged(self) -> bool:
        return not self.values.keys().isdisjoint({"limit", "offset", "after"})

    def again(self, base: str, **changes: object) -> str:
        """The same call, changed in this; None leaves out."""
        both = {**dict(self.request.query_params), **changes}
        asked = {name: value for name, value in both.items() if value is not None}
        return f"{base}{self.request.url.path}?{urlencode(asked)}"


def read(request: Request, parameters: Iterable[Parameter]) -> Asked:
    """Raises Refused."""
    known = {one.name: one for one in parameters}
    values: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name not in known:
            near = near_miss(name, known)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known) or 'none'}"
            raise wrong_query(name[:60], f"there is no such parameter here; {hint}")
        if name in values:
            raise wrong_query(name, "it stands there twice; write several with commas between them")
        values[name] = known[name].read(text)
    return Asked(request=request, values=values)


def documented(*parameters: Parameter) -> dict[str, Any]:
    """For `openapi_extra`."""
    return {
        "parameters": [
            {
                "name": one.name,
                "in": "query",
                "required": False,
                "description": one.words,
                "schema": one.schema,
                **({"style": "form", "explode": False} if one.kind is Kind.SEVERAL else {}),
            }
            for one in parameters
        ]
    }
