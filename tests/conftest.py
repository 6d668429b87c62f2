"""What all tests may ask for: the real servers."""

pytest_plugins = ["servers.fixtures"]
