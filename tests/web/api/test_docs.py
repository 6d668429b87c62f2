"""Every call of docs/api.md is made, as it stands there, against a server that serves what `mailbot init` writes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mailbot.bot import Bot
from mailbot.cli.start import parts_written
from mailbot.config import load
from mailbot.store import keys
from mailbot.store.keys import Scope
from mailbot.web import Server, build

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_every_call_of_the_page_does_what_the_page_says(tmp_path):
    assert list(parts_written(tmp_path / "office"))
    bot = Bot(load(tmp_path / "office" / "config.toml"))
    bot.prepare()
    with bot.store.transaction() as tx:
        key = keys.make(tx.conn, "crm", Scope.ORDER, ("bob@example.net",), None, bot.now())[1]
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    with Server(build(bot.web_parts), ("127.0.0.1", 0)) as server:
        env = {**os.environ, "KEY": key, "API": f"http://127.0.0.1:{server.port}", "no_proxy": "*"}
        for block in blocks:
            done = subprocess.run(  # noqa: S603 (our own page)
                ["/bin/bash", "-eo", "pipefail", "-c", block], env=env, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, block + done.stdout + done.stderr
    bot.close()
