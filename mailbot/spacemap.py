"""A pool as a picture: equal squares in rows, in order of address, each as dark as it is full.

Rows and not a curve: whoever looks for an address finds its row by the label, and its square by counting. What is not
simply given out is told by a pattern too, so that no state is told by colour alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from mailbot.addresses import Block, Family, block_text

ACROSS = 16
"""Squares a row: a row's label is a prefix of four bits less than its squares'."""
MOST = 256
"""Squares of a stretch that stands alone; several share the picture."""
STRETCHES = 12
"""Stretches that are drawn: a pool may have hundreds."""

_CELL, _HIGH, _GAP = 40, 22, 2
_MARGIN, _HEAD, _TITLE = 16, 26, 34
_PALE = 2
_LABEL = {Family.NUMBER: 100, Family.V4: 130, Family.V6: 196}


class Use(StrEnum):
    """What becomes of an address, as far as a picture tells."""

    ALLOCATED = "allocated"
    RESERVED = "reserved"
    QUARANTINED = "quarantined"
    KEPT = "kept"


WORDS = {
    Use.ALLOCATED: "given out",
    Use.RESERVED: "mostly reserved",
    Use.QUARANTINED: "mostly resting",
    Use.KEPT: "mostly kept back or another's",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Space of a pool without a gap, from `first` to `last`, in squares of so many host bits."""

    family: Family
    first: int
    last: int
    cell_bits: int

    @property
    def cells(self) -> range:
        """Which squares, each by its first address without its host bits."""
        return range(self.first >> self.cell_bits, (self.last >> self.cell_bits) + 1)

    def size_of(self, cell: int) -> int:
        """Addresses of a square that are the pool's."""
        begin, end = cell << self.cell_bits, ((cell + 1) << self.cell_bits) - 1
        return min(end, self.last) - max(begin, self.first) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """`used`: of each stretch, by square, how many addresses are in which use. `more`: stretches that are left out."""

    name: str
    stretches: Sequence[Stretch]
    used: Sequence[Mapping[int, Mapping[Use, int]]]
    more: int


def stretches(roots: Iterable[Block]) -> tuple[list[Stretch], int]:
    """The roots of a pool, joined where they touch, as far as they are drawn; and how many are not."""
    spans: list[tuple[Family, int, int]] = []
    for root in sorted(roots, key=lambda one: one.network):
        if spans and spans[-1][2] + 1 == root.network:
            spans[-1] = (root.family, spans[-1][1], root.last)
        else:
            spans.append((root.family, root.network, root.last))
    most = MOST if len(spans) == 1 else MOST // 2 if len(spans) == 2 else MOST // 4  # noqa: PLR2004
    shown = [
        Stretch(family=family, first=first, last=last, cell_bits=_cell_bits(first, last, most))
        for family, first, last in spans[:STRETCHES]
    ]
    return shown, len(spans) - len(shown)


def _cell_bits(first: int, last: int, most: int) -> int:
    bits = max((last - first + 1).bit_length() - most.bit_length(), 0)
    while (last >> bits) - (first >> bits) >= most:
        bits += 1
    return bits


# -- drawing -----------------------------------------------------------------------------------------------------------

