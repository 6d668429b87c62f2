"""mailbot: requests for IP address space, by mail."""
