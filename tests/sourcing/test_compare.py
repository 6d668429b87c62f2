"""A pool beside what NetBox has of it: every way in which both can differ, as a table."""

import pytest

from mailbot.addresses import parse_prefix
from mailbot.netbox import Prefix
from mailbot.sourcing.compare import Pool, What, compare
from mailbot.store.space import Allocation, State

ROOT = "10.20.0.0/24"
KEY = "0123456789ab"
OURS = f"Acme [mailbot IP-1/allocate {KEY}]"


def there(prefix, status="active", description="", number=1):
    return Prefix(id=number, prefix=parse_prefix(prefix), status=status, description=description)


def here(prefix, state=State.ALLOCATED):
    reference = None if state is State.FOREIGN else "IP-1"
    return Allocation(prefix=parse_prefix(prefix), pool="lan", state=state, reference=reference, step="allocate")


def differences(held, theirs, known=None):
    known = {parse_prefix(prefix): pair for prefix, pair in (known or {}).items()}
    pool = Pool(roots=[parse_prefix(ROOT)], held=held, known=known)
    return [(one.what, str(one.prefix)) for one in compare(pool, theirs)]


A, B, WIDE, NARROW = "10.20.0.0/28", "10.20.0.16/28", "10.20.0.0/27", "10.20.0.0/30"


@pytest.mark.parametrize(
    ("held", "theirs", "known", "found"),
    [
        ([], [], {}, []),
        ([here(A)], [there(A, description=OURS)], {A: (KEY, None)}, []),
        ([here(A)], [there(A, description=OURS)], {A: (KEY, 1)}, []),
        ([here(A)], [], {A: (KEY, 1)}, [(What.NOT_THERE, A)]),
        ([here(A, State.QUARANTINED)], [there(A, description=OURS)], {A: (KEY, 1)}, [(What.DIFFERS, A)]),
        ([here(A)], [there(A, description="mine now")], {A: (KEY, 1)}, [(What.DIFFERS, A)]),
        ([here(A)], [there(A, description="as before")], {}, [(What.DIFFERS, A)]),
        ([here(A)], [there(A, number=9)], {A: (KEY, 1)}, [(What.CLASH, A)]),
        ([here(A)], [there(A, description=OURS.replace(KEY, "f" * 12))], {}, [(What.CLASH, A)]),
        ([here(A)], [there(A, description=OURS), there(A, number=2)], {A: (KEY, 1)}, [(What.CLASH, A)]),
        (
            [here(A)],
            [there(A, description=OURS), there(A, description=OURS, number=2)],
            {A: (KEY, 1)},
            [(What.TWICE, A)],
        ),
        ([here(A)], [there(A, description=OURS), there(WIDE, number=2)], {A: (KEY, 1)}, [(What.CLASH, A)]),
        ([here(A)], [there(A, description=OURS), there(NARROW, number=2)], {A: (KEY, 1)}, []),
        ([], [there(A, description=OURS)], {A: (KEY, None)}, [(What.LEFT_OVER, A)]),
        ([], [there(A, description=OURS)], {}, [(What.NOT_HERE, A)]),
        ([], [there(A)], {A: (KEY, 5)}, [(What.NOT_HERE, A)]),
        ([], [there(WIDE), there(A, number=2)], {}, [(What.NOT_HERE, WIDE)]),
        ([], [there(WIDE, "container"), there(A, number=2)], {}, [(What.NOT_HERE, A)]),
        ([], [there(ROOT), there("10.0.0.0/8", number=2)], {}, []),
        ([here(A, State.FOREIGN)], [there(A)], {}, []),
        ([here(A, State.FOREIGN)], [], {}, [(What.GONE, A)]),
        ([here(A, State.FOREIGN)], [there(WIDE)], {}, [(What.NOT_HERE, WIDE)]),
        ([here(A, State.FOREIGN), here(B)], [there(WIDE)], {}, [(What.CLASH, B)]),
        ([here(B, State.EXCLUDED)], [], {}, []),
    ],
)
def test_every_way_in_which_both_can_differ(held, theirs, known, found):
    assert differences(held, theirs, known) == found
