"""The words that people read in letters and on pages: phrases by name, from files that a house may write anew."""

from mailbot.words.catalogue import Catalogue, folders
from mailbot.words.joining import aside, behind, first_of, in_turn, listed
from mailbot.words.phrase import Phrase, Value, Words, flat, holes_in, phrase_of, say, shipped

__all__ = [
    "Catalogue",
    "Phrase",
    "Value",
    "Words",
    "aside",
    "behind",
    "first_of",
    "flat",
    "folders",
    "holes_in",
    "in_turn",
    "listed",
    "phrase_of",
    "say",
    "shipped",
]
