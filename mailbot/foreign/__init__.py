"""What other systems export, as rows that mailbot can import: which columns of theirs mean what of ours. Pure."""

from mailbot.foreign.cells import flat
from mailbot.foreign.formats import WRONG, Format, Layout, layout, recognised
from mailbot.foreign.items import NoList, Reads, items

__all__ = ["WRONG", "Format", "Layout", "NoList", "Reads", "flat", "items", "layout", "recognised"]
