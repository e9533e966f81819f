"""What was said before a question: the thread, who said what, when and where, and its files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.doors.slack.calls import Sender
from bot.doors.slack.carried import MESSAGE, QUOTED, carried
from bot.events import Event, SlackThread
from handlers.context.slack.download import Downloads
from handlers.context.slack.files import File, Files, files_of
from handlers.context.slack.markup import escaped_but_tokens
from handlers.context.slack.memory import Held, earlier_talk, held_turns, merged, message_of
from handlers.context.slack.message_text import SENT, Message, Part, moment, parts_of, written
from handlers.context.slack.names import Known, Names, Own, first_known
from handlers.context.slack.transcript import Transcripts
from handlers.context.slack.turns import Said, answered_in, ids_of, said_in, shown
from handlers.prompt import EARLIER, Gathered, Turn

FILES = 10
FILE_CHARS = 16_000_000
"""Of the 32 MB that Claude takes in one request, files of earlier messages get half."""
NOT_READ = "Earlier messages of this thread could not be read just now."
REMEMBERED = "Slack did not give all of this thread just now; I went by what I was asked and answered in it."
CUT = "Of this long thread only the first message and the newest were read."
LEFT_OUT = "({count} messages between these two are not shown.)"
TOO_MANY = f"Only the newest files of this thread were read ({FILES} at most)."
OWN_NAME = "Bellhop"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what is known by name, who asks, and under which id we are mentioned."""

    place: SlackThread
    known: Mapping[str, Known]
    own: Own
    own_user: str

    @property
    def names(self) -> Mapping[str, str]:
        """Names by id, ours too."""
        names = {one: known.name for one, known in self.known.items()}
        ours = names.get(self.own_user, OWN_NAME)
        return names | {self.own_user: OWN_NAME if ours.casefold() == OWN_NAME.casefold() else ours}

    @property
    def asker(self) -> Known:
        """Who asks; without a name when Slack does not tell."""
        return first_known(self.known, [self.place.asker or ""])


