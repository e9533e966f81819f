"""How the Slack trigger is opened, and what `bot check` asks of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.door import Finding
from bot.doors.slack.paced import paced_of
from bot.doors.slack.settings import SlackSettings
from bot.engine import Engine
from bot.events import Event, SlackThread
from bot.parts import Parts
from bot.receipts import Receipts
from bot.rules.rule import Rule
from bot.settings import Settings
from triggers.slack.listeners import Wiring
from triggers.slack.pane import Pane
from triggers.slack.trigger import SlackTrigger


def open_trigger(parts: Parts, rules: tuple[Rule, ...]) -> SlackTrigger:
    """The trigger of all Slack rules."""

    async def notice(channel: str, user: str, words: str) -> None:
        asker = SlackThread(team="", channel=channel, thread_ts=None, asker=user)
        await parts.replies["slack"].note(asker, words)

    wiring = Wiring(_EngineEvents(parts.engine), notice, pane=Pane(paced_of(parts.replies["slack"]).pacer))
    return SlackTrigger(parts.settings.door(SlackSettings), rules, wiring)


async def check(settings: Settings, _rules: tuple[Rule, ...]) -> list[Finding]:
    """One finding for each token and one for the scopes."""
    from triggers.slack.check import check as check_slack

    return await check_slack(settings.door(SlackSettings))


class _EngineEvents:
    """What the Slack trigger asks of the engine and the receipts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._receipts: Receipts = engine.receipts

    def is_ours(self, conversation: str) -> bool:
        # What a rule posted elsewhere begins a thread of ours, too.
        thread = ":".join(conversation.split(":")[-2:])
        return bool(self._receipts.in_conversation(conversation)) or self._receipts.has_answer_in(thread)

    def states(self, conversation: str) -> Mapping[str, str]:
        return {receipt.id: receipt.state for receipt in self._receipts.in_conversation(conversation)}

    def open_below(self, prefix: str) -> Sequence[str]:
        return self._receipts.open_below(prefix)

    def event(self, event_id: str) -> Event | None:
        return self._receipts.event(event_id)

    def set_feedback(self, event_id: str, value: str) -> None:
        self._receipts.set_feedback(event_id, value)

    async def request_stop(self, event_id: str, by: str) -> bool:
        return await self._engine.request_stop(event_id, by)

    async def retry(self, event_id: str) -> bool:
        started, _ = await asyncio.to_thread(self._engine.retry, [event_id])
        return bool(started)