_STYLE = """
text { font-family: "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; font-size: 12px;
  fill: #1d2733; }
.head { font-size: 16px; font-weight: 600; } .soft { fill: #5b6876; }
.at { font-family: "SFMono-Regular", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
  font-size: 11px; }
.share { font-size: 10.5px; text-anchor: middle; }
.paper { fill: #ffffff; } .cell { stroke: #8593a3; stroke-width: .7; }
.u0 { fill: #ffffff; } .u1 { fill: #dce8fb; } .u2 { fill: #aecaf6; } .u3 { fill: #78a5ec; } .u4 { fill: #3f76d4; }
.u5 { fill: #174a9c; } .k { fill: #c9ced5; } .on4, .on5 { fill: #ffffff; }
.line { stroke: #9a4b00; stroke-width: 2; } .dot { fill: #0b6b45; } .cross { stroke: #4a535e; stroke-width: 1.2; }
.veil { fill: #ffffff; }
""".strip()
_DARK = """
@media (prefers-color-scheme: dark) {
text { fill: #e6ebf0; } .soft { fill: #9fadbb; } .paper { fill: #12171d; } .cell { stroke: #5b6a7b; }
.u0 { fill: #12171d; } .u1 { fill: #1d2c45; } .u2 { fill: #27447a; } .u3 { fill: #3a67b8; } .u4 { fill: #6f9df0; }
.u5 { fill: #b5d0ff; } .k { fill: #4a535e; } .on4, .on5 { fill: #0c1626; } .on3 { fill: #ffffff; }
.line { stroke: #ffb866; } .dot { fill: #6fe0ab; } .cross { stroke: #c3ccd6; } .veil { fill: #12171d; }
}
""".strip()
_PATTERNS = """<defs>
<pattern id="quarantined" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<path class="line" d="M0 0V7"/></pattern>
<pattern id="reserved" width="7" height="7" patternUnits="userSpaceOnUse"><circle class="dot" cx="3" cy="3" r="1.7"/>
</pattern>
<pattern id="kept" width="8" height="8" patternUnits="userSpaceOnUse"><path class="cross" d="M1 1L6 6M6 1L1 6"/>
</pattern>
</defs>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of squares: its number in the stretch of that number."""

    stretch: int
    begin: int


def svg(of: Map, *, letters: bool = True) -> str:
    """The picture. Without `letters` the squares alone, in light colours: for where no fonts are."""
    rows = list(_rows(of))
    left = (_LABEL[of.stretches[0].family] if of.stretches else 0) if letters else 0
    top = _TITLE + _HEAD if letters else 0
    margin = _MARGIN if letters else 1
    width = 2 * margin + left + ACROSS * _CELL
    drawn = [part for at, row in enumerate(rows) for part in _row(of, row, left, margin, top + at * _HIGH, letters)]
    legend = _legend(margin, top + len(rows) * _HIGH + 18) if letters else []
    height = 2 * margin + top + len(rows) * _HIGH + (72 if letters else 0)
    words = escape(summary(of))
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    )
    parts = [
        f'{opening} role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(of.name)}, drawn</title><desc id="desc">{words}</desc>',
        f"<style>{_STYLE}\n{_DARK if letters else ''}</style>{_PATTERNS}",
        f'<rect class="paper" width="{width}" height="{height}"/>' if letters else "",
        *(_heading(of, margin) if letters else []),
        *drawn,
        *legend,
        "</svg>",
    ]
    return "\n".join(filter(None, parts))


def summary(of: Map) -> str:
    """What the picture says, for whoever does not see it."""
    size = sum(one.last - one.first + 1 for one in of.stretches)
    by_use = {use: sum(cell.get(use, 0) for used in of.used for cell in used.values()) for use in Use}
    told = ", ".join(f"{_share(count, size)} {use}" for use, count in by_use.items() if count)
    more = f" {of.more} more stretches are not drawn." if of.more else ""
    return f"Of the space of {of.name}, in order of address: {told or 'all is free'}.{more}"


def _heading(of: Map, margin: int) -> Iterator[str]:
    yield f'<text class="head" x="{margin}" y="{margin + 16}">{escape(of.name)}</text>'
    scale = {one.cell_bits: one for one in of.stretches}
    told = ", ".join(_scale(one) for one in scale.values())
    yield f'<text class="soft" x="{margin}" y="{margin + 40}">Each square: {escape(told)}</text>'


def _scale(one: Stretch) -> str:
    if one.family is Family.NUMBER:
        return "1 number" if not one.cell_bits else f"{1 << one.cell_bits} numbers"
    return "one address" if not one.cell_bits else f"a /{one.family.width - one.cell_bits}"


