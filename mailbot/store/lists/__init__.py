"""What programs list: page by page, and counted as far as that is quick, of what they may see."""

from mailbot.store.lists.network import network_requests
from mailbot.store.lists.requests import requests
from mailbot.store.lists.space import Holding, held, holding
from mailbot.store.lists.values import ANY, COUNTED, Cut, Paged, Span, Wanted

__all__ = [
    "ANY",
    "COUNTED",
    "Cut",
    "Holding",
    "Paged",
    "Span",
    "Wanted",
    "held",
    "holding",
    "network_requests",
    "requests",
]
