"""What triggers, replies and readers are made from; one of it for each process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from bot.events import Address, Event, Reply
from bot.rules.rule import RuleBook
from bot.settings import Settings

if TYPE_CHECKING:  # `bot check` opens neither
    import sqlalchemy as sa

    from bot.engine import Engine


class Replies(Protocol):
    """One kind of reply, open in this process."""

    def reply_for(self, event: Event, *, watched: bool) -> Reply:
        """The reply of an event whose `reply_to` is of this kind. `watched`: where it can, the answer grows there."""

    async def note(self, address: Address, words: str) -> None:
        """Tell the one who asked there something that only they see; nothing where there is no such way."""

    async def aclose(self) -> None:
        """Let go of what it holds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an answer stands: an address to open it at ("" for none), and the thread there that belongs to it."""

    link: str = ""
    thread: str = ""


@runtime_checkable
class Stands(Protocol):
    """A reply that can say where its answer stands."""

    async def standing(self) -> Standing:
        """Once `finish` has returned."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`replies` has every kind of reply that is set up, by the `kind` of its address."""

    settings: Settings
    rules: RuleBook
    engine: Engine
    database: sa.Engine
    replies: Mapping[str, Replies]
