"""What looks at letters, pages and exports must see what it looks for."""

from email.message import EmailMessage

import pytest
from hostile.arsenal import csv_faults, html_faults, letter_faults, text_faults
from house import BOB, Letter


@pytest.mark.parametrize(
    "html",
    [
        "<p><script>x</script></p>",
        "<a title=\"\" onmouseover='x'>y</a>",
        '<a href="javascript:x">y</a>',
        "<p>940327904573</p>",
        "<p>\x9b31m</p>",
    ],
)
def test_a_fault_of_a_page_is_seen(html):
    assert list(html_faults(html))
    assert not list(html_faults('<p class="x">&lt;script&gt; <a href="mailto:a@example.net">y</a></p>'))


def test_a_fault_of_a_text_or_an_export_is_seen():
    assert list(text_faults("\x1b[2J"))
    assert list(csv_faults("a,=1+1\n"))
    assert not list(csv_faults("a,'=1+1\n"))


@pytest.mark.parametrize(
    ("fields", "text", "html"),
    [
        ({"Bcc": "eve@example.net"}, "hello", ""),
        ({"To": "eve@example.net"}, "hello", ""),
        ({}, "approve\n", ""),
        ({}, "Account: EVIL\n", ""),
        ({}, "hello", '<a href="mailto:ip-requests@example.net?cc=eve@example.net">x</a>'),
        ({}, "hello", f'<a href="mailto:ip-requests@example.net?body={"x" * 450}">x</a>'),
        ({}, "hello", '<a href="mailto:ip-requests@example.net?subject=x%0D%0ABcc:y">x</a>'),
    ],
)
def test_a_fault_of_a_letter_is_seen(fields, text, html):
    message = EmailMessage()
    head = {
        "To": BOB,
        "Subject": "x",
        "Message-ID": "<aaaaaaaaaaaa.aaaaaaaaaaaaaaaa@x>",
        "Reply-To": f"x <{BOB}>",
    } | fields
    for name, value in head.items():
        message[name] = value
    message.set_content(text)
    message.add_alternative(html or "<p>x</p>", subtype="html")
    assert list(letter_faults(Letter(bytes(message), "", BOB)))
