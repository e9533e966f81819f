"""The reading of a request's body: bounded in size and in time, whatever its sender says of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.requests import ClientDisconnect, Request

from bot.web.arrivals import Interrupted
from bot.web.problem import Problem

MOST_BYTES = 1_048_576
MOST_MULTIPART_BYTES = 10_485_760
READ_S = 10.0
LARGE_BYTES = 16_384
"""What is read out of a larger body is read in a thread: meanwhile others are answered."""

T = TypeVar("T")
P = ParamSpec("P")


async def read_body(request: Request, *, takes_files: bool = False, read_s: float = READ_S) -> bytes:
    """The whole body as it was sent; `takes_files`: as multipart/form-data it may be larger.

    Raises Problem when it is too large, too slow or cut off.
    """
    is_multipart = takes_files and media_type(request) == "multipart/form-data"
    most = MOST_MULTIPART_BYTES if is_multipart else MOST_BYTES
    too_large = _too_large(most, may_be_more=takes_files and not is_multipart)
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(read_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise too_large
    except TimeoutError:
        words = f"The body did not arrive within {read_s:.0f} seconds."
        raise Problem(408, words, {"connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(400, "The connection ended before the whole body was there.") from None
    return bytes(body)


async def worked_on(size_bytes: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` makes of a body of this size; the loop goes on while it works on a large one."""
    if size_bytes > LARGE_BYTES:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)


async def drain(request: Request, *, most_bytes: int = 100_000_000, read_s: float = 60.0) -> None:
    """Read on what nobody wants: who is cut off while it sends sees an error of its own, and not our answer.

    Who asked first whether to send it at all (RFC 9110, 10.1.1) is spared that.
    """
    if "expect" in request.headers and "content-length" in request.headers:
        return
    read = 0
    with contextlib.suppress(TimeoutError, ClientDisconnect, Interrupted):
        async with asyncio.timeout(read_s):
            async for chunk in request.stream():
                read += len(chunk)
                if read > most_bytes:
                    return


def media_type(request: Request) -> str:
    """What the body is said to be, without parameters, in lower case; "" when nothing is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _too_large(most_bytes: int, *, may_be_more: bool) -> Problem:
    hint = "; send larger files as multipart/form-data" if may_be_more else ""
    return Problem(413, f"This is more than {most_bytes // 1_048_576} MB{hint}.", {"connection": "close"})
