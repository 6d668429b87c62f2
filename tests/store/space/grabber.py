"""One bot of several, run by a test: takes from one pool until it is full, and gives every third prefix back.

python grabber.py URL POOL LENGTH REFERENCE
"""

import sys
from datetime import UTC, datetime

from mailbot.store import space
from mailbot.store.engine import open_engine, writing

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def main(url, pool, length, reference):
    engine, turn = open_engine(url), 0
    say("ready")
    sys.stdin.readline()  # all begin together
    while True:
        turn += 1
        reserve = turn % 3 == 0
        state = space.State.RESERVED if reserve else space.State.ALLOCATED
        try:
            with writing(engine) as conn:
                terms = {"reference": reference, "step": "allocate", "holder": reference, "state": state}
                prefix = space.take(conn, pool, int(length), now=NOW, **terms).prefix
        except space.PoolFull:
            break
        say(prefix)
        if reserve:
            with writing(engine) as conn:
                space.give_back(conn, prefix, reference=reference, now=NOW)
    engine.dispose()


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
