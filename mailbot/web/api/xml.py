"""Models as XML and back, and their XML schema: one walk over the same models that JSON is made of.

An attribute named "@type" is an attribute in XML too; a list is its element, once an item; a mapping holds an `entry`
for each of its names.
"""

import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from defusedxml import ElementTree as Defused
from defusedxml.common import DefusedXmlException
from pydantic.fields import FieldInfo

from mailbot.web.api.models.base import Model

NAMESPACE = "urn:mailbot:api:1"
_XS = "http://www.w3.org/2001/XMLSchema"
_ENTRY = "entry"
_DEEPEST = 30
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

register_namespace("xs", _XS)


Shown = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""Of one model, or of several, as plain JSON values."""


class NoXml(ValueError):
    """It cannot be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What stands in a field: a model, a mapping, or a plain value of an XML schema type; once or several times."""

    model: type[Model] | None = None
    mapping: bool = False
    plain: str = "xs:string"
    words: tuple[str, ...] = ()
    several: bool = False
    either: bool = False
    """Once or several times, as it comes."""


def _fields(model: type[Model]) -> Iterator[tuple[str, FieldInfo, _Kind]]:
    """(name in JSON, field, kind) of each."""
    for name, field in model.model_fields.items():
        yield field.alias or name, field, _kind(field.annotation, field.metadata, field.json_schema_extra)


def _kind(annotation: Any, metadata: Sequence[Any] = (), extra: Any = None) -> _Kind:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        extras = [one.json_schema_extra for one in args[1:] if isinstance(one, FieldInfo)]
        return _kind(args[0], args[1:], next(filter(None, extras), extra))
    if origin in {Union, types.UnionType}:
        meant = [one for one in args if one is not type(None)]
        return _kind(meant[0], metadata, extra) if len(meant) == 1 else _Kind(either=list[str] in meant)
    if origin is tuple:
        of_one = _kind(args[0])
        return _Kind(model=of_one.model, plain=of_one.plain, words=of_one.words, several=True)
    if origin is dict:
        return _Kind(mapping=True)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return _Kind(model=annotation)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _Kind(words=tuple(one.value for one in annotation))
    formats = {"date-time": "xs:dateTime"}
    plain = {int: "xs:integer", bool: "xs:boolean"}.get(annotation, "xs:string")
    return _Kind(plain=formats.get((extra or {}).get("format", ""), plain))


# -- written -------------------------------------------------------------------------------------------------------


def written(shown: Shown, model: type[Model]) -> bytes:
    """What a model is in JSON; or a list of such, within an element of its own."""
    if isinstance(shown, Mapping):
        top = Element(model.ROOT, {"xmlns": NAMESPACE})
        _write(top, model, shown)
    else:
        top = Element(f"{model.ROOT}List", {"xmlns": NAMESPACE})
        for one in shown:
            _write(SubElement(top, model.ROOT), model, one)
    found: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return found


def _write(element: Element, model: type[Model], values: Mapping[str, Any]) -> None:
    for name, _, kind in _fields(model):
        value = values.get(name)
        if value is None:
            continue
        if name.startswith("@"):
            element.set(name[1:], _text(value))
        elif kind.mapping:
            _write_mapping(SubElement(element, name), value)
        else:
            for one in value if isinstance(value, list) else [value]:
                _write_one(SubElement(element, name), kind, one)


def _write_one(element: Element, kind: _Kind, value: Any) -> None:
    if kind.model:
        _write(element, kind.model, value)
    else:
        element.text = _text(value)


def _write_mapping(element: Element, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            SubElement(element, _ENTRY, {"name": _text(name)}).text = _text(one)


def _text(value: Any) -> str:
    words = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return _NOT_XML.sub("\ufffd", words)


# -- read ----------------------------------------------------------------------------------------------------------


def read(raw: bytes, model: type[Model]) -> dict[str, Any]:
    """What it says, as JSON would. Without entities, and without a document type. Raises NoXml."""
    try:
        top = Defused.fromstring(raw, forbid_dtd=True)
    except DefusedXmlException:
        raise NoXml("it has a document type or entities: leave them out") from None
    except (Defused.ParseError, ValueError, LookupError) as error:
        raise NoXml(f"it is no XML that can be read: {error}") from None
    space, _, name = top.tag.rpartition("}")
    if name != model.ROOT or space.removeprefix("{") not in {"", NAMESPACE}:
        raise NoXml(f"its element is {top.tag[:80]}: this takes {model.ROOT}, of {NAMESPACE}")
    return _read(top, model, 0)


def _read(element: Element, model: type[Model], depth: int) -> dict[str, Any]:
    if depth > _DEEPEST:
        raise NoXml("its elements stand too deep inside each other")
    found: dict[str, Any] = {f"@{_local(name)}": text for name, text in element.attrib.items()}
    kinds = {name: kind for name, _, kind in _fields(model)}
    for child in element:
        name = _local(child.tag)
        kind = kinds.get(name, _Kind())
        value = _read_one(child, kind, depth)
        if kind.several:
            found.setdefault(name, []).append(value)
        elif kind.either and name in found:
            before = found[name]
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[name] = value
    return found


def _read_one(element: Element, kind: _Kind, depth: int) -> Any:
    if kind.model:
        return _read(element, kind.model, depth + 1)
    if kind.mapping:
        return _read_mapping(element)
    return (element.text or "").strip()


def _read_mapping(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in element:
        name, text = entry.get("name", ""), (entry.text or "").strip()
        before = found.get(name)
        found[name] = text if before is None else [*(before if isinstance(before, list) else [before]), text]
    return found


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


# -- the schema ----------------------------------------------------------------------------------------------------


def schema(models: Iterable[type[Model]]) -> bytes:
    """The XML schema of these models and of all that they hold; elements stand in the order in which we write them."""
    spaces = {"targetNamespace": NAMESPACE, "xmlns": NAMESPACE, "elementFormDefault": "qualified"}
    top = Element(f"{{{_XS}}}schema", spaces)
    known: dict[str, type[Model]] = {}
    for model in models:
        _xs(top, "element", name=model.ROOT, type=model.__name__)
        listed = _xs(_xs(_xs(top, "element", name=f"{model.ROOT}List"), "complexType"), "sequence")
        _xs(listed, "element", name=model.ROOT, type=model.__name__, minOccurs="0", maxOccurs="unbounded")
        _gather(model, known)
    for model in known.values():
        _complex(top, model)
    _mapping(top)
    found: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return found


def _gather(model: type[Model], known: dict[str, type[Model]]) -> None:
    if model.__name__ in known:
        return
    known[model.__name__] = model
    for _, _, kind in _fields(model):
        if kind.model:
            _gather(kind.model, known)


def _complex(top: Element, model: type[Model]) -> None:
    of_type = _xs(top, "complexType", name=model.__name__)
    sequence = _xs(of_type, "sequence")
    for name, field, kind in _fields(model):
        if name.startswith("@"):
            _xs(of_type, "attribute", name=name[1:], type="xs:string", use="optional")
            continue
        least = "0" if kind.several or kind.either or not _is_always_there(field) else "1"
        most = {"maxOccurs": "unbounded"} if kind.several or kind.either else {}
        element = _xs(sequence, "element", name=name, minOccurs=least, **most)
        if kind.words:
            _restricted(element, kind.words)
        else:
            element.set("type", kind.model.__name__ if kind.model else "Mapping" if kind.mapping else kind.plain)


def _is_always_there(field: FieldInfo) -> bool:
    return field.is_required() and type(None) not in get_args(field.annotation)


def _restricted(element: Element, words: Iterable[str]) -> None:
    base = _xs(_xs(element, "simpleType"), "restriction", base="xs:string")
    for word in words:
        _xs(base, "enumeration", value=word)


def _mapping(top: Element) -> None:
    entries = _xs(_xs(top, "complexType", name="Mapping"), "sequence")
    entry = _xs(entries, "element", name=_ENTRY, minOccurs="0", maxOccurs="unbounded")
    content = _xs(_xs(_xs(entry, "complexType"), "simpleContent"), "extension", base="xs:string")
    _xs(content, "attribute", name="name", type="xs:string", use="required")


def _xs(parent: Element, tag: str, /, **attributes: str) -> Element:
    return SubElement(parent, f"{{{_XS}}}{tag}", attributes)
