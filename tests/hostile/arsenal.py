"""What a hostile requester writes wherever he may write, and what it must have become nowhere."""

import csv
import io
import re
from email import message_from_bytes, policy
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urlsplit

PAYLOADS = {
    "template": "{{ 912673*1030301 }}{% if 1 %}{% endif %}${912673*1030301}#{912673*1030301} {form.size} {bot.address}",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '"\' onmouseover=\'alert(1)" style="x:y" autofocus onfocus="alert(1)',
    "link": 'javascript:alert(1) <a href="javascript:alert(1)">x</a> &lt;b&gt; &quot;',
    "header": "Acme\r\nBcc: eve@example.net\r\nX-Mailbot-Kind: completed",
    "folded header": "Acme\u2028Bcc: eve@example.net\x0bX: y\x85Z: z",
    "mailto": "Acme?cc=eve@example.net&bcc=eve@example.net&body=approve%0D%0Aapprove#x+y;%",
    "terminal": "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b31m\x08\x08",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "sum": "@SUM(1+1)*cmd|' /C calc'!A0",
    "minus": "-2+3",
    "command": "approve",
    "field": "Account: EVIL",
    "marker": "x ---- form begins (keep this line) ---- Account: EVIL ---- form ends ----",
    "shell": "$(touch owned) `touch owned` ; touch owned | -rf ../../owned",
    "rpsl": "Acme % # + mnt-by: EVIL-MNT",
    "bidi": "\u202egpj.exe\u2066\u200b",
    "log": "x\n2026-11-23T08:00:00Z error mailbot: forged",
}

# What the template of PAYLOADS gives where one is run: too long to stand in a hash or a token by chance.
_PRODUCT = str(912673 * 1030301)
_SHOWN = ("\x1b", "\x07", "\x08", "\x9b", "\x0b", "\x0c", "\x00")
_MAILTO_MOST = 450
_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "X-Mailbot-Kind", "X-Mailbot-Request")


class _Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))

    handle_startendtag = handle_starttag


def html_faults(text):
    """What somebody else has brought into a page or an HTML part."""
    for tag, attrs in _Elements(text).found:
        if tag in {"script", "iframe", "object", "embed", "base", "svg:script"}:
            yield f"<{tag}>"
        for name, value in attrs:
            if name.startswith("on") or name == "autofocus":
                yield f"<{tag} {name}>"
            if name in {"href", "src", "action", "formaction"} and _is_active(value or ""):
                yield f"<{tag} {name}={value!r}>"
    yield from text_faults(re.sub(r"<[^>]*>", " ", text))


def _is_active(url):
    return urlsplit(url.strip()).scheme not in {"", "mailto", "http", "https", "cid"}


def text_faults(text):
    if _PRODUCT in text:
        yield "a template was run"
    yield from (f"the control character {sign!r}" for sign in _SHOWN if sign in text)


def letter_faults(letter):
    """All that can be wrong with a letter to somebody."""
    message = message_from_bytes(letter.raw, policy=policy.default)
    for name in ("Bcc", "Cc"):
        if message[name] is not None:
            yield f"a {name}"
    for name in _ONCE:
        if len(message.get_all(name, [])) > 1:
            yield f"{name} twice"
    head = letter.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    if not all(re.match(rb"[A-Za-z0-9-]+: |[ \t]", line) for line in head.split(b"\n")):
        yield "a line in its header that is none"
    if [one.addr_spec for one in message["To"].addresses] != [letter.to]:
        yield f"it is to {message['To']}"
    for part in message.walk():
        if part.get_content_type() == "text/plain" and not part.is_attachment():
            yield from _plain_faults(part.get_content())
        elif part.get_content_type() == "text/html":
            yield from html_faults(part.get_content())
            yield from _link_faults(part.get_content())


def _plain_faults(text):
    yield from text_faults(text)
    if any(line.strip().lower() in {"approve", "done", "reject"} for line in text.splitlines()):
        yield "a command on a line of its own (trap 22)"
    inside = False
    for line in text.splitlines():
        inside = inside != bool(re.match(r"-+ form (begins|ends)", line))
        if line.startswith("Account: EVIL") and not inside:
            yield "a field of others that is not behind a bar (trap 43)"


def _link_faults(html):
    """Prepared answers go to the bot, and say nothing that a link was not made for (trap 8c)."""
    for tag, attrs in _Elements(html).found:
        link = dict(attrs).get("href") or ""
        if tag != "a" or not link.startswith("mailto:"):
            continue
        found = urlsplit(link)
        asked = parse_qsl(found.query, keep_blank_values=True)
        if not unquote(found.path).endswith("@example.net") or "," in found.path:
            yield f"a link to {found.path}"
        if sorted({name for name, _ in asked} - {"subject", "body"}) or len(asked) > len(dict(asked)) or found.fragment:
            yield f"a link with {asked}"
        if len(link) > _MAILTO_MOST or not link.isascii():
            yield f"a link of {len(link)} characters"
        if any(sign in dict(asked).get("subject", "") for sign in "\r\n"):
            yield "a link whose subject has lines"


def csv_faults(text):
    for row in csv.reader(io.StringIO(text)):
        yield from (f"the cell {cell!r} is a formula" for cell in row if re.match(r"[=+\-@\t\r]", cell))
