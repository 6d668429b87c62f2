"""A subscriber that is a syslog: in datagrams, on a stream, with TLS; one message is one, whatever stands in it."""

import re
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from servers.ground import Certificates

from mailbot.config.events import Severity
from mailbot.config.subscribers import Facility, SyslogSubscriber
from mailbot.subscriber import Message, NotTaken
from mailbot.subscriber.syslog import SyslogSink, frame

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FRAME = re.compile(
    rb"<(\d+)>1 (\S+) (\S+) mailbot - (\S+) \[mailbot@32473((?: \w+=\"(?:[^\"\\\]]|\\.)*\")*)\] \xef\xbb\xbf(.*)"
)


def message(number=1, words="request.late IP-1: Its time is over."):
    return Message(
        id=f"e{number}",
        at=NOW,
        type="request.late",
        severity=Severity.ERROR,
        reference='IP-"1]',
        words=words,
        body=b'{"id": "e%d"}\n' % number,
        content_type="application/json",
    )


def test_a_message_is_as_rfc_5424_has_it():
    found = FRAME.fullmatch(frame(message(), 16, "bot1"))
    assert found
    assert found[1] == b"131"  # local0, error
    assert (found[2], found[3], found[4]) == (b"2026-11-23T09:00:00Z", b"bot1", b"request.late")
    assert found[5] == rb' id="e1" type="request.late" reference="IP-\"1\]"'
    assert found[6] == b'request.late IP-1: Its time is over. {"id": "e1"}'


def test_nobodys_words_begin_a_line_of_their_own():
    line = frame(message(words="one\n<34>1 - - - - - - forged\x00\u2028"), 16, "bot1")
    assert b"\n" not in line
    assert FRAME.fullmatch(line)


def sink(url, **terms):
    return SyslogSink(SyslogSubscriber(kind="syslog", url=url, **terms), "bot1")


def test_by_udp_a_datagram_is_a_message():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        to = sink(f"udp://127.0.0.1:{server.getsockname()[1]}", facility=Facility.LOCAL3)
        to.deliver(message(), NOW)
        assert server.recv(65_536) == frame(message(), 19, "bot1")


class Stream:
    """A syslog on a stream; `taken` are its messages, by their counts."""

    def __init__(self, context=None):
        self.taken, self.came = [], threading.Condition()
        self._context = context
        self.lines = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, args=(self._listener,), daemon=True).start()

    def _listen(self, listener):
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                self.lines.append(line)
                threading.Thread(target=self._read, args=(line,), daemon=True).start()

    def _read(self, line):
        with suppress(OSError, ValueError):
            if self._context:
                line = self._context.wrap_socket(line, server_side=True)
            words = line.makefile("rb")
            while count := b"".join(iter(lambda: words.read(1), b" ")):
                taken = words.read(int(count))
                with self.came:
                    self.taken.append(taken)
                    self.came.notify_all()

    def wait_for(self, count):
        with self.came:
            assert self.came.wait_for(lambda: len(self.taken) >= count, 10)

    def cut(self):
        for line in self.lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()


def test_by_tcp_messages_are_counted_on_one_stream_that_is_opened_anew_where_it_was_cut():
    server = Stream()
    to = sink(f"tcp://127.0.0.1:{server.port}")
    to.deliver(message(1), NOW)
    to.deliver(message(2), NOW)
    server.wait_for(2)
    assert len(server.lines) == 1
    server.cut()
    with suppress(NotTaken):
        to.deliver(message(3), NOW)
    to.deliver(message(4), NOW)
    server.wait_for(3)
    assert server.taken[:2] == [frame(message(1), 16, "bot1"), frame(message(2), 16, "bot1")]
    server.close()
    to.close()


def test_one_that_is_not_there_takes_nothing_and_says_who():
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    with pytest.raises(NotTaken, match=f"tcp://127.0.0.1:{port}"):
        sink(f"tcp://127.0.0.1:{port}").deliver(message(), NOW)


def test_by_tls_only_a_syslog_whose_certificate_is_believed_hears_anything(tls: Certificates):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)
    server = Stream(context)
    url = f"tls://localhost:{server.port}"
    with pytest.raises(NotTaken, match="certificate"):
        sink(url).deliver(message(), NOW)
    to = sink(url, ca=tls.ca)
    to.deliver(message(), NOW)
    server.wait_for(1)
    assert server.taken == [frame(message(), 16, "bot1")]
    to.close()
    server.close()
