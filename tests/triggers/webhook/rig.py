"""A webhook door over real sockets: an engine whose handler answers as a test says, behind the real web server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.deliveries import Deliveries
from bot.doors.webhook.delivery_store import DeliveryStore
from bot.doors.webhook.form_tokens import FormTokens
from bot.doors.webhook.rule import WebhookRule
from bot.engine import Engine, RetryPolicy
from bot.errors import Refused
from bot.events import Answer, Emit, Usage
from bot.live_texts import live_texts_of
from bot.parts import Parts
from bot.rules.rule import Rule, RuleBook
from bot.settings import load_settings
from bot.store.database import open_database
from bot.web.event_access import event_access_of
from bot.web.house import House
from bot.web.port import bind
from bot.web.server import serve_web, web_app
from bot.wiring import known
from handlers.answer import AnswerHandler
from handlers.context.webhook import open_reader
from handlers.replies.file.reply import open_replies as open_file_replies
from handlers.replies.http import open_replies
from triggers.webhook.trigger import WebhookTrigger

SECRET = "a-long-random-word"
BEARER = {"Authorization": f"Bearer {SECRET}"}
ASK = Rule(name="ask", on="webhook", options=WebhookRule(hook="ask"))
QUICK = RetryPolicy(tries=3, first_wait_s=0.01)


class ToldClaude:
    """Says what a test wants in `steps`: `go` lets it begin, `step` go on at `stops_at`, `finish` come to its end."""

    def __init__(self) -> None:
        self.steps: list[str] = ["Be", "Because ", "Because it is."]
        self.asks: list[Any] = []
        self.pace_s = 0.0
        self.fault = ""
        self.stops_at, self.step = "", asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()
        self.finish = asyncio.Event()
        self.finish.set()

    def warm_up(self) -> None:
        pass

    async def stream(self, ask, show, stop, till=None):
        self.asks.append(ask)
        await self.go.wait()
        if self.fault:
            raise Refused(self.fault)
        for step in self.steps:
            if stop.is_set():
                return Answer(step, ask.model, "stopped")
            await show(step)
            if step == self.stops_at:
                await self.step.wait()
            await asyncio.sleep(self.pace_s)
        over = [asyncio.create_task(event.wait()) for event in (self.finish, stop)]
        await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        for task in over:
            task.cancel()
        return Answer(self.steps[-1], ask.model, "stopped" if stop.is_set() else "end_turn", Usage(10, 5), 0.01)

    async def complete(self, ask, stop, till=None):
        self.asks.append(ask)
        await self.go.wait()
        if self.fault:
            raise Refused(self.fault)
        return Answer(self.steps[-1], ask.model, "end_turn", Usage(10, 5), 0.01)

    async def count_tokens(self, ask):
        return 10

    def said(self, at: int = -1) -> str:
        """The words of the last message that was asked."""
        return "\n".join(
            block.get("text", "") for block in self.asks[at].messages[-1]["content"] if isinstance(block, dict)
        )


class Proxy:
    """What stands before the server: while it is `shut` it answers with a page of its own, and counts how often."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self.shut, self.refused = app, False, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.shut:
            await self._app(scope, receive, send)
            return
        self.refused += 1
        await HTMLResponse("<h1>502 Bad Gateway</h1>", 502)(scope, receive, send)


class Site:
    """What a test sees: the address, the engine, Claude, the trigger, the proxy before it all."""

    def __init__(
        self,
        base: str,
        engine: Engine,
        claude: ToldClaude,
        trigger: WebhookTrigger,
        parts: Parts,
        proxy: Proxy,
        serving: asyncio.Task[None],
    ) -> None:
        self.base, self.engine, self.claude, self.trigger, self.parts = base, engine, claude, trigger, parts
        self.proxy, self.serving = proxy, serving
        self.client = httpx2.AsyncClient(base_url=base, timeout=20)

    async def ask(self, text: str = "Why?", **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post("/hooks/ask", json={"text": text}, headers={**BEARER, **named})

    async def post(self, hook: str, **more: Any) -> httpx2.Response:
        return await self.client.post(f"/hooks/{hook}", **more)

    async def follow(self, url: str, method: str = "GET", **more: Any) -> list[tuple[str, str, str]]:
        """The whole event-stream as (id, event, data)."""
        headers = {"Accept": "text/event-stream", **more.pop("headers", {})}
        async with self.client.stream(method, url, headers=headers, **more) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream"), await answer.aread()
            return [event async for event in events_of(answer)]

    def looks(self) -> int:
        """How many look on now."""
        return sum(len(growing.looks) for growing in live_texts_of(self.parts.database)._growing.values())

    async def begin(self, path: str, *head: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A POST whose body is waited for now."""
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.base.rpartition(":")[2]))
        lines = [f"POST {path} HTTP/1.1", "Host: x", "Expect: 100-continue", *head, "", ""]
        writer.write("\r\n".join(lines).encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        return reader, writer

    def end(self) -> None:
        """End the web server, as the end of the process does."""
        self.serving.cancel()

    def let_go(self) -> None:
        """What the end of the process begins with."""
        live_texts_of(self.parts.database).let_go()

    async def until_over(self, event_id: str) -> dict[str, Any]:
        while True:
            receipt = self.engine.receipts.get(event_id)
            if receipt is not None and receipt.finished_at:
                answer = await self.client.get(event_access_of(self.parts).status_url(event_id))
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(0.01)


async def events_of(answer: httpx2.Response) -> AsyncIterator[tuple[str, str, str]]:
    """Server-sent events as they come."""
    found: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            continue
        name, _, value = line.partition(": ")
        if name:
            found[name] = value
        elif found:
            yield found["id"], found["event"], found["data"]
            found = {}


def told(events: list[tuple[str, str, str]]) -> str:
    """The text that a client has that adds every delta, and begins anew at every reset."""
    import json

    text = ""
    for _, event, data in events:
        text = "" if event == "reset" else text + json.loads(data)["text"] if event == "delta" else text
    return text


@contextlib.asynccontextmanager
async def site(url: str, *rules: Rule, works: bool = True, emit: Emit | None = None, **given: Any):
    """A running door on a free port; `works=False`: what a process with role web alone is."""
    given = {"port": 0, "web_host": "127.0.0.1", "webhook_secret": SECRET, **given}
    settings = load_settings(_env_file=None, **given)
    book = RuleBook(rules or (ASK,))
    claude = ToldClaude()
    engine = Engine(url, listen=works, asking=QUICK, delivering=QUICK)
    database = open_database(url)
    parts = Parts(settings, book, engine, database, {})
    replies = open_replies(parts)
    ways: dict[str, Any] = {"http": replies, "file": open_file_replies(parts)}
    readers = {"webhook": open_reader(parts)}
    handler = AnswerHandler(book, settings, claude, ways, known(), readers=readers, deliveries=Deliveries(database))
    trigger = WebhookTrigger(
        settings, book.rules, DeliveryStore(database), event_access_of(parts), FormTokens(database)
    )
    house = House(
        settings, engine.receipts, engine.payments, dict, lambda: 1, datetime.now(UTC), event_access_of(parts)
    )
    listener = bind(settings)
    proxy = Proxy(web_app(house, trigger.routes(emit or engine.emit)))
    serving = asyncio.create_task(serve_web(proxy, listener, house.events.let_go))
    await engine.start(handler if works else None)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    found = Site(base, engine, claude, trigger, parts, proxy, serving)
    try:
        yield found
    finally:
        await found.client.aclose()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await engine.stop(0.0)
        await replies.aclose()
        database.dispose()
