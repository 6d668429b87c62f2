"""A target that is a folder of batches: many network requests in one file, numbered without a gap, and signed."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mailbot.config.targets import Batch, FileTarget
from mailbot.errors import MailbotError
from mailbot.mail.letter import PlainTemplates, Unfit
from mailbot.process.definition import Action
from mailbot.process.request import Drive, NetworkState
from mailbot.target.answers import AnswerFolder
from mailbot.target.base import KNOWN, Answer, CannotDrive, Unsound, cannot, confirmed, failed
from mailbot.target.file import see_folder, sync, write_through
from mailbot.target.seal import REQUESTS, seal


class BatchFileDriver:
    """Confirmed is what stands in a file; where answers come back, only their answer confirms it."""

    mailbox: str | None = None

    def __init__(self, target: FileTarget, batch: Batch, templates: PlainTemplates) -> None:
        self._target = target
        self._batch = batch
        self._templates = templates
        self.batch = batch.most
        self.answers = AnswerFolder(target.name, batch.answers) if batch.answers else None

    def drive(self, request: Drive, since: datetime) -> Answer:  # noqa: ARG002 (as the face has it)
        return self.drive_all([request])[request.id]

    def drive_all(self, requests: Sequence[Drive]) -> Mapping[str, Answer]:
        """What cannot be put into words fails by itself; the others leave together, or not at all."""
        parts: dict[str, str] = {}
        answers: dict[str, Answer] = {}
        for one in requests:
            try:
                parts[one.id] = self._text(one)
            except (CannotDrive, Unfit) as error:
                answers[one.id] = cannot(error)
        if parts:
            answers |= dict.fromkeys(parts, self._left(list(parts.values())))
        return answers

    def check(self) -> str:
        see_folder(self._target.folder)
        if not os.access(self._target.folder, os.W_OK | os.X_OK):
            raise CannotDrive(f"{self._target.folder}: not allowed to write there")
        if self._target.template is not None:
            self._templates.check(self._target.template, KNOWN)
        from mailbot.target.keys import public_signing_key  # noqa: PLC0415 (slow to load)

        try:
            signer = public_signing_key(self._key())
        except Unsound as error:
            raise CannotDrive(str(error)) from None
        back = f", answers in {self.answers.check()}" if self.answers else ""
        return f"batches of up to {self.batch} in {self._target.folder}, signed by {signer}{back}"

    def _text(self, request: Drive) -> str:
        """One network request, as it stands in the batch."""
        if request.action is Action.VERIFY:
            raise CannotDrive("a folder can test nothing: give the step a target that answers, as a command")
        if self._target.template is None:
            return json.dumps(request.body, ensure_ascii=False)
        return self._templates.render(self._target.template, {**request.body, "body": request.body})

    def _content(self, parts: Sequence[str]) -> bytes:
        if self._target.template is None:
            return ('{"requests": [\n' + ",\n".join(parts) + "\n]}\n").encode()
        return "".join(parts).encode()

    def _left(self, parts: Sequence[str]) -> Answer:
        try:
            name = self._put(self._content(parts))
        except (CannotDrive, Unsound) as error:
            return failed(str(error))
        except OSError as error:
            return failed(f"the file cannot be written: {error.strerror}: {error.filename or self._target.folder}")
        told = f"{name}, with {len(parts)} in it"
        return confirmed(told) if self.answers is None else Answer(state=NetworkState.SENT, detail=told)

    # -- numbers -------------------------------------------------------------------------------------------------------

    def _put(self, content: bytes) -> str:
        """The number is counted before the file has its name, and after it lies there whole: however this is killed, no
        number is left out, and none is given twice.
        """
        see_folder(self._target.folder)
        key, encrypt, about = self._key(), self._batch.encrypt, self._target.name
        with self._alone():
            number = self._finished() + 1
            raw = seal(content, target=about, kind=REQUESTS, number=number, encrypt=encrypt, key=key)
            draft = self._draft(number)
            write_through(draft, raw)
            self._count(number)
            draft.rename(self._path(number))
            sync(self._target.folder)
        return self._path(number).name

    def _finished(self) -> int:
        """The last number that was counted. Who was killed just then had it ready: it leaves now."""
        try:
            last = int(self._counter.read_text())
        except FileNotFoundError:
            return max((int(path.stem.rpartition("-")[2]) for path in self._named()), default=0)
        except ValueError:
            raise CannotDrive(f"{self._counter} holds no number: write the last one there that was given out") from None
        if self._draft(last).exists():
            self._draft(last).rename(self._path(last))
        return last

    def _count(self, number: int) -> None:
        draft = self._counter.with_name(f"{self._counter.name}.part")
        write_through(draft, f"{number}\n".encode())
        draft.rename(self._counter)
        sync(self._target.folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other bot counts meanwhile, nor another thread of ours."""
        with self._counter.with_name(f".{self._target.name}.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _named(self) -> list[Path]:
        return [path for path in self._target.folder.glob(f"{self._target.name}-*.batch") if path.stem[-1].isdecimal()]

    @property
    def _counter(self) -> Path:
        return self._target.folder / f".{self._target.name}.number"

    def _path(self, number: int) -> Path:
        return self._target.folder / f"{self._target.name}-{number:06}.batch"

    def _draft(self, number: int) -> Path:
        return self._target.folder / f".{self._path(number).name}.part"

    def _key(self) -> str:
        """Raises CannotDrive."""
        try:
            return self._batch.sign.reveal()
        except MailbotError as error:
            raise CannotDrive(f"{error}: `mailbot targets keys {self._target.name}` makes one") from None
