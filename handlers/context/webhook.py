"""What came along with a delivery: its files, which the database holds, and what its conversation said before."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.doors.webhook.delivery_store import DeliveryStore, File
from bot.errors import Refused
from bot.events import Event
from bot.parts import Parts
from bot.receipts import Receipts
from handlers.documents.document import Document
from handlers.prompt import Gathered, Turn

MOST_TURNS = 20
"""Earlier questions of a conversation that are sent along, each with its answer."""


class DeliveryReader:
    """Reads what belongs to an event of a hook or a form."""

    def __init__(self, store: DeliveryStore, receipts: Receipts, most_bytes: int) -> None:
        self._store, self._receipts, self._most_bytes = store, receipts, most_bytes

    async def gather(self, event: Event) -> Gathered:
        """The files of the event, and the turns before it. Raises Refused when all that came is a file that is none."""
        files = await asyncio.to_thread(self._store.files, event.id) if event.attachments else []
        documents, notes = list[Document](), list[str]()
        for file in files:
            try:
                documents.append(await self._read(file))
            except Refused as refusal:
                if len(files) == 1 and not event.text.strip():
                    raise
                notes.append(f"{file.name}: {refusal.reason}")
        turns = await asyncio.to_thread(self._turns, event) if event.conversation != event.id else ()
        return Gathered(turns=turns, documents=tuple(documents), notes=tuple(notes), has_read_files=bool(files))

    async def _read(self, file: File) -> Document:
        from handlers.documents import read_document  # most deliveries have none

        if len(file.data) > self._most_bytes:
            raise Refused(f"It is larger than {self._most_bytes / 1_000_000:g} MB (FOLDER_MAX_MB).")
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="bellhop-"))
        try:
            copy = folder / "copy"
            await asyncio.to_thread(copy.write_bytes, file.data)
            return await read_document(copy, file.name)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _turns(self, event: Event) -> tuple[Turn, ...]:
        """Earlier questions of the conversation that were answered, each with its answer, the oldest first."""
        found = list[Turn]()
        for receipt in self._receipts.in_conversation(event.conversation, MOST_TURNS + 1)[::-1]:
            if receipt.id == event.id or receipt.state != "answered":
                continue
            question, answer = self._receipts.event(receipt.id), self._receipts.answer(receipt.id)
            if question is not None and answer is not None and question.time <= event.time:
                is_request = not question.fields
                found += [Turn("", question.text, trusted=is_request), Turn("", answer.text, ours=True)]
        return tuple(found)


def open_reader(parts: Parts) -> Callable[[Event], Awaitable[Gathered]]:
    """The reader of the webhook door."""
    store = DeliveryStore(parts.database)
    return DeliveryReader(store, parts.engine.receipts, parts.settings.folder_max_bytes).gather
