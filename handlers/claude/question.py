"""One question as it is put to Claude, call after call: what was left out of it, and what is quoted of its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.errors import Refused
from handlers.claude.ask import Ask, Block, Message, request_of, shortened, with_words
from handlers.claude.forecast import Forecast, forecast
from handlers.claude.lightening import lighter
from handlers.claude.refusal import Refusal
from handlers.claude.resume import quote_shown
from handlers.claude.verdict import UNACCEPTED, Verdict

FORGOT = "The oldest messages of this conversation were left out: together they were longer than the model can read."
TIMES_LIGHTENED = 6
"""So often at most a refused question is asked again without something; refused calls cost nothing but time."""


@dataclass(slots=True)
class Question:
    """What the next call asks. `notes` say to the reader what was left out; `bare`: without thinking and effort.

    `paused`: blocks of an answer that paused, to be sent back so that it goes on.
    """

    ask: Ask
    bare: bool
    messages: tuple[Message, ...] = ()
    notes: list[str] = field(default_factory=list)
    paused: list[Message] = field(default_factory=list)
    lightened: int = 0

    def __post_init__(self) -> None:
        self.messages = self.messages or self.ask.messages

    def request(self, shown: str) -> dict[str, Any]:
        """The request that asks for what comes after `shown`."""
        if self.paused:
            return request_of(self.ask, [*self.messages, *self.paused], bare=self.bare)
        words = quote_shown(shown)
        messages = with_words(self.messages, words) if words else self.messages
        return request_of(self.ask, messages, bare=self.bare)

    def forecast(self, shown: str) -> Forecast:
        """What that request will come to."""
        words = with_words(self.messages, shown) if shown else self.messages
        return forecast(self.ask, [*words, *self.paused])

    def pause(self, content: list[Block]) -> None:
        """Send this back with the next call."""
        self.paused.append({"role": "assistant", "content": content})

    def shorten(self) -> bool:
        """Leave out the older half of the conversation; False when only the question is left."""
        rest = shortened(self.messages)
        if rest is None:
            return False
        self.messages = rest
        self._note(FORGOT)
        return True

    def mend(self, verdict: Verdict) -> None:
        """Change the question so that it may be accepted. Raises Refused, in plain words, when nothing can be done."""
        if verdict.course == "bare" and not self.bare:
            self.bare = True
        elif verdict.course == "shorten" and self.shorten():
            pass
        elif verdict.refusal is None or not self._lighten(verdict.refusal):
            raise Refused(self._words(verdict), verdict.code)

    def _lighten(self, refusal: Refusal) -> bool:
        found = lighter(self.messages, refusal, self.lightened) if self.lightened < TIMES_LIGHTENED else None
        if found is None:
            return False
        if found.bare and self.ask.about_files:
            raise Refused(found.refused)
        self.messages = found.messages
        self.lightened += 1
        self._note(found.note)
        return True

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _words(self, verdict: Verdict) -> str:
        if verdict.words != UNACCEPTED or not self.ask.name:
            return verdict.words
        return f"{verdict.words} The details are in Bellhop's log under {self.ask.name}."
