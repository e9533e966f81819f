"""The client of Message Batches: submit, list, look and read results, each told apart in what it may have done.

Source: https://platform.claude.com/docs/en/build-with-claude/batch-processing
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.errors import Refused, TryAgain
from handlers.claude.verdict import judge

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

MOST_REQUESTS = 100_000
MOST_BYTES = 250_000_000
"""A batch takes 256 MB; whichever megabytes are meant, this is less."""
PAGE = 100
MOST_LISTED = 10_000
"""So many batches are looked through at most; a list that never ends is no list."""
QUICK_S = 60.0
UPLOAD_S = 900.0
"""For the whole of a batch on a slow line."""
UNSURE = frozenset({408, 409})
"""Beside 5xx: refusals after which the batch may be there all the same."""


class PerhapsSent(TryAgain):
    """The answer to a submit never came: the batch is there, or it is not."""


class TooLarge(Refused):
    """The batch is larger than the API takes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch as the API tells of it. `count`: all its requests; `done`: those over, 0 until the API says so."""

    id: str
    has_ended: bool
    count: int
    done: int
    created_at: datetime


class Batches:
    """Everything raises Refused (asking again is no use) and TryAgain (a passing fault), in plain words."""

    def __init__(
        self, sdk: Callable[[], Awaitable[AsyncAnthropic]], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._sdk, self._now = sdk, now

    async def submit(self, body: AsyncIterator[bytes], size_bytes: int) -> Seen:
        """Send a batch, piece by piece, so that it is never held whole.

        Raises PerhapsSent when nobody can know whether it arrived, and TooLarge; all else means that it did not.
        """
        from anthropic.types.messages import MessageBatch

        client = await self._sdk()
        headers = {"Content-Type": "application/json", "Content-Length": str(size_bytes)}
        try:
            sent = await client.post(
                "/v1/messages/batches",
                cast_to=MessageBatch,
                content=body,
                options={"headers": headers, "timeout": UPLOAD_S},
            )
        except _faults() as error:
            raise self._after_submit(error) from None
        return _seen(sent)

    async def newest(self) -> str:
        """The id of the newest batch of this account; "" when there is none."""
        page = await self._asked(lambda client: client.messages.batches.list(limit=1, timeout=QUICK_S))
        return str(page.data[0].id) if page.data else ""

    async def since(self, anchor: str) -> list[Seen]:
        """The batches that are newer than `anchor` ("": all), the newest first."""
        found: list[Seen] = []
        page = await self._page("")
        while page.data and len(found) < MOST_LISTED:
            for batch in page.data:
                if batch.id == anchor:
                    return found
                found.append(_seen(batch))
            if not page.has_more:
                break
            page = await self._page(page.data[-1].id)
        return found

    async def look(self, batch_id: str) -> Seen | None:
        """How a batch does; None when there is none of that name (any more)."""
        import anthropic

        client = await self._sdk()
        try:
            return _seen(await client.messages.batches.retrieve(batch_id, timeout=QUICK_S))
        except anthropic.NotFoundError:
            return None
        except _faults() as error:
            raise self._plain(error) from None

    @asynccontextmanager
    async def lines(self, batch_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The lines of the results of a batch that has ended, as they come; in any order."""
        client = await self._sdk()
        try:
            async with client.messages.batches.with_streaming_response.results(batch_id, timeout=UPLOAD_S) as response:
                yield _lines(response.iter_bytes())
        except _faults() as error:
            raise self._plain(error) from None

    async def _page(self, after: str) -> Any:
        more: Any = {"after_id": after} if after else {}
        return await self._asked(lambda client: client.messages.batches.list(limit=PAGE, timeout=QUICK_S, **more))

    async def _asked(self, call: Callable[[AsyncAnthropic], Awaitable[Any]]) -> Any:
        client = await self._sdk()
        try:
            return await call(client)
        except _faults() as error:
            raise self._plain(error) from None

    def _after_submit(self, error: Exception) -> Refused | TryAgain:
        import anthropic

        if isinstance(error, anthropic.APIStatusError):
            if error.status_code == 413:
                return TooLarge("Claude did not take a batch of this size.")
            is_sure = error.status_code < 500 and error.status_code not in UNSURE
        else:
            is_sure = _never_left(error)
        plain = self._plain(error)
        return plain if is_sure else PerhapsSent(plain.reason, getattr(plain, "after_s", None))

    def _plain(self, error: Exception) -> Refused | TryAgain:
        verdict = judge(error, self._now())
        if verdict.course == "again":
            return TryAgain(verdict.words, verdict.after_s)
        return Refused(verdict.words, verdict.code)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    # Not by the client's own lines: it takes more letters for the end of a line than JSON does.
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
    if rest.strip():
        yield rest


def _seen(batch: Any) -> Seen:
    counts = batch.request_counts
    done = counts.succeeded + counts.errored + counts.canceled + counts.expired
    return Seen(batch.id, batch.processing_status == "ended", done + counts.processing, done, batch.created_at)


def _never_left(error: BaseException | None) -> bool:
    """Whether there was no connection, so that nothing of the request can have arrived."""
    import httpx2

    seen = 0
    while error is not None and seen < 5:
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout | httpx2.InvalidURL):
            return True
        if isinstance(error, httpx2.UnsupportedProtocol):
            return True
        error, seen = error.__cause__, seen + 1
    return False


def _faults() -> tuple[type[Exception], ...]:
    import anthropic
    import httpx2

    return (anthropic.AnthropicError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, ValueError, TypeError)
