"""The form as text: written into a letter, found again in a reply, and its values read.

    blank → (a person fills it in) → read → parse

`read` finds what stands behind each label, `parse` says what it means or what to write instead.
"""

from mailbot.process.form.reading import MARKERS, label_key, read
from mailbot.process.form.values import LONGEST_LENGTH, MOST_VALUES, hint, one_line, parse, pieces, wanted, written
from mailbot.process.form.writing import blank

__all__ = [
    "LONGEST_LENGTH",
    "MARKERS",
    "MOST_VALUES",
    "blank",
    "hint",
    "label_key",
    "one_line",
    "parse",
    "pieces",
    "read",
    "wanted",
    "written",
]
