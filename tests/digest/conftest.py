import pytest
from house import CONFIG, House

DIGEST = """
[digest]
when = "mon 08:00"
to = ["billing", "manager@example.net", "bill@example.net"]
"""


@pytest.fixture
def house(tmp_path):
    """One whose managers want a digest; it has just been started, on Monday the 23rd at 9."""
    house = House(tmp_path, config=CONFIG + DIGEST)
    house.bot.report()
    return house
