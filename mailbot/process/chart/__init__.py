"""A process as people look at it: as text, as a Mermaid flowchart, as an SVG that wants nothing to be installed."""

from mailbot.process.chart.mermaid import mermaid
from mailbot.process.chart.svg import svg
from mailbot.process.chart.text import text

__all__ = ["mermaid", "svg", "text"]
