"""The digest's picture: pygal draws it, resvg makes a PNG of it. Both are slow to import, and only imported here.

No letter stands in it: a machine without fonts would leave it out. What the bars are stands below, as text.
"""

import sys
from collections.abc import Sequence
from typing import Any

from mailbot.desk.overview import WeekRow
from mailbot.mail.letter import Picture, picture
from mailbot.words import say

WIDTH, HEIGHT = 536, 120
_SHARPNESS = 2
"""Dots a pixel, for screens that have as many."""
CAME, GRANTED = "#8fb2ee", "#1f5fd0"
"""Seen well on white and on black: the picture's ground is what lies behind it."""


def weeks_picture(weeks: Sequence[WeekRow]) -> Picture | None:
    """Two bars a week: how much came, and how much was granted. None where nothing did."""
    if not any(week.came or week.granted for week in weeks):
        return None
    came, granted = [week.came for week in weeks], [week.granted for week in weeks]
    words = say("digest.requests_week_by_week", came=_listed(came), granted=_listed(granted))
    return picture(_png(_bars(came, granted)), alt=words, width=WIDTH, height=HEIGHT)


def _bars(came: list[int], granted: list[int]) -> str:
    Bar, Style = _pygal()  # noqa: N806 (classes)
    clear = "rgba(0, 0, 0, 0)"
    style = Style(background=clear, plot_background=clear, colors=(CAME, GRANTED), opacity="1")
    chart = Bar(
        style=style,
        width=WIDTH,
        height=HEIGHT,
        margin=0,
        spacing=0,
        js=[],
        show_legend=False,
        show_x_labels=False,
        show_y_labels=False,
        show_y_guides=False,
        rounded_bars=2,
        min_scale=1,
        range=(0, max(*came, *granted, 1)),
        disable_xml_declaration=True,
    )
    chart.add("came", came)
    chart.add("granted", granted)
    svg: str = chart.render(is_unicode=True)
    return svg


def _pygal() -> tuple[Any, Any]:
    """Its classes Bar and Style."""
    from pygal import Bar, PluginImportFixer  # type: ignore[import-untyped]  # noqa: PLC0415 (slow to import)
    from pygal.style import Style  # type: ignore[import-untyped]  # noqa: PLC0415

    # For plugins that nobody has here it looks at every import of the program, in a way that Python 3.11 warns of.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PluginImportFixer)]
    return Bar, Style


def _png(svg: str) -> bytes:
    from resvg_py import svg_to_bytes  # noqa: PLC0415 (a library of some megabytes)

    return bytes(svg_to_bytes(svg_string=svg, zoom=_SHARPNESS, skip_system_fonts=True))


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
