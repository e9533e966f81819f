"""Message Batches: many requests at half the price, answered later and in any order.

Source: https://platform.claude.com/docs/en/build-with-claude/batch-processing
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from playground.claude.blocks import STRICT
from playground.claude.body import check_shape
from playground.claude.door import Call, Door
from playground.claude.endpoints import Api, status_problem
from playground.claude.pages import page_of
from playground.claude.problem import Problem, error_body, refuse
from playground.claude.wire import Played, Reset

LIFE_S = 24 * 3600.0
MAX_REQUESTS = 100_000


class BatchRequest(BaseModel):
    model_config = STRICT
    custom_id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    params: dict[str, Any]


class BatchBody(BaseModel):
    """The body of POST /v1/messages/batches."""

    model_config = STRICT
    requests: list[BatchRequest]


@dataclass(slots=True)
class Batch:
    """One batch; `results` are the lines of its file once it ended."""

    id: str
    requests: list[dict[str, Any]]
    created_at: float
    ends_at: float
    cancel_at: float | None = None
    ended_at: float | None = None
    results: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Spoiled:
    result: dict[str, Any]
    times: int
    where: Callable[[dict[str, Any]], bool]


class BatchShop:
    """All batches. Each ends `duration_s` after it was made (None: when `finish` is called), or expires after a day."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.duration_s: float | None = 0.0
        self._clock = clock
        self._lock = threading.RLock()
        self._batches: dict[str, Batch] = {}
        self._spoiled: list[_Spoiled] = []
        self._breaks = 0

    def spoil(self, kind: str, times: int = 1, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> None:
        """Let the next `times` entries that satisfy `where` end as "errored", "expired" or "canceled", unanswered."""
        if kind == "errored":
            self.err("api_error", "Internal server error", times, where)
            return
        with self._lock:
            self._spoiled.append(_Spoiled({"type": kind}, times, where))

    def err(
        self, kind: str, message: str, times: int = 1, where: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> None:
        """Let the next `times` entries that satisfy `where` end with this error."""
        result = {"type": "errored", "error": error_body(kind, message, None)}
        with self._lock:
            self._spoiled.append(_Spoiled(result, times, where))

    def break_lines(self, times: int) -> None:
        """Cut the first line of the next `times` files of results that are fetched."""
        self._breaks = times

    def lines(self, batch: Batch) -> bytes:
        """The file of results."""
        lines = [json.dumps(line, ensure_ascii=False).encode() for line in batch.results]
        if self._breaks and lines:
            self._breaks -= 1
            lines[0] = lines[0][: len(lines[0]) // 2]
        return b"".join(line + b"\n" for line in lines)

    def create(self, requests: list[dict[str, Any]]) -> Batch:
        """Take in a batch."""
        with self._lock:
            serial = len(self._batches) + 1
            now = self._clock()
            ends_at = now + LIFE_S if self.duration_s is None else now + self.duration_s
            name = "msgbatch_" + hashlib.sha256(f"batch {serial}".encode()).hexdigest()[:24]
            self._batches[name] = Batch(name, requests, now, ends_at)
            return self._batches[name]

    def get(self, name: str) -> Batch:
        """The batch of that name; 404 when there is none."""
        with self._lock:
            if name not in self._batches:
                raise Problem(404, f"Message Batch {name} not found.")
            return self._batches[name]

    def newest_first(self) -> list[Batch]:
        """All batches."""
        with self._lock:
            return list(reversed(self._batches.values()))

    def finish(self, name: str) -> None:
        """End a batch now."""
        self.get(name).ends_at = self._clock()

    def settle(self, batch: Batch, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """End the batch when its time has come: answered, canceled or expired."""
        with self._lock:
            now = self._clock()
            if batch.ended_at is not None or now < batch.ends_at:
                return
            expired = now - batch.created_at >= LIFE_S
            kept = {"type": "canceled"} if batch.cancel_at is not None else {"type": "expired"} if expired else None
            lines = [
                {
                    "custom_id": entry["custom_id"],
                    "result": kept or self._spoiled_result(entry) or answer(entry["params"]),
                }
                for entry in batch.requests
            ]
            random.Random(batch.id).shuffle(lines)  # the vendor promises no order
            batch.results, batch.ended_at = lines, now

    def _spoiled_result(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        for spoiled in self._spoiled:
            if spoiled.times > 0 and spoiled.where(entry):
                spoiled.times -= 1
                return spoiled.result
        return None

    def cancel(self, batch: Batch) -> None:
        """Begin to cancel; requests not answered by then are canceled."""
        with self._lock:
            if batch.ended_at is not None:
                raise refuse(f"Batch {batch.id} has already ended and cannot be canceled.")
            batch.cancel_at = self._clock()
            batch.ends_at = batch.cancel_at

    def delete(self, batch: Batch) -> None:
        """Forget a batch that ended."""
        with self._lock:
            if batch.ended_at is None:
                raise refuse(f"Batch {batch.id} is still in progress and cannot be deleted.")
            del self._batches[batch.id]


def batch_routes(shop: BatchShop, api: Api, door: Door) -> list[BaseRoute]:
    """The six endpoints of batches."""
    desk = BatchDesk(shop, api)
    one = "/v1/messages/batches/{batch}"
    return [
        Route("/v1/messages/batches", door.guarding(desk.create), methods=["POST"]),
        Route("/v1/messages/batches", door.guarding(desk.index), methods=["GET"]),
        Route(one, door.guarding(desk.get), methods=["GET"]),
        Route(one, door.guarding(desk.delete), methods=["DELETE"]),
        Route(f"{one}/cancel", door.guarding(desk.cancel), methods=["POST"]),
        Route(f"{one}/results", door.guarding(desk.results), methods=["GET"]),
    ]


class BatchDesk:
    """The endpoints themselves."""

    def __init__(self, shop: BatchShop, api: Api) -> None:
        self._shop = shop
        self._api = api

    async def create(self, request: Request, call: Call) -> Any:
        """POST /v1/messages/batches; the requests themselves are checked only when they run.

        A fault that loses the answer strikes after the batch was made.
        """
        check_shape(BatchBody, call.body)
        requests = call.body["requests"]
        ids = [entry["custom_id"] for entry in requests]
        if not 1 <= len(ids) <= MAX_REQUESTS:
            raise refuse(f"requests: a batch holds 1 to {MAX_REQUESTS} requests")
        if len(set(ids)) != len(ids):
            raise refuse("requests: custom_id must be unique within a batch")
        fault = self._api.fault_of(call)
        if fault is not None and fault.kind == "status":
            raise status_problem(fault)
        made = JSONResponse(_shape(self._shop.create(requests), request), headers=call.headers)
        if fault is not None:
            return Played([Reset()], left=lambda _chars: None, done=lambda *_: None)
        return made

    async def index(self, request: Request, call: Call) -> Response:
        """GET /v1/messages/batches, newest first."""
        shapes = [_shape(batch, request) for batch in self._shop.newest_first()]
        return JSONResponse(page_of(shapes, request.query_params), headers=call.headers)

    async def get(self, request: Request, call: Call) -> Response:
        """GET /v1/messages/batches/{batch}."""
        return JSONResponse(_shape(await self._settled(request), request), headers=call.headers)

    async def cancel(self, request: Request, call: Call) -> Response:
        """POST /v1/messages/batches/{batch}/cancel."""
        batch = await self._settled(request)
        self._shop.cancel(batch)
        return JSONResponse(_shape(batch, request), headers=call.headers)

    async def delete(self, request: Request, call: Call) -> Response:
        """DELETE /v1/messages/batches/{batch}."""
        batch = await self._settled(request)
        self._shop.delete(batch)
        return JSONResponse({"id": batch.id, "type": "message_batch_deleted"}, headers=call.headers)

    async def results(self, request: Request, call: Call) -> Response:
        """GET /v1/messages/batches/{batch}/results: one JSON line for each request."""
        batch = await self._settled(request)
        if batch.ended_at is None:
            raise refuse(f"Batch {batch.id} is still in progress; results are not available yet.")
        return Response(self._shop.lines(batch), media_type="application/x-jsonl", headers=call.headers)

    async def _settled(self, request: Request) -> Batch:
        batch = self._shop.get(request.path_params["batch"])
        await asyncio.to_thread(self._shop.settle, batch, self._answer)
        return batch

    def _answer(self, params: dict[str, Any]) -> dict[str, Any]:
        try:
            if params.get("stream"):
                raise refuse("stream: streaming is not supported in batches")
            return {"type": "succeeded", "message": self._api.batched(params)}
        except Problem as problem:
            return {"type": "errored", "error": error_body(problem.kind, problem.message, None)}


def _shape(batch: Batch, request: Request) -> dict[str, Any]:
    ended = batch.ended_at is not None
    status = "ended" if ended else "canceling" if batch.cancel_at is not None else "in_progress"
    base = str(request.base_url).rstrip("/")
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": status,
        "request_counts": _counts(batch),
        "created_at": _instant(batch.created_at),
        "expires_at": _instant(batch.created_at + LIFE_S),
        "ended_at": _instant(batch.ended_at),
        "cancel_initiated_at": _instant(batch.cancel_at),
        "archived_at": None,
        "results_url": f"{base}/v1/messages/batches/{batch.id}/results" if ended else None,
    }


def _counts(batch: Batch) -> dict[str, int]:
    # All stay at zero until the whole batch ends.
    kinds = [line["result"]["type"] for line in batch.results]
    counts = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
    return {**counts, "processing": len(batch.requests) - len(kinds)}


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
