"""JSON Schemas of files, made from the models that read them, so that editors complete and check them."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from mailbot.config.kinds import HIDDEN

DRAFT = "http://json-schema.org/draft-07/schema#"
"""What taplo and the editors that use it read."""


class _Texts(GenerateJsonSchema):
    """Whatever is read by a grammar of our own stands in the file as text."""

    def function_plain_schema(self, schema: CoreSchema) -> JsonSchemaValue:
        del schema
        return {"type": "string"}


def of_file(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of a TOML file that this model reads."""
    made = model.model_json_schema(by_alias=True, schema_generator=_Texts, ref_template="#/definitions/{model}")
    definitions = made.pop("$defs", {})
    for one in _models(model):
        target = made if one is model else definitions.get(one.__name__, {})
        _describe(target, one)
    whole = {"$schema": DRAFT, **made, "title": title, "definitions": definitions}
    found: dict[str, Any] = _as_toml(whole)
    return found


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """All that may be meant, which is more than is: those of the same packages."""
    yield model
    found = [BaseModel]
    while found:
        below = found.pop().__subclasses__()
        found += below
        yield from (one for one in below if one.__module__.startswith("mailbot."))


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """With the words that stand below an attribute in the model's own text."""
    words = _words_of(model)
    for name, field in model.model_fields.items():
        key = field.validation_alias if isinstance(field.validation_alias, str) else name
        if name in words and key in schema.get("properties", {}):
            schema["properties"][key].setdefault("description", words[name])


def _words_of(model: type[BaseModel]) -> dict[str, str]:
    [body] = [
        node for node in ast.parse(textwrap.dedent(inspect.getsource(model))).body if isinstance(node, ast.ClassDef)
    ]
    found = {}
    for attribute, words in zip(body.body, body.body[1:], strict=False):
        match attribute, words:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found


def _as_toml(value: Any) -> Any:
    """TOML has no null: what may be left out is left out. Keys that no file sets are none of the schema's."""
    if isinstance(value, list):
        return [_as_toml(one) for one in value if one != {"type": "null"}]
    if not isinstance(value, dict):
        return value
    made = {
        key: _as_toml(one) for key, one in value.items() if key != HIDDEN and not (key == "default" and one is None)
    }
    alone = made.get("anyOf", [])
    if len(alone) == 1:
        del made["anyOf"]
        made = {**alone[0], **made}
    return made
