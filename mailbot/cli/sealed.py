"""`mailbot targets keys|read|expect`: keys of targets, and the files that travel to and from them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from mailbot.activation import turn_of
from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import print_line
from mailbot.config.secret import SecretRef, Source
from mailbot.config.targets import AnyTarget, Batch, FileTarget, WebhookTarget
from mailbot.errors import NotFound, NotPossible, near_miss
from mailbot.store import Transaction
from mailbot.target import Turn
from mailbot.wire import new_secret, secret_key


def target_of(bot: Bot, name: str) -> AnyTarget:
    """Raises NotFound."""
    target = bot.config.targets.get(name)
    if target is None:
        near = near_miss(name, bot.config.targets)
        hint = f" (did you mean {near!r}?)" if near else ""
        raise NotFound(f"there is no [targets.{name}] in the configuration{hint}")
    return target


@click.command()
@click.argument("name")
def keys(name: str) -> None:
    """What the other side must know of a target's keys. A key whose file is not there yet is made; none is replaced."""
    with setting.bot() as bot:
        target = target_of(bot, name)
    match target:
        case WebhookTarget():
            rows = [row for secret in target.secrets for row in _shared(secret)]
        case FileTarget(batch=Batch() as batch):
            rows = [*_own(batch)]
        case _:
            raise NotPossible(f"{name} has no keys that mailbot makes: a webhook has, and a file with a batch")
    for row in rows:
        print_line(row)


def _shared(secret: SecretRef) -> Iterator[str]:
    """Both sides hold it: it is shown once, when it is made."""
    made = _made(secret, new_secret)
    try:
        secret_key(secret.reveal())
    except ValueError as error:
        raise NotPossible(f"{secret}: {error}") from None
    yield f"{secret}: {secret.reveal() if made else 'is there already, and is not shown'}"


def _own(batch: Batch) -> Iterator[str]:
    """The halves that others may know."""
    from mailbot.target.keys import (  # noqa: PLC0415 (slow to load)
        new_identity,
        new_signing_key,
        public_signing_key,
        recipient,
    )

    _made(batch.sign, new_signing_key)
    yield f"we sign as {public_signing_key(batch.sign.reveal())}"
    if batch.answers is not None and batch.answers.decrypt is not None:
        _made(batch.answers.decrypt, new_identity)
        yield f"encrypt answers to {recipient(batch.answers.decrypt.reveal())}"


def _made(secret: SecretRef, new: Callable[[], str]) -> bool:
    """Whether it was not there; what is not a file is the operator's to make."""
    if secret.source is not Source.FILE or Path(secret.name).exists():
        return False
    secret.store(new())
    return True


@click.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--identity", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="To decrypt with, of age."
)
def read(name: str, file: Path, identity: Path | None) -> None:
    """The content of a batch of ours or an answer file: its signature is checked, then it is decrypted and shown."""
    from mailbot.target.keys import public_signing_key  # noqa: PLC0415
    from mailbot.target.seal import unsealed  # noqa: PLC0415

    with setting.bot() as bot:
        batch = _batch_of(bot, name)
    believed = [public_signing_key(batch.sign.reveal()), *(batch.answers.signed_by if batch.answers else ())]
    own = batch.answers.decrypt if batch.answers else None
    key = identity.read_text() if identity else own.reveal() if own else None
    click.echo(unsealed(file.read_bytes(), signed_by=believed).content(key), nl=False)


@click.command()
@click.argument("name")
@click.argument("number", type=click.IntRange(min=1))
def expect(name: str, number: int) -> None:
    """The number of the next answer file, where one was lost for good or the other side counts anew."""

    def change(tx: Transaction) -> int:
        before = Turn.parse(tx.fact(turn_of(name))).number
        tx.set_fact(turn_of(name), str(Turn(number=number - 1)))
        setting.house_note(tx, bot, "answer files", f"{name}: {number} is next, not {before + 1}")
        return before + 1

    with setting.bot() as bot:
        if _batch_of(bot, name).answers is None:
            raise NotPossible(f"{name} has no answer files")
        before = setting.committed(bot, change)
    print_line(f"{name}: {number} is the next answer file's number; it was {before}.")


def _batch_of(bot: Bot, name: str) -> Batch:
    match target_of(bot, name):
        case FileTarget(batch=Batch() as batch):
            return batch
    raise NotPossible(f"{name} is told by no sealed files")
