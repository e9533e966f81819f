"""The reading of a request's body: bounded in size and in time, whatever its sender says of it."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.requests import ClientDisconnect, Request

from bot.web.arrivals import Interrupted
from triggers.webhook.problem import Problem

MOST_BYTES = 1_048_576
MOST_MULTIPART_BYTES = 10_485_760
READ_S = 10.0


async def read_body(request: Request, *, read_s: float = READ_S) -> bytes:
    """The whole body as it was sent. Raises Problem when it is too large, too slow or cut off."""
    most = MOST_MULTIPART_BYTES if media_type(request) == "multipart/form-data" else MOST_BYTES
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(read_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError:
        words = f"The body did not arrive within {read_s:.0f} seconds."
        raise Problem(408, words, {"connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(400, "The connection ended before the whole body was there.") from None
    return bytes(body)


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


def _too_large(most: int) -> Problem:
    hint = "; send larger files as multipart/form-data" if most == MOST_BYTES else ""
    return Problem(413, f"This is more than {most // 1_048_576} MB{hint}.", {"connection": "close"})
