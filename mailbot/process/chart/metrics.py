"""How wide a text will be, without a font: by kinds of letters, as wide as the widest common sans draws them."""

from dataclasses import dataclass

_WIDTHS = {
    **dict.fromkeys("ijl'|.,:;!", 0.33),
    **dict.fromkeys("ftrI()[]{}/\\- ", 0.42),
    **dict.fromkeys("mwMWGOQ@%—", 0.95),
    **dict.fromkeys("ABCDEFHJKLNPRSTUVXYZ&<>=+~", 0.73),
}
_OTHER = 0.62
_WIDE = 0x2E80
"""From here on, scripts whose letters are as wide as they are high."""
_MONO = 0.61
_BOLD = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """`size` in pixels."""

    size: float
    bold: bool = False
    mono: bool = False

    def width(self, text: str) -> float:
        """Pixels, rather too many than too few."""
        ems = sum(_em(character, mono=self.mono) for character in text)
        return ems * self.size * (_BOLD if self.bold else 1)


def _em(character: str, *, mono: bool) -> float:
    if ord(character) >= _WIDE:
        return 1.05
    return _MONO if mono else _WIDTHS.get(character, _OTHER)


def broken(text: str, font: Font, room: float) -> list[str]:
    """The text in lines that fit, broken between words, and within one only where it fits no line."""
    lines, current = [], ""
    for word in text.split():
        joined = f"{current} {word}".strip()
        if font.width(joined) <= room:
            current = joined
            continue
        lines += [current] if current else []
        *pieces, current = _pieces(word, font, room)
        lines += pieces
    return [*lines, current] if current or not lines else lines


def _pieces(word: str, font: Font, room: float) -> list[str]:
    """A word that fits no line, broken where it must be; an address or a dotted name behind "@", "." or "/"."""
    pieces = []
    while font.width(word) > room:
        most = next(n for n in range(len(word), 0, -1) if n == 1 or font.width(word[:n]) <= room)
        nice = max((word.rfind(mark, 1, most) + 1 for mark in ".@/_-"), default=0)
        cut = nice if nice > most // 2 else most
        pieces.append(word[:cut])
        word = word[cut:]
    return [*pieces, word]
