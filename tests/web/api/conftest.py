"""A house with an API, and systems that call it by keys of their own."""

import itertools
import json
import warnings

import pytest
from house import BOB, House
from web_house import WEB

from mailbot.store import keys
from mailbot.store.keys import Scope
from mailbot.web import build
from mailbot.web.api import app

with warnings.catch_warnings():  # starlette would rather have another library, which is none of ours
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

V4 = "/tmf-api/serviceOrdering/v4/serviceOrder"
V3 = "/tmf-api/serviceOrdering/v3/serviceOrder"
BASE = "http://ip.example.net"
_serial = itertools.count(1)
FORM = {"customer": "Acme", "size": 28, "reason": "Two firewalls"}


class System(TestClient):
    """Another system, with a key (or with a wrong one, or none)."""

    def __init__(self, house, key=None, **options):
        super().__init__(build(house.bot.web_parts), base_url=BASE, follow_redirects=False, **options)
        self.house = house
        if key:
            self.headers["Authorization"] = f"Bearer {key}"

    def order(self, specification="attribution", *, form=FORM, path=V4, action="add", headers=None, **more):
        """What an order is answered."""
        item = {"id": "1", "action": action, "service": service(specification, form)}
        items = "serviceOrderItem" if path == V4 else "orderItem"
        return self.post(path, json={items: [item], **more}, headers=headers)

    def change(self, reference, path=V4, **changes):
        return self.patch(f"{path}/{reference}", json=changes)


def service(specification, form):
    named = {"serviceSpecification": {"id": specification}} if specification else {}
    return {**named, "serviceCharacteristic": [{"name": name, "value": value} for name, value in form.items()]}


def key_of(house, name, scope=Scope.ORDER, people=(BOB,), customer=None):
    with house.bot.store.transaction() as tx:
        return keys.make(tx.conn, name, scope, people, customer, house.now)[1]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Nobody tries keys here."""
    monkeypatch.setattr(app, "SLOWLY", 0)


@pytest.fixture
def house(tmp_path, request):
    """A parameter is what it is to be made with."""
    return House(tmp_path, **{"config": WEB, **getattr(request, "param", {})})


@pytest.fixture
def system(house):
    """With a key of its own for these people; by default it orders for Bob."""

    def made(*people, scope=Scope.ORDER, **options):
        return System(house, key_of(house, f"key-{next(_serial)}", scope, people or (BOB,)), **options)

    return made


@pytest.fixture
def crm(system):
    """Orders for Bob."""
    return system()


def shown(answer):
    """For who reads why a test has failed."""
    return f"{answer.status_code}: {json.dumps(answer.json(), indent=1) if answer.content else ''}"
