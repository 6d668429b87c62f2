"""One door under atheris, in a process of its own: `python -m fuzz.endless DOOR [libFuzzer's options]`."""

import sys
from collections.abc import Callable
from time import process_time

import atheris

with atheris.instrument_imports(
    include=["mailbot", "mailparser", "authres", "inscriptis"], enable_loader_override=False
):
    from fuzz.doors import DOORS


SLOW = 1
"""seconds of this process's own work that no input may take; libFuzzer's clock also counts what others do"""


def within(seconds: float, enter: Callable[[bytes], None]) -> Callable[[bytes], None]:
    def timed(raw: bytes) -> None:
        began = process_time()
        enter(raw)
        if (took := process_time() - began) > seconds:
            raise TimeoutError(f"took {took:.1f} s")

    return timed


def main() -> None:
    door = DOORS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], within(SLOW, door.enter))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
