"""`mailbot` and `python -m mailbot`."""

from mailbot.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
