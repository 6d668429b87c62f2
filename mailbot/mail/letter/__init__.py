"""Letters: templates to words, words to the bytes that leave; the only room of mail that knows jinja2. Pure."""

from mailbot.mail.letter.compose import (
    Letter,
    Letterhead,
    Thread,
    bounce_address,
    compose,
    message_id,
    reply_address,
)
from mailbot.mail.letter.link import LINK_MAX, mailto
from mailbot.mail.letter.pictures import Picture, picture
from mailbot.mail.letter.plain import PlainTemplates, Tongue, Unfit, UnfitValue, plain_letter
from mailbot.mail.letter.templates import Rendered, Templates
from mailbot.mail.letter.text import bar, line, lines, wrapped

__all__ = [
    "LINK_MAX",
    "Letter",
    "Letterhead",
    "Picture",
    "PlainTemplates",
    "Rendered",
    "Templates",
    "Thread",
    "Tongue",
    "Unfit",
    "UnfitValue",
    "bar",
    "bounce_address",
    "compose",
    "line",
    "lines",
    "mailto",
    "message_id",
    "picture",
    "plain_letter",
    "reply_address",
    "wrapped",
]
