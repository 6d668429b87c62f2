"""`mailbot init`: a folder to begin with."""

import os
import secrets
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from mailbot.cli.output import printable
from mailbot.delivered import asset

WORDS_ABOUT_TEMPLATES = """\
# The letters' words

All letters are written from mailbot's own templates, and this folder is empty, so that an upgrade brings better
words without your doing anything. Of each file, the one that stands here comes first: to change a letter, copy that
one file and edit the copy. For the first line of the acknowledgement:

    mkdir -p templates/mail/acknowledged
    cp {originals}/mail/acknowledged/body.txt templates/mail/acknowledged/
    cp {originals}/mail/acknowledged/body.html templates/mail/acknowledged/

Every letter has a subject.txt, a body.txt and a body.html. Files that begin with "_" are shared by all of them: the
lay-out is _layout.html, the closing words are in _words.txt. `mailbot check` writes every letter once, without
sending it, and tells where a template holds a name that is not there.

What mailbot says in a sentence (why something was refused, what is wrong with a field, which day) stands in words.toml:
write the phrases that you want otherwise into templates/words.toml, by their names. For one of them:

    [ending]
    on_hold = "paused"

Another language is one folder, templates/de/ with words.toml, mail/ and web/ of its own, and language = "de" in
config.toml; what is not there yet is said in English. docs/language.md shows how to begin.

What targets are told in words of your own stands in templates/target/, one NAME.txt each (docs/targets.md).

The originals: {originals}/mail, {originals}/words.toml
Kinds of letters: {kinds}
"""


def _examples() -> Path:
    return asset("rules") / "examples"


def examples() -> list[str]:
    """Names of the trade processes that can be looked at (docs/examples.md)."""
    return sorted(path.parent.name for path in _examples().glob("*/config.toml"))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]")
@click.option("--example", type=click.Choice(examples()), help="A trade process to look at, instead of the usual ones.")
def init(folder: Path, example: str | None) -> None:
    """Write config.toml, rule files, templates/, a signing key and the embedded mailbox into DIR.

    What is there already is left as it is.
    """
    written: list[tuple[str, str]] = []
    kept: list[str] = []
    for name, about, is_new in parts_written(folder, example):
        if is_new:
            written.append((name, about))
        else:
            kept.append(name)
    _report(folder, written, kept)


def parts_written(folder: Path, example: str | None = None) -> Iterator[tuple[str, str, bool]]:
    """(name, what it is, whether it was written now) of everything that a bot needs."""
    folder.mkdir(parents=True, exist_ok=True)
    source = _examples() / example if example else None
    config = (source / "config.toml") if source else asset("config.toml")
    yield "config.toml", "the configuration; it works as it is", _copy(config, folder / "config.toml")
    rules = source / "rules" if source else asset("rules")
    for rule in sorted(rules.glob("*.toml"), key=lambda path: (path.name[0] != "_", path.name)):
        about = "what the rule files share" if rule.name.startswith("_") else "a trade process"
        yield f"rules/{rule.name}", about, _copy(rule, folder / "rules" / rule.name)
    yield from _targets(source, folder) if source else ()
    yield "templates/README.md", "how to change the words of letters", _templates(folder / "templates")
    for box, about in (("mail", "the embedded mailbox: requests come in"), ("sent", "and letters leave")):
        yield f"var/{box}/", about, _maildir(folder / "var" / box)
    yield "var/secret", "the signing key: keep it, and keep it to yourself", _key(folder / "var" / "secret")


def _targets(source: Path, folder: Path) -> Iterator[tuple[str, str, bool]]:
    """What the targets of an example are told with, and the folders that they collect from."""
    kinds = {"targets": "a program that stands for a target", "templates": "what a target is told, in words"}
    for kind, about in kinds.items():
        for path in sorted(path for path in (source / kind).rglob("*") if path.is_file()):
            name = path.relative_to(source)
            yield str(name), about, _copy(path, folder / name)
    for target in tomllib.loads((source / "config.toml").read_text(encoding="utf-8")).get("targets", {}).values():
        if outgoing := target.get("folder"):
            is_new = not (folder / outgoing).exists()
            (folder / outgoing).mkdir(mode=0o700, parents=True, exist_ok=True)
            yield f"{outgoing}/", "a target's: a file for each thing that it is told", is_new


def _copy(source: Path, to: Path) -> bool:
    if to.exists():
        return False
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)
    return True


def _templates(folder: Path) -> bool:
    """No copies of the templates: they would keep an upgrade's better words from everybody (and hide its new names)."""
    about = folder / "README.md"
    if about.exists():
        return False
    (folder / "mail").mkdir(parents=True, exist_ok=True)
    originals = asset("templates")
    names = (path.name for path in (originals / "mail").iterdir() if path.is_dir())
    kinds = ", ".join(sorted(name for name in names if not name.startswith("_")))
    about.write_text(WORDS_ABOUT_TEMPLATES.format(originals=originals, kinds=kinds), encoding="utf-8")
    return True


def _maildir(folder: Path) -> bool:
    is_new = not folder.exists()
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    return is_new


def _key(path: Path) -> bool:
    """Exclusive, and never readable by others: not even for a moment."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 (a descriptor)
        file.write(secrets.token_urlsafe(32) + "\n")
    return True


def _report(folder: Path, written: list[tuple[str, str]], kept: list[str]) -> None:
    if written:
        click.echo(f"Written into {printable(str(folder.resolve()))}:")
    width = max((len(name) for name, _ in written), default=0)
    for name, about in written:
        click.echo(f"  {name:<{width}}  {about}")
    if kept:
        click.echo(f"Left as it was: {', '.join(kept)}")
    here = folder.resolve() == Path.cwd()
    click.echo(f"\nNext: {'' if here else f'cd {printable(str(folder))} && '}mailbot check")
