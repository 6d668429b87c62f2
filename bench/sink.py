"""A real SMTP server in a process of its own: it takes every letter, and tells how many they were.

    python -m bench.sink CERTIFICATE KEY CA

It says its port, then for each line that it is given the number of letters since the last one.
"""

import logging
import sys
from pathlib import Path

from servers.ground import Certificates
from servers.smtp import SmtpServer
from servers.tokens import TokenServer

USER, PASSWORD = "bot", "secret"


class Sink(SmtpServer):
    def begin(self) -> None:
        super().begin()
        self.office.password = PASSWORD  # the standard library's login knows ASCII alone


def main() -> None:
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's, which warns of itself
    certificate, key, ca = map(Path, sys.argv[1:])
    server = Sink(Certificates(ca=ca, certificate=certificate, key=key), TokenServer())
    print(server.starttls, flush=True)
    for _ in sys.stdin:
        print(len(server.office.letters), flush=True)
        server.begin()


if __name__ == "__main__":
    main()
