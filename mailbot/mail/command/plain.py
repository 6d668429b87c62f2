"""A line as it was meant: characters made plain (trap 25), courtesies and final punctuation left out."""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufe00-\ufe0f\ufeff]",
)
_STRAIGHT = str.maketrans("‘’‚‛“”„‟«»‹›–—−‐‑", "''''\"\"\"\"\"\"''-----")  # noqa: RUF001  these are what it is about
_BLANKS = re.compile(r"[^\S\n]+")


def plain(line: str) -> str:
    """A line for reading commands only: NFKC, no zero-width characters, straight quotes, single blanks."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", line)).translate(_STRAIGHT)
    return _BLANKS.sub(" ", text).strip()


# Names have a capital, and are no words that could turn an answer round: "hey wait, ok" holds none, nor does
# "ok thanks but no".
_NO_NAME = (
    r"(?!(?i:not?|never|but|if|only|when|unless|except|wait|please|approved?|ok|okay|yes|accept(?:ed)?"
    r"|reject(?:ed)?"
    r"|done|delay|assign|ask|comment|hold|resume|cancel|extend|end|retry|skip|fail|watch|unwatch|status"
    r"|why|help"
    r"|away|back|query|all)\b)"
)
_NAME = rf"{_NO_NAME}[^\W\d_a-zß-öø-ÿ][\w.'-]{{0,30}}"
_HELLO = (
    r"(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|guten tag|bonjour|hola"
    r"|ciao)"
    rf"(?i: (?:all|there|team|bot|both|everyone|everybody))?(?: {_NAME}){{0,3}}"
)
_GREETING = re.compile(rf"{_HELLO}\s?[,!.:-]*$")
_OPENING = re.compile(
    rf"^(?:{_HELLO}(?:\s?[,!:-]\s?| (?={_NO_NAME.replace('(?!', '(?:')}))|(?i:please|pls)[,:]? "
    rf"|(?i:thanks|thank you)(?: {_NAME})?[,!.:-]+ )",
)
_CLOSING = re.compile(
    r"(?:^|[\s,.;!-]+)(?i:please|pls|(?:many |kind )?thanks(?: a lot| again| so much| very much"
    r"| in advance)?|thx|ty"
    r"|thank you(?: very much| so much| again)?|cheers|(?:best |kind )?regards|bye|merci|danke|gracias)"
    rf"(?:,? {_NAME}){{0,2}}[\s.!,;]*$",
)
_CLOSED_MAX = 200
"""characters of a line that closing courtesies are looked for in: a longer one is no whole command"""
_FINAL = " .!,;:)"
_AROUND = "\"'*_` "


def first_words(lines: list[str]) -> int | None:
    """The first of some plain lines that is neither blank nor a mere greeting."""
    return next((n for n, line in enumerate(lines) if line and not _GREETING.match(line)), None)


_SIGNED = re.compile(rf"{_NAME}(?: {_NAME}){{0,2}}$")


def is_courtesy(text: str) -> bool:
    """Whether all that somebody wrote is thanks, a greeting and his name."""
    lines = [line for line in map(plain, text[:_CLOSED_MAX].split("\n")) if line]
    spoken = [line for line in lines if bare(line) and not _GREETING.match(line)]
    is_signed = len(spoken) == 1 and spoken != lines and spoken[0] == lines[-1] and _SIGNED.match(spoken[0])
    return bool(lines) and len(text) <= _CLOSED_MAX and (not spoken or bool(is_signed))


def without_opening(line: str) -> str:
    """A plain line less "Hi Bob," or "please", and quotes or emphasis before it."""
    return _OPENING.sub("", line, count=1).lstrip(_AROUND)


def bare(line: str) -> str:
    """A plain line less courtesies, final punctuation, and quotes or emphasis around it."""
    line = without_opening(line)
    for _ in range(2 if len(line) <= _CLOSED_MAX else 0):  # "please, thanks."
        line = _CLOSING.sub("", line, count=1).rstrip(_FINAL)
    return line.strip(_AROUND).rstrip(_FINAL)
