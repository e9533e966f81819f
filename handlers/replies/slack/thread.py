"""This file is what was said before a question: the thread, who said what, and its files."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from bot.errors import Refused, TryAgain
from bot.events import Answer, Event, SlackThread
from handlers.documents import Document, read_document
from handlers.prompt import Gathered, Turn
from handlers.replies.slack.budget import Priority
from handlers.replies.slack.download import Downloads
from handlers.replies.slack.drawing import METADATA_TYPE
from handlers.replies.slack.outcomes import Done
from handlers.replies.slack.pacer import Pacer
from handlers.replies.slack.wants import Want
from handlers.replies.slack.wording import mentioned, readable

log = structlog.get_logger()

Message = Mapping[str, Any]
READ_WITHIN_S = 8.0
"""A question is answered without its thread rather than late."""
PAGE = 200
PAGES = 10
"""Apps under the stricter limit get 15 messages a call and one call a minute: then the first page is what there is."""
TURNS, CHARS, FILES = 60, 150_000, 10
THREADS_KEPT = 500
NOT_READ = "Earlier messages of this thread could not be read just now."
CUT = "Only the newest messages of this long thread were read."


class ThreadReader:
    """Reads a thread once and keeps it; later questions ask Slack only for what is new."""

    def __init__(
        self,
        pacer: Pacer,
        downloads: Downloads,
        answer_of: Callable[[str], Answer | None],
        allowed: Sequence[str] = (),
    ) -> None:
        self._pacer, self._downloads, self._answer_of = pacer, downloads, answer_of
        self._people = {name for name in allowed if name[0] in "UW"}
        self._threads: OrderedDict[tuple[str, str], dict[str, Message]] = OrderedDict()
        self._names: dict[str, str] = {}

    async def gather(self, event: Event) -> Gathered:
        """What stands before the question, and its files. A first question without files costs no call at all."""
        place = event.reply_to
        if not isinstance(place, SlackThread) or place.thread_ts is None:
            return Gathered()
        quoted = event.fields.get("message", "")
        about = (Turn("the message asked about", quoted),) if quoted else ()
        urls = [attachment.url for attachment in event.attachments if attachment.url]
        names = [attachment.name for attachment in event.attachments if attachment.url]
        if place.thread_ts == place.message_ts:
            documents, notes = await self._documents(names, urls)
            return Gathered(about, tuple(documents), tuple(notes))
        messages, notes = await self._thread(place)
        before = [message for message in messages if float(message["ts"]) < float(place.message_ts or "inf")]
        question = next((message for message in messages if message["ts"] == place.message_ts), None)
        turns, thread_notes = await self._turns(before, place.asker or "")
        if question is not None and not urls:
            names, urls = _files_of(question)
        documents, file_notes = await self._documents(names, urls)
        return Gathered((*turns, *about), tuple(documents), (*notes, *thread_notes, *file_notes))

    async def _thread(self, place: SlackThread) -> tuple[list[Message], list[str]]:
        key = (place.channel, place.thread_ts or "")
        kept = self._threads.setdefault(key, {})
        self._threads.move_to_end(key)
        while len(self._threads) > THREADS_KEPT:
            self._threads.popitem(last=False)
        complete = await self._read_on(place, kept)
        return sorted(kept.values(), key=lambda message: float(message["ts"])), [] if complete else [NOT_READ]

    async def _read_on(self, place: SlackThread, kept: dict[str, Message]) -> bool:
        """Add what is new to `kept`; False when Slack gave not all of it."""
        arguments: dict[str, Any] = {"channel": place.channel, "ts": place.thread_ts, "limit": PAGE}
        arguments |= {"include_all_metadata": True, "oldest": max(kept, key=float, default="0")}
        for _ in range(PAGES):
            want = Want("conversations.replies", f"thread {place.thread_ts}", Priority.FIRST, self._pacer.clock())
            outcome = await self._pacer.send(want, lambda: arguments, READ_WITHIN_S)
            if not isinstance(outcome, Done):
                log.warning("slack thread not read", channel=place.channel, outcome=type(outcome).__name__)
                return False
            kept.update({message["ts"]: message for message in outcome.data.get("messages") or ()})
            cursor = (outcome.data.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return True
            arguments["cursor"] = cursor
        return False

    async def _turns(self, messages: Sequence[Message], asker: str) -> tuple[list[Turn], list[str]]:
        newest: list[Turn] = []
        notes: list[str] = []
        chars = files = 0
        told: set[str] = set()
        for message in reversed(messages):
            chars += len(str(message.get("text") or ""))
            if len(newest) >= TURNS or chars > CHARS:
                notes.append(CUT)
                break
            names, urls = _files_of(message)
            documents, file_notes = await self._documents(names[: FILES - files], urls[: FILES - files])
            files += len(urls)
            notes += file_notes
            turn = await self._turn(message, asker, tuple(documents), told)
            newest += [turn] if turn else []
        return newest[::-1], notes

    async def _turn(self, message: Message, asker: str, documents: tuple[Document, ...], told: set[str]) -> Turn | None:
        mark = message.get("metadata") or {}
        if mark.get("event_type") == METADATA_TYPE:
            event_id = str((mark.get("event_payload") or {}).get("event_id"))
            if event_id in told:
                return None  # a long answer stands in several messages
            told.add(event_id)
            answer = await asyncio.to_thread(self._answer_of, event_id)
            return Turn("", answer.text if answer else str(message.get("text") or ""), ours=True)
        user, text = str(message.get("user") or ""), str(message.get("text") or "")
        names = {person: await self._name(person) for person in {*mentioned(text), user} if person}
        return Turn(self._speaker(message, names), readable(text, names), trusted=user == asker, documents=documents)

    def _speaker(self, message: Message, names: Mapping[str, str]) -> str:
        if message.get("bot_id"):
            return f"{message.get('username') or 'another bot'} (a bot)"
        user = str(message.get("user") or "")
        name = names.get(user, user)
        return f"{name} (not known to be trusted)" if self._people and user not in self._people else name

    async def _name(self, user: str) -> str:
        if user not in self._names:
            want = Want("users.info", f"name {user}", Priority.FIRST, self._pacer.clock())
            outcome = await self._pacer.send(want, lambda: {"user": user}, READ_WITHIN_S)
            if not isinstance(outcome, Done):
                return user
            person = outcome.data.get("user") or {}
            profile = person.get("profile") or {}
            self._names[user] = str(
                profile.get("display_name") or person.get("real_name") or person.get("name") or user
            )
        return self._names[user]

    async def _documents(self, names: Sequence[str], urls: Sequence[str]) -> tuple[list[Document], list[str]]:
        documents, notes = [], []
        for name, url in zip(names, urls, strict=True):
            try:
                path = await asyncio.to_thread(self._downloads.fetch, url)
                documents.append(await read_document(path, name))
            except (Refused, TryAgain) as error:
                notes.append(f"{name}: {error.reason}")
        return documents, notes


def _files_of(message: Message) -> tuple[list[str], list[str]]:
    """Names and addresses of a message's files."""
    files = [file for file in message.get("files") or () if file.get("url_private_download") or file.get("url_private")]
    names = [str(file.get("name") or file.get("title") or "file") for file in files]
    return names, [str(file.get("url_private_download") or file["url_private"]) for file in files]
