"""The files of a thread as documents: fetched once, read once, no more than a question takes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.doors.slack.calls import CallRequest, Done, Priority, Sender
from bot.errors import Refused, TryAgain
from handlers.context.slack.download import ELSEWHERE, Downloads
from handlers.context.slack.message_text import CLIPS, transcript_of
from handlers.context.slack.recordings import Recording, recording_of, transcript_from_vtt
from handlers.documents import Document, read_document
from handlers.documents.document import text_block

LOOKED_UP_WITHIN_S = 3.0
HEARD_AFTER_S = (0.0, 1.0, 2.0, 3.0)
"""Slack writes down what it hears within seconds: a recording that is fresh is looked up again after so long."""
AT_ONCE = 3
KEPT_DOCUMENTS, KEPT_CHARS = 32, 1_000_000
"""Documents kept in memory, and the size up to which one is kept: reading a file costs a process."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message. `url` is "" where Slack tells it only when asked (files of other workspaces).

    `is_page`: Slack serves it as a web page of its own making (a canvas, a mail), of any size.
    """

    id: str
    name: str
    url: str
    size_bytes: int | None
    is_page: bool = False
    recording: Recording | None = None


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
        document = await (self._heard(whole, whole.recording) if whole.recording else self._fetched(whole))
        if document_chars(document) <= KEPT_CHARS:
            self._documents[key] = document
            while len(self._documents) > KEPT_DOCUMENTS:
                self._documents.popitem(last=False)
        return document

    async def _fetched(self, file: File) -> Document:
        path = await asyncio.to_thread(self._downloads.fetch, file.url, file.size_bytes, is_page=file.is_page)
        return await read_document(path, file.name)

    async def _heard(self, file: File, recording: Recording) -> Document:
        """What Slack wrote down of a recording; nothing here listens."""
        for pause_s in HEARD_AFTER_S if recording.is_underway and file.id else ():
            await asyncio.sleep(pause_s)
            recording = (await self._looked_up(file)).recording or recording
            if not recording.is_underway:
                break
        text = recording.heard
        if recording.goes_on and recording.vtt:
            path = await asyncio.to_thread(self._downloads.fetch, recording.vtt)
            text = transcript_from_vtt(await asyncio.to_thread(path.read_bytes)) or text
        if not text:
            raise Refused(recording.why_unheard)
        notes = (
            ("Slack gave only the beginning of its transcript.",)
            if text == recording.heard and recording.goes_on
            else ()
        )
        name = f"{file.name} (transcript by Slack)"
        return Document(name, "transcript", (text_block(text, name),), notes, len(text))

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
    """The files of a message that are still there and do not say all they have to say as its words."""
    files = [file for file in message.get("files") or () if file.get("mode") not in {"tombstone", "hidden_by_limit"}]
    return [file_of(file) for file in files if not (file.get("subtype") in CLIPS and transcript_of(file)[1])]


def file_of(file: Mapping[str, Any]) -> File:
    """https://docs.slack.dev/reference/objects/file-object"""
    size = file.get("size")
    return File(
        id=str(file.get("id") or ""),
        name=str(file.get("name") or file.get("title") or "file"),
        url=str(file.get("url_private_download") or file.get("url_private") or ""),
        size_bytes=size if isinstance(size, int) else None,
        is_page=is_page(file),
        recording=recording_of(file),
    )


PAGES = {"quip", "canvas", "space", "list", "email", "html"}
"""The `filetype` or `mode` of what Slack keeps itself and serves as a page: canvases, posts, mails."""
PAGE_TYPES = ("text/html", "application/vnd.slack-docs", "message/rfc822")


def is_page(file: Mapping[str, Any]) -> bool:
    """Whether a web page is what this file should be."""
    kinds = {str(file.get(name) or "").lower() for name in ("filetype", "mode")}
    name = str(file.get("name") or "").lower()
    return bool(kinds & PAGES) or str(file.get("mimetype")).startswith(PAGE_TYPES) or name.endswith((".html", ".htm"))
