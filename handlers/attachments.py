"""An event's files as documents: what is read, what is left out with a note, and what refuses the whole event."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.errors import Refused, TryAgain
from bot.events import Attachment, Event
from handlers.documents.document import Document
from handlers.prompt import Gathered


async def read_attachments(event: Event, gathered: Gathered) -> tuple[list[Document], list[str]]:
    """The event's files as documents, and notes for the reader. Raises Refused when the only file cannot be read."""
    documents: list[Document] = []
    notes = list(gathered.notes)
    for attachment in () if gathered.has_read_files else event.attachments:
        try:
            document = await _read(attachment, gathered)
        except Refused as refusal:
            if len(event.attachments) == 1 and not event.text.strip():
                raise
            notes.append(f"{attachment.name}: {refusal.reason}")
            continue
        if document is not None:
            documents.append(document)
    everything = (*documents, *gathered.documents)
    if event.attachments and not everything and not event.text.strip() and not gathered.has_read_files:
        raise Refused(" ".join(notes))
    return documents, notes + [f"{document.name}: {note}" for document in everything for note in document.notes]


async def _read(attachment: Attachment, gathered: Gathered) -> Document | None:
    if attachment.path is None or attachment.sha256 is None:
        # Only a private copy, known by its hash, is opened as it stands: elsewhere a link may have taken its place.
        if gathered.documents or gathered.notes:
            return None  # the source's own reader fetched it, or said why not
        raise Refused("The file could not be fetched.")
    # Imported here: the readers of office files are not needed by chats.
    from handlers.documents import read_document

    path = Path(attachment.path)
    if not await asyncio.to_thread(path.is_file):
        raise TryAgain(f"The copy of {attachment.name} is not there just now. Drop the file again if this stays.")
    return await read_document(path, attachment.name)
