"""Which fields of a resource are to be shown: `fields=state,orderItem.action`, with dots into what stands within."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, get_args

from mailbot.errors import near_miss
from mailbot.web.api.errors import wrong_query
from mailbot.web.api.models.base import Model

Choice: TypeAlias = dict[str, "Choice | None"]
"""By name, what of each field is to be shown; None: all of it."""

ALWAYS = ("id", "href", "@type")


def read(text: str | None, model: type[Model], always: Collection[str] = ALWAYS) -> Choice | None:
    """What was asked for, and what is always shown; None where nobody asked. Raises Refused."""
    if text is None:
        return None
    choice: Choice = dict.fromkeys(always)
    for path in filter(None, (one.strip() for one in text.split(","))):
        _add(choice, path.split("."), model)
    return choice


def chosen(shown: Mapping[str, Any], choice: Choice | None) -> dict[str, Any]:
    """What was asked for of it."""
    if choice is None:
        return dict(shown)
    return {name: _within(value, choice[name]) for name, value in shown.items() if name in choice}


def _within(value: Any, choice: Choice | None) -> Any:
    if isinstance(value, list):
        return [_within(one, choice) for one in value]
    return chosen(value, choice) if isinstance(value, Mapping) else value


def _add(choice: Choice, path: list[str], model: type[Model]) -> None:
    name, *rest = path
    known = {field.alias or own: field.annotation for own, field in model.model_fields.items()}
    if name not in known:
        near = near_miss(name, known)
        raise wrong_query("fields", f"there is no {name[:60]!r}{f', did you mean {near!r}?' if near else ''}")
    if not rest:
        choice[name] = None
        return
    inner = next(_models_in([known[name]]), None)
    if inner is None:
        raise wrong_query("fields", f"{name!r} holds no fields of its own")
    below = choice.setdefault(name, {})
    if below is not None:  # else all of it is asked for already
        _add(below, rest, inner)


def _models_in(annotations: Iterable[Any]) -> Iterator[type[Model]]:
    for one in annotations:
        if isinstance(one, type) and issubclass(one, Model):
            yield one
        yield from _models_in(get_args(one))
