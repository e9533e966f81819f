"""What the tests of Claude share: the stand-in over real sockets, and a client that does not sleep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest

from bot.settings import Settings, load_settings
from handlers.claude import Ask, Claude, Clockwork
from playground.claude import DEFAULT_KEY, ClaudeStandIn
from playground.serving import serve


@dataclass
class Screen:
    """A reader who remembers all that was shown."""

    texts: list[str] = field(default_factory=list)

    async def show(self, text: str) -> None:
        self.texts.append(text)


@dataclass
class Naps:
    """A sleep that takes no time and remembers how long it should have been."""

    seconds: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[ClaudeStandIn, str]]:
    stand_in = ClaudeStandIn()
    with serve(stand_in.app) as url:
        yield stand_in, url


@pytest.fixture
def stand_in(served: tuple[ClaudeStandIn, str]) -> ClaudeStandIn:
    found = served[0]
    found.reset()
    found.window_tokens = found.split_seed = found.overlap_chars = None
    found.start_anew = False
    found.pace = type(found.pace)()
    return found


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def settings(served: tuple[ClaudeStandIn, str]) -> Settings:
    return load_settings(
        _env_file=None, anthropic_api_key=DEFAULT_KEY, anthropic_base_url=served[1], claude_silence_seconds=0.6
    )


@pytest.fixture
async def claude(stand_in: ClaudeStandIn, settings: Settings, naps: Naps) -> AsyncIterator[Claude]:
    client = Claude(settings, Clockwork(silence_s=settings.claude_silence_seconds, sleep=naps.sleep))
    yield client
    await client.aclose()


def ask_of(text: str = "Tell me about the harbour.", **changes: object) -> Ask:
    values = {"model": "claude-sonnet-5-5", "max_tokens": 8192, "deadline_s": 20.0, "name": "test"} | changes
    return Ask(system="You are a guide.", messages=({"role": "user", "content": text},), **values)  # type: ignore[arg-type]  # a test's own values
