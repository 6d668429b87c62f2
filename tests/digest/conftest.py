import pytest
from house import CONFIG, House

DIGEST = """
[digest]
when = "mon 08:00"
to = ["billing", "manager@example.net", "bill@example.net"]
"""


@pytest.fixture
def config():
    """Whose managers want a digest."""
    return CONFIG + DIGEST


@pytest.fixture
def house(tmp_path, config):
    """It has just been started, on Monday the 23rd at 9."""
    house = House(tmp_path, config=config)
    house.bot.report()
    return house