class ThreadReader:
    """Reads a thread once and keeps it; later questions ask Slack only for what is new or may have changed."""

    def __init__(self, pacer: Sender, downloads: Downloads, held: Held, allowed: Sequence[str] = ()) -> None:
        self._transcripts, self._names, self._files = Transcripts(pacer), Names(pacer), Files(pacer, downloads)
        self._held = held
        self._people = {name for name in allowed if name[0] in "UW"}

    async def gather(self, event: Event) -> Gathered:
        """What stands before the question, what it says, its files, and who asks where and when.

        A plain first question costs names alone. Raises TryAgain when a file of it cannot be had just now.
        """
        place = event.reply_to
        if not isinstance(place, SlackThread):
            return Gathered()
        asked, quoted = _asked(event), _quoted(event)
        files = files_of(asked)
        messages, complete = await self._read(place, files)
        found = next((message for message in messages if message["ts"] == place.message_ts), None)
        if found is not None and (not files or any(not file.url for file in files)):
            files = files_of(found)
        own_files = await self._files.read(files)
        if own_files.passing:
            raise own_files.passing
        own = await self._names.own() if any(message.get("bot_id") for message in messages) else Own()
        before = [message for message in messages if float(message["ts"]) < float(place.message_ts or "inf")]
        said, remembered = await asyncio.to_thread(self._said, event, place, before, own, complete)
        notes = [] if complete else [REMEMBERED if remembered else NOT_READ]
        scene = await self._scene(place, own, said, [Said(asked), *quoted], _own_user(event))
        turns, turn_notes = await self._turns(said, scene, complete=complete, files_left=FILES - len(files))
        turns += [self._turn(one, scene, ()) for one in quoted]
        at = event.time.astimezone(scene.asker.zone)
        return Gathered(
            turns=tuple(turns),
            documents=tuple(own_files.documents),
            notes=(*notes, *turn_notes, *own_files.notes),
            text=written(Said(asked).parts, scene.names, scene.asker.zone, own_user=scene.own_user),
            speaker=scene.asker.name or (place.asker or ""),
            when=at.strftime(SENT).format(day=at.day),
            circumstances=circumstances(event, scene),
        )

    async def _read(self, place: SlackThread, files: Sequence[File]) -> tuple[list[Message], bool]:
        is_first = place.thread_ts is None or place.thread_ts == place.message_ts
        if is_first and all(file.url for file in files):
            return [], True
        return await self._transcripts.read(place.channel, place.thread_ts or place.message_ts or "")

    def _said(
        self,
        event: Event,
        place: SlackThread,
        before: Sequence[Message],
        own: Own,
        complete: bool,  # noqa: FBT001
    ) -> tuple[list[Said], bool]:
        """The turns before the question, and whether some of them are from our own memory of the thread."""
        said = said_in(before, own, self._held.answer)
        held = [] if complete else held_turns(self._held, event, before, answered_in(before, own))
        return [*earlier_talk(self._held, event, place), *merged(said, held)], bool(held)

    async def _scene(
        self, place: SlackThread, own: Own, said: Sequence[Said], more: Sequence[Said], own_user: str
    ) -> Scene:
        ids = ids_of([*shown(said).turns, *more]) | {place.asker or "", own_user, place.channel} - {""}
        known = await self._names.all_of(ids)
        home = first_known(known, [place.asker or ""]).enterprise
        return Scene(place, known, own if own.enterprise or not home else await self._names.own(), own_user)

    async def _turns(
        self, said: Sequence[Said], scene: Scene, *, complete: bool, files_left: int
    ) -> tuple[list[Turn], list[str]]:
        chosen = shown(said)
        documents, notes = await self._documents(chosen.turns, files_left)
        turns = [self._turn(one, scene, documents.get(one.ts, ())) for one in chosen.turns]
        if chosen.left_out:
            turns.insert(1, Turn("", LEFT_OUT.format(count=chosen.left_out), trusted=True))
            notes = [CUT, *notes]
        if not complete:
            turns.insert(0, Turn("", EARLIER, trusted=True))
        return turns, notes

    def _turn(self, said: Said, scene: Scene, documents: Sequence[Any]) -> Turn:
        if said.ours:
            return Turn("", said.text, ours=True)
        user = str(said.message.get("user") or "")
        is_asker = bool(scene.place.asker) and user == scene.place.asker and not said.message.get("bot_id")
        zone = scene.asker.zone
        text = written(said.parts, scene.names, zone, own_user=scene.own_user or scene.own.user)
        trusted = is_asker and not said.message.get("quoted")
        speaker = self._speaker(said.message, scene)
        return Turn(speaker, text, trusted=trusted, documents=tuple(documents), when=moment(said.ts, zone))

    def _speaker(self, message: Message, scene: Scene) -> str:
        if message.get("bot_id"):
            profile = message.get("bot_profile") or {}
            return f"{message.get('username') or profile.get('name') or 'another bot'} (a bot)"
        user = str(message.get("user") or "")
        known = scene.known.get(user, Known(user))
        home = message.get("user_team") or message.get("team") or scene.place.team
        sister = bool(scene.own.enterprise) and known.enterprise == scene.own.enterprise
        unknown = (self._people and user not in self._people) or (home != scene.place.team and not sister)
        name = f"{known.name} (not known to be trusted)" if unknown else known.name
        return f"{name} in the message asked about" if message.get("quoted") else name

    async def _documents(self, said: Sequence[Said], files_left: int) -> tuple[dict[str, list[Any]], list[str]]:
        """Documents by the ts of their message, as many as a question takes: the first message's, then the newest."""
        found: dict[str, list[Any]] = {}
        notes: list[str] = []
        chars = 0
        for one in (*said[:1], *reversed(said[1:])):
            files: list[File] = [] if one.ours else files_of(one.message)
            if not files:
                continue
            if files_left <= 0 or chars > FILE_CHARS:
                return found, [*notes, TOO_MANY]
            read = await self._files.read(files[:files_left])
            if chars + read.chars > FILE_CHARS or len(files) > files_left:
                notes.append(TOO_MANY)
            if chars + read.chars <= FILE_CHARS:
                found[one.ts] = read.documents
            chars, files_left = chars + read.chars, files_left - len(files)
            notes += read.notes
        return found, list(dict.fromkeys(notes))


def circumstances(event: Event, scene: Scene) -> str:
    """Which day it is where the asker is, who we are, and in which channel."""
    at = event.time.astimezone(scene.asker.zone)
    day = f"Today is {at:%A}, {at.day} {at:%B %Y}"
    zone = scene.asker.zone_name
    today = f"{day}; days and times are those of {zone}." if zone else f"{day} (UTC)."
    channel = scene.known.get(scene.place.channel)
    where = f"the Slack channel #{channel.name}" if channel else "Slack"
    if scene.place.channel.startswith("D"):
        where = "a direct message in Slack"
    return f"{today} You are {scene.names.get(scene.own_user, OWN_NAME)}, in {where}."


def _asked(event: Event) -> Message:
    """The question's own words and files; the shortcut's words are ours, its message is quoted."""
    if carried(event, MESSAGE) is None:
        files = [{"name": one.name, "url_private": one.url or "", "size": one.size_bytes} for one in event.attachments]
        return {**message_of(event), "parts": (Part(escaped_but_tokens(event.text)),), "files": files}
    return message_of(event)


def _quoted(event: Event) -> list[Said]:
    whole = carried(event, QUOTED)
    message = whole.message if whole else {"text": event.fields.get("message", ""), "ts": "0"}
    parts = parts_of(message)
    return [Said({**message, "parts": parts, "quoted": True})] if parts else []


def _own_user(event: Event) -> str:
    whole = carried(event, MESSAGE) or carried(event, QUOTED)
    return whole.own_user if whole else ""
