"""The bare program: what the main job costs when nobody cares how it ends.

    python bench/bare.py SETTINGS.json

It fetches the mails, parses each with mail-parser, commits one row, renders the letters and sends them, on one
connection each. It is written as one would straightforwardly write it, with no more than the obvious care for speed:
batches, statements and templates looked up once, imaplib's debug output off.

It does not: look who wrote the mail, whether it has come before or was written by a machine; find the sender's words
under what he quotes, read his form, or look at rules; know a request, a token, a lead time or a history; move the mail
out of the inbox; keep a letter before it is sent, or send it again after a crash. The letters' contexts are ready-made.
"""

import json
import pickle
import smtplib
import sqlite3
import ssl
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mailparser
from imapclient import IMAPClient
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from mailbot.mail.letter.text import bar, bar_fields, wrapped

INSERT = "INSERT INTO request (message_id, sender, subject, text, raw) VALUES (?, ?, ?, ?, ?)"

Words = list[tuple[Template, Template, Template, dict[str, Any]]]
"""The letters to one mail: templates for subject, text and HTML, and what they show."""


def main() -> None:
    settings = SimpleNamespace(**json.loads(Path(sys.argv[1]).read_text()))
    tls = ssl.create_default_context(cafile=settings.ca)
    words = prepared(settings.templates, settings.contexts)
    store = opened(settings.database)
    with (
        IMAPClient("localhost", settings.imap, ssl_context=tls) as mailbox,
        smtplib.SMTP("localhost", settings.smtp, "localhost") as relay,
    ):
        mailbox.plain_login(settings.user, settings.password)
        relay.starttls(context=tls)
        relay.login(settings.smtp_user, settings.smtp_password)
        for raw in fetched(mailbox):
            mail = mailparser.parse_from_bytes(raw)
            with store:
                row = (mail.message_id, mail.from_[0][1], mail.subject, "\n".join(mail.text_plain), raw)
                store.execute(INSERT, row)
            for subject, text, html, context in words:
                relay.send_message(letter(subject, text, html, context, mail.message_id))


def prepared(folders: list[str], contexts: str) -> Words:
    environment = Environment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(bar=bar, bar_fields=bar_fields, wrap=wrapped)
    environment.globals.update(language="en")
    files = ("subject.txt", "body.txt", "body.html")
    found = pickle.loads(Path(contexts).read_bytes())  # noqa: S301 (written by bench.mainjob)
    return [(*(environment.get_template(f"{kind}/{file}") for file in files), context) for kind, context in found]


def opened(database: str) -> sqlite3.Connection:
    store = sqlite3.connect(database)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.execute(
        "CREATE TABLE request (id INTEGER PRIMARY KEY, message_id TEXT, sender TEXT, subject TEXT, text TEXT, raw BLOB)"
    )
    return store


def fetched(mailbox: IMAPClient) -> Iterator[bytes]:
    mailbox._imap.debug = 0  # noqa: SLF001 (else every literal is formatted for a log that nobody keeps)
    mailbox.select_folder("INBOX", readonly=True)
    uids = mailbox.search()
    for first in range(0, len(uids), 100):
        for items in mailbox.fetch(uids[first : first + 100], ["BODY.PEEK[]"]).values():
            yield items[b"BODY[]"]


def letter(subject: Template, text: Template, html: Template, context: dict[str, Any], about: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "IP requests <ip-requests@example.net>"
    made["To"] = context["to"]
    made["Subject"] = subject.render(context)
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain="example.net")
    made["In-Reply-To"] = made["References"] = about
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text.render(context))
    made.add_alternative(html.render(context), subtype="html")
    return made


if __name__ == "__main__":
    main()
