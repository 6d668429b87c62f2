"""The API against its own description, by calls that nobody would think of. `make fuzz-api` takes longer."""

import os
import warnings

import pytest
from house import BOB, ROOT, House
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import one_of
from web.api.conftest import key_of
from web_house import WEB

from mailbot.store.keys import Scope
from mailbot.web import build
from mailbot.web.api import app as api
from mailbot.web.api import call as api_call
from mailbot.web.api.published import described

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import CHECKS, load_all_checks

EXAMPLES = int(os.environ.get("MAILBOT_FUZZ_EXAMPLES", "3"))
"""Calls of each kind that are tried."""

# Whether a form is right, a reference known and a step open depends on rule files and requests, which no schema knows:
# a call that its schema allows may be refused. What a schema forbids must be.
UNFIT = {"positive_data_acceptance"}

load_all_checks()
CHECKED = [check for name, check in zip(CHECKS.get_all_names(), CHECKS.get_all(), strict=True) if name not in UNFIT]
CALLS = sorted(
    f"{method.upper()} {path}"
    for path, operations in described(api.build(None))["paths"].items()
    for method in operations
)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    """(each kind of call, the headers of an admin's key) of a house with something of everything in it."""
    house = House(
        tmp_path_factory.mktemp("fuzzed"), config=WEB.replace("[limits]", "[limits]\ncalls_per_minute = 1000000")
    )
    house.start()
    house.allocated(BOB)
    key = key_of(house, "fuzz", Scope.ADMIN, (ROOT,))
    schema = schemathesis.openapi.from_asgi("/openapi.json", build(house.bot.web_parts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "SLOWLY", 0)
        patch.setattr(api_call, "MOST_FAILURES", 1_000_000)
        yield {one.ok().label: one.ok() for one in schema.get_all_operations()}, {"Authorization": f"Bearer {key}"}
    house.bot.close()


@pytest.mark.parametrize("call", CALLS)
def test_no_call_breaks_the_api_and_every_answer_is_as_described(fuzzed, call):
    operations, headers = fuzzed
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    calls = one_of([operations[call].as_strategy(generation_mode=mode) for mode in modes])

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=calls)
    def tried(case):
        case.call_and_validate(headers=headers, checks=CHECKED)

    tried()
