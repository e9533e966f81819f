"""The tab "Your program": what somebody wrote goes to the bot as it stands, and its response comes as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from playground import names
from playground.stage.hooks import PROGRAM

LONGEST_S = 120.0
WAYS = {"stream": {"Accept": "text/event-stream"}, "wait": {"Prefer": "wait=30"}, "later": {}}
"""How the answer is to come, as the headers that ask for it."""
SHOWN = ("content-type", "location", "preference-applied")
AWAY = "The bot does not answer just now. Wait until it listens, then send it again."


class Program:
    """POST /program?way=stream|wait|later sends its body to the hook, with the secret; nothing else is reached."""

    def __init__(self, bot_url: str) -> None:
        self._hook = f"{bot_url}/hooks/{PROGRAM}"

    def route(self) -> Route:
        """What the page's server mounts."""
        return Route("/program", self._send, methods=["POST"])

    async def _send(self, request: Request) -> Response:
        ways = WAYS.get(request.query_params.get("way", ""))
        if ways is None:
            return PlainTextResponse("There is no such way.\n", 400)
        headers = {"Authorization": f"Bearer {names.WEBHOOK_SECRET}", "Content-Type": "application/json", **ways}
        body = await request.body()
        return StreamingResponse(self._said(headers, body), media_type="text/plain; charset=utf-8")

    async def _said(self, headers: dict[str, str], body: bytes) -> AsyncIterator[str]:
        """The response as it goes over the wire: status, the headers that matter, and the body as it comes."""
        client = httpx2.AsyncClient(timeout=LONGEST_S, trust_env=False)
        try:
            async with client, client.stream("POST", self._hook, content=body, headers=headers) as answer:
                shown = [f"{name}: {answer.headers[name]}" for name in SHOWN if name in answer.headers]
                yield "\n".join([f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}", *shown]) + "\n\n"
                async for text in answer.aiter_text():
                    yield text
        except httpx2.HTTPError:
            yield AWAY
