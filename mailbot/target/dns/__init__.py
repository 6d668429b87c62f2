"""A target that is a name server: reverse delegations, PTR and other records, by signed dynamic updates."""

from mailbot.target.dns.driver import DnsDriver

__all__ = ["DnsDriver"]
