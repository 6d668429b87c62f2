"""A target that is an object of a NetBox: made, changed, removed or looked at, as a template says."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

from mailbot.config.targets import NetBoxTarget
from mailbot.mail.letter import PlainTemplates, Tongue, Unfit
from mailbot.netbox import Away, Client, Fields, Refused, Unsure
from mailbot.process.definition import Action
from mailbot.process.request import Drive
from mailbot.target.base import KNOWN, Answer, CannotDrive, cannot, confirmed, failed, later, unknown

SHAPE = 'the template must give {"find": {…}, "set": {…}} in JSON'


class NetBoxDriver:
    """The template gives `find`, the filters that let one object through, and `set`, what is to stand in it.

    Confirmed is what stands in NetBox afterwards. Told the same id again, it finds what it has made, and that it is as
    it was to be.
    """

    mailbox: str | None = None

    def __init__(self, target: NetBoxTarget, templates: PlainTemplates, client: Client) -> None:
        self._kind = target.object
        self._template = target.template
        self._templates = templates
        self._client = client

    def drive(self, request: Drive, since: datetime) -> Answer:  # noqa: ARG002 (as the face has it)
        try:
            find, wanted = self._read(request)
            return self._do(request.action, find, wanted)
        except (Unfit, CannotDrive) as error:
            return cannot(error)
        except Refused as refusal:
            return failed(str(refusal))
        except Away as trouble:
            return later(str(trouble))
        except Unsure as trouble:
            return unknown(str(trouble))

    def check(self) -> str:
        self._templates.check(self._template, KNOWN)
        try:
            return f"{self._kind} of {self._client.url}, NetBox {self._client.version()}"
        except (Refused, Away, Unsure) as trouble:
            raise CannotDrive(str(trouble)) from None

    def _read(self, request: Drive) -> tuple[Fields, Fields]:
        """What the template says. Raises Unfit, CannotDrive."""
        text = self._templates.render(self._template, {**request.body, "body": request.body}, Tongue.JSON)
        try:
            said = json.loads(text)
        except ValueError as error:
            raise CannotDrive(f"{SHAPE}, and it is none: {error}") from None
        if not isinstance(said, dict) or said.keys() - {"find", "set"}:
            raise CannotDrive(SHAPE)
        find, wanted = said.get("find"), said.get("set", {})
        if not isinstance(find, dict) or not find or not isinstance(wanted, dict):
            raise CannotDrive(f'{SHAPE}, and "find" must name the object')
        return find, wanted

    def _do(self, action: Action, find: Fields, wanted: Fields) -> Answer:
        found = self._client.find(self._kind, find)
        if len(found) > 1:
            return failed(f"NetBox has {len(found)} {self._kind} with {_told(find)}: which one is not clear")
        there = found[0] if found else None
        match action:
            case Action.ADD:
                return self._add(there, wanted)
            case Action.CHANGE:
                return self._change(there, find, wanted)
            case Action.REMOVE:
                return self._remove(there, wanted)
            case Action.VERIFY:
                return self._verify(there, find, wanted)
            case _:
                assert_never(action)

    def _add(self, there: Fields | None, wanted: Fields) -> Answer:
        if there is None:
            return confirmed(f"{self._kind} {self._client.create(self._kind, wanted)['id']} was made")
        if other := _otherwise(there, wanted):
            return failed(f"{self._named(there)} is there already, and otherwise: {other}")
        return confirmed(f"{self._named(there)} was there already")

    def _change(self, there: Fields | None, find: Fields, wanted: Fields) -> Answer:
        if there is None:
            return failed(f"NetBox has no {self._kind} with {_told(find)}")
        if _otherwise(there, wanted):
            self._client.change(self._kind, there["id"], wanted)
        return confirmed(f"{self._named(there)} is as it should be")

    def _remove(self, there: Fields | None, wanted: Fields) -> Answer:
        """With something to set (a status "deprecated"), it is set, and the object stays."""
        if there is None:
            return confirmed("it was gone already")
        if wanted:
            return self._change(there, {}, wanted)
        self._client.remove(self._kind, there["id"])
        return confirmed(f"{self._named(there)} was removed")

    def _verify(self, there: Fields | None, find: Fields, wanted: Fields) -> Answer:
        if there is None:
            return failed(f"NetBox has no {self._kind} with {_told(find)}")
        if other := _otherwise(there, wanted):
            return failed(f"{self._named(there)} is otherwise: {other}")
        return confirmed(f"{self._named(there)} is as it should be")

    def _named(self, there: Fields) -> str:
        return f"{self._kind} {there['id']}"


def _told(fields: Fields) -> str:
    return ", ".join(f"{name} {value}" for name, value in fields.items())


def _otherwise(there: Fields, wanted: Fields) -> str:
    """The first thing that is not as wanted; "" where all is."""
    for name, value in wanted.items():
        if not _is(there.get(name), value):
            return f"{name} is {_plain(there.get(name))!r}, not {value!r}"
    return ""


def _is(there: Any, wanted: Any) -> bool:
    """Whether NetBox shows what was written: a choice as value and label, another object by more than its id."""
    if isinstance(there, Mapping) and isinstance(wanted, Mapping):
        return all(_is(there.get(name), value) for name, value in wanted.items())
    if isinstance(there, list) and isinstance(wanted, list):
        return len(there) == len(wanted) and all(map(_is, there, wanted))
    return bool(_plain(there) == wanted)


def _plain(there: Any) -> Any:
    if isinstance(there, Mapping):
        return there.get("value", there.get("id", dict(there)))
    return there
