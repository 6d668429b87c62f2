"""What all models of the API have in common, and the kinds of values that they are made of."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

MOST = 200
"""Characters of a name, an id, a date."""
LONGEST = 5000
"""Characters of a text."""

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601, UTC."""


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text[:40]!r} is no time, like "2026-11-23T10:00:00Z"') from None
    return text


Moment = Annotated[str, AfterValidator(_moment), Field(max_length=MOST, json_schema_extra={"format": "date-time"})]
"""The same, where somebody else writes it."""


def _octets(said: object) -> bytes:
    """Strictly: pydantic's own leaves out what is none of its signs."""
    try:
        return b64decode("".join(str(said).split()), validate=True)
    except ValueError:
        raise ValueError("it is no base64") from None


Octets = Annotated[
    bytes,
    BeforeValidator(_octets),
    PlainSerializer(lambda octets: b64encode(octets).decode()),
    WithJsonSchema({"type": "string", "format": "base64"}),
]
"""In base64."""
Uri = Annotated[str, Field(json_schema_extra={"format": "uri-reference"})]
Short = Annotated[str, Field(max_length=MOST)]
Long = Annotated[str, Field(max_length=LONGEST)]
Value = str | int | bool | list[str]
"""Of a form's field, or a characteristic."""


def _alias(name: str) -> str:
    """As TM Forum writes it: external_id is externalId, at_type is @type."""
    return f"@{to_camel(name.removeprefix('at_'))}" if name.startswith("at_") else to_camel(name)


class Model(BaseModel):
    """`ROOT` is its element in XML, where it stands alone; `NULLS` whether JSON shows what is not there."""

    ROOT: ClassVar[str] = ""
    NULLS: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    def plain(self) -> dict[str, Any]:
        """As it is written in JSON."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=not self.NULLS)


class Tmf(Model):
    """One of TM Forum's."""

    model_config = ConfigDict(alias_generator=_alias)


class Entity(Tmf):
    """What TM Forum's resources all have."""

    id: str
    href: Uri
    at_type: str


class Ref(Tmf):
    """A resource that another one names."""

    id: str
    href: Uri | None = None
    name: str | None = None
    at_referred_type: str | None = None


class RelatedParty(Tmf):
    """A person: `id` is his mail address."""

    id: Short | None = None
    name: Short | None = None
    role: Short | None = None
    at_referred_type: str | None = None


def _out_of_its_type(value: Any) -> Any:
    """Of TM Forum's typed values the one member that is the value: {"@type": "IPAddress", "ip": "192.0.2.1"}."""
    if not isinstance(value, Mapping):
        return value
    members = [one for name, one in value.items() if not str(name).startswith("@")]
    if len(members) != 1:
        raise ValueError("an object is a value where one member of it, and no more, has a name without @")
    return members[0]


_WRITTEN = {
    "anyOf": [
        *({"type": kind} for kind in ("string", "integer", "boolean")),
        {"type": "array", "items": {"type": "string"}},
        {"type": "object"},
    ],
    "description": "text, number, yes or no, or several texts; or an object of which one member is such a value",
}


class Characteristic(Tmf):
    """A field of a form, by its name."""

    name: Short
    value: Annotated[Value, BeforeValidator(_out_of_its_type), WithJsonSchema(_WRITTEN)]
    value_type: str | None = None


def characteristics(values: Mapping[str, Any]) -> list[Characteristic]:
    return [_characteristic(name, value) for name, value in values.items()]


def _characteristic(name: str, value: Any) -> Characteristic:
    many = isinstance(value, Sequence) and not isinstance(value, str)
    kinds = {bool: "boolean", int: "integer"}
    return Characteristic(
        name=name,
        value=list(value) if many else value,
        value_type="array" if many else kinds.get(type(value), "string"),
    )
