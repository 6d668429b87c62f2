"""Answer files: taken whole, in their turn, once; tampered, replayed, foreign and lying ones are refused and kept."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from house import ANA, BOB, CONFIG, DELIVERY, FORM, LI, ROOT, House, kinds, only

from mailbot.store import breaker, views
from mailbot.target.keys import new_identity, new_signing_key, public_signing_key, recipient
from mailbot.target.seal import ANSWERS, REQUESTS, seal, unsealed

pytestmark = pytest.mark.timeout(60)

THEIRS, STRANGER = new_signing_key(), new_signing_key()
THEIR_IDENTITY, OUR_IDENTITY = new_identity(), new_identity()

TARGETS = f"""
[targets.outgoing]
kind = "file"
folder = "out"
owner = "noc"
[targets.outgoing.batch]
most = 10
sign = "file:sign.pem"
encrypt = ["{recipient(THEIR_IDENTITY)}"]
[targets.outgoing.batch.answers]
folder = "answers"
signed_by = ["{public_signing_key(THEIRS)}"]
decrypt = "file:identity.age"
within = "2 days"
"""
CONFIGURE = 'targets = ["outgoing"]\n'


class Depot(House):
    """A house whose network requests leave in batches, and a partner who answers them."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, config=CONFIG + TARGETS, rules={"delivery": DELIVERY + CONFIGURE})
        for name in ("out", "answers"):
            home.joinpath(name).mkdir()
        home.joinpath("sign.pem").write_text(new_signing_key())
        home.joinpath("identity.age").write_text(OUR_IDENTITY)
        self.place = home

    def ask(self, count: int = 1) -> list[str]:
        return [
            f"{only(self.mail(BOB, 'delivery', FORM), 'acknowledged').reference}/configure/outgoing/1"
            for _ in range(count)
        ]

    def drive(self) -> list[Any]:
        self.bot.drive(None)
        return list(self.send())

    def states(self) -> dict[str, str]:
        return {row.name: row.state for row in self.rows("network_request")}

    def batches(self) -> list[list[str]]:
        ours = [public_signing_key(self.place.joinpath("sign.pem").read_text())]
        raws = [path.read_bytes() for path in sorted(self.place.joinpath("out").glob("*.batch"))]
        contents = [unsealed(raw, signed_by=ours).content(THEIR_IDENTITY) for raw in raws]
        return [[one["id"] for one in json.loads(content)["requests"]] for content in contents]

    def answered(self, number: int, rows: object, name: str = "", **changes: Any) -> Path:
        """An answer file as the partner writes it, or as a test has it."""
        given = {"target": "outgoing", "kind": ANSWERS, "key": THEIRS, "encrypt": [recipient(OUR_IDENTITY)], **changes}
        content = rows if isinstance(rows, bytes) else json.dumps({"answers": rows}).encode()
        path = self.place / "answers" / (name or f"a-{number:06}")
        path.write_bytes(seal(content, number=number, **given))
        return path

    def kept(self, folder: str) -> list[str]:
        home = self.place / "answers" / folder
        return sorted(path.name for path in home.iterdir()) if home.exists() else []


@pytest.fixture
def depot(tmp_path: Path) -> Any:
    depot = Depot(tmp_path)
    yield depot
    depot.bot.close()


def confirmed(*ids: str) -> list[dict[str, str]]:
    return [{"id": id_, "state": "confirmed", "detail": "rule 17"} for id_ in ids]


def test_all_that_waits_leaves_in_one_file_and_is_sent_until_its_answer_comes(depot: Depot) -> None:
    ids = depot.ask(3)
    depot.drive()
    assert depot.batches() == [ids]
    assert set(depot.states().values()) == {"sent"}
    more = depot.ask()
    depot.drive()
    assert depot.batches() == [ids, more]
    depot.answered(1, [*confirmed(*ids[:2]), {"id": ids[2], "state": "failed", "detail": "no such vlan"}])
    letters = depot.drive()
    assert list(depot.states().values()) == ["confirmed", "confirmed", "failed", "sent"]
    assert kinds(letters).count(("completed", BOB)) == 2
    assert any(letter.kind == "alert" and "no such vlan" in letter.text for letter in letters)
    assert (depot.kept("Done"), depot.kept("Refused")) == (["a-000001"], [])
    depot.answered(2, confirmed(*more))
    depot.drive()
    assert depot.states()[more[0]] == "confirmed"


