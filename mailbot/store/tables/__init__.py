"""The ledgers (what arrives, waits, leaves, happened), the requests they are about, and what goes with them."""

from mailbot.store.tables.house import fact, owner
from mailbot.store.tables.letters import inbox, outbox, token
from mailbot.store.tables.people import (
    absence,
    answer_time,
    customer,
    customer_name,
    customer_person,
    gathered,
    unreachable,
)
from mailbot.store.tables.requests import action, attachment, concern, history, other_name, request, rules, timer
from mailbot.store.tables.systems import (
    api_key,
    breaker,
    event,
    network_request,
    order_cancellation,
    sent_order,
    service_order,
    snapshot,
    subscriber,
)

__all__ = [
    "absence",
    "action",
    "answer_time",
    "api_key",
    "attachment",
    "breaker",
    "concern",
    "customer",
    "customer_name",
    "customer_person",
    "event",
    "fact",
    "gathered",
    "history",
    "inbox",
    "network_request",
    "order_cancellation",
    "other_name",
    "outbox",
    "owner",
    "request",
    "rules",
    "sent_order",
    "service_order",
    "snapshot",
    "subscriber",
    "timer",
    "token",
    "unreachable",
]
