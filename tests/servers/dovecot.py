"""A real Dovecot, thrown away after the tests: IMAP (plain, TLS, STARTTLS), LMTP, SASL; any user."""

# ruff: noqa: S603 - the commands are our own

import contextlib
import grp
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from servers.ground import Certificates, Login, Plain, answers, free_ports, listens, place, program, until
from servers.tokens import TokenServer

PASSWORD = 'sécret"quoted'

# An old server: no MOVE, no UIDPLUS, no IDLE.
OLD = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE NAMESPACE LITERAL+"

CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
instance_name = t{imap}
listen = 127.0.0.1
protocols = imap lmtp
log_path = {home}/dovecot.log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
ssl = yes
ssl_cert = <{tls.certificate}
ssl_key = <{tls.key}
ssl_dh =
disable_plaintext_auth = no
auth_failure_delay = 0 secs
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u allow_all_users=yes
}}
mail_max_userip_connections = 50
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    port = {sasl}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
{more}
"""

OAUTH2 = """
introspection_url = {tokens.url}/introspect
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot:
    """One server; `old`: without MOVE, UIDPLUS and IDLE, and folders under "INBOX."."""

    def __init__(self, tls: Certificates, tokens: TokenServer, *, old: bool = False) -> None:
        self.tls = tls
        self.home = place("dovecot")
        self.imap, self.imaps, self.lmtp, self.sasl = free_ports(4)
        self.uid, self.gid = _mail_user()
        self._program = program("dovecot")
        self._users = count(1)
        self._write(tokens, old=old)
        self._log = (self.home / "start.log").open("ab")
        self.start()

    def start(self) -> None:
        # In the foreground: a daemon would keep our pipes open.
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", self.home / "dovecot.conf"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        until(lambda: answers(self.imap, b"* OK"), f"Dovecot's start, see {self.home}")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(60)  # on a machine that is busy with other things
        # Its children die a little later, and hold the ports as long.
        ports = (self.imap, self.imaps, self.lmtp, self.sasl)
        until(lambda: not any(map(listens, ports)), "Dovecot's end")

    def crash(self) -> None:
        """As when its machine fails: unlike `stop`, which lets clients finish, it breaks all connections."""
        task = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        children = [int(pid) for pid in task.read_text().split()]
        self.stop()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def close(self) -> None:
        self.stop()
        self._log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def fresh(self) -> "Person":
        """A user whom no other test knows."""
        return self.person(f"bot{next(self._users)}")

    def person(self, user: str) -> "Person":
        """A user by name, with whatever mail he has."""
        home = self.home / "mail" / user
        login = Login(
            url=f"imaps://localhost:{self.imaps}/INBOX",
            user=Plain(user), password=Plain(PASSWORD), ca=self.tls.ca,
        )  # fmt: skip
        return Person(user=user, server=self, maildir=home / "Maildir", login=login)

    def doveadm(self, *words: str) -> str:
        command = [program("doveadm"), "-c", self.home / "dovecot.conf", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def _write(self, tokens: TokenServer, *, old: bool) -> None:
        (self.home / "run").mkdir()
        mail = self.home / "mail"
        mail.mkdir()
        os.chown(mail, self.uid, self.gid)
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid()).pw_name
        internal = "dovecot" if root else me
        text = CONFIG.format(
            home=self.home, tls=self.tls, uid=self.uid, gid=self.gid, imap=self.imap,
            imaps=self.imaps, lmtp=self.lmtp, sasl=self.sasl, password=PASSWORD,
            internal=internal, internal_group=_group(internal), login="dovenull" if root else me,
            separator="." if old else "/", prefix="INBOX." if old else "",
            more=f"imap_capability = {OLD}" if old else "",
        )  # fmt: skip
        (self.home / "dovecot.conf").write_text(text)
        (self.home / "oauth2.conf").write_text(OAUTH2.format(tokens=tokens))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One user of a Dovecot, seen from the server's side; `login` is his Account."""

    user: str
    server: Dovecot
    maildir: Path
    login: Login

    def deliver(self, *mails: bytes) -> None:
        """Put mail into the inbox, as a delivery agent does, in that order."""
        for name in ("tmp", "new", "cur"):
            self._own(self.maildir / name)
        for raw in mails:
            name = f"{next(_serial):08}.M1P{os.getpid()}.tests"
            path = self.maildir / "tmp" / name
            path.write_bytes(raw)
            os.chown(path, self.server.uid, self.server.gid)
            path.rename(self.maildir / "new" / name)

    def folder(self, name: str) -> list[bytes]:
        """The mails of a folder ("" is the inbox), in order of arrival."""
        root = self.maildir / f".{name}" if name else self.maildir
        paths = [path for sub in ("new", "cur") for path in (root / sub).glob("*")]
        return [path.read_bytes() for path in sorted(paths, key=lambda path: path.name)]

    def with_login(self, **changes: object) -> Login:
        return replace(self.login, **changes)  # type: ignore[arg-type]

    def _own(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for path in (directory, directory.parent, directory.parent.parent):
            os.chown(path, self.server.uid, self.server.gid)


_serial = count(1)


def _mail_user() -> tuple[int, int]:
    """Whose the mail is: Dovecot gives none to root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _group(user: str) -> str:
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