def test_no_more_than_the_most_leave_in_one_file(depot: Depot) -> None:
    ids = depot.ask(12)
    depot.drive()
    assert depot.batches() == [ids[:10], ids[10:]]


def test_a_bot_that_dies_meanwhile_makes_nothing_unknown_that_waits_for_an_answer(depot: Depot) -> None:
    ids = depot.ask()
    depot.drive()
    depot.bot.close()
    depot.bot = depot.another_bot()
    depot.drive()
    depot.answered(1, confirmed(*ids))
    depot.drive()
    assert depot.states() == {ids[0]: "confirmed"}


def test_what_has_no_answer_in_time_is_unknown_and_people_are_told(depot: Depot) -> None:
    [id_] = depot.ask()
    depot.drive()
    depot.wait(hours=47)
    depot.drive()
    assert depot.states() == {id_: "sent"}
    depot.wait(hours=2)
    letters = depot.drive()
    assert depot.states() == {id_: "unknown"}
    assert ("alert", ROOT) in kinds(letters)
    depot.answered(1, confirmed(id_))
    depot.drive()
    assert depot.states() == {id_: "unknown"}
    assert depot.kept("Done") == ["a-000001"]


def tampered(depot: Depot, ids: list[str]) -> None:
    path = depot.answered(1, confirmed(*ids))
    path.write_bytes(path.read_bytes()[:-1] + b"x")


