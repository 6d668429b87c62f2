"""A real Postfix, thrown away after the tests: submission with STARTTLS and AUTH, delivery into a Dovecot."""

# ruff: noqa: S603 - the commands are our own

import os
import shutil
import subprocess
from typing import Any

from servers.dovecot import PASSWORD, Dovecot
from servers.ground import Login, Plain, answers, free_ports, place, program, until

MAIN = """
compatibility_level = 3.6
config_directory = {home}/etc
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file_prefixes = {home}
maillog_file = {home}/mail.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_tls_cert_file = {tls.certificate}
smtpd_tls_key_file = {tls.key}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
default_transport = lmtp:inet:127.0.0.1:{lmtp}
recipient_delimiter = +
message_size_limit = 20000000
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
lmtp      unix - - n - - lmtp
retry     unix - - n - - error
error     unix - - n - - error
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """One server for the persons of a Dovecot: each sends with his login, and gets what is sent to him."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.home = place("postfix")
        self._dovecot = dovecot
        self._program = program("postfix")
        (self.port,) = free_ports(1)
        for name in ("etc", "queue", "data"):
            (self.home / name).mkdir(mode=0o755)
        shutil.chown(self.home / "data", "postfix")
        main = MAIN.format(home=self.home, tls=dovecot.tls, sasl=dovecot.sasl, lmtp=dovecot.lmtp)
        (self.home / "etc" / "main.cf").write_text(main)
        (self.home / "etc" / "master.cf").write_text(MASTER.format(port=self.port))
        self.start()

    def start(self) -> None:
        self._run("start")
        until(lambda: answers(self.port, b"220"), f"Postfix's start, see {self.home}/mail.log")

    def stop(self) -> None:
        self._run("stop")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def login(self, user: str, **changes: Any) -> Login:
        """The Account by which a person of the Dovecot sends."""
        return Login(**{
            "url": f"smtp+starttls://localhost:{self.port}",
            "user": Plain(user), "password": Plain(PASSWORD), "ca": self._dovecot.tls.ca, **changes,
        })  # fmt: skip

    def _run(self, word: str) -> None:
        with (self.home / "start.log").open("ab") as log:  # a pipe would stay open with the daemon
            subprocess.run(
                [self._program, "-c", self.home / "etc", word],
                check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"},
            )  # fmt: skip
