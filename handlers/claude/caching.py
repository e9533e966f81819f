"""Which part of a prompt is kept in Claude's cache, and for how long: only where it saves more than it costs.

Writing costs 1.25 times the input for five minutes and 2 times for an hour; reading costs a tenth or less.
Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from handlers.claude.ask import Ask, Cache, File, Life, blocks_of_part, parts_of
from handlers.claude.forecast import forecast, text_tokens
from handlers.claude.models import cacheable_tokens

SOON_S, HOUR_S = 300.0, 3_600.0
"""How long the two kinds of entries live; each reading begins their life anew."""
_LIVES_S = {"": 0.0, "5m": SOON_S, "1h": HOUR_S}
REMEMBERED = 2_000
"""So many prompts and documents are remembered, the last ones."""
MARGIN = 1.2
"""So much longer than usual an answer is taken to become."""
LEADS_S = 20.0
"""So long at most is waited for another call to write what this one then reads."""


@dataclass(slots=True)
class _Asked:
    """When something was asked within the last hour, and how often it is being asked now."""

    times: deque[float] = field(default_factory=lambda: deque(maxlen=50))
    running: int = 0
    alive_until_s: float = 0.0
    answer_tokens: float | None = None
    leader: asyncio.Event | None = None


class CacheMemory:
    """What this process asked lately: from that it is told what will probably be asked again. For one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: OrderedDict[str, _Asked] = OrderedDict()

    @contextmanager
    def asking(self, ask: Ask) -> Iterator[Ask]:
        """The question with its plan of what to cache, and how long such answers were; remembered as asked."""
        now, keys = self._clock(), _keys(ask)
        system, files = map(self._find, keys)
        kept = replace(plan(ask, _life(system, now, 2), _life(files, now, 1)), keys=keys)
        planned = replace(ask, cache=kept, answer_tokens=system.answer_tokens or ask.answer_tokens)
        for one in (system, files):
            one.times.append(now)
            one.running += 1
        try:
            yield planned
        finally:
            for one in (system, files):
                one.running -= 1

    def answered(self, ask: Ask, tokens: int) -> None:
        """An answer had so many tokens: the next one under this system prompt will have about as many, or some more."""
        one = self._find(ask.cache.keys[0])
        likely = tokens * MARGIN
        one.answer_tokens = likely if one.answer_tokens is None else (4 * one.answer_tokens + likely) / 5

    async def wait_for_leader(self, ask: Ask) -> None:
        """Let the first of several calls with one long system prompt write it; the others then read it."""
        if not ask.cache.system or text_tokens(ask.system) < cacheable_tokens(ask.model):
            return
        one = self._find(ask.cache.keys[0])
        if one.alive_until_s > self._clock():
            return
        if one.leader is None:
            one.leader = asyncio.Event()
            return
        try:
            async with asyncio.timeout(LEADS_S):
                await one.leader.wait()
        except TimeoutError:
            return

    def begun(self, ask: Ask, *, is_there: bool) -> None:
        """A call began to answer (its prompt is in the cache now) or failed before: whoever waits for it may go."""
        one, files = map(self._find, ask.cache.keys)
        for what, life in ((one, ask.cache.system), (files, ask.cache.files)) if is_there else ():
            what.alive_until_s = max(what.alive_until_s, self._clock() + _LIVES_S[life])
        if ask.cache.system and one.leader is not None:
            one.leader.set()
            one.leader = None

    def _find(self, key: str) -> _Asked:
        found = self._asked.pop(key, None) or _Asked()
        self._asked[key] = found
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return found


def plan(ask: Ask, system: Life, files: Life) -> Cache:
    """What to keep of this question; `system` and `files`: how soon the same is probably asked again. Pure.

    A conversation goes on within minutes, but may come back to its documents within the hour. Where nothing goes on,
    only what was asked before is kept: most files are asked about once.
    """
    minimum = cacheable_tokens(ask.model)
    if forecast(ask).likely.input_tokens < minimum:
        return Cache()
    long_files = _file_tokens(ask) >= minimum
    if ask.goes_on:
        return _ordered(Cache("5m", "1h" if long_files else "", "5m", "5m"))
    kept: Life = (files or ask.keeps_files) if long_files else ""
    return _ordered(Cache(system if text_tokens(ask.system) >= minimum else "", kept))


def _ordered(cache: Cache) -> Cache:
    # The vendor refuses an hour after five minutes.
    hourly = "1h" if cache.files == "1h" and cache.system else cache.system
    return replace(cache, system=hourly)


def _life(asked: _Asked, now: float, times: int) -> Life:
    """How long to keep what was asked like this: not at all, when it will probably not be asked again in time.

    Asked so many `times` within the hour, it will be again. What is there is read, and a mark is how that is asked for.
    """
    recent = [at for at in asked.times if now - at < HOUR_S]
    if asked.running or asked.alive_until_s > now or (recent and now - recent[-1] < SOON_S):
        return "5m"
    return "1h" if len(recent) >= times else ""


def _file_tokens(ask: Ask) -> float:
    files = [part for message in ask.messages for part in parts_of(message) if isinstance(part, File)]
    if not files:
        return 0
    alone = replace(ask, system="", messages=({"role": "user", "content": files},))
    return forecast(alone).likely.input_tokens


def _keys(ask: Ask) -> tuple[str, str]:
    """What names this system prompt, and it with the files of the question."""
    found = hashlib.blake2b(f"{ask.model}\0{ask.system}".encode("utf-8", "replace"), digest_size=16)
    system = found.hexdigest()
    for part in parts_of(ask.messages[-1]):
        for block in blocks_of_part(part) if isinstance(part, File) else ():
            words = str(block.get("text") or block.get("source", {}).get("data") or "")
            found.update(words.encode("utf-8", "replace"))
    return system, f"{found.hexdigest()}+files"
