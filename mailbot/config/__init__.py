"""The ground: what the operator wrote, read, checked and made into values."""

from mailbot.config.load import inspect, load
from mailbot.config.model import ALWAYS_OPEN, HOUSE, Config

__all__ = ["ALWAYS_OPEN", "HOUSE", "Config", "inspect", "load"]
