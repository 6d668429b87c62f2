"""A process as an SVG, drawn by ourselves: light and dark, and no line of text that leaves its box."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from mailbot.process.chart import words
from mailbot.process.chart.layers import END, START, Layers, is_bend, layers, placed
from mailbot.process.chart.metrics import Font, broken
from mailbot.process.definition import Process, StepKind, StepRule

BOX, PADDING, MARGIN = 248.0, 14.0, 36.0
GAP, DROP = 34.0, 54.0
"""Between boxes side by side, and between rows."""
BEND = 20.0
PILL = 40.0
STACK = 5.0
"""How far the boxes of a step that runs for each of several items stand behind each other."""
STACKED = 2

_CLASSES = {
    **dict.fromkeys((StepKind.APPROVAL, StepKind.FORM, StepKind.TASK), "people"),
    **dict.fromkeys((StepKind.CHECK, StepKind.ALLOCATE, StepKind.RELEASE, StepKind.RESERVE), "space"),
    **dict.fromkeys((StepKind.CHANGE, StepKind.ACTIVATE, StepKind.VERIFY), "network"),
    StepKind.WAIT: "time",
}
_FONTS = """
text { font-family: "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; font-size: 13px; }
.head { font-size: 22px; font-weight: 600; } .sub { font-size: 13px; } .soft { font-size: 12px; }
.title { font-size: 15px; font-weight: 600; } .kind { font-size: 10.5px; font-weight: 600; letter-spacing: .06em; }
.when { font-family: "SFMono-Regular", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
  font-size: 11px; }
.box, .pill { stroke-width: 1.3; } .sometimes { stroke-dasharray: 6 4; } .way { fill: none; stroke-width: 1.5; }
.is-open .box { stroke-width: 3; } .is-waiting, .is-skipped, .is-cancelled { opacity: .7; }
""".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Palette:
    """Colours as they are written into each rule: viewers that print an SVG know no variables. Kind → (line, fill)."""

    paper: str
    ink: str
    soft: str
    edge: str
    kinds: Mapping[str, tuple[str, str]]

    @property
    def rules(self) -> str:
        kinds = "\n".join(
            f".{kind} .box {{ stroke: {line}; fill: {fill}; }} .{kind} .kind {{ fill: {line}; }}"
            for kind, (line, fill) in self.kinds.items()
        )
        return (
            f"text {{ fill: {self.ink}; }} .soft, .sub, .when {{ fill: {self.soft}; }}\n"
            f".paper, .pill {{ fill: {self.paper}; }} .pill, .way {{ stroke: {self.edge}; }}"
            f" .tip {{ fill: {self.edge}; }}\n{kinds}"
        )


_LIGHT = _Palette(
    paper="#ffffff",
    ink="#1d2733",
    soft="#5b6876",
    edge="#8593a3",
    kinds={
        "people": ("#2f6fdf", "#f0f5fd"),
        "space": ("#1b8a5a", "#eff7f3"),
        "network": ("#c2701a", "#fbf5ef"),
        "time": ("#8a55c8", "#f6f1fb"),
        "other": ("#76808c", "#f5f6f7"),
    },
)
_DARK = _Palette(
    paper="#12171d",
    ink="#e6ebf0",
    soft="#9fadbb",
    edge="#6b7a8b",
    kinds={
        "people": ("#7ba8ff", "#263143"),
        "space": ("#56cf98", "#213637"),
        "network": ("#f0a85c", "#33312f"),
        "time": ("#c49bf2", "#2f2a3a"),
        "other": ("#9aa6b3", "#293139"),
    },
)
_STYLE = f"{_FONTS}\n{_LIGHT.rules}\n@media (prefers-color-scheme: dark) {{\n{_DARK.rules}\n}}"

_TITLE = Font(size=15, bold=True)
_PLAIN = Font(size=13)
_SOFT = Font(size=12)
_MONO = Font(size=11, mono=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of text in a box; `down` is how far its baseline lies below the line before."""

    text: str
    style: str
    down: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where a node stands: its middle, its top, and its size."""

    x: float
    top: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height


def svg(process: Process, standing: Mapping[str, str] | None = None) -> str:
    """A whole SVG document. With `standing`, the state of each step by its name, it shows where a request is; what the
    process is, its reader knows then.
    """
    made = layers(process.steps)
    stands = standing or {}
    lines = {rule.name: _lines(rule, stands.get(rule.name, "")) for rule in process.steps}
    middles = placed(made, {name: _width(name) for row in made.rows for name in row}, GAP)
    width = max(2 * BOX, *(x + _width(name) / 2 for name, x in middles.items())) + 2 * MARGIN
    head = _head(process, width - 2 * MARGIN) if standing is None else []
    stacks = {rule.name: _stack(rule) for rule in process.steps}
    frames = _frames(made, lines, stacks, middles, top=MARGIN + (sum(line.down for line in head) + 26 if head else 0))
    height = frames[END].bottom + MARGIN
    size = f"{width:.0f} {height:.0f}"
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" {_size(width, height)} role="img">',
        f"<title>{escape(process.title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" {_size(width, height)}/>',
        *_texts(head, MARGIN, MARGIN),
        *(line for way in made.ways for line in _arrow([frames[name] for name in way])),
        *_pill(frames[START], "request"),
        *(
            line
            for rule in process.steps
            for line in _box(rule, lines[rule.name], frames[rule.name], stands.get(rule.name, ""))
        ),
        *_pill(frames[END], "completed"),
        "</svg>",
    ]
    return "\n".join(body) + "\n"


# -- words -----------------------------------------------------------------------------------------------------


def _head(process: Process, room: float) -> list[_Line]:
    asked = f"{words.listed(process.who)} may ask; due within {process.lead_time}"
    lines = [_Line(text=line, style="head", down=26) for line in broken(process.title, Font(size=22, bold=True), room)]
    lines += [_Line(text=line, style="sub", down=20) for line in broken(asked, _PLAIN, room)]
    return lines + [_Line(text=line, style="sub", down=18) for line in broken(words.asked_for(process), _PLAIN, room)]


def _lines(rule: StepRule, state: str) -> list[_Line]:
    room = BOX - 2 * PADDING
    kind = rule.kind.value.upper()
    lines = [_Line(text=f"{kind}: {state.upper()}" if state else kind, style="kind", down=22)]
    lines += [_Line(text=line, style="title", down=19) for line in broken(rule.title, _TITLE, room)]
    lines += [_Line(text=line, style="", down=18) for line in broken(words.deed(rule), _PLAIN, room)]
    allowed = words.allowed(rule)
    for said in (words.each(rule), *words.terms(rule), f"within {allowed}" if allowed else ""):
        lines += [_Line(text=line, style="soft", down=17) for line in broken(said, _SOFT, room) if said]
    if condition := words.condition(rule):
        first, *rest = broken(condition, _MONO, room)
        lines += [_Line(text=first, style="when", down=21), *(_Line(text=more, style="when", down=15) for more in rest)]
    return lines


# -- places ----------------------------------------------------------------------------------------------------


def _frames(
    made: Layers,
    lines: Mapping[str, list[_Line]],
    stacks: Mapping[str, float],
    middles: Mapping[str, float],
    top: float,
) -> dict[str, _Frame]:
    heights = {name: sum(line.down for line in found) + PADDING + stacks[name] for name, found in lines.items()}
    frames: dict[str, _Frame] = {}
    for row in made.rows:
        tall = max(heights.get(name, 0.0) for name in row) or PILL
        for name in row:
            height = tall if is_bend(name) else heights.get(name, PILL)
            x = middles[name] + MARGIN
            frames[name] = _Frame(x=x, top=top + (tall - height) / 2, width=_width(name), height=height)
        top += tall + DROP
    return frames


def _width(name: str) -> float:
    if is_bend(name):
        return BEND
    return 130.0 if name in {START, END} else BOX


# -- shapes ----------------------------------------------------------------------------------------------------


def _arrow(frames: list[_Frame]) -> Iterator[str]:
    """From the foot of a box to the head of another, in a smooth line, straight through its bends."""
    path = f"M{_at(frames[0].x, frames[0].bottom)}"
    for begin, end in pairwise(frames):
        last = end is frames[-1]
        foot = end.top - (7 if last else 0)
        half = (begin.bottom + foot) / 2
        path += f" C{_at(begin.x, half)} {_at(end.x, half)} {_at(end.x, foot)}"
        path += "" if last else f" L{_at(end.x, end.bottom)}"
    tip = frames[-1]
    yield f'<path class="way" d="{path}"/>'
    left, right = _at(tip.x - 4.5, tip.top - 9), _at(tip.x + 4.5, tip.top - 9)
    yield f'<path class="tip" d="M{left} L{right} L{_at(tip.x, tip.top)} Z"/>'


def _box(rule: StepRule, lines: list[_Line], frame: _Frame, state: str) -> Iterator[str]:
    sometimes = " sometimes" if rule.when else ""
    stands = f" is-{state}" if state else ""
    yield f'<g class="{_CLASSES.get(rule.kind, "other")}{stands}">'
    size = _size(frame.width, frame.height - _stack(rule))
    for behind in range(int(_stack(rule) / STACK), -1, -1):
        x, y = frame.left + behind * STACK, frame.top + _stack(rule) - behind * STACK
        yield f'<rect class="box{sometimes}" x="{x:.1f}" y="{y:.1f}" {size} rx="8"/>'
    yield from _texts(lines, frame.left + PADDING, frame.top + _stack(rule))
    yield "</g>"


def _stack(rule: StepRule) -> float:
    """How much higher the boxes behind the front one reach."""
    return STACKED * STACK if rule.each else 0.0


def _pill(frame: _Frame, text: str) -> Iterator[str]:
    size = f'{_size(frame.width, frame.height)} rx="{frame.height / 2:.0f}"'
    yield f'<rect class="pill" x="{frame.left:.1f}" y="{frame.top:.1f}" {size}/>'
    yield f'<text text-anchor="middle" x="{frame.x:.1f}" y="{frame.top + frame.height / 2 + 4.5:.1f}">{text}</text>'


def _texts(lines: list[_Line], x: float, y: float) -> Iterator[str]:
    for line in lines:
        y += line.down
        style = f' class="{line.style}"' if line.style else ""
        yield f'<text{style} x="{x:.1f}" y="{y:.1f}">{escape(line.text)}</text>'


def _size(width: float, height: float) -> str:
    return f'width="{width:.0f}" height="{height:.0f}"'


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"
