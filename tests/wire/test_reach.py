"""Trap 46: which addresses may be called, however they are written."""

import pytest

from mailbot.config.url import HttpUrl
from mailbot.wire import Reach

PUBLIC = ["93.184.215.14", "2606:4700::6810:84e5", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",  # noqa: S104
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:5db8:d70e::", "2001::1",
    "2001:db8::1", "fe80::1", "fe80::1%lo", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "ff0e::1",
    "localhost", "", "127.1", "0x7f000001", "2130706433",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert Reach().takes(address)
    assert not Reach().trusts(address)


@pytest.mark.parametrize("address", INSIDE)
def test_trap_46_all_others_may_not(address: str) -> None:
    assert not Reach().takes(address)


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"])
def test_a_network_of_ones_own_is_allowed_by_its_name_alone(address: str) -> None:
    reach = Reach(allow=("10.0.0.0/8", "fd00::/8"))
    assert reach.takes(address)
    assert reach.trusts(address)
    assert reach.takes("93.184.215.14")
    assert not reach.takes("192.168.1.1")
    assert not reach.takes("127.0.0.1")


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://hooks.example/a?b=c", "hooks.example", 443, "/a?b=c"),
        ("https://hooks.example", "hooks.example", 443, "/"),
        ("http://10.0.0.1:8080/x", "10.0.0.1", 8080, "/x"),
        ("https://[2001:db8::1]:8443/x", "2001:db8::1", 8443, "/x"),
    ],
)
def test_a_url_is_taken_apart_once(url: str, host: str, port: int, target: str) -> None:
    found = HttpUrl.parse(url)
    assert (found.host, found.port, found.target) == (host, port, target)


@pytest.mark.parametrize(
    "url",
    [
        "https://public.example@127.0.0.1/", "https://user:pw@host.example/", "https://@host.example/",
        "https://public.example\\@127.0.0.1/", "https://host.example\t/", "https://host.example/\r\nX-Evil: 1",
        "https://host.example/#frag", "https:///path", "https://", "file:///etc/passwd", "gopher://host.example/",
        "//host.example/", "host.example", "", "https://host.example:0/", "https://host.example:99999/",
        "https://h\u00f6st.example/", "https://\u2460\u2461\u2466.0.0.1/", "https://a,b/", "https://[::1", " https://a/",
    ],
)  # fmt: skip
def test_trap_46_a_url_that_two_readers_could_read_differently_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"url|https|sent") as refusal:
        HttpUrl.parse(url)
    assert "pw" not in str(refusal.value)
