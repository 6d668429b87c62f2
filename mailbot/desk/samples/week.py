"""An invented week, and one in which nothing happened: what a digest shows."""

from base64 import b64decode

from mailbot.desk.overview import IdleRow, LostRow, OpenRow, Overview, PoolRow, WaitRow, WeekRow
from mailbot.mail.letter import picture

_ONE_DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
_COUNTS = ((5, 4), (8, 6), (3, 5), (9, 7), (12, 8), (7, 9), (4, 6), (12, 9))
_WEEKS = tuple(WeekRow(week=40 + n, came=came, granted=granted) for n, (came, granted) in enumerate(_COUNTS))

WEEK = Overview(
    week=47,
    since="Mon 16 Nov",
    until="Mon 23 Nov",
    came=12,
    granted=9,
    refused=1,
    cancelled=1,
    failed=0,
    open=14,
    late=1,
    met="90 % (9 of 10)",
    median="6.5 h",
    ninety="21 h",
    late_rows=(
        OpenRow(
            reference="IP-31",
            summary="Nordlicht AG: /26",
            waits_for="Network operations, Billing",
            due="Thu 19 Nov",
            late=True,
        ),
    ),
    late_more=0,
    open_rows=(
        OpenRow(
            reference="IP-42",
            summary="Acme GmbH: /28",
            waits_for="Network operations",
            due="Thu 26 Nov",
            late=False,
        ),
        OpenRow(
            reference="IP-43",
            summary="Backbone Lyon and Marseille, second ring: 2001:db8:…",
            waits_for="room in Customer space, IPv4",
            due="Fri 27 Nov",
            late=False,
        ),
        OpenRow(reference="IP-44", summary="New address space", waits_for="its requester", due="", late=False),
    ),
    open_more=10,
    waiting=(
        WaitRow(who="Network operations", open=8, late=1),
        WaitRow(who="Billing", open=4, late=1),
        WaitRow(who="room in Customer space, IPv4", open=1, late=0),
        WaitRow(who="its requester", open=1, late=0),
    ),
    waiting_more=2,
    pools=(
        PoolRow(
            name="customers-v4",
            title="Customer space, IPv4",
            used="81 %",
            if_granted="88 %",
            free="12,448 addresses",
            largest_free="/20",
            lasts="full in about 10 weeks",
            bar=81,
            more=7,
            warn=True,
        ),
        PoolRow(
            name="customers-v6",
            title="Customer space, IPv6",
            used="under 1 %",
            if_granted="",
            free="65,498 x /48",
            largest_free="/33",
            lasts="n/a",
            bar=1,
            more=0,
            warn=False,
        ),
    ),
    pools_more=3,
    idle=(
        IdleRow(
            title="Customer space, IPv4",
            space="37 prefixes (12 x /26, 25 x /29), 968 addresses",
            since="90 days",
            cost="387.20 EUR a month",
        ),
    ),
    unreachable=(LostRow(person="jo@example.net", since="Wed 18 Nov", status="5.1.1"),),
    given_out="9 prefixes (2 x /26, 5 x /28, 2 x /56)",
    given_back="3 prefixes (3 x /29)",
    weeks=_WEEKS,
    chart=picture(_ONE_DOT, alt="Requests, week by week.", width=536, height=120),
    seal="3fb1c5a90e6d4278" * 4,
)

QUIET_WEEK = Overview(
    week=52,
    since="Mon 21 Dec",
    until="Mon 28 Dec",
    came=0,
    granted=0,
    refused=0,
    cancelled=0,
    failed=1,
    open=0,
    late=0,
    met="n/a",
    median="n/a",
    ninety="n/a",
    late_rows=(),
    late_more=0,
    open_rows=(),
    open_more=0,
    waiting=(),
    waiting_more=0,
    pools=(),
    pools_more=0,
    idle=(),
    unreachable=(),
    given_out="nothing",
    given_back="nothing",
    weeks=tuple(WeekRow(week=45 + number, came=0, granted=0) for number in range(8)),
    chart=None,
    seal="9c40d7be21f3a856" * 4,
)
