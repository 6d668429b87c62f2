"""[limits] are in force: a mail over one is answered in words that say what to do, and the next one is read."""

import signal
import time
from contextlib import suppress
from threading import Thread

import pytest
from house import BOB, CONFIG, FORM, House, mail, only

from mailbot.desk.patience import TookTooLong, in_time
from mailbot.intake import reading

LIMITS = "[limits]\nmessage_size = 65536\nparts = 3\nnesting = 2\nheader_size = 16384\n"


@pytest.fixture
def narrow(tmp_path):
    return House(tmp_path, config=CONFIG.replace("[limits]\n", LIMITS))


def nested(depth):
    inner = b"\r\n".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d" % (n, n) for n in range(depth))
    return inner + b"\r\n\r\n" + FORM.encode()


def said(letter):
    return " ".join(letter.text.split())


HEAD = f"From: {BOB}\r\nSubject: attribution\r\nMessage-ID: <a@x>\r\n".encode()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (HEAD + b"\r\n" + FORM.encode() + b"x" * 70_000, "too large to be read: please send less"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 9, "too many parts"),
        (HEAD + nested(3), "too many parts"),
        (HEAD + b"X-Long: y\r\n" * 2000 + b"\r\n" + FORM.encode(), "too many parts"),
    ],
)
def test_trap_28_a_mail_over_a_limit_is_answered_with_what_to_do(narrow, raw, words):
    _, letters = narrow.take(raw)
    assert words in said(only(letters, "misunderstood", BOB))
    only(narrow.mail(BOB, "attribution", FORM), "acknowledged", BOB)


def test_trap_24_a_mail_that_takes_too_long_is_answered_too_and_the_next_is_read(tmp_path, monkeypatch):
    house = House(tmp_path, config=CONFIG.replace("[limits]\n", "[limits]\nseconds = 1\n"))
    real = reading.words

    def endless(text):
        while "slow" in text:
            pass
        return real(text)

    monkeypatch.setattr(reading, "words", endless)
    letters = house.mail(BOB, "attribution", "slow\n" + FORM)
    assert "too many parts to be read" in said(only(letters, "misunderstood", BOB))
    only(house.mail(BOB, "attribution", FORM), "acknowledged", BOB)


def test_the_clock_of_somebody_else_goes_on_behind_ours():
    before = signal.getitimer(signal.ITIMER_REAL)[0]
    with pytest.raises(TookTooLong), in_time(0.05):
        time.sleep(5)
    assert bool(signal.getitimer(signal.ITIMER_REAL)[0]) is bool(before)


def never_done():
    while True:
        with suppress(Exception):
            sum(range(100))


def test_a_reader_in_a_thread_of_the_pages_is_stopped_as_well():
    """Whatever it makes of mistakes; what ends in time is let alone."""
    ended = []

    def read():
        with pytest.raises(TookTooLong), in_time(0.05):
            never_done()
        with in_time(60):
            ended.append("in time")
        ended.append(sum(range(100_000)))

    thread = Thread(target=read)
    thread.start()
    thread.join()
    assert ended == ["in time", 4999950000]


def test_trap_26_a_sealed_mail_is_answered_in_words(house):
    sealed = HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\r\nMIAGCSqG"
    assert "send plain text" in only(house.take(sealed)[1], "misunderstood", BOB).text


def test_trap_26_a_signed_mail_with_readable_text_is_read(house):
    signed = (
        HEAD + b'Content-Type: multipart/signed; boundary=b; protocol="application/pkcs7-signature"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\n" + FORM.encode().replace(b"\n", b"\r\n") + b"\r\n--b\r\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIAGCSqG\r\n--b--\r\n"
    )
    only(house.take(signed)[1], "acknowledged", BOB)


def test_trap_26_winmail_is_answered_in_words(house):
    message = mail(BOB, "attribution", "")
    message.add_attachment(b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert "winmail.dat" in only(house.take(message)[1], "misunderstood", BOB).text
