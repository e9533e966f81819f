"""What was said before a question: the thread, who said what, and its files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.doors.slack.calls import Sender
from bot.doors.slack.wire import METADATA_TYPE
from bot.events import Answer, Event, SlackThread
from handlers.context.slack.download import Downloads
from handlers.context.slack.files import File, Files, files_of, files_of_event
from handlers.context.slack.markup import answer_of_blocks, mentioned, named, readable, words_of
from handlers.context.slack.names import Names, Own
from handlers.context.slack.transcript import Message, Transcripts
from handlers.prompt import EARLIER, Gathered, Turn

TURNS, CHARS, FILES = 60, 150_000, 10
FILE_CHARS = 16_000_000
"""Of the 32 MB that Claude takes in one request, files of earlier messages get half."""
NOT_READ = "Earlier messages of this thread could not be read just now."
CUT = "Only the newest messages of this long thread were read."
TOO_MANY = f"Only the newest files of this thread were read ({FILES} at most)."


@dataclass(frozen=True, slots=True)
class Said:
    """One turn before its names are known: a message, or all messages of one answer of ours with its exact text."""

    message: Message
    text: str
    ours: bool = False


class ThreadReader:
    """Reads a thread once and keeps it; later questions ask Slack only for what is new or may have changed."""

    def __init__(
        self,
        pacer: Sender,
        downloads: Downloads,
        answer_of: Callable[[str], Answer | None],
        allowed: Sequence[str] = (),
    ) -> None:
        self._transcripts, self._names, self._files = Transcripts(pacer), Names(pacer), Files(pacer, downloads)
        self._answer_of = answer_of
        self._people = {name for name in allowed if name[0] in "UW"}

    async def gather(self, event: Event) -> Gathered:
        """What stands before the question, its files, and the names in it. A plain first question costs no call.

        Raises TryAgain when a file of the question itself cannot be had just now.
        """
        place = event.reply_to
        text = await self._named(event.text)
        if not isinstance(place, SlackThread) or place.thread_ts is None:
            return Gathered(text=text)
        files = files_of_event(event)
        lacks_files = any(not file.url for file in files)
        messages: list[Message] = []
        complete = True
        if place.thread_ts != place.message_ts or lacks_files:
            messages, complete = await self._transcripts.read(place.channel, place.thread_ts)
        asked = next((message for message in messages if message["ts"] == place.message_ts), None)
        if asked is not None and (lacks_files or not files):
            files = files_of(asked)
        own_files = await self._files.read(files)
        if own_files.passing:
            raise own_files.passing
        before = [message for message in messages if float(message["ts"]) < float(place.message_ts or "inf")]
        turns, notes = await self._turns(before, place, complete=complete, files_left=FILES - len(files))
        quoted = await self._quoted(event.fields.get("message", ""))
        return Gathered((*turns, *quoted), tuple(own_files.documents), (*notes, *own_files.notes), text)

    async def _named(self, text: str) -> str | None:
        people = mentioned(text)
        return named(text, await self._names.of(people)) if people else None

    async def _quoted(self, text: str) -> tuple[Turn, ...]:
        if not text:
            return ()
        return (Turn("the message asked about", readable(text, await self._names.of(mentioned(text)))),)

    async def _turns(
        self, messages: Sequence[Message], place: SlackThread, *, complete: bool, files_left: int
    ) -> tuple[list[Turn], list[str]]:
        own = await self._names.own() if any(message.get("bot_id") for message in messages) else Own()
        said = await asyncio.to_thread(said_in, messages, own, self._answer_of)
        shown = newest(said)
        notes = [] if complete else [NOT_READ]
        notes += [CUT] if len(shown) < len(said) else []
        documents, file_notes = await self._documents(shown, files_left)
        names = await self._names.of(people_in(shown, place.asker or ""))
        turns = [self._turn(one, names, place, documents.get(one.message["ts"], ())) for one in shown]
        if notes:
            turns.insert(0, Turn("", EARLIER, trusted=True))
        return turns, notes + file_notes

    def _turn(self, said: Said, names: Mapping[str, str], place: SlackThread, documents: Sequence[Any]) -> Turn:
        if said.ours:
            return Turn("", said.text, ours=True)
        user = str(said.message.get("user") or "")
        is_asker = bool(place.asker) and user == place.asker and not said.message.get("bot_id")
        speaker = self._speaker(said.message, names, place.team)
        return Turn(speaker, readable(said.text, names), trusted=is_asker, documents=tuple(documents))

    def _speaker(self, message: Message, names: Mapping[str, str], team: str) -> str:
        if message.get("bot_id"):
            profile = message.get("bot_profile") or {}
            return f"{message.get('username') or profile.get('name') or 'another bot'} (a bot)"
        user = str(message.get("user") or "")
        name = names.get(user, user)
        home = message.get("user_team") or message.get("team") or team
        unknown = (self._people and user not in self._people) or home != team
        return f"{name} (not known to be trusted)" if unknown else name

    async def _documents(self, said: Sequence[Said], files_left: int) -> tuple[dict[str, list[Any]], list[str]]:
        """Documents by the ts of their message, newest messages first, as many as a question takes."""
        found: dict[str, list[Any]] = {}
        notes: list[str] = []
        chars = 0
        for one in reversed(said):
            files: list[File] = [] if one.ours else files_of(one.message)
            if not files:
                continue
            if files_left <= 0 or chars > FILE_CHARS:
                return found, [*notes, TOO_MANY]
            read = await self._files.read(files[:files_left])
            if chars + read.chars > FILE_CHARS or len(files) > files_left:
                notes.append(TOO_MANY)
            if chars + read.chars <= FILE_CHARS:
                found[one.message["ts"]] = read.documents
            chars, files_left = chars + read.chars, files_left - len(files)
            notes += read.notes
        return found, list(dict.fromkeys(notes))


def said_in(messages: Sequence[Message], own: Own, answer_of: Callable[[str], Answer | None]) -> list[Said]:
    """The turns of a thread, oldest first. An answer of ours is one turn, however many messages it takes."""
    parts: dict[str, list[Message]] = {}
    said: list[Said] = []
    for message in messages:
        if not own.wrote(message):
            if words_of(message) or message.get("files"):
                said.append(Said(message, words_of(message)))
            continue
        event_id = _event_id(message)
        if event_id in parts:
            parts[event_id].append(message)
        else:
            parts[event_id or message["ts"]] = [message]
            said.append(Said(message, event_id, ours=True))
    exact = [Said(one.message, _answer(one, parts, answer_of), ours=True) if one.ours else one for one in said]
    return [one for one in exact if one.text.strip() or not one.ours]


def _answer(said: Said, parts: Mapping[str, Sequence[Message]], answer_of: Callable[[str], Answer | None]) -> str:
    answer = answer_of(said.text) if said.text else None
    if answer is not None:
        return answer.text
    stand = parts[said.text or said.message["ts"]]
    return "\n".join(filter(None, (answer_of_blocks(message.get("blocks") or ()) for message in stand)))


def _event_id(message: Message) -> str:
    mark = message.get("metadata") or {}
    known = mark.get("event_type") == METADATA_TYPE
    return str((mark.get("event_payload") or {}).get("event_id") or "") if known else ""


def newest(said: Sequence[Said]) -> list[Said]:
    """As many of the newest turns as fit; always the last one."""
    chars = 0
    for count, one in enumerate(reversed(said)):
        chars += len(one.text)
        if count and (count >= TURNS or chars > CHARS):
            return list(said[-count:])
    return list(said)


def people_in(said: Sequence[Said], asker: str) -> set[str]:
    """Whose names are needed: everybody who speaks or is named, but nobody when the asker is alone with us."""
    named = {person for one in said if not one.ours for person in mentioned(one.text)}
    speakers = {str(one.message.get("user") or "") for one in said if not one.ours and not one.message.get("bot_id")}
    return named | (speakers if speakers - {asker} else set())
