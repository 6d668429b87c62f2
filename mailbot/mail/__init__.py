"""Mail: bytes to meaning and back. All pure but mailbox and relay, which do the I/O."""
