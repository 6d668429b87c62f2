"""How events reach a subscriber, a small class for each kind; all with one face, `Sink`."""

import socket
from collections.abc import Mapping
from typing import assert_never

from mailbot.config.subscribers import (
    AnySubscriber,
    FileSubscriber,
    MailSubscriber,
    SyslogSubscriber,
    WebhookSubscriber,
)
from mailbot.subscriber.base import Gone, Message, NotTaken, Sink
from mailbot.subscriber.file import FileSink
from mailbot.subscriber.syslog import SyslogSink
from mailbot.subscriber.webhook import WebhookSink
from mailbot.wire import Client, Reach, secret_key

__all__ = ["Gone", "Message", "NotTaken", "Sink", "callback_sink", "open_sinks"]

CALLBACK_SECONDS = 15.0


def open_sinks(subscribers: Mapping[str, AnySubscriber]) -> dict[str, Sink]:
    """A sink for each subscriber that is reached without a letter, by name; nothing is connected yet."""
    sinks: dict[str, Sink] = {}
    for name, one in subscribers.items():
        match one:
            case WebhookSubscriber():
                sinks[name] = _webhook(one)
            case SyslogSubscriber():
                sinks[name] = SyslogSink(one, socket.gethostname())
            case FileSubscriber():
                sinks[name] = FileSink(one)
            case MailSubscriber():
                pass
            case _:
                assert_never(one)
    return sinks


def callback_sink(url: str, allow: tuple[str, ...]) -> Sink:
    """Of a hub subscription: it was given no secret, so that nothing is signed."""
    return WebhookSink(url, Client(reach=Reach(allow=allow), seconds=CALLBACK_SECONDS))


def _webhook(one: WebhookSubscriber) -> Sink:
    client = Client(reach=Reach(allow=one.allow), seconds=one.timeout.elapsed.total_seconds(), ca=one.ca)
    return WebhookSink(one.url, client, lambda: [secret_key(one.secret.reveal())])
