"""Answers to queries, and to `why`."""

from mailbot.desk.context import AddressRow, Row, StepRow
from mailbot.desk.found import CustomerRow, EntryRow, Found, HolderRow, QuotaRow, RequestRow, Room, WaitingRow, Whole
from mailbot.desk.reasons import ReasonRow, Reasons, StepReasonsRow

_MONDAY, _TUESDAY = "Mon 23 Nov 2026, 09:00 CET", "Tue 24 Nov 2026, 11:30 CET"
_POOL = "Customer space, IPv4"
_REQUEST = RequestRow(
    reference="IP-42",
    summary="Acme GmbH: /28",
    title="New address space",
    state="inProgress",
    requester="",
    created=_MONDAY,
    due="Thu 26 Nov 2026, 09:00 CET",
    closed="",
    late=False,
    prefixes=(),
)
_OLDER = RequestRow(
    reference="IP-7",
    summary="Beta SARL: /27",
    title="New address space",
    state="completed",
    requester="carol@example.net",
    created=_MONDAY,
    due="",
    closed=_TUESDAY,
    late=True,
    prefixes=("10.20.0.32/27 (allocated)",),
)
_HOLDER = HolderRow(
    prefix="10.20.0.32/27",
    pool=_POOL,
    state="allocated",
    since=_TUESDAY,
    ended="",
    until="",
    reference="IP-7",
    holder="carol@example.net",
    customer="Beta SARL",
)
_BEFORE = HolderRow(
    prefix="10.20.0.32/28",
    pool=_POOL,
    state="quarantined",
    since=_MONDAY,
    ended=_TUESDAY,
    until="",
    reference="IP-3",
    holder="",
    customer="",
)
_MINE = HolderRow(
    prefix="10.20.0.48/28",
    pool=_POOL,
    state="reserved",
    since="",
    ended="",
    until=_TUESDAY,
    reference="IP-9",
    holder="",
    customer="Acme GmbH",
)
_STEP = StepRow(
    name="technical",
    title="Technical review",
    kind="approval",
    state="done",
    who="Network operations",
    needs=1,
    due="",
    by="ana@example.net",
    at=_TUESDAY,
    rows=(),
    voices=(),
    trouble="",
)
_WHOLE = Whole(
    form=(
        Row(name="customer", label="Customer", lines=("Acme GmbH",)),
        Row(name="reason", label="Reason", lines=("Two firewalls", "in the Lyon office")),
    ),
    steps=(_STEP,),
    addresses=(AddressRow(prefix="10.20.0.48/28", pool=_POOL, state="allocated", until=""),),
    entries=(
        EntryRow(at=_MONDAY, actor="bob@example.net", action="received", step="", lines=("Customer: Acme GmbH",)),
        EntryRow(at=_TUESDAY, actor="ana@example.net", action="approved", step="Technical review", lines=()),
    ),
    earlier=3,
)
FOUND = (
    Found(
        query="mine",
        about="",
        requests=(_REQUEST, _OLDER),
        requests_more=12,
        waiting=(WaitingRow(reference="IP-40", summary="Gamma: /26", title="Technical review", due=_TUESDAY),),
        waiting_more=2,
        held=(_MINE,),
        held_more=1,
    ),
    Found(
        query="address",
        about="10.20.0.32/27",
        at="on Tue 24 Nov 2026",
        holders=(_HOLDER,),
        holders_more=4,
        within=(_BEFORE,),
        within_more=1200,
    ),
    Found(query="reference", about="IP-42", requests=(_REQUEST,), whole=_WHOLE),
    Found(query="user", about="carol@example.net", requests=(_OLDER,)),
    Found(
        query="customer",
        about="Acme GmbH",
        customer=CustomerRow(
            id="C-1001",
            name="Acme GmbH",
            account_manager="marta@example.net",
            attributes=(("sla", "gold"),),
            quotas=(
                QuotaRow(pool=_POOL, most="256", every="", left="240"),
                QuotaRow(pool=_POOL, most="64", every="month", left=None),
            ),
            services=(("L3VPN-7", 1),),
        ),
    ),
    Found(query="customer", about=""),
    Found(query="user", about="nobody@example.net"),
    Found(query="pool", about="customers-v4", room=Room(pool=_POOL, length=28, count=2431, refusal="")),
    Found(query="pool", about="vlans", room=Room(pool="VLANs", length=None, count=0, refusal="")),
    Found(
        query="pool",
        about="customers-v4",
        room=Room(pool=_POOL, length=8, count=0, refusal="customers-v4 gives out prefix lengths /20 to /30, not /8"),
    ),
)
REASONS = Reasons(
    whole=(
        ReasonRow(about="requester", words="bob@example.net may ask: *@example.net", place="attribution.toml:5"),
        ReasonRow(
            about="due",
            words="2026-11-26 09:00: 3 working days from 2026-11-23 09:00",
            place="_house.toml:3",
        ),
    ),
    steps=(
        StepReasonsRow(
            title="Technical review",
            item="",
            state="open",
            reasons=(
                ReasonRow(
                    about="ran",
                    words="holds: form.size <= 28, where form.size is 28",
                    place="attribution.toml:31",
                ),
                ReasonRow(about="asked", words="ana@example.net, for noc", place="attribution.toml:30"),
                ReasonRow(about="stuck", words="the admins have been told", place=""),
            ),
        ),
        StepReasonsRow(
            title="Consent to the removal",
            item="10.20.0.17/32",
            state="waiting",
            reasons=(ReasonRow(about="not begun", words="comes after technical", place="attribution.toml:40"),),
        ),
    ),
)
