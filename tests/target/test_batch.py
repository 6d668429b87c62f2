"""S3.9, S3.10: batches of network requests in numbered, encrypted, signed files; and what came back is what left."""

import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target.conftest import BATCH, BODY, SINCE, Partner, Target, configured, request

from mailbot.process.definition import Action
from mailbot.process.request import Drive, NetworkState
from mailbot.target import BatchFileDriver, CannotDrive, Unsound
from mailbot.target.keys import new_identity, new_signing_key, public_signing_key, recipient
from mailbot.target.seal import REQUESTS, seal, unsealed

pytestmark = pytest.mark.timeout(60)

KEY, OTHER_KEY = new_signing_key(), new_signing_key()
IDENTITY, OTHER_IDENTITY = new_identity(), new_identity()
OURS = [public_signing_key(KEY)]


def driver(target: Target) -> BatchFileDriver:
    found = target.driver
    assert isinstance(found, BatchFileDriver)
    return found


def several(count: int, first: int = 1) -> list[Drive]:
    return [request(id=f"IP-{number}/configure/router/1") for number in range(first, first + count)]


def files(target: Target) -> list[str]:
    return sorted(path.name for path in (target.home / "out").glob("*.batch"))


def test_s3_10_what_left_in_a_batch_comes_out_of_it_the_same_and_in_its_order(batch: Target, partner: Partner) -> None:
    answers = driver(batch).drive_all(several(3))
    assert {one.state for one in answers.values()} == {NetworkState.CONFIRMED}
    assert {one.detail for one in answers.values()} == {"it-000001.batch, with 3 in it"}
    [path] = (batch.home / "out").glob("*.batch")
    assert partner.read(path) == [one.body for one in several(3)]


def test_nobody_else_reads_it(batch: Target, partner: Partner) -> None:
    driver(batch).drive_all(several(1))
    [path] = (batch.home / "out").glob("*.batch")
    assert b"IP-1" not in path.read_bytes()
    sealed = unsealed(path.read_bytes(), signed_by=[public_signing_key(partner.home.joinpath("sign.pem").read_text())])
    for identity in (None, OTHER_IDENTITY):
        with pytest.raises(Unsound, match="decrypt"):
            sealed.content(identity)


def test_without_recipients_it_is_signed_and_can_be_read(batch: Target) -> None:
    configured(batch.home, BATCH.format(theirs="").replace('encrypt = [""]', ""))
    driver(batch).drive_all(several(2))
    [path] = (batch.home / "out").glob("*.batch")
    head, _, content = path.read_bytes().partition(b"\n\n")
    assert b"number: 1\nencryption: none\n" in head
    assert [one["id"] for one in json.loads(content)["requests"]] == [one.id for one in several(2)]


def test_files_are_numbered_without_a_gap_also_when_they_are_collected(batch: Target) -> None:
    for number in range(1, 4):
        driver(batch).drive_all(several(2, number))
        if number == 2:
            for path in (batch.home / "out").glob("*.batch"):
                path.unlink()
    assert files(batch) == ["it-000003.batch"]


def test_without_its_counter_it_goes_on_behind_the_files_that_are_there(batch: Target) -> None:
    driver(batch).drive_all(several(1))
    (batch.home / "out" / ".it.number").unlink()
    driver(batch).drive_all(several(1, 2))
    assert files(batch) == ["it-000001.batch", "it-000002.batch"]


