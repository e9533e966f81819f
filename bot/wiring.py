"""This file is the doors: how each trigger, reply and check is made. A new door is one line in each table here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.engine import Engine
from bot.events import Event, FilePath, Reply, Trigger
from bot.findings import Finding
from bot.receipts import Receipts
from bot.rules.rule import Rule, RuleBook
from bot.settings import Settings

if TYPE_CHECKING:
    from handlers.prompt import Gathered
    from handlers.replies.slack import SlackDesk


@dataclass(frozen=True, slots=True)
class Parts:
    """What triggers and replies are made from; one for each process. `slack` is there when its token is set."""

    settings: Settings
    rules: RuleBook
    engine: Engine
    database: sa.Engine
    slack: SlackDesk | None


def open_triggers(parts: Parts) -> list[Trigger]:
    """A trigger for each door that has a rule."""
    return [make(parts, rules) for door, make in OPENERS.items() if (rules := parts.rules.on(door))]


def open_trigger(parts: Parts, door: str) -> Trigger:
    """The trigger of one door, made anew from what its door is now."""
    return OPENERS[door](parts, parts.rules.on(door))


def unbuilt(rules: RuleBook) -> str:
    """A rule on a door that this version has not got, in words; "" when there is none."""
    rule = next((rule for rule in rules.rules if rule.on not in OPENERS), None)
    return f'The rule "{rule.name}" is on {rule.on}, and that door is not built yet. Take it out.' if rule else ""


def open_slack_desk(settings: Settings, engine: Engine) -> SlackDesk | None:
    """The one desk through which this process writes to Slack, within its part of the budget; None without a token."""
    if settings.slack_bot_token is None:
        return None
    from handlers.replies.slack import FileDiary, SlackDesk

    diary = FileDiary(settings.state_dir / "slack-calls")

    async def replaced(event_id: str) -> bool:
        return await asyncio.to_thread(engine.receipts.stopped_by, event_id) == "edit"

    def share() -> float:
        return 1 / engine.live_workers()

    return SlackDesk(settings, share=share, diary=diary, replaced=replaced, holds=engine.holds)


def reply_makers(parts: Parts) -> Mapping[str, Callable[[Event], Reply]]:
    """For each kind of address: the reply of an event that is answered there."""
    from handlers.replies.sheet import sheet_replies

    makers: dict[str, Callable[[Event], Reply]] = {"file": _file_reply, "sheet": sheet_replies(parts.database)}
    if parts.slack is not None:
        makers["slack"] = parts.slack.reply_for
    return makers


def source_readers(parts: Parts) -> Mapping[str, Callable[[Event], Awaitable[Gathered]]]:
    """For each source: what reads the thread an event stands in, or a file that was not copied when it came."""
    from handlers.context.folder import dropped_reader

    readers = {"folder": dropped_reader(parts.settings.folder_max_mb)}
    if parts.slack is not None:
        readers["slack"] = parts.slack.reader(parts.settings, parts.engine.receipts.answer).gather
    return readers


async def check_doors(settings: Settings, rules: RuleBook) -> list[Finding]:
    """What `bot check` found: Claude first, then every door that has a rule."""
    from handlers.claude import Claude

    claude = Claude(settings)
    try:
        findings = await claude.check({rule.model for rule in rules.rules if rule.model})
    finally:
        await claude.aclose()
    for door, check in CHECKS.items():
        if rules.on(door):
            findings += await check(settings, rules.on(door))
    return findings


def _open_folder(parts: Parts, rules: tuple[Rule, ...]) -> Trigger:
    from triggers.folder import FolderTrigger

    return FolderTrigger(parts.settings, rules, parts.database, parts.engine.skip, tell=_tell_beside)


def _open_slack(parts: Parts, rules: tuple[Rule, ...]) -> Trigger:
    from triggers.slack import SlackTrigger, Wiring

    assert parts.slack is not None  # a rule on slack without its token stops the start
    return SlackTrigger(parts.settings, rules, Wiring(_Memory(parts.engine), _notice(parts.slack)))


def _open_sheet(parts: Parts, rules: tuple[Rule, ...]) -> Trigger:
    from triggers.sheet import SheetTrigger

    return SheetTrigger(parts.settings, rules, parts.database)


def _file_reply(event: Event) -> Reply:
    from handlers.replies.file.reply import FileReply

    assert isinstance(event.reply_to, FilePath)
    return FileReply(event, event.reply_to)


async def _tell_beside(event: Event, reason: str) -> None:
    await _file_reply(event).fail(reason)


def _notice(desk: SlackDesk) -> Callable[[str, str, str], Awaitable[None]]:
    async def give(channel: str, user: str, words: str) -> None:
        await desk.post_ephemeral(channel, user, words)

    return give


class _Memory:
    """What the Slack trigger asks of the engine and the receipts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._receipts: Receipts = engine.receipts

    def is_ours(self, conversation: str) -> bool:
        return bool(self._receipts.in_conversation(conversation))

    def states(self, conversation: str) -> Mapping[str, str]:
        return {receipt.id: receipt.state for receipt in self._receipts.in_conversation(conversation)}

    def event(self, event_id: str) -> Event | None:
        return self._receipts.event(event_id)

    def set_feedback(self, event_id: str, value: str) -> None:
        self._receipts.set_feedback(event_id, value)

    async def request_stop(self, event_id: str, by: str) -> bool:
        return await self._engine.request_stop(event_id, by)

    async def retry(self, event_id: str) -> bool:
        started, _ = await asyncio.to_thread(self._engine.retry, [event_id])
        return bool(started)


async def _check_folder(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    from triggers.folder import check

    return await check(settings, rules)


async def _check_slack(settings: Settings, _rules: tuple[Rule, ...]) -> list[Finding]:
    from triggers.slack.check import check

    return await check(settings)


async def _check_sheet(settings: Settings, rules: tuple[Rule, ...]) -> list[Finding]:
    from triggers.sheet import check

    return await check(settings, rules)


OPENERS: Mapping[str, Callable[[Parts, tuple[Rule, ...]], Trigger]] = {
    "folder": _open_folder,
    "sheet": _open_sheet,
    "slack": _open_slack,
}
CHECKS: Mapping[str, Callable[[Settings, tuple[Rule, ...]], Awaitable[list[Finding]]]] = {
    "folder": _check_folder,
    "sheet": _check_sheet,
    "slack": _check_slack,
}