def _rows(of: Map) -> Iterator[_Row]:
    for number, one in enumerate(of.stretches):
        begin = one.cells.start // ACROSS * ACROSS
        yield from (_Row(stretch=number, begin=at) for at in range(begin, one.cells.stop, ACROSS))


def _row(of: Map, row: _Row, left: int, margin: int, top: int, letters: bool) -> Iterator[str]:  # noqa: FBT001
    one, y = of.stretches[row.stretch], margin + top
    if letters:
        bits = one.cell_bits + ACROSS.bit_length() - 1
        label = block_text(one.family, row.begin << one.cell_bits, min(bits, one.family.width))
        yield f'<text class="at" x="{margin}" y="{y + 15}">{label}</text>'
    for cell in range(row.begin, row.begin + ACROSS):
        if cell in one.cells:
            x = margin + left + (cell - row.begin) * _CELL
            yield from _cell(one, cell, of.used[row.stretch].get(cell, {}), x, y, letters)


def _cell(
    one: Stretch,
    cell: int,
    used: Mapping[Use, int],
    x: int,
    y: int,
    letters: bool,  # noqa: FBT001
) -> Iterator[str]:
    size, total = one.size_of(cell), sum(used.values())
    main = max(used, key=lambda use: used[use]) if total else None
    # On the dark ones no pattern would be seen.
    step = _step(total, size) if main is Use.ALLOCATED else min(_step(total, size), _PALE)
    box = f'x="{x}" y="{y}" width="{_CELL - _GAP}" height="{_HIGH - _GAP}" rx="2"'
    where = block_text(one.family, cell << one.cell_bits, one.cell_bits)
    told = ", ".join(f"{_share(count, size)} {use}" for use, count in used.items() if count) or "free"
    fill = "k" if main is Use.KEPT and total == size else f"u{step}"
    yield f'<g><title>{where}: {escape(told)}</title><rect class="cell {fill}" {box}/>'
    if main and main is not Use.ALLOCATED:
        yield f'<rect fill="url(#{main})" {box}/>'
    if letters and 0 < total < size:
        middle = x + (_CELL - _GAP) / 2
        if main is not Use.ALLOCATED:
            yield f'<rect class="veil" x="{middle - 13:g}" y="{y + 4}" width="26" height="12" rx="2"/>'
        on = "" if main is not Use.ALLOCATED else f" on{step}"
        yield f'<text class="share{on}" x="{middle:g}" y="{y + 14}">{escape(_share(total, size))}</text>'
    yield "</g>"


def _step(part: int, whole: int) -> int:
    """Nothing, up to a quarter, half, three quarters, less than all, all."""
    return 5 if part == whole else min(-(-4 * part // whole), 4)


def _share(part: int, whole: int) -> str:
    """In whole per cent; never 0 where there is something, and 100 only where it is all of it."""
    if 0 < 100 * part < whole:
        return "<1%"
    return f"{100 * part // whole}%"


def _legend(margin: int, top: int) -> Iterator[str]:
    y, x = margin + top, margin
    for step, words in enumerate(("free", "to 25%", "to 50%", "to 75%", "under 100%", "full")):
        yield f'<rect class="cell u{step}" x="{x}" y="{y}" width="20" height="14" rx="2"/>'
        yield f'<text class="soft" x="{x + 26}" y="{y + 11}">{words}</text>'
        x += 112
    x, y = margin, y + 24
    for use in (Use.RESERVED, Use.QUARANTINED, Use.KEPT):
        fill = "k" if use is Use.KEPT else f"u{_PALE}"
        yield f'<rect class="cell {fill}" x="{x}" y="{y}" width="20" height="14" rx="2"/>'
        yield f'<rect fill="url(#{use})" x="{x}" y="{y}" width="20" height="14" rx="2"/>'
        yield f'<text class="soft" x="{x + 26}" y="{y + 11}">{WORDS[use]}</text>'
        x += 168
