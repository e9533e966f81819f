"""The files of a thread as documents: fetched once, read once, no more than a question takes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.doors.slack.calls import CallRequest, Done, Priority, Sender
from bot.errors import Refused, TryAgain
from bot.events import Event
from handlers.context.slack.download import ELSEWHERE, Downloads
from handlers.documents import Document, read_document

LOOKED_UP_WITHIN_S = 3.0
AT_ONCE = 3
KEPT_DOCUMENTS, KEPT_CHARS = 32, 1_000_000
"""Documents kept in memory, and the size up to which one is kept: reading a file costs a process."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message. `url` is "" where Slack tells it only when asked (files of other workspaces)."""

    id: str
    name: str
    url: str
    size_bytes: int | None


@dataclass(slots=True)
class Read:
    """What became of some files: documents, one sentence for each file that is none, and whether one may yet come."""

    documents: list[Document] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    passing: TryAgain | None = None

    @property
    def chars(self) -> int:
        """How much of the question the documents take."""
        return sum(document_chars(document) for document in self.documents)


class Files:
    """Turns files into documents."""

    def __init__(self, pacer: Sender, downloads: Downloads) -> None:
        self._pacer, self._downloads = pacer, downloads
        self._documents: OrderedDict[tuple[str, str], Document] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, files: Sequence[File]) -> Read:
        """All of `files`, in their order."""
        read = Read()
        for file, result in zip(files, await asyncio.gather(*map(self._try, files)), strict=True):
            if isinstance(result, Document):
                read.documents.append(result)
                continue
            read.notes.append(f"{file.name}: {result.reason}")
            read.passing = result if isinstance(result, TryAgain) else read.passing
        return read

    async def _try(self, file: File) -> Document | Refused | TryAgain:
        async with self._turns:
            try:
                return await self._document(file)
            except (Refused, TryAgain) as error:
                return error

    async def _document(self, file: File) -> Document:
        key = (file.url or file.id, file.name)
        if key in self._documents:
            self._documents.move_to_end(key)
            return self._documents[key]
        whole = file if file.url else await self._looked_up(file)
        path = await asyncio.to_thread(self._downloads.fetch, whole.url, whole.size_bytes)
        document = await read_document(path, whole.name)
        if document_chars(document) <= KEPT_CHARS:
            self._documents[key] = document
            while len(self._documents) > KEPT_DOCUMENTS:
                self._documents.popitem(last=False)
        return document

    async def _looked_up(self, file: File) -> File:
        """https://docs.slack.dev/apis/slack-connect#files: such a file must be asked for before it is fetched."""
        request = CallRequest("files.info", f"file {file.id}", Priority.FIRST, self._pacer.clock())
        result = await self._pacer.send(request, lambda: {"file": file.id}, LOOKED_UP_WITHIN_S)
        found = file_of((result.data.get("file") or {}) if isinstance(result, Done) else {})
        if not found.url:
            raise Refused(ELSEWHERE)
        return found


def document_chars(document: Document) -> int:
    """The size of a document's blocks in the request, about."""
    return sum(len(str(block.get("source", block).get("data", ""))) for block in document.blocks)


def files_of(message: Mapping[str, Any]) -> list[File]:
    """The files of a message that are still there."""
    files = [file for file in message.get("files") or () if file.get("mode") not in {"tombstone", "hidden_by_limit"}]
    return [file_of(file) for file in files]


def file_of(file: Mapping[str, Any]) -> File:
    """https://docs.slack.dev/reference/objects/file-object"""
    size = file.get("size")
    return File(
        id=str(file.get("id") or ""),
        name=str(file.get("name") or file.get("title") or "file"),
        url=str(file.get("url_private_download") or file.get("url_private") or ""),
        size_bytes=size if isinstance(size, int) else None,
    )


def files_of_event(event: Event) -> list[File]:
    """The files that came with the question itself."""
    return [File("", one.name, one.url or "", one.size_bytes) for one in event.attachments if one.path is None]