@pytest.mark.parametrize("renames", [0, 1])
def test_killed_at_any_moment_no_number_is_left_out_and_none_is_given_twice(
    batch: Target, partner: Partner, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    left = iter([True] * renames)
    rename = Path.rename

    def killed(self: Path, to: Path) -> Path:
        if next(left, False):
            return rename(self, to)
        raise KeyboardInterrupt

    driver(batch).drive_all(several(1))
    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        driver(batch).drive_all(several(1, 2))
    monkeypatch.undo()
    driver(batch).drive_all(several(1, 3))
    found = sorted((batch.home / "out").glob("*.batch"))
    assert [path.name for path in found] == [f"it-00000{n}.batch" for n in range(1, 3 + renames)]
    told = [one["id"] for path in found for one in partner.read(path)]
    assert told == [f"IP-{n}/configure/router/1" for n in ([1, 2, 3] if renames else [1, 3])]


def test_two_at_once_have_numbers_of_their_own(batch: Target) -> None:
    bots = [threading.Thread(target=driver(batch).drive_all, args=(several(1, n),)) for n in range(1, 7)]
    for bot in bots:
        bot.start()
    for bot in bots:
        bot.join()
    assert files(batch) == [f"it-00000{n}.batch" for n in range(1, 7)]
    assert len(set(batch.told())) == 6


def test_one_that_cannot_be_put_into_words_fails_by_itself(batch: Target) -> None:
    configured(batch.home, BATCH.format(theirs=recipient(IDENTITY)).replace('"out"', '"out"\ntemplate = "row"'))
    folder = batch.home / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("row.txt").write_text("{{ id }};{{ form.customer }}\n")
    good, evil = request(form={"customer": "Acme"}), request(id="IP-2/x/y/1", form={"customer": "A\nIP-9;evil"})
    answers = driver(batch).drive_all([good, evil, request(Action.VERIFY, id="IP-3/x/y/1")])
    assert [one.state.value for one in answers.values()] == ["failed", "failed", "confirmed"]
    [path] = (batch.home / "out").glob("*.batch")
    sealed = unsealed(path.read_bytes(), signed_by=[public_signing_key(batch.home.joinpath("sign.pem").read_text())])
    assert sealed.content(IDENTITY) == b"IP-42/configure/router/1;Acme\n"


@pytest.mark.parametrize("key", ["", "no key", IDENTITY], ids=["empty", "words", "of another kind"])
def test_a_key_that_is_none_fails_in_words_and_writes_nothing(batch: Target, key: str) -> None:
    batch.home.joinpath("sign.pem").write_text(key)
    answer = batch.driver.drive(request(), SINCE)
    assert answer.state is NetworkState.FAILED
    assert files(batch) == []
    with pytest.raises(CannotDrive):
        batch.driver.check()


def test_drafts_are_nobody_elses_to_read(batch: Target) -> None:
    driver(batch).drive_all(several(1))
    hidden = [path for path in (batch.home / "out").iterdir() if path.name.startswith(".")]
    assert {path.name for path in hidden} == {".it.number", ".it.lock"}
    assert all(stat.S_ISREG(path.stat().st_mode) for path in hidden)


# -- the seal ----------------------------------------------------------------------------------------------------------


def sealed(content: bytes = b"content", number: int = 7, key: str = KEY, *, encrypted: bool = True) -> bytes:
    encrypt = [recipient(IDENTITY)] if encrypted else []
    return seal(content, target="it", kind=REQUESTS, number=number, encrypt=encrypt, key=key)


@given(st.binary(max_size=300), st.integers(1, 10**15 - 1), st.booleans())
def test_what_is_sealed_comes_out_the_same(content: bytes, number: int, encrypted: bool) -> None:  # noqa: FBT001
    found = unsealed(sealed(content, number, encrypted=encrypted), signed_by=OURS)
    assert (found.number, found.target, found.kind) == (number, "it", REQUESTS)
    assert found.content(IDENTITY) == content


GENUINE = sealed(json.dumps(BODY).encode())


@given(st.integers(0, len(GENUINE) - 1), st.integers(1, 255))
def test_trap_45_a_file_with_any_byte_changed_is_refused(at: int, by: int) -> None:
    changed = bytearray(GENUINE)
    changed[at] ^= by
    with pytest.raises(Unsound):
        unsealed(bytes(changed), signed_by=OURS)


@given(st.integers(0, len(GENUINE) - 1))
def test_trap_45_so_is_one_that_was_cut_or_lengthened(at: int) -> None:
    for changed in (GENUINE[:at], GENUINE + GENUINE[at:]):
        with pytest.raises(Unsound):
            unsealed(changed, signed_by=OURS)


def test_trap_45_encryption_does_not_say_who_wrote() -> None:
    with pytest.raises(Unsound, match="who is not believed"):
        unsealed(sealed(key=OTHER_KEY), signed_by=OURS)
    forged = sealed(key=OTHER_KEY).replace(public_signing_key(OTHER_KEY).encode(), OURS[0].encode())
    with pytest.raises(Unsound, match="does not hold"):
        unsealed(forged, signed_by=OURS)


def test_while_a_key_is_changed_for_another_both_are_believed() -> None:
    both = [*OURS, public_signing_key(OTHER_KEY)]
    assert {unsealed(sealed(key=key), signed_by=both).number for key in (KEY, OTHER_KEY)} == {7}


def test_a_file_of_identities_decrypts_with_any_of_them_and_tells_its_last() -> None:
    both = f"# created: 2026-11-23\n{IDENTITY}\n\n{OTHER_IDENTITY}\n"
    assert unsealed(sealed(b"x"), signed_by=OURS).content(both) == b"x"
    assert recipient(both) == recipient(OTHER_IDENTITY)
