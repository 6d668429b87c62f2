"""The ground of the test servers."""

import pytest
from servers.ground import program


def test_a_server_that_is_not_installed_fails_loudly_and_names_the_command() -> None:
    with pytest.raises(RuntimeError, match=r"nonesuch is not installed.*`make test`.*`make servers`"):
        program("nonesuch")
