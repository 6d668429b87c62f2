"""What the kit runs against: it takes the kit's orders, and asks for no key."""

import json
from http.client import HTTPConnection

from web.api.conftest import V3
from web.api.test_conformance import body

from conformance.__main__ import serving


def test_the_kits_order_is_taken_without_a_key(tmp_path):
    with serving(tmp_path / "office") as port:
        line = HTTPConnection("127.0.0.1", port, timeout=20)
        line.request("POST", V3, json.dumps(body()), {"Content-Type": "application/json"})
        answer = line.getresponse()
        order = json.loads(answer.read())
        line.close()
    assert (answer.status, order["id"], order["state"]) == (201, "IP-1", "inProgress")
