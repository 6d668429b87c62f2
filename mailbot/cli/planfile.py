"""An address plan as a file: our CSV, or what another system exports, as rows of our columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from os import SEEK_END
from typing import BinaryIO

import click

from mailbot import foreign
from mailbot.addresses import Block
from mailbot.cli import exchange
from mailbot.cli.output import console, is_terminal
from mailbot.errors import NotPossible, Usage
from mailbot.foreign import Format, Layout
from mailbot.netbox import Client
from mailbot.store import space

FORMATS = [one.value for one in Format]
OFTEN = 1_000
"""Rows after which the bar moves."""

Row = tuple[int, Mapping[str, str]]

format_option = click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="What wrote the file; else it is recognised by its columns."
)
vrf_option = click.option(
    "--vrf", "vrfs", multiple=True, metavar="THEIRS=OURS", help="A VRF that is called otherwise here; may be repeated."
)
outside_option = click.option("--skip-outside", is_flag=True, help="Leave out what lies in no pool.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A file that was recognised, and can be read from its beginning any number of times."""

    file: str
    source: BinaryIO
    layout: Layout
    vrfs: Mapping[str, str]
    is_json: bool

    def rows(self) -> Iterator[Row]:
        """Our columns; each row with its number. On a terminal a bar shows how far it is."""
        with exchange.text_of(self.source) as text:
            if self.is_json:
                found: Iterable[Row] = ((n, foreign.flat(item)) for n, item in _items(text.read, self.file))
            else:
                found = _named(exchange.table(text, self.file), self.layout, self.file)
            for number, cells in self._with_progress(found):
                yield number, cells if foreign.WRONG in cells else self._ours(cells)

    def told(self, problem: space.Problem) -> str:
        """With the column as their file calls it."""
        column = self.layout.named.get(problem.column, problem.column)
        word = "item" if self.is_json else "row"
        return f"{self.file}: {word} {problem.number}: {column}: {problem.why}"

    def _ours(self, cells: Mapping[str, str]) -> Mapping[str, str]:
        row = self.layout.row(cells)
        if "vrf" in row:
            row["vrf"] = self.vrfs.get(row["vrf"], row["vrf"])
        return row

    def _with_progress(self, rows: Iterable[Row]) -> Iterator[Row]:
        with bar("Reading", _size(self.source)) as moved_to:
            for count, row in enumerate(rows):
                if count % OFTEN == 0:
                    moved_to(self.source.tell())
                yield row


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a NetBox itself tells of these prefixes, with the face of a Plan."""

    client: Client
    within: Sequence[Block]
    vrfs: Mapping[str, str]

    @property
    def layout(self) -> Layout:
        return foreign.layout(Format.NETBOX, ())

    def rows(self) -> Iterator[Row]:
        of_roots = (self.client.find("ipam.prefixes", {"within_include": str(root)}) for root in self.within)
        for number, item in enumerate(chain.from_iterable(of_roots), 1):
            row = self.layout.row(foreign.flat(item))
            row["vrf"] = self.vrfs.get(row.get("vrf", ""), row.get("vrf", ""))
            yield number, row

    def told(self, problem: space.Problem) -> str:
        column = self.layout.named.get(problem.column, problem.column)
        return f"{self.client.url}: prefix {problem.number}: {column}: {problem.why}"


def asked(client: Client, within: Sequence[Block], vrfs: Iterable[str]) -> Asked:
    return Asked(client=client, within=within, vrfs=dict(map(_renamed, vrfs)))


@contextmanager
def opened(file: str, format_: str | None, vrfs: Iterable[str]) -> Iterator[Plan]:
    """NotPossible where nothing recognises it."""
    names = dict(map(_renamed, vrfs))
    with exchange.opened(file) as source:
        first, is_json = _first(source, file)
        found = Format(format_) if format_ else foreign.recognised(first)
        if found is None:
            words = "its first row names no columns that are known; say --format, or give it those of `pools export`"
            raise NotPossible(f"{file}: {words}" if first else f"{file}: it is empty")
        layout = foreign.layout(found, first)
        _lacks_nothing(file, layout, [_header(name) for name in first])
        yield Plan(file=file, source=source, layout=layout, vrfs=names, is_json=is_json)


@contextmanager
def bar(what: str, total: int) -> Iterator["Moved"]:
    """A bar on a terminal; gives what is told how far it is."""
    if not is_terminal(stderr=True):
        yield Moved()
        return
    from rich.progress import Progress  # noqa: PLC0415 (slow to import)

    with Progress(console=console(stderr=True), transient=True) as progress:
        yield Moved(progress, progress.add_task(what, total=total))


class Moved:
    """Takes how far it is; without a bar it tells nobody."""

    def __init__(self, progress: object = None, task: object = None) -> None:
        self._progress, self._task = progress, task

    def __call__(self, completed: int) -> None:
        if self._progress is not None:
            self._progress.update(self._task, completed=completed)  # type: ignore[attr-defined]


def _renamed(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.partition("=")
    if not equals:
        raise Usage(f"--vrf {text}: write THEIRS=OURS; nothing behind the = is the table without a name")
    return theirs.strip(), ours.strip()


def _first(source: BinaryIO, file: str) -> tuple[list[str], bool]:
    """The cells of the first row, or the keys of the first item; whether it is JSON."""
    with exchange.text_of(source) as text:
        try:
            is_json = text.read(256).lstrip()[:1] in {"[", "{"}
        except UnicodeDecodeError:
            raise NotPossible(f"{file}: this is no UTF-8: save it as “CSV UTF-8”") from None
    with exchange.text_of(source) as text:
        if is_json:
            _, item = next(_items(text.read, file), (0, {}))
            return list(foreign.flat(item)), True
        _, cells = next(exchange.table(text, file), (0, []))
        return cells, False


def _items(read: foreign.Reads, file: str) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        yield from enumerate(foreign.items(read), 1)
    except foreign.NoList as wrong:
        raise NotPossible(f"{file}: {wrong}") from None
    except UnicodeDecodeError:
        raise NotPossible(f"{file}: this is no UTF-8") from None


def _lacks_nothing(file: str, layout: Layout, names: Sequence[str]) -> None:
    for some in layout.needed if names else ():
        if not set(some) & set(names):
            raise NotPossible(f"{file}: the column {some[0]!r} is missing, which {layout.format} writes")


def _header(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _named(cells: Iterator[tuple[int, list[str]]], layout: Layout, file: str) -> Iterator[Row]:
    """Rows by column. One with too many cells says so, and the others are read all the same."""
    names = layout.head or _names(next(cells, (0, []))[1], layout, file)
    for number, row in cells:
        if len(row) > len(names):
            yield number, {foreign.WRONG: f"cells: {len(row)} in {len(names)} columns"}
        else:
            yield number, dict(zip(names, map(exchange.unguarded, row), strict=False))


def _names(head: list[str], layout: Layout, file: str) -> Sequence[str]:
    if layout.strict:
        return exchange.names_of(file, head, [*space.COLUMNS, space.CARRIES], ["prefix"])
    return [_header(name) for name in head]


def _size(source: BinaryIO) -> int:
    at = source.tell()
    size = source.seek(0, SEEK_END)
    source.seek(at)
    return size
