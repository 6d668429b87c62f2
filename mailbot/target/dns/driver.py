"""What is to be done to the zones of one name server, and what came of it."""

from collections.abc import Sequence
from datetime import datetime

from mailbot.config.targets import DnsTarget
from mailbot.mail.letter import PlainTemplates, Tongue, Unfit
from mailbot.process.definition import Action
from mailbot.process.request import Drive
from mailbot.target.base import KNOWN, Answer, CannotDrive, cannot, confirmed, failed, later, unknown
from mailbot.target.dns.records import Records, prefixes, reverse, wanted, written, zone_of
from mailbot.target.dns.server import NotNow, Server, Silent, Verdict, shown


class DnsDriver:
    """Each zone is changed as a whole or not at all, and only where it is as it should be: nobody's records are
    overwritten, and what is told twice is done once.
    """

    mailbox: str | None = None

    def __init__(self, target: DnsTarget, templates: PlainTemplates) -> None:
        self._target = target
        self._templates = templates
        self._server = Server(target=target)

    def drive(self, request: Drive, since: datetime) -> Answer:  # noqa: ARG002 (as the face has it)
        try:
            records = self._records(request)
            parted: dict[str, list[Records]] = {}
            for one in records:
                parted.setdefault(zone_of(one, self._target.zones), []).append(one)
        except (CannotDrive, Unfit) as error:
            return cannot(error)
        done: list[str] = []
        try:
            if request.action is Action.VERIFY:
                return self._verified(records)
            for zone, part in parted.items():
                done.append(self._brought(request.action, zone, part))
        except (CannotDrive, NotNow, Silent) as error:
            return _broken_off(error, done)
        return confirmed("; ".join(done))

    def check(self) -> str:
        if self._target.template is not None:
            self._templates.check(self._target.template, (*KNOWN, "reverse"))
        try:
            foreign = [zone for zone in self._target.zones if not self._server.serves(zone)]
        except (NotNow, Silent) as error:
            raise CannotDrive(str(error)) from None
        if foreign:
            raise CannotDrive(
                f"{self._target.server} does not serve {', '.join(foreign)} for the key {self._target.key}"
            )
        return f"{len(self._target.zones)} zones at {self._target.server}"

    def _records(self, request: Drive) -> list[Records]:
        body = request.body
        if self._target.template is None:
            return wanted(body)
        values = {**body, "body": body, "reverse": reverse(prefixes(body))}
        return written(self._templates.render(self._target.template, values, Tongue.RECORDS))

    def _brought(self, action: Action, zone: str, records: Sequence[Records]) -> str:
        """What was done to a zone, in words. Where what was expected is not there, it may have been done before."""
        server = self._server
        match action:
            case Action.ADD:
                doing, instead = server.add, server.has
                done, before, refusal = "added", "there already", "others' records stand at"
            case Action.CHANGE:
                doing, instead = server.replace, server.has
                done, before, refusal = "changed", "there already", "there is nothing to change at"
            case _:
                doing, instead = server.remove, server.has_none
                done, before, refusal = "removed", "gone already", "other records than ours stand at"
        if doing(zone, records) is Verdict.DONE:
            return f"{zone}: {len(records)} {done}"
        if instead(zone, records) is Verdict.DONE:
            return f"{zone}: {len(records)} {before}"
        raise CannotDrive(f"{zone}: {refusal} {shown(records)}")

    def _verified(self, records: Sequence[Records]) -> Answer:
        """Asked as anybody would ask."""
        missing = [one for one in records if not self._server.tells(one)]
        if missing:
            return failed(f"not so: {shown(missing)}")
        return confirmed(f"{shown(records)}: as it should be")


def _broken_off(error: CannotDrive | NotNow | Silent, done: Sequence[str]) -> Answer:
    """Zones that were changed before stay so: then it is neither done nor not."""
    if done:
        return unknown(f"{'; '.join(done)}; then {error}")
    match error:
        case NotNow():
            return later(str(error))
        case Silent():
            return unknown(str(error))
        case _:
            return failed(str(error))