REFUSED = {
    "tampered": (tampered, "signature does not hold"),
    "by a stranger": (lambda depot, ids: depot.answered(1, confirmed(*ids), key=STRANGER), "who is not believed"),
    "out of order": (lambda depot, ids: depot.answered(2, confirmed(*ids)), "its number is 2, and 1 is missing"),
    "of another target": (lambda depot, ids: depot.answered(1, confirmed(*ids), target="other"), "answers of other"),
    "our own kind": (lambda depot, ids: depot.answered(1, confirmed(*ids), kind=REQUESTS), "holds the requests of"),
    "to another's key": (
        lambda depot, ids: depot.answered(1, confirmed(*ids), encrypt=[recipient(THEIR_IDENTITY)]), "be decrypted",
    ),
    "an invented id": (
        lambda depot, ids: depot.answered(1, confirmed(*ids, "IP-99/configure/outgoing/1")), "was never told",
    ),
    "twice the same id": (lambda depot, ids: depot.answered(1, confirmed(*ids, *ids)), "each id once"),
    "unknown states": (lambda depot, ids: depot.answered(1, [{"id": ids[0], "state": "unprocessed"}]), "no answers"),
    "no JSON": (lambda depot, _: depot.answered(1, b"\xff"), "no answers"),
    "no list": (lambda depot, _: depot.answered(1, b"[]"), "no answers"),
    "deep": (lambda depot, _: depot.answered(1, b"[" * 100_000), "no answers"),
    "no sealed file": (
        lambda depot, ids: (depot.place / "answers" / "a-000001").write_text(json.dumps(confirmed(*ids))),
        "no sealed file",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", REFUSED)
def test_trap_45_what_is_not_genuine_is_refused_kept_and_told_and_the_true_one_is_taken_after_it(
    depot: Depot, how: str
) -> None:
    ids = depot.ask()
    depot.drive()
    put, why = REFUSED[how]
    put(depot, ids)
    letters = depot.drive()
    assert depot.states() == {ids[0]: "sent"}
    assert len(depot.kept("Refused")) == 1
    told = [letter for letter in letters if "an answer file of outgoing is refused" in letter.subject]
    assert sorted(letter.to for letter in told) == sorted([ROOT, ANA, LI])
    assert why in " ".join(told[0].text.replace("|", " ").split())
    depot.answered(1, confirmed(*ids))
    depot.drive()
    assert depot.states() == {ids[0]: "confirmed"}


def test_trap_45_a_replayed_file_is_refused(depot: Depot) -> None:
    first, second = depot.ask(2)
    depot.drive()
    path = depot.answered(1, confirmed(first))
    raw = path.read_bytes()
    depot.drive()
    depot.answered(2, confirmed(second))
    depot.drive()
    path.write_bytes(raw)
    letters = depot.drive()
    assert depot.kept("Refused") == ["a-000001"]
    assert any("which was taken before: 2 was the last one" in " ".join(letter.text.split()) for letter in letters)


def test_a_file_that_was_taken_and_not_put_away_by_a_bot_that_died_is_put_away(depot: Depot) -> None:
    ids = depot.ask()
    depot.drive()
    path = depot.answered(1, confirmed(*ids))
    raw = path.read_bytes()
    depot.drive()
    path.write_bytes(raw)
    assert depot.drive() == []
    assert (depot.kept("Done"), depot.kept("Refused")) == (["a-000001", "a-000001.1"], [])


def test_a_key_is_changed_for_another_without_a_break(depot: Depot) -> None:
    first, second = depot.ask(2)
    depot.drive()
    depot.answered(1, confirmed(first))
    depot.drive()
    both = f'["{public_signing_key(THEIRS)}", "{public_signing_key(STRANGER)}"]'
    config = depot.place / "config.toml"
    config.write_text(config.read_text().replace(f'["{public_signing_key(THEIRS)}"]', both))
    depot.bot.close()
    depot.bot = depot.another_bot()
    depot.answered(2, confirmed(second), key=STRANGER)
    depot.drive()
    assert set(depot.states().values()) == {"confirmed"}


def test_files_that_are_still_being_written_are_left_alone(depot: Depot) -> None:
    depot.ask()
    depot.drive()
    (depot.place / "answers" / ".a-000001.part").write_bytes(b"mailbot-fi")
    assert depot.drive() == []
    assert depot.kept("Refused") == []


def test_a_share_that_is_not_mounted_brings_no_answers_and_stops_nothing(depot: Depot) -> None:
    (depot.place / "answers").rmdir()
    ids = depot.ask()
    depot.drive()
    assert depot.states() == {ids[0]: "sent"}


def test_the_history_tells_what_came(depot: Depot) -> None:
    ids = depot.ask()
    depot.drive()
    depot.answered(1, confirmed(*ids))
    depot.drive()
    with depot.bot.store.reading() as conn:
        entries = [*views.history(conn, views.HistoryFilter(reference="IP-1"))]
    told = [(entry["action"], entry["detail"]) for entry in entries if "network" in entry["action"]]
    assert told[1:] == [("sent to network", "outgoing"), ("confirmed by network", "outgoing: rule 17")]
    assert depot.broken() == []
    assert depot.rows("network_request")[0].closed == depot.now


def test_a_folder_that_cannot_be_read_keeps_nothing_else_from_leaving(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    first = depot.ask()
    depot.drive()
    depot.answered(1, confirmed(*first))
    more = depot.ask()
    with monkeypatch.context() as patch:
        patch.setattr("mailbot.target.answers.Path.read_bytes", broken)
        depot.drive()
    assert depot.batches() == [first, more]
    depot.drive()
    assert depot.states() == {first[0]: "confirmed", more[0]: "sent"}


def test_a_batch_that_cannot_be_written_is_one_failure(depot: Depot) -> None:
    shutil.rmtree(depot.place / "out")
    depot.ask(4)
    depot.drive()
    assert set(depot.states().values()) == {"failed"}
    with depot.bot.store.reading() as conn:
        assert breaker.breakers(conn)["outgoing"].failures == 1
