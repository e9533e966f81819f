"""What runs beside the bot in `benchmarks.webhook`: a Claude that stamps what it says, and the usual naive handler.

`python -m benchmarks.webhook_child claude PORT` and `… naive PORT CLAUDE_URL`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

SECRET = "a-long-random-word"
USAGE = {"input_tokens": 10, "output_tokens": 1}


def claude() -> Starlette:
    """Answers "stream N" with N pieces, 20 a second, each the time at which it was sent; all else with "ok" at once."""
    calls: Counter[str] = Counter()

    async def messages(request: Request) -> Response:
        body = await request.json()
        text = _last_text(body)
        calls[text] += 1
        words = text.split()
        count = int(words[1]) if words[:1] == ["stream"] else 0
        return StreamingResponse(_events(body["model"], count), media_type="text/event-stream")

    async def tokens(_request: Request) -> Response:
        return JSONResponse({"input_tokens": 10})

    async def counted(_request: Request) -> Response:
        return JSONResponse(calls)

    routes = [Route("/v1/messages", messages, methods=["POST"]), Route("/calls", counted)]
    return Starlette(routes=[*routes, Route("/v1/messages/count_tokens", tokens, methods=["POST"])])


def _last_text(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else str(content[-1]["text"])


async def _events(model: str, count: int) -> AsyncIterator[str]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [], "usage": USAGE}
    yield _event("message_start", message={**message, "stop_reason": None, "stop_sequence": None})
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for _ in range(count):
        await asyncio.sleep(0.05)
        yield _delta(f"{time.time():.6f} ")
    if not count:
        yield _delta("ok")
    yield _event("content_block_stop", index=0)
    yield _event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=USAGE)
    yield _event("message_stop")


def _delta(text: str) -> str:
    return _event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def _event(kind: str, **data: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"


def naive(claude_url: str) -> Starlette:
    """The handler of many tutorials: the secret compared, a task in the background, the answer in a dictionary."""
    from anthropic import AsyncAnthropic

    client = AsyncAnthropic(api_key="sk-ant-x", base_url=claude_url)
    answers: dict[str, str] = {}

    def asked(text: str) -> Any:
        messages: Any = [{"role": "user", "content": text}]
        return client.messages.stream(model="claude-sonnet-5-5", max_tokens=1000, messages=messages)

    async def work(event_id: str, text: str) -> None:
        async with asked(text) as stream:
            answers[event_id] = await stream.get_final_text()

    async def grow(text: str) -> AsyncIterator[str]:
        async with asked(text) as stream:
            async for piece in stream.text_stream:
                yield f"event: delta\ndata: {json.dumps({'text': piece})}\n\n"
        yield "event: done\ndata: {}\n\n"

    async def hook(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return JSONResponse({"error": "no"}, 401)
        text = (await request.json())["text"]
        if "text/event-stream" in request.headers.get("accept", ""):
            return StreamingResponse(grow(text), media_type="text/event-stream")
        event_id = uuid.uuid4().hex
        return JSONResponse({"id": event_id}, 202, background=BackgroundTask(work, event_id, text))

    async def counted(_request: Request) -> Response:
        return JSONResponse(len(answers))

    return Starlette(routes=[Route("/hooks/ask", hook, methods=["POST"]), Route("/answers", counted)])


def main(what: str, port: str, *more: str) -> None:
    """Serve until killed."""
    app = claude() if what == "claude" else naive(*more)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main(*sys.argv[1:])
