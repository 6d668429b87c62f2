"""One bot of several, run by a test: takes from one pool until it is full, and gives every third prefix back.

python grabber.py URL POOL LENGTH|number REFERENCE
"""

import sys
from datetime import UTC, datetime
from time import sleep

from mailbot.store import space
from mailbot.store.engine import open_engine, writing

PAUSE = 0.005
"""Seconds in which another bot gets its turn: without them, one on a busy machine may have it all."""
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def main(url, pool, length, reference):
    engine, turn = open_engine(url), 0
    wanted = None if length == "number" else int(length)
    say("ready")
    sys.stdin.readline()  # all begin together
    while True:
        turn += 1
        reserve = turn % 3 == 0
        state = space.State.RESERVED if reserve else space.State.ALLOCATED
        try:
            with writing(engine) as conn:
                terms = {"reference": reference, "step": "allocate", "holder": reference, "state": state}
                prefix = space.take(conn, pool, wanted, now=NOW, **terms).prefix
        except space.PoolFull:
            break
        say(prefix)
        sleep(PAUSE)
        if reserve:
            with writing(engine) as conn:
                space.give_back(conn, prefix, reference=reference, now=NOW, pool=pool)
    engine.dispose()


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
