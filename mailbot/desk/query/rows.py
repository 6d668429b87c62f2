"""From what is on record to what a letter shows of it: times in the bot's zone, pools as they are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from mailbot.addresses import Family
from mailbot.desk.context import View, shown
from mailbot.desk.found import CustomerRow, EntryRow, HolderRow, QuotaRow, RequestRow, WaitingRow, Whole
from mailbot.desk.query.rights import Asker
from mailbot.desk.withheld import Withheld
from mailbot.mail.letter import line, lines
from mailbot.mail.token import mask
from mailbot.process.customers import Customer, Quota, completed
from mailbot.process.forecast import is_late
from mailbot.process.reader import Reader
from mailbot.process.request import Request
from mailbot.store.records import Listed
from mailbot.store.space import Allocation, Held
from mailbot.words import say, shipped

TOLD_TO_ALL = frozenset(
    {"comment", "question", "answer", "delayed", "extended", "held", "resumed", "rejected", "lapsed", "cancelled"}
    | {"allocated", "reserved", "gave back", "watches", "sleeps", "reshaped", "brought back"}
)
"""Entries whose words their requester, and whoever watches, has been told; others may name other people's business."""
OF_THE_FORM = frozenset({"received", "completed form", "amended", "changed form"})
"""Entries that say what stood in the form then."""

LONGEST = 20
"""Lines of one entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """For one reader. `pools` are titles by name, `space` is all that they have."""

    asker: Asker
    pools: Mapping[str, str]
    zone: tzinfo
    now: datetime
    space: Sequence[str] = ()

    def request(self, request: Request, title: str) -> RequestRow:
        return RequestRow(
            reference=request.reference,
            summary=line(request.summary or title),
            title=line(title),
            state=request.state.value,
            requester="" if request.requester in self.asker.selves else request.requester,
            created=shown(request.created, self.zone),
            due="" if request.is_closed else shown(request.due, self.zone),
            closed=shown(request.closed, self.zone),
            late=is_late(request, self.now),
            prefixes=tuple(f"{address.prefix} ({address.state})" for address in request.addresses),
        )

    def waiting(self, request: Request, title: str, due: datetime | None) -> WaitingRow:
        return WaitingRow(
            reference=request.reference, summary=line(request.summary), title=line(title), due=shown(due, self.zone)
        )

    def holder(self, held: Held) -> HolderRow:
        return self._holder(held.allocation, shown(held.since, self.zone), shown(held.ended, self.zone))

    def holding(self, allocation: Allocation) -> HolderRow:
        """What is held now."""
        return self._holder(allocation, "", "")

    def whole(self, view: View, entries: Listed[Mapping[Any, Any]], titles: Mapping[str, str]) -> Whole:
        """`titles` are those of the steps, by name."""
        reader = self.asker.reads(view.request, view.process)
        told = [self.entry(entry, titles, reader) for entry in entries.rows]
        return Whole(
            form=tuple(row for row in view.form if reader.fields is None or row.name in reader.fields),
            steps=view.steps,
            addresses=view.addresses,
            entries=tuple(told if reader.words else self._withheld(view.request).of(tuple(told))),
            earlier=entries.more,
        )

    def _withheld(self, request: Request) -> Withheld:
        """Others may have named addresses of ours that are no business of the requester's (trap 20)."""
        own = (*map(str, request.form.values()), *request.given.values(), *(a.prefix for a in request.addresses))
        return Withheld(self.space, own)

    def customer(self, customer: Customer, rests: Mapping[Quota, int], services: Mapping[str, int]) -> CustomerRow:
        """`services` are counted as far as this reader may see them."""
        sees_all = self.asker.sees_all_of(customer)
        attributes = completed(customer, self.asker.directory.clientele.defaults).attributes
        return CustomerRow(
            id=line(customer.id),
            name=line(customer.name),
            account_manager=line(customer.account_manager),
            attributes=tuple((line(name), line(str(value))) for name, value in sorted(attributes.items())),
            quotas=tuple(self._quota(quota, rests[quota] if sees_all else None) for quota in customer.quotas),
            services=tuple((line(name), count) for name, count in sorted(services.items()) if name),
        )

    def _quota(self, quota: Quota, rest: int | None) -> QuotaRow:
        return QuotaRow(
            pool=line(self.pools.get(quota.pool, quota.pool)),
            most=quota.told(quota.most),
            every=quota.every.value if quota.every else "",
            left=None if rest is None else quota.told(rest),
        )

    def _holder(self, allocation: Allocation, since: str, ended: str) -> HolderRow:
        holder = allocation.holder or ""
        return HolderRow(
            prefix=str(allocation.prefix),
            pool=line(self._pool(allocation)),
            state=allocation.state.value,
            since=since,
            ended=ended,
            until="" if ended else shown(allocation.until, self.zone),
            reference=allocation.reference or "",
            holder="" if holder in self.asker.selves else line(holder),
            customer=line(allocation.customer or ""),
            service=line(allocation.carries.get("service", "")),
            own=holder in self.asker.selves,
        )

    def _pool(self, allocation: Allocation) -> str:
        """As it is called; with its VRF, as others may have the same addresses. Numbers are known by their pool."""
        title = self.pools.get(allocation.pool, allocation.pool)
        in_vrf = allocation.vrf and allocation.prefix.family is not Family.NUMBER
        return f"{title}, VRF {allocation.vrf}" if in_vrf else title

    def entry(self, entry: Mapping[Any, Any], titles: Mapping[str, str], reader: Reader) -> EntryRow:
        """Of what was erased, who and what is gone."""
        own = entry["actor"] in self.asker.selves
        words = entry["detail"] or "" if own or is_told(entry["action"], reader) else ""
        step = entry["step"] or ""
        return EntryRow(
            at=shown(entry["at"], self.zone),
            actor="" if entry["actor"] == self.asker.directory.bot else line(entry["actor"] or say("letters.erased")),
            action=_done(entry["action"]),
            step=line(titles.get(step, step)),
            lines=lines(mask(words))[:LONGEST],
        )


def is_told(action: str, reader: Reader) -> bool:
    """Whether the words of such an entry are his to read, whoever said them."""
    if action in OF_THE_FORM:
        return reader.sees_earlier_forms
    return reader.words or action in TOLD_TO_ALL


def _done(action: str) -> str:
    """What was done, by the history's own word for it."""
    known = f"history.{action.replace(' ', '_')}"
    return say(known) if known in shipped() else line(action)
