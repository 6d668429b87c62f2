"""A real BIND on the loopback: primary of a reverse zone of each family and of a forward zone, which takes updates."""

# ruff: noqa: S603 - the commands are our own

import os
import shutil
import subprocess

import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.tsig
import dns.update
import dns.zone
from servers.ground import free_ports, place, program, until

V4, V6, FORWARD = "20.10.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa", "customers.example.net"
ZONES = (V4, V6, FORWARD)
KEY, SECRET = "mailbot", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_KEY = "other"

_ZONE = """$TTL 300
@ SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 300
@ NS ns.example.net.
"""
_CONF = """
options {{
  directory "{home}"; pid-file none; session-keyfile "{home}/session.key"; managed-keys-directory "{home}";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; dnssec-validation no; notify no; allow-transfer {{ 127.0.0.1; }};
}};
controls {{ }};
key "{key}" {{ algorithm hmac-sha256; secret "{secret}"; }};
key "{other}" {{ algorithm hmac-sha256; secret "{secret}"; }};
"""
_CONF_ZONE = 'zone "{zone}" {{ type primary; file "{home}/{zone}.zone"; allow-update {{ key "{key}"; }}; }};\n'


class Bind:
    """`OTHER_KEY` is known to it, and may change nothing."""

    def __init__(self) -> None:
        self.home = place("bind")
        (self.port,) = free_ports(1)
        names = {"home": self.home, "port": self.port, "key": KEY, "secret": SECRET, "other": OTHER_KEY}
        text = _CONF.format(**names) + "".join(_CONF_ZONE.format(zone=zone, **names) for zone in ZONES)
        self.home.joinpath("named.conf").write_text(text)
        for zone in ZONES:
            self.home.joinpath(f"{zone}.zone").write_text(_ZONE)
        with self.home.joinpath("named.log").open("wb") as log:
            self._named = subprocess.Popen(
                [program("named"), "-g", "-n", "1", "-c", str(self.home / "named.conf")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": os.environ.get("PATH", "")},
            )  # fmt: skip
        until(self._serves, "BIND")

    def _serves(self) -> bool:
        try:
            found = [dns.query.tcp(dns.message.make_query(zone, "SOA"), "127.0.0.1", 5, self.port) for zone in ZONES]
        except OSError:
            return False
        return all(answer.answer for answer in found)

    def begin(self) -> None:
        """Forget all that was written so far."""
        for zone in ZONES:
            update = self._update(zone)
            for name in {name for name, *_ in self._transferred(zone).iterate_rdatas()} - {dns.name.empty}:
                update.delete(name)
            self._send(update)

    def holds(self, zone: str) -> set[tuple[str, str, str]]:
        """All names, types and values of a zone but its own at the top."""
        origin = dns.name.from_text(zone)
        return {
            (str(name.derelativize(origin)), dns.rdatatype.to_text(data.rdtype), data.to_text(origin, relativize=False))
            for name, _, data in self._transferred(zone).iterate_rdatas()
            if name != dns.name.empty
        }

    def put(self, zone: str, name: str, type_: str, value: str) -> None:
        """As somebody else would."""
        update = self._update(zone)
        update.add(name, 300, type_, value)
        self._send(update)

    def drop(self, zone: str, name: str) -> None:
        update = self._update(zone)
        update.delete(name)
        self._send(update)

    def close(self) -> None:
        self._named.terminate()
        self._named.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)

    def _transferred(self, zone: str) -> dns.zone.Zone:
        found = dns.zone.Zone(zone)
        dns.query.inbound_xfr("127.0.0.1", found, port=self.port, timeout=10)
        return found

    def _update(self, zone: str) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(zone, keyring=dns.tsig.Key(KEY, SECRET, "hmac-sha256"))

    def _send(self, update: dns.update.UpdateMessage) -> None:
        answer = dns.query.tcp(update, "127.0.0.1", port=self.port, timeout=10)
        assert answer.rcode() == 0, answer.to_text()
