"""One name server on the wire: signed updates (RFC 2136, RFC 8945) and queries, and what its answers mean."""

import base64
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from mailbot.config.targets import DnsTarget
from mailbot.errors import MailbotError
from mailbot.target.base import CannotDrive
from mailbot.target.dns.records import Records

if TYPE_CHECKING:
    from dns.message import Message
    from dns.rdataset import Rdataset
    from dns.tsig import Key
    from dns.update import UpdateMessage


class Verdict(Enum):
    DONE = auto()
    UNMET = auto()
    """A prerequisite does not hold, and nothing was done."""


class NotNow(MailbotError):
    """Surely nothing was done; it may go better later."""


class Silent(MailbotError):
    """It was asked, and has not answered, or not so that it can be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A message is a connection. All may raise CannotDrive (it refuses, or a value is none), NotNow, Silent."""

    target: DnsTarget

    def add(self, zone: str, records: Sequence[Records]) -> Verdict:
        """Where none of these names is in use."""
        update = self._update(zone)
        for name in dict.fromkeys(one.name for one in records):
            update.absent(name)
        for one in records:
            update.add(one.name, self._rdataset(one))
        return self._sent(update)

    def replace(self, zone: str, records: Sequence[Records]) -> Verdict:
        """Where there is something to replace."""
        update = self._update(zone)
        for one in records:
            update.present(one.name, one.type)
            update.replace(one.name, self._rdataset(one))
        return self._sent(update)

    def remove(self, zone: str, records: Sequence[Records]) -> Verdict:
        """Where they are what they were; those without values whatever they are."""
        update = self._update(zone)
        for one in records:
            if one.values:
                update.present(one.name, self._rdataset(one, ttl=0))
                update.delete(one.name, self._rdataset(one))
            else:
                update.delete(one.name, one.type)
        return self._sent(update)

    def has(self, zone: str, records: Sequence[Records]) -> Verdict:
        """Changes nothing."""
        update = self._update(zone)
        for one in records:
            update.present(one.name, self._rdataset(one, ttl=0))
        return self._sent(update)

    def has_none(self, zone: str, records: Sequence[Records]) -> Verdict:
        update = self._update(zone)
        for one in records:
            update.absent(one.name, one.type)
        return self._sent(update)

    def tells(self, records: Records) -> bool:
        """Whether this is what whoever asks it gets to hear; of a delegation, as a referral."""
        import dns.message  # noqa: PLC0415 (slow to load, and most commands ask no name server)
        import dns.name  # noqa: PLC0415
        import dns.rdatatype  # noqa: PLC0415

        query = dns.message.make_query(records.name, records.type)
        query.use_tsig(self._key())
        answer = self._exchanged(query)
        name, type_ = dns.name.from_text(records.name), dns.rdatatype.from_text(records.type)
        found = [one for one in (*answer.answer, *answer.authority) if (one.name, one.rdtype) == (name, type_)]
        wanted = set(self._rdataset(records))
        return bool(found) and set(found[0]) == wanted

    def serves(self, zone: str) -> bool:
        """Whether it is this zone's, for who has our key."""
        import dns.flags  # noqa: PLC0415
        import dns.message  # noqa: PLC0415

        query = dns.message.make_query(zone, "SOA")
        query.use_tsig(self._key())
        answer = self._exchanged(query)
        return bool(answer.flags & dns.flags.AA and answer.answer)

    def _update(self, zone: str) -> "UpdateMessage":
        import dns.update  # noqa: PLC0415

        update = dns.update.UpdateMessage(zone)
        update.use_tsig(self._key())
        return update

    def _key(self) -> "Key":
        import dns.tsig  # noqa: PLC0415

        try:
            secret = base64.b64decode(self.target.secret.reveal(), validate=True)
            return dns.tsig.Key(self.target.key, secret, self.target.algorithm.value)
        except MailbotError as error:
            raise CannotDrive(str(error)) from None
        except ValueError:
            raise CannotDrive(f"the secret of the key {self.target.key} is no base64") from None

    def _rdataset(self, records: Records, ttl: int | None = None) -> "Rdataset":
        """With the target's TTL; in a prerequisite it is 0 (RFC 2136 §2.4.2)."""
        import dns.exception  # noqa: PLC0415
        import dns.name  # noqa: PLC0415
        import dns.rdataset  # noqa: PLC0415

        try:
            return dns.rdataset.from_text_list(
                "IN",
                records.type,
                self.target.ttl if ttl is None else ttl,
                records.values,
                origin=dns.name.root,
                relativize=False,
            )
        except (dns.exception.DNSException, ValueError) as error:
            values = ", ".join(records.values)
            raise CannotDrive(f"{records.name} {records.type} cannot be {values!r}: {error}") from None

    def _sent(self, update: "UpdateMessage") -> Verdict:
        import dns.rcode  # noqa: PLC0415

        code = self._exchanged(update).rcode()
        match code:
            case dns.rcode.NOERROR:
                return Verdict.DONE
            case dns.rcode.YXDOMAIN | dns.rcode.YXRRSET | dns.rcode.NXRRSET | dns.rcode.NXDOMAIN:
                return Verdict.UNMET
            case dns.rcode.SERVFAIL:  # RFC 2136 §3.4: what it could not do as a whole, it has undone
                raise NotNow(f"{self.target.server} answers SERVFAIL")
        raise CannotDrive(f"{self.target.server} answers {dns.rcode.to_text(code)}")

    def _exchanged(self, message: "Message") -> "Message":
        """Over TCP, since a zone's part of a prefix may have hundreds of records."""
        import dns.exception  # noqa: PLC0415
        import dns.query  # noqa: PLC0415
        import dns.tsig  # noqa: PLC0415

        seconds = self.target.timeout.elapsed.total_seconds()
        end = time.monotonic() + seconds
        where = f"{self.target.server} port {self.target.port}"
        try:
            line = socket.create_connection((self.target.server, self.target.port), seconds)
        except OSError as error:
            raise NotNow(f"{where}: {error.strerror or error}") from None
        with line:
            line.setblocking(False)  # noqa: FBT003 (as socket has it)
            try:
                answer = dns.query.tcp(message, "", timeout=max(end - time.monotonic(), 0.1), sock=line)
            except dns.tsig.PeerError as error:
                raise CannotDrive(f"{where} does not take our signature: {error}") from None
            except (dns.exception.DNSException, OSError, EOFError) as error:
                raise Silent(f"{where}: {error or type(error).__name__}") from None
        if not answer.had_tsig:
            raise Silent(f"{where}: its answer is not signed")
        return answer


def shown(records: Iterable[Records], most: int = 3) -> str:
    """Some of their names, for people."""
    names = list(dict.fromkeys(f"{one.name} {one.type}" for one in records))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
