"""One door under atheris, in a process of its own: `python -m fuzz.endless DOOR [libFuzzer's options]`."""

import sys

import atheris

with atheris.instrument_imports(
    include=["mailbot", "mailparser", "authres", "inscriptis"], enable_loader_override=False
):
    from fuzz.doors import DOORS


def main() -> None:
    door = DOORS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], door.enter)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
