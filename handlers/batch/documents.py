"""The documents of a folder: found, read to see whether they can be, and made into events."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.door import Profile
from bot.doors.folder.filenames import readable, to_text
from bot.doors.folder.ignored import IgnoreTable
from bot.doors.folder.reasons import too_big_words
from bot.errors import BellhopError
from bot.events import Attachment, Event, FilePath
from bot.rules.rule import Rule
from bot.settings import Settings
from handlers.batch import SOURCE
from handlers.claude.forecast import Forecast, forecast
from handlers.prompt import Gathered, build_ask

AT_ONCE = 2
"""Documents are read in processes of their own; more of them at once only wait for each other."""
LATEST_S = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of a folder: `rule` with `overrides` in force, which every event carries along."""

    root: str
    rule: Rule
    overrides: Mapping[str, Any]
    profile: Profile


@dataclass(frozen=True, slots=True)
class Found:
    """One document. `fault` says why it cannot be read, "" when it can; then `call` is what asking about it takes."""

    name: str
    size_bytes: int
    event: Event
    kind: str = ""
    fault: str = ""
    call: Forecast | None = None


def names_below(root: str, ignored: IgnoreTable) -> list[str]:
    """The regular files below a folder, by relative name, without answers, links and what other programs leave."""
    found: list[str] = []
    for folder, folders, files in os.walk(root):
        prefix = os.path.relpath(folder, root).replace(os.sep, "/") + "/"
        prefix = "" if prefix == "./" else prefix
        folders[:] = sorted(one for one in folders if not ignored.folder(prefix + one) and not _is_link(folder, one))
        found += [prefix + one for one in files if not ignored.file(prefix + one) and not _is_link(folder, one)]
    return sorted(found)


async def read_all(job: Job, names: list[str], settings: Settings) -> AsyncIterator[Found]:
    """Every document, as it was read, in any order."""
    places = asyncio.Semaphore(AT_ONCE)

    async def read(name: str) -> Found:
        async with places:
            return await _read(job, name, settings)

    for reading in asyncio.as_completed([read(name) for name in names]):
        yield await reading


async def _read(job: Job, name: str, settings: Settings) -> Found:
    from handlers.documents import read_document

    path = Path(job.root, name)
    try:
        event, size_bytes = await asyncio.to_thread(event_of, job, name)
    except OSError as error:
        when = datetime.fromtimestamp(0, UTC)
        return Found(name, 0, _event(job, name, "", 0, when), fault=f"It cannot be opened ({error.strerror}).")
    if size_bytes > settings.folder_max_bytes:
        return Found(name, size_bytes, event, fault=too_big_words(size_bytes, settings.folder_max_bytes))
    try:
        document = await read_document(path, readable(path.name))
    except BellhopError as error:
        return Found(name, size_bytes, event, fault=error.reason)
    ask = build_ask(event, job.rule, job.profile, settings, Gathered(documents=(document,)))
    return Found(name, size_bytes, event, document.kind, call=forecast(ask))


def event_of(job: Job, name: str) -> tuple[Event, int]:
    """The event of one document, and its size. Its id tells place, content and question apart. Raises OSError."""
    path = Path(job.root, name)
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
        status = os.fstat(file.fileno())
    when = datetime.fromtimestamp(min(max(status.st_mtime, 0), LATEST_S), UTC)
    return _event(job, name, content, status.st_mtime_ns, when), status.st_size


def question_of(job: Job) -> str:
    """What the ids of all events end in that ask the same."""
    return hashlib.sha256(json.dumps(dict(job.overrides), sort_keys=True).encode()).hexdigest()[:8]


def _event(job: Job, name: str, content: str, mtime_ns: int, when: datetime) -> Event:
    place = hashlib.sha256(f"{to_text(job.root)}\0{to_text(name)}".encode()).hexdigest()[:16]
    last = readable(name.rpartition("/")[2])
    return Event(
        id=f"batch:{place}:{max(mtime_ns, 0):020d}:{content[:16]}{question_of(job)}",
        source=SOURCE,
        rule=job.rule.name,
        text="",
        subject=readable(name),
        time=when,
        conversation=f"batch:{place}",
        reply_to=FilePath(root=to_text(job.root), name=to_text(name)),
        attachments=(Attachment(last, path=to_text(str(Path(job.root, name)))),),
        fields={"filename": last, "folder": readable(name.rpartition("/")[0])},
        overrides=dict(job.overrides),
    )


def _is_link(folder: str, name: str) -> bool:
    return Path(folder, name).is_symlink()
