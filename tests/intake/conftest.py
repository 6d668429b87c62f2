"""A house of each kind of trust."""

import pytest
from house import House


@pytest.fixture
def house(tmp_path):
    """The embedded mailbox's trust: a token and From are enough for a reply, From for a request."""
    return House(tmp_path)


@pytest.fixture
def strict(tmp_path):
    """The default: a verified From for replies; requests that are not believed are asked about."""
    return House(tmp_path, replies="verified", requests="confirm")
