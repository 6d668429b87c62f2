"""NetBox over its REST API: the only room that knows pynetbox."""

from mailbot.netbox.client import Away, Client, Fields, Gone, Refused, Trouble, Unsure
from mailbot.netbox.prefixes import Prefix, Prefixes

__all__ = ["Away", "Client", "Fields", "Gone", "Prefix", "Prefixes", "Refused", "Trouble", "Unsure"]
