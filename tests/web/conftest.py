"""A house with pages, and browsers that people sit at."""

import re
import warnings

import pytest
from house import BOB, House
from web_house import WEB

from mailbot.web import build

with warnings.catch_warnings():  # starlette would rather have another library, which is none of ours
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


class Browser(TestClient):
    """Somebody's, which follows no redirect by itself."""

    def __init__(self, house, person=None, **options):
        super().__init__(
            build(house.bot.web_parts), base_url="http://ip.example.net", follow_redirects=False, **options
        )
        self.house = house
        if person:
            self.cookies.set("mailbot", house.bot.web_parts.sessions.cookie(person, house.now), domain="ip.example.net")

    def word(self, path="/new/quick"):
        """What our forms hold, that others cannot know."""
        return re.search(r'name="word" value="(\w+)"', self.get(path).text)[1]

    def fill(self, path, *files, **fields):
        """A form of ours, sent off; `files` are (name, content) each, or none was chosen."""
        data = {"word": self.word(), **{n.replace("__", "."): v for n, v in fields.items()}}
        return self.post(path, data=data, files=[("files", file) for file in files])

    def answer(self, reference, step, word, *files, **fields):
        """The answer on a step's page, as that page is now."""
        page = self.get(f"/requests/{reference}/steps/{step}")
        content = re.search(r'name="content" value="(\w*)"', page.text)
        return self.fill(
            f"/requests/{reference}/steps/{step}/{word}", *files, **{"content": content[1] if content else "", **fields}
        )


@pytest.fixture
def house(tmp_path, request):
    """A parameter is what it is to be made with, or who makes it."""
    param = getattr(request, "param", {})
    house = param(tmp_path) if callable(param) else House(tmp_path, **{"config": WEB, **param})
    yield house
    house.bot.close()


@pytest.fixture
def browser(house):
    """Of anybody."""
    return lambda person=None, **options: Browser(house, person, **options)


@pytest.fixture
def started(house):
    """IP-1, by mail."""
    house.start(sender=BOB)
    return house
