"""What all answers in one workspace share: the pacer, the status, and what Slack has refused there."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any

from bot.doors.slack.fence_check import Holds
from bot.doors.slack.pacer import Pacer
from bot.doors.slack.status import Status
from handlers.replies.slack.access import Access, Respond
from handlers.replies.slack.messages import Messages
from handlers.replies.slack.rendering import Abilities
from handlers.replies.slack.upload import Put

REMEMBERED = 2_000


async def never(_event_id: str) -> str:
    """No question is ever edited or deleted."""
    return ""


async def nowhere(_url: str, _body: Mapping[str, Any]) -> bool:
    """There is no response_url to post to."""
    return False


async def always(_event_id: str) -> bool:
    """One process alone: every answer is its own."""
    return True


@dataclass(slots=True)
class Workspace:
    """One Slack workspace as the replies see it.

    `footer`: the final names model, seconds and cost. `native`: answers grow by chat.startStream where that is allowed.
    `withdrawn`: EDITED where another event answers the question, DELETED where none shall, "" where neither is so.
    `holds`: its answer is ours to write. `respond` posts to a shortcut's response_url.
    """

    pacer: Pacer
    status: Status
    put: Put
    footer: bool = False
    native: InitVar[bool] = False
    withdrawn: Callable[[str], Awaitable[str]] = never
    holds: Holds = always
    respond: Respond = nowhere
    abilities: Abilities = field(init=False)
    access: Access = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _messages: OrderedDict[tuple[str, str], Messages] = field(default_factory=OrderedDict)

    def __post_init__(self, native: bool) -> None:
        self.abilities = Abilities(native)
        self.access = Access(self.pacer)

    def begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start work that goes on beside the reply's methods; `aclose` ends it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def aclose(self) -> None:
        """End what goes on: nothing grows any more."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def remember(self, event_id: str, messages: Messages) -> None:
        """Keep where an answer stands: a second run of its event writes there again, without looking for it."""
        which = (event_id, messages.destination.channel)
        self._messages[which] = messages
        self._messages.move_to_end(which)
        while len(self._messages) > REMEMBERED:
            self._messages.popitem(last=False)

    def remembered(self, event_id: str, channel: str) -> Messages | None:
        """The messages in a channel of an event answered by this process; None after a restart."""
        return self._messages.get((event_id, channel))
